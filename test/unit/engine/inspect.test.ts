import { createHash } from 'node:crypto';
import { parse } from '@bytecodealliance/jco-transpile/wasm-tools';
import { describe, expect, test } from 'vitest';
import { encodeUnsigned } from '../../../src/engine/binary-reader.ts';
import { inspect } from '../../../src/engine/inspect.ts';

/** A component's first bytes. */
const HEADER = [0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0];

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
    coreModules: [],
    capabilities: ['stdio'],
    imports: ['wasi_snapshot_preview1.fd_write', 'env.log'],
    exports: ['memory', '_start'],
    supported: true,
  });
});

test('the core modules of a component, also of one inside it, by size and digest', async () => {
  const [inner, outer] = await Promise.all(
    ['(module (memory 1))', '(module (func (export "f")))'].map(parse),
  );
  const found = inspect(
    await parse('(component (component (core module (memory 1))) (core module (func (export "f"))))'),
  );
  expect(found.coreModules).toEqual(
    [inner, outer].map((bytes = new Uint8Array()) => ({
      size: bytes.length,
      sha256: createHash('sha256').update(bytes).digest('hex'),
    })),
  );
});

test('components nested too deep are refused, not followed until the stack ends', () => {
  const nest = (depth: number): Uint8Array => {
    let bytes = Uint8Array.from(HEADER);
    for (; depth > 0; depth--)
      bytes = Uint8Array.from([...HEADER, 4, ...encodeUnsigned(bytes.length), ...bytes]);
    return bytes;
  };
  expect(inspect(nest(100)).coreModules).toEqual([]);
  expect(() => inspect(nest(5000))).toThrow(/nests components more than 100 deep/);
});

test.each([
  ['(module (func (export "_initialize")))', 'module', 'reactor'],
  ['(module (func (export "f")))', 'module', 'library'],
  ['(component)', 'component', 'library'],
  [
    '(component (instance $h) (export "wasi:http/incoming-handler@0.2.0" (instance $h)))',
    'component',
    'handler',
  ],
  [
    '(component (import "f" (instance $i)) (export "wasi:cli/run@0.2.6" (instance $i)))',
    'component',
    'command',
  ],
  ['(component (instance $i) (export "wasi:http/handler@0.3.0" (instance $i)))', 'component', 'handler'],
  ['(component (instance $i) (export "wasi:cli/run@0.3.0" (instance $i)))', 'component', 'command'],
])('%s', async (wat, kind, shape) => {
  expect(inspect(await parse(wat))).toMatchObject({ kind, shape });
});

describe('WASI that cannot run yet is named, with what can', () => {
  test.each([
    [
      '(component (import "wasi:cli/stdin@0.3.0-rc-2025-09-16" (instance)))',
      ['0.3.0-rc-2025-09-16'],
      'it is built for WASI 0.3.0-rc-2025-09-16, a draft that differs from WASI 0.3.0; supported are 0.1, 0.2 and 0.3.0',
    ],
    [
      '(component (import "wasi:cli/stdin@0.4.0" (instance)))',
      ['0.4.0'],
      'it is built for WASI 0.4.0; supported are 0.1, 0.2 and 0.3.0',
    ],
  ])('%s', async (wat, wasi, reason) => {
    expect(inspect(await parse(wat))).toMatchObject({ wasi, supported: false, reason });
  });

  test('wasi_unstable, which came before 0.1, is 0.0 and runs', async () => {
    const bytes = await parse(
      '(module (import "wasi_unstable" "fd_close" (func)) (import "wasi_snapshot_preview1" "fd_close" (func)))',
    );
    expect(inspect(bytes)).toMatchObject({ wasi: ['0.0', '0.1'], supported: true });
  });

  test('versions of 0.3 are all the same to us once they are final, and mix with 0.2', async () => {
    const bytes = await parse(
      '(component (import "wasi:cli/stdin@0.3.0" (instance)) (import "wasi:cli/stdout@0.3.1" (instance)) (import "wasi:io/poll@0.2.0" (instance)))',
    );
    expect(inspect(bytes)).toMatchObject({ wasi: ['0.2.0', '0.3.0', '0.3.1'], supported: true });
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
