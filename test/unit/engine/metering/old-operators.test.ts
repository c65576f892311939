/** Operators that hardly a compiler makes: the exceptions that were there first, relaxed SIMD, wide arithmetic. */
import { parse, print } from '@bytecodealliance/jco-transpile/wasm-tools';
import { describe, expect, test } from 'vitest';
import { meterModule } from '../../../../src/engine/metering/meter-module.ts';
import { type MeteredOptions, meterBytes } from './metered-run.ts';

type Exports = Readonly<Record<string, (...args: unknown[]) => unknown>>;

/** What `f` gives or throws, for each of the arguments: plain, and metered with much and with little at a time. */
async function expectSame(wat: string, args: readonly (readonly unknown[])[]): Promise<unknown[]> {
  const bytes = (await parse(wat)) as Uint8Array<ArrayBuffer>;
  const plain = new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports as Exports;
  const seen = args.map((each) => observe(plain, each));
  expect(WebAssembly.validate(meterModule(bytes).bytes)).toBe(true);
  const spent = [1, 3, 1000].map((chunk) => {
    const run = meterBytes(bytes, { chunk } satisfies MeteredOptions);
    expect(args.map((each) => observe(run.exports, each))).toEqual(seen);
    return run.spent();
  });
  expect(new Set(spent).size).toBe(1);
  return seen;
}

function observe(exports: Exports, args: readonly unknown[]): unknown {
  try {
    return exports['f']?.(...args);
  } catch (error) {
    return error instanceof WebAssembly.Exception ? 'exception' : (error as Error).message;
  }
}

const numbers = (count: number): number[][] => Array.from({ length: count }, (_, value) => [value]);

describe('the exceptions that were there first', () => {
  const TAGS = '(tag $a (param i32)) (tag $b)';

  test('try and catch, of one kind, of another, and of all', async () => {
    const seen = await expectSame(
      `(module ${TAGS} (func $g (param i32)
          (if (i32.eq (local.get 0) (i32.const 1)) (then (throw $a (i32.const 10))))
          (if (i32.eq (local.get 0) (i32.const 2)) (then (throw $b)))
          (if (i32.eq (local.get 0) (i32.const 3)) (then unreachable)))
        (func (export "f") (param i32) (result i32) (local i32)
          loop $l
            try
              (call $g (local.get 0))
              (local.set 1 (i32.add (local.get 1) (i32.const 1)))
            catch $a
              (local.set 1 (i32.add (local.get 1)))
            catch_all
              (local.set 1 (i32.add (local.get 1) (i32.const 100)))
            end
            (br_if $l (i32.lt_u (local.get 1) (i32.const 50)))
          end
          (local.get 1)))`,
      numbers(4),
    );
    // A trap is no exception.
    expect(seen).toEqual([50, 50, 100, 'unreachable']);
  });

  test('an exception that is thrown again, from a loop within its handler', async () => {
    const seen = await expectSame(
      `(module ${TAGS} (func (export "f") (param i32) (result i32) (local $n i32)
        try (result i32)
          try $inner (result i32)
            (throw $a (local.get 0))
          catch $a
            drop
            loop $l
              (local.set $n (i32.add (local.get $n) (i32.const 1)))
              (i32.eq (local.get $n) (local.get 0))
              if
                rethrow $inner
              end
              (br_if $l (i32.lt_u (local.get $n) (i32.const 20)))
            end
            (i32.const -1)
          end
        catch $a
          (i32.add (i32.const 1000))
        end))`,
      numbers(25),
    );
    expect(seen.slice(0, 2)).toEqual([-1, 1001]);
    expect(seen.slice(19)).toEqual([1019, 1020, -1, -1, -1, -1]);
  });

  test('handlers that leave it to one further out, past another between them', async () => {
    const seen = await expectSame(
      `(module ${TAGS} (func (export "f") (param i32) (result i32) (local $n i32)
        try $far (result i32)
          try $near (result i32)
            loop $l
              (local.set $n (i32.add (local.get $n) (i32.const 1)))
              try
                (if (i32.eq (local.get $n) (local.get 0)) (then (throw $b)))
              delegate $far
              (br_if $l (i32.lt_u (local.get $n) (i32.const 20)))
            end
            (i32.const 1)
          catch_all
            (i32.const 2)
          end
        catch_all
          (i32.add (local.get $n) (i32.const 300))
        end))`,
      numbers(22),
    );
    expect([seen[0], seen[1], seen[20], seen[21]]).toEqual([1, 301, 320, 1]);
  });

  test('one that is left to the caller, and one that nobody catches', async () => {
    const seen = await expectSame(
      `(module ${TAGS}
        (func $g (param i32)
          try
            try
              (throw $a (local.get 0))
            delegate 1
          catch_all
          end)
        (func (export "f") (param i32) (result i32)
          try (result i32)
            (call $g (local.get 0))
            (i32.const -1)
          catch $a
            (local.set 0)
            (if (i32.eqz (local.get 0)) (then (throw $a (i32.const 7))))
            (local.get 0)
          end))`,
      numbers(3),
    );
    expect(seen).toEqual(['exception', 1, 2]);
  });

  test.each([
    'catch_all (loop $l (br $l)) end',
    'catch $b (loop $l (br $l)) end',
    'delegate 0',
    'catch_all rethrow 0 end',
  ])('%s does not go on when all is spent', async (handler) => {
    const wat = `(module ${TAGS} (func (export "f") loop $o try (loop $l (br $l)) ${handler} br $o end))`;
    const run = meterBytes(await parse(wat), { limit: 10_000 });
    expect(() => run.exports['f']?.()).toThrow('unreachable');
    expect(run.spent()).toBeGreaterThan(10_000);
    expect(run.spent()).toBeLessThan(11_000);
  });

  test('each that is thrown, caught and thrown again is charged for', async () => {
    const wat = `(module ${TAGS} (func (export "f") (param i32)
      loop $l
        try
          try (throw $b) catch $b rethrow 0 end
        catch_all
        end
        (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))
      end))`;
    const run = meterBytes(await parse(wat));
    run.exports['f']?.(1000);
    expect(run.spent()).toBeGreaterThan(1000 * 2 * 128);
    expect(run.spent()).toBeLessThan(1000 * 2 * 160);
  });
});

