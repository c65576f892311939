import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { generateWitTypes } from '../../../scripts/generate-wit-types.ts';
import { SIGNATURES } from '../../../shims/preview3/signatures.ts';

const ROOT = join(import.meta.dirname, '../../..');

test('what is made from WIT is up to date: node scripts/generate-wit-types.ts', async () => {
  const files = await generateWitTypes();
  expect([...files.keys()]).toEqual([
    'shims/preview3/wit.ts',
    'shims/preview3/signatures.ts',
    'shims/preview2/signatures.ts',
  ]);
  for (const [path, content] of files) expect(await readFile(join(ROOT, path), 'utf8')).toBe(content);
});

test('signatures spell types out, and resources have the name of their declaration', () => {
  expect(SIGNATURES.get('wasi:cli/run')?.get('run')).toBe('async func() -> result');
  expect(SIGNATURES.get('wasi:clocks/timezone')?.get('utc-offset')).toBe(
    'func(when: record { seconds: s64, nanoseconds: u32 }) -> option<s64>',
  );
  expect(SIGNATURES.get('wasi:http/types')?.get('[method]request.get-headers')).toBe(
    'func(self: borrow<request>) -> own<fields>',
  );
  expect(SIGNATURES.get('wasi:filesystem/preopens')?.get('get-directories')).toBe(
    'func() -> list<tuple<own<descriptor>, string>>',
  );
});
