import { expect, test } from 'vitest';
import { Turns } from '../../../src/engine/turns.ts';

test('turns go to those that wait, in order', async () => {
  const turns = new Turns();
  expect(turns.take(undefined)).toBeUndefined();
  const order: number[] = [];
  const waiting = [1, 2].map((name) => turns.take(undefined)?.then(() => order.push(name)));
  expect([turns.waiting, turns.tryTake()]).toEqual([2, false]);
  turns.release();
  await waiting[0];
  expect(order).toEqual([1]);
  turns.release();
  await waiting[1];
  turns.release();
  expect([order, turns.taken, turns.waiting]).toEqual([[1, 2], false, 0]);
});

test('nobody can take a turn between two that wait for it', () => {
  const turns = new Turns();
  turns.tryTake();
  void turns.take(undefined);
  turns.release();
  expect(turns.tryTake()).toBe(false);
});

test('who no longer wants one leaves the line, with the reason', async () => {
  const turns = new Turns();
  turns.tryTake();
  const abort = new AbortController();
  const waiting = turns.take(abort.signal);
  abort.abort(new Error('enough'));
  await expect(waiting).rejects.toThrow('enough');
  expect(turns.waiting).toBe(0);
  turns.release();
  expect(turns.taken).toBe(false);
  expect(() => turns.take(abort.signal)).toThrow('enough');
});

test('it is idle when nobody has one and nobody waits', async () => {
  const turns = new Turns();
  await turns.idle();
  turns.tryTake();
  void turns.take(undefined);
  let idle = false;
  void turns.idle().then(() => (idle = true));
  turns.release();
  await Promise.resolve();
  expect(idle).toBe(false);
  turns.release();
  await turns.idle();
  await Promise.resolve();
  expect(idle).toBe(true);
});
