import { parse } from '@bytecodealliance/jco-transpile/wasm-tools';
import { describe, expect, test } from 'vitest';
import { Answer, Reason } from '../../../../src/engine/cpu/tick.ts';
import { meterModule } from '../../../../src/engine/metering/meter-module.ts';
import { plainExecutor } from '../../../../src/virtual/executor.ts';
import { meter, type MeteredRun } from './metered-run.ts';

/** Counts down from its parameter: 7 operators a round. */
const COUNT_DOWN = `(func (export "f") (param i32) (result i32) (local i32)
  (loop $more
    (local.set 1 (i32.add (local.get 1) (i32.const 1)))
    (br_if $more (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
  (local.get 1))`;

const call = ({ exports }: MeteredRun, ...args: unknown[]): unknown => exports['f']?.(...args);

function custom(name: string, content: readonly number[]): number[] {
  const bytes = [name.length, ...new TextEncoder().encode(name), ...content];
  return [0, bytes.length, ...bytes];
}

describe('what is charged', () => {
  test('operators, one by one, in a loop round by round', async () => {
    const run = await meter(`(module ${COUNT_DOWN})`);
    expect(call(run, 1)).toBe(1);
    const once = run.spent();
    expect(call(run, 1001)).toBe(1001);
    // Setting, adding, two operands; testing, subtracting, two operands and the branch.
    expect(run.spent() - 2 * once).toBe(1000 * 9);
  });

  test('the arms of a branch: a long one only when it is taken', async () => {
    const long = '(local.set 0 (i32.add (local.get 0) (i32.const 1))) '.repeat(20);
    const wat = `(module (func (export "f") (param i32) (if (local.get 0) (then ${long}))))`;
    const [taken, passed] = [await meter(wat), await meter(wat)];
    call(taken, 1);
    call(passed, 0);
    expect(taken.spent() - passed.spent()).toBe(80);
  });

  test('a call, and what the called function does', async () => {
    const wat = (body: string): string => `(module (func $g ${body}) (func (export "f") (call $g)))`;
    const small = await meter(wat('nop'));
    call(small);
    const large = await meter(wat('(drop (i32.const 1)) '.repeat(30)));
    call(large);
    expect(small.spent()).toBe(17);
    expect(large.spent()).toBe(17 + 60);
  });

  test('bytes that are filled and copied, by 16', async () => {
    const run = await meter(`(module (memory 2)
      (func (export "f") (param i32) (memory.fill (i32.const 0) (i32.const 7) (local.get 0)))
      (func (export "g") (param i32) (memory.copy (i32.const 65536) (i32.const 0) (local.get 0))))`);
    call(run, 0);
    const nothing = run.spent();
    call(run, 65_536);
    expect(run.spent() - 2 * nothing).toBe(4096);
    const before = run.spent();
    run.exports['g']?.(1600);
    expect(run.spent() - before).toBe(nothing + 100);
  });

  test('entries of tables, and what segments hold', async () => {
    const run = await meter(`(module (memory 1) (table 4096 funcref) (data $d "${'x'.repeat(160)}")
      (func (export "f") (param i32) (table.fill (i32.const 0) (ref.null func) (local.get 0)))
      (func (export "g") (param i32) (memory.init $d (i32.const 0) (i32.const 0) (local.get 0))))`);
    call(run, 0);
    const nothing = run.spent();
    call(run, 4096);
    expect(run.spent() - 2 * nothing).toBe(256);
    const before = run.spent();
    run.exports['g']?.(160);
    expect(run.spent() - before).toBe(nothing + 10);
  });

  test.each([1, 2, 7, 100, 10_000, 1 << 20])('the same whatever is given at a time: %i', async (chunk) => {
    const run = await meter(
      `(module ${COUNT_DOWN} (func $fib (export "fib") (param i32) (result i32)
        (if (result i32) (i32.lt_s (local.get 0) (i32.const 2)) (then (local.get 0))
          (else (i32.add (call $fib (i32.sub (local.get 0) (i32.const 1)))
            (call $fib (i32.sub (local.get 0) (i32.const 2))))))))`,
      { chunk },
    );
    expect([call(run, 500), run.exports['fib']?.(12)]).toEqual([500, 144]);
    expect(run.spent()).toMatchInlineSnapshot(`16338`);
  });
});

