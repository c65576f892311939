import { getEventListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { monotonicNow, sleep, wallNow } from '../../../src/ambient/clocks.ts';

const MS = 1e6;

function timers(): number {
  return process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
}

test('monotonic time is whole nanoseconds, and never goes back', () => {
  let last = monotonicNow();
  for (let i = 0; i < 10_000; i++) {
    const now = monotonicNow();
    expect(Number.isInteger(now) && now >= last).toBe(true);
    last = now;
  }
});

/** Reads a clock between two reads of another: however long this thread is kept waiting, it lies between them. */
function between<T>(other: () => number, read: () => T): { before: number; value: T; after: number } {
  return { before: other(), value: read(), after: other() };
}

test('monotonic time keeps the machine’s pace', async () => {
  const start = between(() => performance.now(), monotonicNow);
  await delay(50);
  const end = between(() => performance.now(), monotonicNow);
  const elapsed = (end.value - start.value) / MS;
  expect(elapsed).toBeGreaterThan(end.before - start.after - 1);
  expect(elapsed).toBeLessThan(end.after - start.before + 1);
});

test('wall time is milliseconds since the epoch', () => {
  const { before, value, after } = between(Date.now, wallNow);
  expect(value).toBeGreaterThanOrEqual(before);
  expect(value).toBeLessThanOrEqual(after);
});

test.each([0, 1, 0.4 * MS, 5 * MS])('a sleep of %d ns is at least as long', async (nanoseconds) => {
  const start = monotonicNow();
  await sleep(nanoseconds, new AbortController().signal);
  expect(monotonicNow() - start).toBeGreaterThanOrEqual(nanoseconds);
});

test.each([0, 1])('sleeps of %d ns let the event loop go on', async (nanoseconds) => {
  let ticks = 0;
  const ticker = setInterval(() => ticks++, 1);
  for (let i = 0; i < 50; i++) await sleep(nanoseconds, new AbortController().signal);
  clearInterval(ticker);
  expect(ticks).toBeGreaterThan(0);
});

test.each([2 ** 31 * MS, 2 ** 53, 2 ** 64])(
  'a sleep of %d ns, beyond what a timer holds, does not end at once',
  async (nanoseconds) => {
    const warnings: unknown[] = [];
    process.on('warning', ({ name }) => name === 'TimeoutOverflowWarning' && warnings.push(name));
    const abort = new AbortController();
    const slept = sleep(nanoseconds, abort.signal).then(() => 'slept');
    expect(await Promise.race([slept, delay(30, 'asleep')])).toBe('asleep');
    abort.abort();
    expect(warnings).toEqual([]);
  },
);

test('a sleep whose signal ends leaves no timer, and stays pending', async () => {
  const aborts = Array.from({ length: 50 }, () => new AbortController());
  const sleeps = aborts.map((abort) => sleep(20 * MS, abort.signal));
  expect(timers()).toBeGreaterThanOrEqual(50);
  for (const abort of aborts) abort.abort();
  expect(timers()).toBeLessThan(10);
  expect(await Promise.race([...sleeps, delay(40, 'asleep')])).toBe('asleep');
  const never = sleep(0, AbortSignal.abort());
  expect(await Promise.race([never, delay(5, 'asleep')])).toBe('asleep');
});

test('a sleep that ended leaves nothing on its signal', async () => {
  const { signal } = new AbortController();
  for (let i = 0; i < 20; i++) await sleep(1, signal);
  expect(getEventListeners(signal, 'abort')).toEqual([]);
});
