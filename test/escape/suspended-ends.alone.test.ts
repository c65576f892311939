// A guest that ends while it is suspended leaves nothing: V8 keeps its stack, and all that this refers to, until it is resumed.
import { expect, test } from 'vitest';
import { type Instance } from '../../src/index.ts';
import { openGuest, WASI_VERSIONS } from '../support/guest-run.ts';
import { heapInUse } from '../support/resources.ts';

const RUNS = 20;

interface End {
  readonly guest: string;
  readonly line: string;
  readonly limits: object;
  readonly end: (instance: Instance) => Promise<void>;
}

const close = (instance: Instance): Promise<void> => instance.close();
const LOOP = { guest: 'limits', line: 'loop' };

/** While others have their turn, or while it waits for the host. */
const ENDS: Readonly<Record<string, End>> = {
  'a loop, closed': { ...LOOP, limits: { slice: '1ms' }, end: close },
  'a loop, past its deadline': {
    ...LOOP,
    limits: { slice: '1ms', deadline: '500ms' },
    end: async () => undefined,
  },
  'asleep, closed': { guest: 'clocks', line: 'sleep 3600000000000', limits: { slice: '1ms' }, end: close },
  'asleep and not metered, closed': { guest: 'clocks', line: 'sleep 3600000000000', limits: {}, end: close },
  'asleep and not metered, past its deadline': {
    guest: 'clocks',
    line: 'sleep 3600000000000',
    limits: { deadline: '500ms' },
    end: async () => undefined,
  },
};

const CASES = WASI_VERSIONS.flatMap(([version, kind]) =>
  Object.keys(ENDS).map((name) => [version, name, kind] as const),
);

test.each(CASES)('WASI %s: %s', { timeout: 60_000 }, async (_version, name, kind) => {
  const { guest, line, limits, end } = ENDS[name] as End;
  const runAll = async (count: number): Promise<void> => {
    const runs = Array.from({ length: count }, async (_, index) => {
      const { instance } = await openGuest(guest, kind, {
        line,
        grant: { limits, clocks: { monotonic: { resolution: '1ms' } } },
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
