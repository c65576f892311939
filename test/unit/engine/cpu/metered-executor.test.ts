import { parse } from '@bytecodealliance/jco-transpile/wasm-tools';
import { expect, test } from 'vitest';
import { MeteredExecutor } from '../../../../src/engine/cpu/metered-executor.ts';
import { compileMetered } from '../../../../src/engine/cpu/metered-module.ts';
import { scheduler } from '../../../../src/engine/cpu/scheduler.ts';
import { DEFAULT_LIMITS, Meter } from '../../../../src/kernel/meter.ts';
import type { GuestFunction } from '../../../../src/virtual/executor.ts';

/** Rounds of a loop, long enough for many slices. */
const SPIN = `(module (func (export "f") (param i32)
  (loop $l (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))))`;

/** @returns units that calls at the same time have spent together, with this slice */
async function spentBy(rounds: readonly number[], slice: number): Promise<number> {
  const meter = new Meter({ ...DEFAULT_LIMITS, fuel: Number.MAX_SAFE_INTEGER, slice });
  const turntaker = scheduler.enter('tenant', 100, undefined);
  const executor = new MeteredExecutor({ meter, turntaker, onStop: () => undefined });
  const module = await compileMetered(await parse(SPIN));
  const call = executor.promising(executor.instantiate(module, {}).exports['f'] as GuestFunction);
  await Promise.all(rounds.map((count) => call(count)));
  executor.end();
  return meter.fuel;
}

test('calls that go on by turns spend what they spend one after the other', async () => {
  const rounds = [3_000_000, 5_000_000, 1000, 4_000_000];
  const alone = await spentBy(rounds, 60_000_000_000);
  expect(await spentBy(rounds, 200_000)).toBe(alone);
  expect(alone).toBeGreaterThan(12_001_000 * 5);
});
