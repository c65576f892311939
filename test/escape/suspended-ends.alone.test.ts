// A guest that ends while it is suspended leaves nothing: V8 keeps its stack, and all that this refers to, until it is resumed.
import { expect, test } from 'vitest';
import { type Instance } from '../../src/index.ts';
import { openGuest, WASI_VERSIONS } from '../support/guest-run.ts';
import { heapInUse } from '../support/resources.ts';

const RUNS = 60;

/** By what ends them: a loop that is closed while others have their turn, and one whose deadline passes then. */
const ENDS: Readonly<Record<string, readonly [limits: object, end: (instance: Instance) => Promise<void>]>> =
  {
    closed: [{ slice: '1ms' }, (instance) => instance.close()],
    'past its deadline': [{ slice: '1ms', deadline: '20ms' }, async () => undefined],
  };

const CASES = WASI_VERSIONS.flatMap(([version, kind]) =>
  Object.keys(ENDS).map((name) => [version, name, kind] as const),
);

test.each(CASES)('WASI %s: %s', { timeout: 60_000 }, async (_version, name, kind) => {
  const [limits, end] = ENDS[name] as (typeof ENDS)[string];
  const runAll = async (count: number): Promise<void> => {
    const runs = Array.from({ length: count }, async (_, index) => {
      const { instance } = await openGuest('limits', kind, {
        line: 'loop',
        grant: { limits },
        tenant: `tenant${index}`,
      });
      const ended = instance.run();
      await new Promise((resolve) => setTimeout(resolve, 10));
      await end(instance);
      await ended;
    });
    await Promise.all(runs);
    // Each is resumed in a turn of its own.
    await new Promise((resolve) => setTimeout(resolve, 100));
  };
  await runAll(RUNS);
  await runAll(RUNS);
  const before = await heapInUse();
  await runAll(RUNS);
  const grown = (await heapInUse()) - before;
  expect(grown / RUNS).toBeLessThan(12 * 1024);
});
