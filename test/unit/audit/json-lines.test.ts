import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { AuditLog } from '../../../src/audit/audit-log.ts';
import type { AuditRecord } from '../../../src/audit/records.ts';
import { jsonLinesSink } from '../../../src/engine/json-lines-file.ts';

const ORIGIN = { time: '2026-01-02T03:04:05.678Z', monotonic: 1, tenant: 'acme', instance: 'i1' };

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'bailiwick-audit-'));
});
afterEach(() => rm(directory, { recursive: true }));

async function records(path: string): Promise<AuditRecord[]> {
  const text = await readFile(path, 'utf8');
  expect(text.endsWith('\n')).toBe(true);
  return text
    .slice(0, -1)
    .split('\n')
    .map((line) => JSON.parse(line) as AuditRecord);
}

test('every record is in the file, on a line of its own, before append returns', async () => {
  const path = join(directory, 'audit.jsonl');
  using log = new AuditLog([jsonLinesSink(path)]);
  log.append(ORIGIN, { kind: 'grant-revoked', grant: 'a' });
  expect(await records(path)).toMatchObject([{ seq: 0, grant: 'a' }]);
  log.append(ORIGIN, { kind: 'grant-revoked', grant: 'line\nend' });
  expect(await records(path)).toMatchObject([{ seq: 0 }, { seq: 1, grant: 'line\nend' }]);
});

test('only its owner may read it, whatever the umask', async () => {
  const path = join(directory, 'audit.jsonl');
  const before = process.umask(0);
  try {
    new AuditLog([jsonLinesSink(path)]).close();
  } finally {
    process.umask(before);
  }
  expect((await stat(path)).mode & 0o777).toBe(0o600);
});

test('what is in the file stays', async () => {
  const path = join(directory, 'audit.jsonl');
  await writeFile(path, '{"seq":-1}\n');
  using log = new AuditLog([jsonLinesSink(path)]);
  log.append(ORIGIN, { kind: 'grant-revoked', grant: 'a' });
  expect(await records(path)).toMatchObject([{ seq: -1 }, { seq: 0 }]);
});

test('a symbolic link is refused, and what it leads to is untouched', async () => {
  const [target, link] = [join(directory, 'target'), join(directory, 'link')];
  await writeFile(target, 'mine');
  await symlink(target, link);
  expect(() => jsonLinesSink(link)).toThrow(expect.objectContaining({ code: 'BW_AUDIT_OPEN' }));
  expect(await readFile(target, 'utf8')).toBe('mine');
});

test('a directory, or a place that does not exist, is refused with a hint', () => {
  for (const path of [directory, join(directory, 'none', 'audit.jsonl')]) {
    expect(() => jsonLinesSink(path)).toThrow(
      expect.objectContaining({ code: 'BW_AUDIT_OPEN', hint: expect.stringContaining('directory') }),
    );
  }
});

test('a closed sink takes nothing', () => {
  const sink = jsonLinesSink(join(directory, 'audit.jsonl'));
  sink.close();
  sink.close();
  expect(() => sink.write({} as AuditRecord, () => '{}')).toThrow(
    expect.objectContaining({ code: 'BW_AUDIT_CLOSED' }),
  );
});

test('half of a line that a full disk took is undone, and the next record starts a new line', async () => {
  const path = join(directory, 'audit.jsonl');
  // The shell bounds the size of files that the child may write: 1 KiB, as a full disk would.
  const script = `
    import { AuditLog } from ${JSON.stringify(new URL('../../../src/audit/audit-log.ts', import.meta.url).href)};
    import { jsonLinesSink } from ${JSON.stringify(new URL('../../../src/engine/json-lines-file.ts', import.meta.url).href)};
    process.on('SIGXFSZ', () => undefined);
    const log = new AuditLog([jsonLinesSink(process.argv[1])]);
    const origin = { time: '', monotonic: 0, tenant: 't', instance: 'i1' };
    let failed;
    while (failed === undefined) {
      try { log.append(origin, { kind: 'grant-revoked', grant: 'g'.repeat(600) }); } catch (error) { failed = error.code; }
    }
    // A short one has room in what the long one left.
    log.append(origin, { kind: 'grant-revoked', grant: 'short' });
    process.stdout.write(failed);`;
  const command = 'ulimit -f 1 && exec "$0" --input-type=module -e "$1" "$2"';
  // The bound is on every file that the process writes, so on what Node.js keeps of its sources, too.
  const env = { ...process.env, NODE_DISABLE_COMPILE_CACHE: '1' };
  const { stdout } = await promisify(execFile)('bash', ['-c', command, process.execPath, script, path], {
    env,
  });
  expect(stdout).toBe('BW_AUDIT_WRITE');
  const kept = await records(path);
  expect(kept.map((record) => record.seq)).toEqual(kept.map((_, index) => index));
  expect(kept.at(-1)).toMatchObject({ grant: 'short' });
});
