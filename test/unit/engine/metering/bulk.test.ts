import { createHash } from 'node:crypto';
import { parse } from '@bytecodealliance/jco-transpile/wasm-tools';
import { describe, expect, test } from 'vitest';
import { meter } from './metered-run.ts';

describe('what is done in pieces is what is done at once', () => {
  test('memories, overlapping both ways', async () => {
    const wat = `(module (memory (export "m") 64)
      (func (export "fill") (param i32 i32 i32) (memory.fill (local.get 0) (local.get 1) (local.get 2)))
      (func (export "copy") (param i32 i32 i32) (memory.copy (local.get 0) (local.get 1) (local.get 2))))`;
    const run = await meter(wat);
    const { exports: plain } = new WebAssembly.Instance(
      new WebAssembly.Module((await parse(wat)) as Uint8Array<ArrayBuffer>),
    );
    for (const { fill, copy, m } of [run.exports, plain] as unknown as Plain[]) {
      const bytes = new Uint8Array(m.buffer);
      for (let at = 0; at < bytes.length; at += 997) bytes[at] = at % 251;
      fill(100, 7, 2_500_000);
      copy(1000, 0, 3_500_001);
      copy(0, 77_777, 4_000_000);
      fill(4_194_304 - 1_048_577, 9, 1_048_577);
      expect(() => fill(4_194_304 - 2_000_000, 1, 2_000_001)).toThrow('out of bounds');
      expect(() => copy(0, 4_000_000, 2_000_000)).toThrow('out of bounds');
      expect(() => copy(0xffffffff, 0, 1)).toThrow('out of bounds');
      expect(() => fill(1, 1, 0xffffffff)).toThrow('out of bounds');
    }
    const memory = (exports: object): Buffer => Buffer.from((exports as Plain).m.buffer);
    expect(memory(run.exports).equals(memory(plain))).toBe(true);
  });

  test('tables, overlapping both ways', async () => {
    const wat = `(module (table $t (export "t") 70000 funcref) (table $u (export "u") 70000 funcref)
      (func $a) (func $b) (export "a" (func $a)) (elem $e func ${'$a $b $b '.repeat(20_000)})
      (func (export "fill") (param i32 i32) (table.fill $u (local.get 0) (ref.func $a) (local.get 1)))
      (func (export "copy") (param i32 i32 i32) (table.copy $t $t (local.get 0) (local.get 1) (local.get 2)))
      (func (export "across") (param i32 i32 i32) (table.copy $u $t (local.get 0) (local.get 1) (local.get 2)))
      (func (export "init") (param i32 i32 i32) (table.init $t $e (local.get 0) (local.get 1) (local.get 2)))
      (func (export "drop") (elem.drop $e)))`;
    const bytes = (await parse(wat)) as Uint8Array<ArrayBuffer>;
    const run = await meter(wat);
    const { exports: plain } = new WebAssembly.Instance(new WebAssembly.Module(bytes));
    const [metered, other] = [run.exports, plain].map((exports) => {
      const { fill, copy, across, init, drop, t, u, a } = exports as unknown as PlainTables;
      init(5, 2, 50_000);
      copy(100, 5, 40_000);
      copy(5, 9000, 60_000);
      across(1, 0, 50_000);
      fill(30_000, 40_000);
      for (const beyond of [
        () => init(0, 1, 60_000),
        () => init(20_000, 0, 60_000),
        () => copy(1, 0, 70_000),
        () => copy(0xffff_ffff, 0, 40_000),
        () => fill(1, 70_000),
      ])
        expect(beyond).toThrow('out of bounds');
      drop();
      expect(() => init(0, 0, 20_000)).toThrow('out of bounds');
      const entry = (value: unknown): string => (value === null ? '-' : value === a ? 'a' : 'b');
      return [t, u].map((table) =>
        Array.from({ length: table.length }, (_, at) => entry(table.get(at))).join(''),
      );
    });
    expect(metered).toEqual(other);
  });

  test('memories with addresses of 64 bits, and one that is copied to another', async () => {
    const wat = `(module (memory $w (export "w") i64 64) (memory $n (export "n") 64)
      (func (export "fill") (param i64 i32 i64) (memory.fill $w (local.get 0) (local.get 1) (local.get 2)))
      (func (export "copy") (param i64 i64 i64) (memory.copy $w $w (local.get 0) (local.get 1) (local.get 2)))
      (func (export "across") (param i32 i64 i32) (memory.copy $n $w (local.get 0) (local.get 1) (local.get 2))))`;
    const bytes = (await parse(wat)) as Uint8Array<ArrayBuffer>;
    const run = await meter(wat);
    const { exports: plain } = new WebAssembly.Instance(new WebAssembly.Module(bytes));
    const [metered, other] = [run.exports, plain].map((exports) => {
      const { fill, copy, across, w, n } = exports as unknown as WideMemories;
      fill(1n, 3, 3_000_000n);
      fill(70_000n, 5, 1_500_000n);
      copy(5n, 60_000n, 2_500_000n);
      copy(60_000n, 5n, 2_500_000n);
      across(77, 3n, 4_000_000);
      expect(() => fill(2_000_000n, 5, 2_500_000n)).toThrow('out of bounds');
      expect(() => copy(0n, -2_000_000n, 2_000_001n)).toThrow('out of bounds');
      expect(() => across(0, -5n, 2_000_000)).toThrow('out of bounds');
      expect(() => across(0, 3_000_000n, 2_000_000)).toThrow('out of bounds');
      return [w, n].map(({ buffer }) => createHash('sha256').update(new Uint8Array(buffer)).digest('hex'));
    });
    expect(metered).toEqual(other);
  });

  test('the end of a memory that has all addresses', async () => {
    const run = await meter(`(module (memory 65536)
      (func (export "f") (param i32 i32) (memory.fill (local.get 0) (i32.const 7) (local.get 1)))
      (func (export "g") (param i32) (result i32) (i32.load8_u (local.get 0))))`);
    run.exports['f']?.(-2_000_000, 2_000_000);
    expect([-1, -2_000_000, -2_000_001, 0].map((at) => run.exports['g']?.(at))).toEqual([7, 7, 0, 0]);
    expect(() => run.exports['f']?.(-2_000_000, 2_000_001)).toThrow('out of bounds');
    expect([-1, 0].map((at) => run.exports['g']?.(at))).toEqual([7, 0]);
  });
});

interface Plain {
  readonly fill: (to: number, value: number, count: number) => void;
  readonly copy: (to: number, from: number, count: number) => void;
  readonly m: WebAssembly.Memory;
}

interface PlainTables {
  readonly fill: (to: number, count: number) => void;
  readonly copy: (to: number, from: number, count: number) => void;
  readonly across: (to: number, from: number, count: number) => void;
  readonly init: (to: number, from: number, count: number) => void;
  readonly drop: () => void;
  readonly a: unknown;
  readonly t: WebAssembly.Table;
  readonly u: WebAssembly.Table;
}

interface WideMemories {
  readonly fill: (to: bigint, value: number, count: bigint) => void;
  readonly copy: (to: bigint, from: bigint, count: bigint) => void;
  readonly across: (to: number, from: bigint, count: number) => void;
  readonly w: WebAssembly.Memory;
  readonly n: WebAssembly.Memory;
}
