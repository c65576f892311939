import { expect, test } from 'vitest';
import { race } from './race/race.ts';

test('nobody who swaps directories and symlinks meanwhile leads a guest out', async () => {
  const races = await race(3000);
  const [module, component, peer] = races;
  for (const ours of [module, component]) {
    expect(ours).toMatchObject({ escapes: 0, changed: [] });
    // It met the inside, and the swaps.
    expect(ours?.inside).toBeGreaterThan(0);
    expect(ours?.refused).toBeGreaterThan(0);
  }
  // The attack works: who checks a path and then opens it is led out, reading or writing.
  expect((peer?.escapes ?? 0) + (peer?.changed.length ?? 0)).toBeGreaterThan(0);
});
