import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { componentNew, componentWit, parse } from '@bytecodealliance/jco-transpile/wasm-tools';
import { describe, expect, test } from 'vitest';
import { readComponentHeader } from '../../../src/engine/component-header.ts';

const require = createRequire(import.meta.url);

async function adapted(wat: string): Promise<Uint8Array> {
  const adapter = new URL(
    '../lib/wasi_snapshot_preview1.command.wasm',
    pathToFileURL(require.resolve('@bytecodealliance/jco')),
  );
  return componentNew(await parse(wat), [['wasi_snapshot_preview1', await readFile(adapter)]]);
}

test('a command made with the adapter has the imports and exports that wasm-tools reads in it', async () => {
  const component = await adapted(`(module
    (import "wasi_snapshot_preview1" "path_open" (func (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
    (memory (export "memory") 1)
    (func (export "_start")))`);
  const wit = await componentWit(component);
  const world = /world root \{([^}]*)\}/.exec(wit)?.[1] ?? '';
  const names = (word: string): string[] =>
    [...world.matchAll(new RegExp(`${word} (.+);`, 'g'))].map((match) => match[1] ?? '');
  expect(names('import')).toContainEqual(expect.stringMatching(/^wasi:filesystem\/types@0\.2\.\d+$/));
  expect(names('export')).toHaveLength(1);
  expect(readComponentHeader(component)).toEqual({ imports: names('import'), exports: names('export') });
});

describe('every kind of import and export', () => {
  const wat = `(component
    (import "m" (core module (import "a" "b" (func)) (export "c" (func))))
    (import "f" (func $f (param "x" u32) (result string)))
    (type $t (record (field "a" u8)))
    (import "t" (type (eq $t)))
    (import "r" (type $r (sub resource)))
    (import "c" (component (import "inner" (func)) (export "outer" (func))))
    (import "acme:kv/store@1.2.3-rc.1" (instance $i (export "get" (func))))
    (component $nested (import "not-mine" (func)))
    (alias export $i "get" (func $get))
    (export "plain" (func $f))
    (export "ascribed" (func $get) (func))
    (export "t2" (type $t))
    (export "acme:kv/out" (instance $i)))`;

  test('is read past; names inside of it are not the component’s', async () => {
    expect(readComponentHeader(await parse(wat))).toEqual({
      imports: ['m', 'f', 't', 'r', 'c', 'acme:kv/store@1.2.3-rc.1'],
      exports: ['plain', 'ascribed', 't2', 'acme:kv/out'],
    });
  });

  test('cut short anywhere but between sections, it is truncated', async () => {
    const bytes = await parse(wat);
    const answers = Array.from({ length: bytes.length - 8 }, (_, cut) => {
      try {
        readComponentHeader(bytes.subarray(0, 8 + cut));
        return 'read';
      } catch (error) {
        return (error as { code: string }).code;
      }
    });
    expect(new Set(answers)).toEqual(new Set(['read', 'BW_PROGRAM_TRUNCATED']));
    expect(answers.filter((answer) => answer === 'read').length).toBeLessThan(20);
  });
});

test.each([
  ['a name in a form of the future', [10, 4, 1, 2, 1, 0x61], 'BW_PROGRAM_UNSUPPORTED'],
  ['more imports than there are bytes', [10, 6, 0xff, 0xff, 0xff, 0xff, 0x0f, 0], 'BW_PROGRAM_TRUNCATED'],
  ['a section longer than the file', [10, 0x80, 0x80, 0x80, 0x80, 0x08, 0], 'BW_PROGRAM_TRUNCATED'],
  ['a size that never ends', [10, ...Array<number>(12).fill(0x80)], 'BW_PROGRAM_INVALID'],
])('%s is an error', (_, bytes, code) => {
  const component = Uint8Array.of(0, 0x61, 0x73, 0x6d, 13, 0, 1, 0, ...bytes);
  expect(() => readComponentHeader(component)).toThrow(
    expect.objectContaining({ name: 'ProgramError', code }),
  );
});
