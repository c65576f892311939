/** What a worker in which a guest broke out of its walls may say of instances. */
import { expect, it } from 'vitest';
import { InstanceCounts } from '../../../src/engine/instance-counts.ts';
import type { StartOutcome } from '../../../src/index.ts';
import type { Usage } from '../../../src/index.ts';

const USAGE: Usage = {
  wallTime: 1,
  cpuTime: 1,
  fuel: 1,
  calls: 1,
  memory: 1,
  denials: 1,
  handles: 1,
  handlesPeak: 1,
  fileBytesRead: 1,
  fileBytesWritten: 1,
  networkBytesSent: 1,
  networkBytesReceived: 1,
  stdinBytes: 1,
  stdoutBytes: 1,
  stderrBytes: 1,
  randomBytes: 1,
};

it('numbers that are none, or would make less of a sum, count nothing', () => {
  const counts = new InstanceCounts({});
  for (const fuel of ['12', Number.NaN, Infinity, -5, undefined, null, {}] as unknown as number[]) {
    const count = counts.start('a');
    count.open();
    count.watch(() => ({ ...USAGE, memory: fuel, handles: fuel }));
    expect(counts.read()).toMatchObject([{ live: 1, memory: 0, handles: 0 }]);
    count.end({ kind: 'exit', code: 0 }, { ...USAGE, fuel });
  }
  expect(counts.read()).toMatchObject([{ fuel: 0, calls: 7, live: 0, started: 7 }]);
});

it('ends of any name do not fill the memory', () => {
  const counts = new InstanceCounts({});
  counts.start('a').end({ kind: 'limit', limit: 'limits.fuel', value: 1 });
  for (let i = 0; i < 1000; i++) {
    counts.start('a').end({ kind: 'limit', limit: `${i}`.padEnd(1000, 'x'), value: 1 });
    counts.start('a').end({ kind: 'limit', limit: i, value: 1 } as unknown as StartOutcome);
    counts.start('a').end({ kind: `kind ${i}` } as unknown as StartOutcome);
  }
  counts.start('a').end({ kind: 'limit', limit: 'limits.fuel', value: 1 });
  const [tenant] = counts.read();
  const ended = tenant?.ended ?? [];
  expect(tenant?.started).toBe(3002);
  expect(ended.length).toBeLessThanOrEqual(65);
  expect(Math.max(...ended.map(({ limit }) => limit?.length ?? 0))).toBe(64);
  expect(ended.reduce((sum, { count }) => sum + count, 0)).toBe(3002);
  expect(ended.find(({ limit }) => limit === 'limits.fuel')?.count).toBe(2);
  expect(ended.find(({ outcome }) => outcome === 'host-error')?.count).toBe(1000);
});

it('an instance ends once', () => {
  const counts = new InstanceCounts({});
  const count = counts.start('a');
  count.open();
  count.end({ kind: 'trap', reason: 'unreachable' }, USAGE);
  count.end({ kind: 'cancelled' }, USAGE);
  expect(counts.read()).toMatchObject([{ started: 1, live: 0, calls: 1, ended: [{ outcome: 'trap' }] }]);
});
