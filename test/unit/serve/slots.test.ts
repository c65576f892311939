import { expect, test } from 'vitest';
import { Slots } from '../../../src/serve/slots.ts';

const never = new AbortController().signal;

test('there are so many, then so many wait in order, then no more', async () => {
  const slots = new Slots(2, 2);
  expect([slots.take(never), slots.take(never)]).toEqual([true, true]);
  const order: string[] = [];
  const waiting = ['first', 'second'].map(async (name) => {
    expect(await slots.take(never)).toBe(true);
    order.push(name);
  });
  expect(slots.take(never)).toBe(false);
  slots.release();
  slots.release();
  await Promise.all(waiting);
  expect(order).toEqual(['first', 'second']);
  slots.release();
  slots.release();
  expect([slots.take(never), slots.take(never)]).toEqual([true, true]);
});

test('who goes away while it waits takes no slot', async () => {
  const slots = new Slots(1, 1);
  expect(slots.take(never)).toBe(true);
  const gone = new AbortController();
  const waiting = slots.take(gone.signal);
  gone.abort();
  expect(await waiting).toBe(false);
  const next = slots.take(never);
  slots.release();
  expect(await next).toBe(true);
});
