import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { FuelGauge } from '../../../../src/engine/cpu/fuel-gauge.ts';

const counter = (): WebAssembly.Global<'i32'> => new WebAssembly.Global({ value: 'i32', mutable: true }, 0);

function gauge(limit: number, modules: number): { gauge: FuelGauge; counters: WebAssembly.Global<'i32'>[] } {
  const made = new FuelGauge(limit);
  const counters = Array.from({ length: modules }, counter);
  for (const each of counters) made.add(each);
  return { gauge: made, counters };
}

/** What a module does: it charges one unit after the other, and asks for more below zero. @returns units at the end */
function run(
  limit: number,
  modules: number,
  steps: readonly [module: number, units: number][],
  chunk: number,
): number {
  const { gauge: fuel, counters } = gauge(limit, modules);
  for (const [module, units] of steps) {
    const own = counters[module % modules] as WebAssembly.Global<'i32'>;
    own.value -= units;
    if (own.value >= 0) continue;
    if (fuel.isSpent) break;
    fuel.refill(own, chunk);
  }
  return fuel.spent;
}

test('what is spent is what was charged', () => {
  const { gauge: fuel, counters } = gauge(Infinity, 2);
  const [first, second] = counters as [WebAssembly.Global<'i32'>, WebAssembly.Global<'i32'>];
  first.value -= 5;
  expect(fuel.spent).toBe(5);
  expect(fuel.refill(first, 100)).toBe(100);
  expect([fuel.spent, first.value]).toEqual([5, 100]);
  first.value -= 10;
  second.value -= 7;
  expect(fuel.spent).toBe(22);
});

test('modules together never hold more than there is', () => {
  const { gauge: fuel, counters } = gauge(100, 2);
  const [first, second] = counters as [WebAssembly.Global<'i32'>, WebAssembly.Global<'i32'>];
  first.value -= 1;
  fuel.refill(first, 80);
  second.value -= 1;
  expect(fuel.refill(second, 80)).toBe(80);
  expect([first.value, fuel.spent]).toEqual([0, 2]);
  second.value -= 80;
  second.value -= 18;
  expect(fuel.isSpent).toBe(false);
  expect(fuel.refill(second, 80)).toBe(0);
  second.value -= 1;
  expect(fuel.isSpent).toBe(true);
});

test('emptying makes the next check ask, and changes nothing of what is spent', () => {
  const { gauge: fuel, counters } = gauge(Infinity, 1);
  const [only] = counters as [WebAssembly.Global<'i32'>];
  fuel.refill(only, 100);
  only.value -= 30;
  fuel.empty();
  expect([only.value, fuel.spent]).toEqual([0, 30]);
});

test('the end comes at the same step, whatever is given at a time', () => {
  const steps = fc.array(fc.tuple(fc.nat(3), fc.integer({ min: 1, max: 50 })), {
    minLength: 1,
    maxLength: 200,
  });
  const chunk = fc.integer({ min: 1, max: 1000 });
  fc.assert(
    fc.property(fc.nat(2000), steps, chunk, chunk, (limit, taken, one, other) => {
      const spent = run(limit, 1, taken, one);
      expect(run(limit, 1, taken, other)).toBe(spent);
      expect(spent).toBeLessThanOrEqual(limit + 50);
    }),
  );
});
