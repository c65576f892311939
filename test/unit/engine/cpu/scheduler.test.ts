import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { type CpuBudget, Scheduler, type Turntaker } from '../../../../src/engine/cpu/scheduler.ts';

const SLICE = 5_000_000;

/** Computes slice after slice, for ever. @returns how many so far */
function spin(turntaker: Turntaker, order: string[], name: string): void {
  turntaker.yield(() => {
    order.push(name);
    turntaker.ran(SLICE);
    spin(turntaker, order, name);
  });
}

async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await turn();
}

const count = (order: readonly string[], name: string): number =>
  order.filter((each) => each === name).length;

test('who is alone goes on at once, until its turn of the event loop is over', async () => {
  const scheduler = new Scheduler(() => 0);
  const one = scheduler.enter('a', 100, undefined);
  const order: string[] = [];
  one.take(() => order.push('first'));
  one.ran(SLICE);
  one.take(() => order.push('second'));
  expect(order).toEqual(['first']);
  await turns(1);
  expect(order).toEqual(['first', 'second']);
});

test('tenants have shares by weight, however many instances each has', async () => {
  const scheduler = new Scheduler(() => 0);
  const order: string[] = [];
  for (let i = 0; i < 10; i++) spin(scheduler.enter('many', 100, undefined), order, 'many');
  spin(scheduler.enter('one', 100, undefined), order, 'one');
  spin(scheduler.enter('double', 200, undefined), order, 'double');
  await turns(400);
  expect(order.length).toBeGreaterThanOrEqual(399);
  expect(count(order, 'one')).toBeCloseTo(order.length / 4, -1);
  expect(count(order, 'many')).toBeCloseTo(order.length / 4, -1);
  expect(count(order, 'double')).toBeCloseTo(order.length / 2, -1);
});

test('instances of one tenant take turns', async () => {
  const scheduler = new Scheduler(() => 0);
  const order: string[] = [];
  for (const name of ['a', 'b', 'c']) spin(scheduler.enter('tenant', 100, undefined), order, name);
  await turns(6);
  expect(order.slice(0, 6)).toEqual(['a', 'b', 'c', 'a', 'b', 'c']);
});

test('who waited goes before those who compute without end', async () => {
  const scheduler = new Scheduler(() => 0);
  const order: string[] = [];
  for (let i = 0; i < 50; i++) spin(scheduler.enter(`hostile${i}`, 100, undefined), order, 'hostile');
  await turns(100);
  const sibling = scheduler.enter('sibling', 100, undefined);
  let went = 0;
  sibling.take(() => went++);
  await turns(1);
  expect(went).toBe(1);
});

/** Computes for a moment, again and again. @returns how many others went before each of its turns */
async function shortTurns(sibling: Turntaker, order: readonly string[], times: number): Promise<number[]> {
  const waited: number[] = [];
  for (let i = 0; i < times; i++) {
    const before = order.length;
    await new Promise<void>((resolve) => sibling.take(resolve));
    waited.push(order.length - before);
    sibling.ran(SLICE / 100);
    await turns(2);
  }
  return waited;
}

test('who computes for a moment again and again is not behind all who compute without end', async () => {
  const scheduler = new Scheduler(() => 0);
  const order: string[] = [];
  const sibling = scheduler.enter('sibling', 100, undefined);
  for (let i = 0; i < 50; i++) spin(scheduler.enter(`hostile${i}`, 100, undefined), order, 'hostile');
  const waited = await shortTurns(sibling, order, 200);
  expect(Math.max(...waited.slice(20))).toBeLessThanOrEqual(1);
});

test('many who come at once are not let first of who computes for moments only', async () => {
  const scheduler = new Scheduler(() => 0);
  const order: string[] = [];
  const sibling = scheduler.enter('sibling', 100, undefined);
  await shortTurns(sibling, order, 20);
  for (let i = 0; i < 50; i++) {
    const hostile = scheduler.enter(`hostile${i}`, 100, undefined);
    hostile.take(() => {
      order.push('hostile');
      hostile.ran(SLICE);
      spin(hostile, order, 'hostile');
    });
  }
  expect(Math.max(...(await shortTurns(sibling, order, 20)))).toBeLessThanOrEqual(1);
});

test('nobody saves up for later by waiting, or pays for having computed alone', async () => {
  const scheduler = new Scheduler(() => 0);
  const order: string[] = [];
  const early = scheduler.enter('early', 100, undefined);
  scheduler.enter('idle', 100, undefined);
  for (let i = 0; i < 1000; i++) early.ran(SLICE);
  await turns(1);
  spin(scheduler.enter('late', 100, undefined), order, 'late');
  spin(early, order, 'early');
  await turns(40);
  expect(Math.abs(count(order, 'late') - count(order, 'early'))).toBeLessThanOrEqual(2);
});

test('who often waits for a moment has no more than its share', async () => {
  const scheduler = new Scheduler(() => 0);
  const order: string[] = [];
  const sleeper = scheduler.enter('sleeper', 100, undefined);
  const sleep = (): void => {
    order.push('sleeper');
    sleeper.ran(SLICE);
    setImmediate(() => sleeper.take(sleep));
  };
  sleeper.take(sleep);
  spin(scheduler.enter('other', 100, undefined), order, 'other');
  await turns(200);
  expect(count(order, 'other')).toBeGreaterThan(order.length * 0.4);
});

test('a tenant without budget waits for it, and nobody else does', async () => {
  let now = 0;
  const scheduler = new Scheduler(() => now);
  const order: string[] = [];
  const taken: number[] = [];
  const budget: CpuBudget = { takeCpu: (time) => void taken.push(time), cpuReadyAt: () => 20_000_000 };
  const poor = scheduler.enter('poor', 100, budget);
  poor.take(() => order.push('poor'));
  const rich = scheduler.enter('rich', 100, undefined);
  rich.yield(() => order.push('rich'));
  await turns(3);
  expect(order).toEqual(['rich']);
  now = 20_000_000;
  await new Promise((resolve) => setTimeout(resolve, 40));
  expect(order).toEqual(['rich', 'poor']);
  poor.ran(7);
  expect(taken).toEqual([7]);
});
