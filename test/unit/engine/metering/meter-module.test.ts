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

  test('a call, which pays for the first 16 operators of what is called', async () => {
    const body = (count: number): string => '(drop (i32.const 1)) '.repeat(count);
    const spent = async (called: string): Promise<number> => {
      const run = await meter(`(module (func $g ${called}) (func (export "f") ${body(8)} (call $g)))`);
      call(run);
      return run.spent();
    };
    // Whoever calls `f` pays for 16 operators: the host, here.
    expect(await spent('nop')).toBe(17);
    expect(await spent(body(8))).toBe(17);
    expect(await spent(body(30))).toBe(17 + 60 - 16);
  });

  test('what follows a branch that comes back, with what is in front of it', async () => {
    const rest = '(local.set 0 (i32.add (local.get 0) (i32.const 1))) '.repeat(20);
    const wat = (arm: string): string =>
      `(module (func (export "f") (param i32) (local.set 0 (i32.const 1)) (if (local.get 0) (then ${arm})) ${rest}))`;
    const [run, left] = [await meter(wat('nop')), await meter(wat('return'))];
    call(run);
    call(left);
    expect(run.spent()).toBe(2 + 2 + 80 - 16);
    expect(left.spent()).toBe(0);
  });

  test('operators that V8 does by a call of its own, for what they take', async () => {
    const run = await meter(`(module (memory 1) (tag $t) (table 9 funcref)
      (func (export "f") (param i32) (drop (memory.grow (i32.const 0))))
      (func (export "g") (block $b (try_table (catch $t $b) (throw $t))))
      (func (export "h") (drop (table.grow (ref.null func) (i32.const 3)))))`);
    call(run);
    expect(run.spent()).toBe(3 + 1024 - 16);
    const before = run.spent();
    run.exports['g']?.();
    expect(run.spent() - before).toBe(1 + 128 - 16);
    const earlier = run.spent();
    run.exports['h']?.();
    expect(run.spent() - earlier).toBe(4 + 16 + 3 * 16 - 16);
  });

  test('the same at a trap, whatever is given at a time', async () => {
    const wat = `(module (memory 1) (func (export "f") (local i32) (loop $l
      (i32.store (local.get 0) (i32.const 1))
      (local.set 0 (i32.add (local.get 0) (i32.const 4))) (br $l))))`;
    const spent = await Promise.all(
      [1, 7, 1000, 1 << 20].map(async (chunk) => {
        const run = await meter(wat, { chunk });
        expect(() => call(run)).toThrow('out of bounds');
        return run.spent();
      }),
    );
    expect(new Set(spent).size).toBe(1);
    expect(spent[0]).toBe((65_536 / 4 + 1) * 8);
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
    expect(run.spent() - 2 * nothing).toBe(4096 * 16);
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
    expect(run.spent()).toMatchInlineSnapshot(`14012`);
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
    let running = true;
    const count = (): void => {
      turns++;
      if (running) setImmediate(count);
    };
    setImmediate(count);
    expect(await enter(run)(5000)).toBe(5000);
    running = false;
    expect(run.reasons.slice(0, 4)).toEqual([Reason.spent, Reason.resumed, Reason.spent, Reason.resumed]);
    expect(turns).toBeGreaterThan(0);
  });

  test('it goes on without where a frame of JavaScript is on its stack', async () => {
    const run: MeteredRun = await meter(
      `(module (import "" "js" (func $js)) (func (export "f") (call $js)) (func (export "g") (local i32)
        (loop $l (br_if $l (i32.lt_u (local.tee 0 (i32.add (local.get 0) (i32.const 1))) (i32.const 9))))))`,
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

/** A module with one function, of no parameters and results. */
function withBody(body: Uint8Array): Uint8Array<ArrayBuffer> {
  const leb = (value: number): number[] =>
    value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...leb(value >>> 7)];
  const size = leb(body.length);
  const section = [10, ...leb(body.length + size.length + 1), 1, ...size];
  const head = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, ...section];
  return new Uint8Array(Buffer.concat([Uint8Array.from(head), body]));
}

describe('what cannot be metered', () => {
  test('an operator that nobody knows, which is named', () => {
    expect(() => meterModule(withBody(Uint8Array.of(0, 0xe0, 0x0b)))).toThrow(
      expect.objectContaining({
        code: 'BW_PROGRAM_UNSUPPORTED',
        message: expect.stringContaining('0xe0') as string,
      }),
    );
  });

  test('a function that V8 would not take any more', () => {
    const loops = new Uint8Array(7_500_002);
    for (let at = 1; at < loops.length - 1; at += 3) loops.set([0x03, 0x40, 0x0b], at);
    loops[loops.length - 1] = 0x0b;
    const locals = Uint8Array.of(1, 0xce, 0x86, 3, 0x7f, 0x0b);
    for (const body of [loops, locals]) {
      const bytes = withBody(body);
      expect(WebAssembly.validate(bytes)).toBe(true);
      expect(() => meterModule(bytes)).toThrow(expect.objectContaining({ code: 'BW_PROGRAM_UNSUPPORTED' }));
    }
  });
});
