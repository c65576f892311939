/** The same program and input spend the same fuel, whatever else this process does and whatever they are given at a time. */
import { describe, expect, test } from 'vitest';
import { Engine, type Outcome } from '../../src/index.ts';
import { openGuest, WASI_VERSIONS } from '../support/guest-run.ts';
import { watGuest } from './index.ts';

const RUNS = 100;

interface Spent {
  readonly fuel: number;
  readonly outcome: Outcome;
}

/** Half of them one after the other, half of them at the same time. */
async function repeat(run: (index: number) => Promise<Spent>): Promise<readonly Spent[]> {
  const spent: Spent[] = [];
  for (let i = 0; i < RUNS / 2; i++) spent.push(await run(i));
  return [...spent, ...(await Promise.all(Array.from({ length: RUNS / 2 }, (_, i) => run(i))))];
}

function expectOne(spent: readonly Spent[], outcome: object): number {
  expect(spent).toHaveLength(RUNS);
  expect(spent[0]?.outcome).toMatchObject(outcome);
  expect(new Set(spent.map((each) => JSON.stringify(each))).size).toBe(1);
  return spent[0]?.fuel ?? 0;
}

describe.each(WASI_VERSIONS)('WASI %s: 100 runs of', (_version, kind) => {
  test.each([
    ['process', 'arguments and some more', { kind: 'exit' }],
    ['limits', 'trap', { kind: 'trap' }],
    ['limits', 'loop', { kind: 'limit', limit: 'limits.fuel' }],
  ])('%s %s', async (guest, line, outcome) => {
    const fuel = expectOne(
      await repeat(async () => {
        const { instance } = await openGuest(guest, kind, { line, grant: { limits: { fuel: 300_000 } } });
        const result = await instance.run();
        return { fuel: result.usage.fuel, outcome: result.outcome };
      }),
      outcome,
    );
    expect(fuel).toBeGreaterThan(100);
  });
});

/** Calls, loops that call and do not, memory that is filled, tables, what is thrown and caught. */
const WORK = `(module (memory 4) (tag $t (param i32)) (table 4 funcref) (elem (i32.const 0) func $fib $fib $fib $fib)
  (type $f (func (param i32) (result i32)))
  (func $fib (param i32) (result i32)
    (if (result i32) (i32.lt_s (local.get 0) (i32.const 2)) (then (local.get 0))
      (else (i32.add (call $fib (i32.sub (local.get 0) (i32.const 1)))
        (call_indirect (type $f) (i32.sub (local.get 0) (i32.const 2)) (i32.and (local.get 0) (i32.const 3)))))))
  (func $thrown (param i32) (result i32)
    (block $h (result i32) (try_table (catch $t $h) (throw $t (local.get 0))) (i32.const 0)))
  (func (export "f") (param i32) (result i32) (local i32 i32)
    (loop $l
      (memory.fill (i32.const 0) (local.get 0) (i32.const 200000))
      (local.set 1 (i32.add (local.get 1) (call $fib (i32.const 12))))
      (local.set 1 (i32.add (local.get 1) (call $thrown (local.get 0))))
      (local.set 2 (i32.const 5000))
      (loop $tight
        (local.set 1 (i32.xor (local.get 1) (i32.load8_u (local.get 2))))
        (br_if $tight (local.tee 2 (i32.sub (local.get 2) (i32.const 1)))))
      (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
    (local.get 1)))`;

test('slices of other lengths, and neighbours who never stop, make no difference', async () => {
  const engine = new Engine({ cache: false });
  const loops = await engine.compile(await watGuest('(module (func (export "f") (loop $l (br $l))))'));
  const neighbour = await loops.instantiate({ policy: { version: 1, limits: { cpu: '1h', slice: '1ms' } } });
  neighbour.call('f').catch(() => undefined);
  const work = await engine.compile(await watGuest(WORK));
  const results = new Set<unknown>();
  const spent = await repeat(async (index) => {
    const limits = { fuel: 1e9, slice: `${1 + (index % 4)}ms` };
    await using instance = await work.instantiate({ policy: { version: 1, limits }, tenant: `t${index}` });
    results.add(await instance.call('f', 20));
    return { fuel: instance.usage().fuel, outcome: { kind: 'exit', code: 0 } };
  });
  expectOne(spent, {});
  expect(results.size).toBe(1);
  expect(neighbour.outcome).toBeUndefined();
  await neighbour.close();
});