/** Vectors whose result every machine gives: the operands leave nothing to choose. */
const RELAXED: Readonly<Record<string, readonly [operands: number, type: string]>> = {
  'i8x16.relaxed_swizzle': [2, 'i8x16 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15'],
  'i32x4.relaxed_trunc_f32x4_s': [1, 'f32x4 1.5 -2.5 3 4'],
  'i32x4.relaxed_trunc_f32x4_u': [1, 'f32x4 1.5 2.5 3 4'],
  'i32x4.relaxed_trunc_f64x2_s_zero': [1, 'f64x2 -1.5 2.5'],
  'i32x4.relaxed_trunc_f64x2_u_zero': [1, 'f64x2 1.5 2.5'],
  'f32x4.relaxed_madd': [3, 'f32x4 1 2 3 4'],
  'f32x4.relaxed_nmadd': [3, 'f32x4 1 2 3 4'],
  'f64x2.relaxed_madd': [3, 'f64x2 1 2'],
  'f64x2.relaxed_nmadd': [3, 'f64x2 1 2'],
  'i8x16.relaxed_laneselect': [3, 'i32x4 -1 0 -1 0'],
  'i16x8.relaxed_laneselect': [3, 'i32x4 -1 0 -1 0'],
  'i32x4.relaxed_laneselect': [3, 'i32x4 -1 0 -1 0'],
  'i64x2.relaxed_laneselect': [3, 'i32x4 -1 -1 0 0'],
  'f32x4.relaxed_min': [2, 'f32x4 1 -2 3 4'],
  'f32x4.relaxed_max': [2, 'f32x4 1 -2 3 4'],
  'f64x2.relaxed_min': [2, 'f64x2 1 -2'],
  'f64x2.relaxed_max': [2, 'f64x2 1 -2'],
  'i16x8.relaxed_q15mulr_s': [2, 'i16x8 1 2 3 4 5 6 7 8'],
  'i16x8.relaxed_dot_i8x16_i7x16_s': [2, 'i8x16 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15'],
  'i32x4.relaxed_dot_i8x16_i7x16_add_s': [3, 'i8x16 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15'],
};

test.each(Object.entries(RELAXED))('%s', async (operator, [operands, type]) => {
  const vector = `(v128.const ${type}) `;
  await expectSame(
    `(module (memory (export "m") 1) (func (export "f") (param i32) (result i64 i64) (local v128)
      (loop $l
        (local.set 1 (${operator} ${vector.repeat(operands)}))
        (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
      (i64x2.extract_lane 0 (local.get 1)) (i64x2.extract_lane 1 (local.get 1))))`,
    [[5]],
  );
});

describe('wide arithmetic', () => {
  const module = (operator: string, parameters: number): string =>
    `(module (func (export "f") (param ${'i64 '.repeat(parameters)}) (result i64 i64) (local i32)
      (loop $l
        ${Array.from({ length: parameters }, (_, at) => `local.get ${at} `).join('')} ${operator}
        local.set 1 local.set 0
        (br_if $l (i32.lt_u (local.tee ${parameters} (i32.add (local.get ${parameters}) (i32.const 1))) (i32.const 9))))
      (local.get 0) (local.get 1)))`;
  const values = [0n, 1n, -1n, 2n ** 63n - 1n, 0x1234_5678_9abc_def0n];
  const operands = (count: number): bigint[][] =>
    values.map((_, first) =>
      Array.from({ length: count }, (__, at) => values[(first + at) % values.length] as bigint),
    );

  test.each([
    ['i64.add128', 4],
    ['i64.sub128', 4],
    ['i64.mul_wide_s', 2],
    ['i64.mul_wide_u', 2],
  ])('%s', async (operator, parameters) => {
    const text = module(operator, parameters);
    const bytes = (await parse(text)) as Uint8Array<ArrayBuffer>;
    const metered = await print(meterModule(bytes).bytes);
    expect(metered.split(operator)).toHaveLength(2);
    // No V8 that Node.js 26 has runs them, with any flag; one that does is to give the same.
    if (WebAssembly.validate(bytes)) await expectSame(text, operands(parameters));
  });
});
