import { expect, test } from 'vitest';
import { Visits } from '../../../src/engine/visits.ts';

test('as many may be there as was said, and nobody waits for none', async () => {
  const visits = new Visits(2);
  await visits.idle();
  expect([visits.tryEnter(), visits.tryEnter(), visits.tryEnter()]).toEqual([true, true, false]);
  visits.leave();
  expect(visits.tryEnter()).toBe(true);
});

test('they are idle when the last one has left', async () => {
  const visits = new Visits(2);
  visits.tryEnter();
  visits.tryEnter();
  const events: string[] = [];
  const idle = [visits.idle(), visits.idle()].map((each) => each.then(() => events.push('idle')));
  visits.leave();
  await Promise.resolve();
  expect(events).toEqual([]);
  visits.leave();
  await Promise.all(idle);
  expect(events).toEqual(['idle', 'idle']);
});
