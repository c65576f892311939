import { expect, test } from 'vitest';
import { Pace } from '../../../../src/engine/starts/pace.ts';

/** Computes for some time, as a start does. */
function compute(milliseconds: number): void {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
}

test('the event loop goes on while many start', async () => {
  const pace = new Pace();
  let turns = 0;
  let running = true;
  const count = (): void => {
    turns++;
    if (running) setImmediate(count);
  };
  setImmediate(count);
  await Promise.all(Array.from({ length: 50 }, () => pace.run(async () => compute(2))));
  running = false;
  expect(turns).toBeGreaterThanOrEqual(10);
});

test('starts go on in order, one that waits does not hold up the others, and one that fails is one that has ended', async () => {
  const pace = new Pace();
  const order: string[] = [];
  const slow = Promise.withResolvers<void>();
  const starts = [
    pace.run(async () => {
      order.push('slow');
      await slow.promise;
    }),
    pace.run(async () => {
      order.push('fails');
      throw new Error('no');
    }),
    pace.run(async () => order.push('last')),
  ];
  await expect(starts[1]).rejects.toThrow('no');
  await starts[2];
  expect(order).toEqual(['slow', 'fails', 'last']);
  slow.resolve();
  await starts[0];
});
