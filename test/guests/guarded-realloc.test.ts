import { describe, expect, test } from 'vitest';
import { BinaryReader } from '../../src/engine/binary-reader.ts';
import { findSection } from '../../src/engine/core-types.ts';
import { runGuest } from '../support/guest-run.ts';
import { adaptCommand } from './adapt.ts';
import { addGuardedRealloc } from './guarded-realloc.ts';
import { guest, watGuest } from './index.ts';

const PAGE = 65_536;

/** A command that may grow to `maximum` pages. */
const command = (maximum = 100): Promise<Uint8Array> =>
  watGuest(`(module
    (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
    (import "env" "number" (global i32))
    (memory (export "memory") 1 ${maximum})
    (func $first (export "first") (result i32) (i32.const 7))
    (func (export "_start") (call $exit (call $first))))`);

type Realloc = (old: number, oldSize: number, align: number, size: number) => number;

interface Instance {
  readonly realloc: Realloc;
  readonly first: () => number;
  readonly memory: WebAssembly.Memory;
}

async function instantiate(maximum?: number): Promise<Instance> {
  const module = await WebAssembly.compile(Buffer.from(addGuardedRealloc(await command(maximum))));
  const wasi = { proc_exit: () => undefined };
  const { exports } = await WebAssembly.instantiate(module, {
    wasi_snapshot_preview1: wasi,
    env: { number: 1 },
  });
  return {
    realloc: exports['cabi_realloc'] as Realloc,
    first: exports['first'] as () => number,
    memory: exports['memory'] as WebAssembly.Memory,
  };
}

/** The bodies of all functions, without their number. */
function codeOf(module: Uint8Array): Buffer {
  const section = findSection(module, 10);
  if (section === undefined) throw new Error('no code');
  const reader = new BinaryReader(module, section.contentStart, section.contentEnd);
  reader.unsigned();
  return Buffer.from(module.subarray(reader.position, section.contentEnd));
}

describe('the function', () => {
  test.each([
    ['nothing', 0, 0],
    ['a byte', 1, 1],
    ['a page', PAGE, 1],
    ['a byte more', PAGE + 1, 2],
  ])('allocates %s between guards', async (_, size, pages) => {
    const { realloc, memory } = await instantiate();
    expect(realloc(0, 0, 8, size)).toBe(17 * PAGE);
    expect(memory.buffer.byteLength).toBe((1 + 16 + pages + 1) * PAGE);
  });

  test('gives each allocation its own place', async () => {
    const { realloc } = await instantiate();
    expect([realloc(0, 0, 8, PAGE), realloc(0, 0, 8, PAGE)]).toEqual([17 * PAGE, 35 * PAGE]);
  });

  test('traps when the memory is at its limit', async () => {
    const { realloc } = await instantiate(18);
    expect(() => realloc(0, 0, 8, PAGE)).toThrow(WebAssembly.RuntimeError);
  });

  test('traps when it is to move an allocation', async () => {
    const { realloc } = await instantiate();
    expect(() => realloc(17 * PAGE, 1, 8, 2)).toThrow(WebAssembly.RuntimeError);
  });
});

describe('the program', () => {
  test('keeps its functions and exports', async () => {
    const { first } = await instantiate();
    expect(first()).toBe(7);
  });

  test.each(['clocks', 'stdio'])(
    'of %s keeps its code, byte for byte, in the component too',
    async (name) => {
      const { module } = await guest(name);
      const code = codeOf(module);
      const added = addGuardedRealloc(module);
      expect(codeOf(added).subarray(0, code.length)).toEqual(code);
      expect(codeOf(added).length).toBeGreaterThan(code.length);
      const component = await adaptCommand('guarded', added);
      expect(Buffer.from(component).includes(code)).toBe(true);
    },
  );

  test('with a cabi_realloc of its own is left alone', async () => {
    const once = addGuardedRealloc(await command());
    expect(addGuardedRealloc(once)).toBe(once);
  });

  test('without a memory is left alone', async () => {
    const module = await watGuest('(module (func (export "_start")))');
    expect(addGuardedRealloc(module)).toBe(module);
  });
});

/** As AssemblyScript does: it asks for sizes, takes 1 MiB of what it finds, marks the end of its memory, and goes on. */
describe('a program that takes all memory that it finds', () => {
  const program = (): Promise<Uint8Array> =>
    watGuest(`(module
      (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
      (import "wasi_snapshot_preview1" "args_sizes_get" (func $args_sizes (param i32 i32) (result i32)))
      (import "wasi_snapshot_preview1" "args_get" (func $args (param i32 i32) (result i32)))
      (memory (export "memory") 1)
      (func $end (result i32) (i32.shl (memory.size) (i32.const 16)))
      (func $take (param $bytes i32)
        (if (i32.gt_u (i32.add (i32.const 65536) (local.get $bytes)) (call $end))
          (then (local.set $bytes (i32.sub (call $end) (i32.const 65536)))))
        (memory.fill (i32.const 65536) (i32.const 0xaa) (local.get $bytes))
        (i32.store (i32.sub (call $end) (i32.const 4)) (i32.const 2)))
      (func (export "_start")
        (drop (call $args_sizes (i32.const 0) (i32.const 4)))
        (call $take (i32.const 1048576))
        (call $exit (call $args (i32.const 64) (i32.const 128)))))`);
  const args = { args: ['p', 'one'] };

  test('overwrites the adapter, as wit-component places it', async () => {
    const run = await runGuest(await adaptCommand('unguarded', await program()), 'component', args);
    expect(run.outcome).toMatchObject({ kind: 'trap' });
  });

  test('is served with guards, and as a module', async () => {
    const component = await adaptCommand('guarded', addGuardedRealloc(await program()));
    const runs = [
      await runGuest(component, 'component', args),
      await runGuest(await program(), 'module', args),
    ];
    expect(runs.map(({ exitCode }) => exitCode)).toEqual([0, 0]);
  });
});
