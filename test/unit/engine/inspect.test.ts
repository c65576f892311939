import { createHash } from 'node:crypto';
import { parse } from '@bytecodealliance/jco-transpile/wasm-tools';
import { describe, expect, test } from 'vitest';
import { inspect } from '../../../src/engine/inspect.ts';

test('a command of WASI 0.1', async () => {
  const bytes = await parse(`(module
    (import "wasi_snapshot_preview1" "fd_write" (func (param i32 i32 i32 i32) (result i32)))
    (import "env" "log" (func))
    (memory (export "memory") 1) (func (export "_start")))`);
  expect(inspect(bytes)).toEqual({
    kind: 'module',
    shape: 'command',
    wasi: ['0.1'],
    size: bytes.length,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    capabilities: ['stdio'],
    imports: ['wasi_snapshot_preview1.fd_write', 'env.log'],
    exports: ['memory', '_start'],
    supported: true,
  });
});

test.each([
  ['(module (func (export "_initialize")))', 'module', 'reactor'],
  ['(module (func (export "f")))', 'module', 'library'],
  ['(component)', 'component', 'library'],
  [
    '(component (import "f" (instance $i)) (export "wasi:cli/run@0.2.6" (instance $i)))',
    'component',
    'command',
  ],
])('%s', async (wat, kind, shape) => {
  expect(inspect(await parse(wat))).toMatchObject({ kind, shape });
});

describe('WASI that cannot run yet is named, with what can', () => {
  test.each([
    [
      '(module (import "wasi_unstable" "fd_write" (func)))',
      ['0.0'],
      'wasi_unstable is not supported yet; supported are 0.1 and 0.2',
    ],
    [
      '(component (import "wasi:cli/run@0.3.0" (instance)))',
      ['0.3.0'],
      'WASI 0.3.0 is not supported yet; supported are 0.1 and 0.2',
    ],
  ])('%s', async (wat, wasi, reason) => {
    expect(inspect(await parse(wat))).toMatchObject({ wasi, supported: false, reason });
  });

  test('versions of 0.2 are all the same to us', async () => {
    const bytes = await parse(
      '(component (import "wasi:io/poll@0.2.0" (instance)) (import "wasi:io/error@0.2.6" (instance)) (import "acme:x/y" (instance)))',
    );
    expect(inspect(bytes)).toMatchObject({ wasi: ['0.2.0', '0.2.6'], supported: true });
  });
});

test('a broken module is an error that names it', () => {
  expect(() => inspect(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1), 'x.wasm')).toThrow(
    expect.objectContaining({
      code: 'BW_PROGRAM_INVALID',
      message: expect.stringContaining('x.wasm is not a valid WebAssembly module'),
    }),
  );
});
