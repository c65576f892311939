import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');

/** @returns the lines of `file` that the type checker finds an error in */
async function errorLines(file: string): Promise<number[]> {
  const flags = [
    '--noEmit',
    '--ignoreConfig',
    '--strict',
    '--exactOptionalPropertyTypes',
    '--module',
    'nodenext',
    '--target',
    'esnext',
  ];
  const more = [
    '--allowImportingTsExtensions',
    '--skipLibCheck',
    '--types',
    'node',
    '--lib',
    'es2025,esnext.disposable',
    '--pretty',
    'false',
  ];
  const files = [join('test/types/cases', file), 'src/webassembly.d.ts'];
  const output = await new Promise<string>((resolve) => {
    execFile(
      process.execPath,
      ['node_modules/typescript/bin/tsc', ...flags, ...more, ...files],
      { cwd: ROOT },
      (_error, stdout) => resolve(stdout),
    );
  });
  return [...output.matchAll(/^(.+?)\((\d+),\d+\): error/gm)].map(([, path, line]) => {
    expect(path, output).toContain(file);
    return Number(line);
  });
}

test('what users write compiles against the public types', async () => {
  expect(await errorLines('right.ts')).toEqual([]);
}, 60_000);

test('every mistake in wrong.ts is an error of the type checker, and nothing else is', async () => {
  const source = await readFile(join(import.meta.dirname, 'cases/wrong.ts'), 'utf8');
  const expected = source
    .split('\n')
    .flatMap((line, index) => (line.endsWith('// error') ? [index + 1] : []));
  expect(expected.length).toBeGreaterThan(5);
  expect([...new Set(await errorLines('wrong.ts'))]).toEqual(expected);
}, 60_000);
