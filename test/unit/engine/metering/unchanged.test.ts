import { parse } from '@bytecodealliance/jco-transpile/wasm-tools';
import { describe, expect, test } from 'vitest';
import { meterModule } from '../../../../src/engine/metering/meter-module.ts';
import { meter, type MeteredRun } from './metered-run.ts';

const call = ({ exports }: MeteredRun, ...args: unknown[]): unknown => exports['f']?.(...args);

function custom(name: string, content: readonly number[]): number[] {
  const bytes = [name.length, ...new TextEncoder().encode(name), ...content];
  return [0, bytes.length, ...bytes];
}

describe('what does not change', () => {
  test('values of blocks, several results, exceptions with values', async () => {
    const run = await meter(`(module (tag $t (param i32 i64))
      (func $two (param i32) (result i32 i64)
        (block $b (result i32 i64)
          (loop $l (result i32 i64)
            (br_if $b (i32.const 1) (i64.const 2) (local.get 0))
            (throw $t))))
      (func (export "f") (param i32) (result i32 i64)
        (block $h (result i32 i64) (try_table (result i32 i64) (catch $t $h) (call $two (local.get 0))))))`);
    expect(call(run, 0)).toEqual([1, 2n]);
    expect(call(run, 1)).toEqual([1, 2n]);
  });

  test('a function that returns from the middle of loops', async () => {
    const run = await meter(`(module (func (export "f") (param i32) (result i32) (local i32)
      (loop $l (result i32)
        (local.set 1 (i32.add (local.get 1) (i32.const 1)))
        (if (i32.eq (local.get 1) (local.get 0)) (then (return (local.get 1))))
        (br_if 1 (i32.const -1) (i32.gt_u (local.get 1) (i32.const 1000)))
        (drop) (br $l))))`);
    expect([call(run, 5), call(run, 1000), call(run, 0)]).toEqual([5, 1000, -1]);
  });

  test('nobody waits for another thread, of which there is none', async () => {
    const run = await meter(`(module (memory 1 1 shared)
      (func (export "f") (param i32) (result i32)
        (memory.atomic.wait32 (i32.const 0) (local.get 0) (i64.const -1))))`);
    expect([call(run, 0), call(run, 1)]).toEqual([2, 1]);
  });

  test('branches out of tight loops, of every kind', async () => {
    const wat = `(module (type $s (sub (struct))) (type $t (sub $s (struct)))
      (func (export "f") (param i32) (result i32) (local $n i32) (local $r anyref)
        (block $out (result i32)
          (drop (block $cast (result (ref $t))
            (block $null
              (loop $l
                (local.set $n (i32.add (local.get $n) (i32.const 1)))
                (block $a (block $b (block $c
                  (br_table $a $b $c $l (i32.and (local.get $n) (i32.const 3))))
                  (drop (br_on_cast $cast anyref (ref $t) (local.get $r))) (br $l))
                  (br_if $null (i32.eq (local.get $n) (local.get 0)))
                  (if (i32.eq (local.get $n) (i32.const 1)) (then (local.set $r (struct.new $s))))
                  (drop (br_on_null $null (local.get $r))) (br $l))
                (drop (br_if $out (i32.const -5) (i32.gt_u (local.get $n) (i32.const 1000))))
                (if (i32.eq (local.get $n) (local.get 0)) (then (local.set $r (struct.new $t))))
                (br $l)))
            (return (i32.const -1))))
          (local.get $n))))`;
    const bytes = (await parse(wat)) as Uint8Array<ArrayBuffer>;
    const { exports: plain } = new WebAssembly.Instance(new WebAssembly.Module(bytes));
    const run = await meter(wat);
    const results = (f: unknown): unknown[] =>
      Array.from({ length: 40 }, (_, value) => (f as (value: number) => unknown)(value));
    expect(results(run.exports['f'])).toEqual(results(plain['f']));
    expect(new Set(results(plain['f'])).size).toBeGreaterThan(2);
  });

  test('tight loops with parameters and results', async () => {
    const run = await meter(
      `(module (func (export "f") (param i32) (result i32 i64)
        (local.get 0) (i64.const 1)
        (loop $l (param i32 i64) (result i32 i64)
          (drop) (i32.const 1) (i32.sub) (local.tee 0) (i64.extend_i32_u (local.get 0))
          (br_if $l (local.get 0)))))`,
      { chunk: 3 },
    );
    expect(call(run, 100)).toEqual([0, 0n]);
    expect(run.reasons.length).toBeGreaterThan(90);
  });

  test('a start function, which the host calls when it likes', async () => {
    const run = await meter(
      '(module (global $g (mut i32) (i32.const 0)) (func $s (global.set $g (i32.const 5))) (start $s) (func (export "f") (result i32) (global.get $g)))',
    );
    expect(call(run)).toBe(0);
    run.exports[run.start as string]?.();
    expect(call(run)).toBe(5);
  });

  test('names of its exports that are ours', async () => {
    const wat = '(module (func (export "bailiwick:counter") (result i32) (i32.const 1)) (func (export "f")))';
    const { exports } = meterModule(await parse(wat));
    expect(exports).toMatchObject({ counter: "bailiwick:counter'", tick: 'bailiwick:tick' });
    await meter(wat);
  });

  test('names of functions stay; where things are in the code is gone', async () => {
    const bytes = await parse('(module (func $named (export "f") (unreachable)))');
    const all = [
      ...bytes,
      ...custom('.debug_line', [1]),
      ...custom('metadata.code.branch_hint', [0]),
      ...custom('sourceMappingURL', [1, 97]),
      ...custom('mine', [9]),
    ];
    const module = new WebAssembly.Module(meterModule(Uint8Array.from(all)).bytes);
    const count = (name: string): number => WebAssembly.Module.customSections(module, name).length;
    expect(
      ['name', 'mine', '.debug_line', 'metadata.code.branch_hint', 'sourceMappingURL'].map(count),
    ).toEqual([1, 1, 0, 0, 0]);
  });

  test('a module without anything in it', async () => {
    expect(WebAssembly.validate(meterModule(await parse('(module)')).bytes)).toBe(true);
  });
});
