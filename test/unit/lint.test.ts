import { spawnSync } from 'node:child_process';
import { cp, glob, mkdtempDisposable, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '..', '..');
const FIXTURE = join(ROOT, 'test', 'fixtures', 'lint');

interface Report {
  readonly diagnostics: readonly {
    readonly code: string;
    readonly filename: string;
    readonly labels: readonly { readonly span: { readonly line: number } }[];
  }[];
}

/** Runs the project's own configuration over a copy of the fixture, outside of the paths that the configuration ignores. */
async function lintFixture(): Promise<Set<string>> {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'bailiwick-lint-'));
  await cp(FIXTURE, folder.path, { recursive: true });
  const oxlint = join(ROOT, 'node_modules', 'oxlint', 'bin', 'oxlint');
  const flags = ['--config', join(ROOT, '.oxlintrc.json'), '--format', 'json', '.'];
  // With breaches to report, the linter's exit code is not 0; its report is there all the same.
  const { stdout } = spawnSync(process.execPath, [oxlint, ...flags], { cwd: folder.path, encoding: 'utf8' });
  const { diagnostics } = JSON.parse(stdout) as Report;
  const ours = diagnostics.filter(({ code }) => code.startsWith('walls('));
  return new Set(ours.map(({ filename, labels }) => `${filename}:${labels[0]?.span.line}`));
}

async function markedLines(): Promise<Set<string>> {
  const marked = new Set<string>();
  for await (const file of glob('**/*.ts', { cwd: FIXTURE })) {
    const lines = (await readFile(join(FIXTURE, file), 'utf8')).split('\n');
    for (const [index, line] of lines.entries())
      if (line.includes('// breach')) marked.add(`${file}:${index + 1}`);
  }
  return marked;
}

test('every deliberate breach of the walls is reported, and nothing else', async () => {
  const marked = await markedLines();
  expect(marked.size).toBeGreaterThan(20);
  expect([...(await lintFixture())].toSorted()).toEqual([...marked].toSorted());
});