describe('the end of what it may spend', () => {
  const LOOP = '(loop $l (br $l))';
  const body = (code: string, rest = ''): string => `(module ${rest} (func (export "f") ${code}))`;

  test.each([
    ['a loop', body(LOOP)],
    ['recursion', '(module (func $f (export "f") (call $f) (call $f)))'],
    ['tail calls', '(module (func $f (export "f") (return_call $f)))'],
    [
      'tail calls through a table',
      '(module (table funcref (elem $f)) (func $f (export "f") (return_call_indirect (i32.const 0))))',
    ],
    ['a loop with calls', body('(loop $l (call $g) (br $l))', '(func $g)')],
    [
      'a loop that fills memory',
      body('(loop $l (memory.fill (i32.const 0) (i32.const 0) (i32.const 9)) (br $l))', '(memory 1)'),
    ],
    [
      'a handler that catches all, with a loop in it',
      body(`(block $b (try_table (catch_all $b) ${LOOP})) ${LOOP}`),
    ],
    ['a loop around a handler', body(`(loop $l (block $b (try_table (catch_all $b) ${LOOP})) (br $l))`)],
    [
      'a handler that calls itself',
      '(module (func $f (export "f") (block $b (try_table (catch_all $b) (call $f))) (call $f)))',
    ],
    [
      'exceptions thrown again and again',
      '(module (tag $t) (func (export "f") (loop $l (block $b (try_table (catch_all $b) (throw $t))) (br $l))))',
    ],
    ['many branches', body('(loop $l (br_table $l $l $l (i32.const 1)))')],
  ])('%s traps, and no handler goes on', async (_, wat) => {
    const run = await meter(wat, { limit: 10_000 });
    expect(() => call(run)).toThrow(/unreachable|stack/);
    if (!/stack/.test(_)) expect(run.spent()).toBeGreaterThan(10_000);
    expect(run.spent()).toBeLessThan(11_000);
  });

  test('is at the same place whatever is given at a time', async () => {
    const spent = await Promise.all(
      [1, 3, 1000, 1 << 20].map(async (chunk) => {
        const run = await meter(body(LOOP), { limit: 12_345, chunk });
        expect(() => call(run)).toThrow('unreachable');
        return run.spent();
      }),
    );
    expect(new Set(spent).size).toBe(1);
  });
});

describe('giving way', () => {
  const enter = (run: MeteredRun): ((...args: readonly unknown[]) => Promise<unknown>) =>
    plainExecutor.promising(run.exports['f'] as never);

  test('the guest is suspended wherever it is, and goes on', async () => {
    const run = await meter(`(module ${COUNT_DOWN})`, {
      answer: (asked) => (asked % 2 === 0 ? Answer.yield : undefined),
    });
    let turns = 0;
    const timer = setInterval(() => turns++, 0);
    expect(await enter(run)(5000)).toBe(5000);
    clearInterval(timer);
    expect(run.reasons.slice(0, 4)).toEqual([Reason.spent, Reason.resumed, Reason.spent, Reason.resumed]);
    expect(turns).toBeGreaterThan(0);
  });

  test('it goes on without where a frame of JavaScript is on its stack', async () => {
    const run: MeteredRun = await meter(
      `(module (import "" "js" (func $js)) (func (export "f") (call $js)) (func (export "g") (loop (drop (i32.const 1)))))`,
      {
        imports: { '': { js: () => run.exports['g']?.() } },
        chunk: 1,
        answer: (asked) => (asked === 1 ? Answer.yield : undefined),
      },
    );
    await enter(run)();
    expect(run.reasons.slice(0, 3)).toEqual([Reason.spent, Reason.spent, Reason.stuck]);
  });
});

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

  test('what is filled and copied in pieces, overlapping both ways', async () => {
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

test('an operator that nobody knows is named', () => {
  const body = [0, 0xe0, 0x0b];
  const bytes = Uint8Array.from([
    0,
    0x61,
    0x73,
    0x6d,
    1,
    0,
    0,
    0,
    1,
    4,
    1,
    0x60,
    0,
    0,
    3,
    2,
    1,
    0,
    10,
    body.length + 2,
    1,
    body.length,
    ...body,
  ]);
  expect(() => meterModule(bytes)).toThrow(
    expect.objectContaining({
      code: 'BW_PROGRAM_UNSUPPORTED',
      message: expect.stringContaining('0xe0') as string,
    }),
  );
});

interface Plain {
  readonly fill: (to: number, value: number, count: number) => void;
  readonly copy: (to: number, from: number, count: number) => void;
  readonly m: WebAssembly.Memory;
}
