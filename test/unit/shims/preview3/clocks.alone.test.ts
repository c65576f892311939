import { describe, expect, test } from 'vitest';
import type { Pending } from '../../../../shims/canonical-abi/host-function.ts';
import { instantOf, nanosecondsOf } from '../../../../shims/preview3/clocks/instant.ts';
import { testHost, type TestHostOptions } from '../../../support/host.ts';
import { Caller, isPending } from './caller.ts';

const U64_MAX = 2n ** 64n - 1n;
const MS = 1_000_000n;

const callerOf = (options: TestHostOptions): Caller => new Caller(testHost(options).host);
const now = (caller: Caller): bigint => caller.call('wasi:clocks/monotonic-clock#now') as bigint;
type Wait = undefined | Pending<void>;
const waitFor = (caller: Caller, ns: bigint): Wait =>
  caller.call('wasi:clocks/monotonic-clock#wait-for', ns) as Wait;
const waitUntil = (caller: Caller, mark: bigint): Wait =>
  caller.call('wasi:clocks/monotonic-clock#wait-until', mark) as Wait;

/** @returns timers of this process that are not over */
const timers = (): number => process.getActiveResourcesInfo().filter((each) => each === 'Timeout').length;

describe('the monotonic clock', () => {
  test('waits at least as long as was asked for', async () => {
    const caller = callerOf({ clocks: 'real' });
    const start = now(caller);
    const waiting = waitFor(caller, 3n * MS);
    if (!isPending(waiting)) return expect.fail('it did not wait');
    await waiting.promise;
    expect(now(caller) - start).toBeGreaterThanOrEqual(3n * MS);
    const mark = now(caller) + 2n * MS;
    await waitUntil(caller, mark)?.promise;
    expect(now(caller)).toBeGreaterThanOrEqual(mark);
  });

  test('answers at once for what is over', () => {
    const caller = callerOf({ clocks: 'real' });
    expect([waitFor(caller, 0n), waitUntil(caller, 0n), waitUntil(caller, now(caller))]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  test('gives the others a turn when a guest only waits for what is over', async () => {
    const caller = callerOf({ clocks: 'real' });
    const waits = Array.from({ length: 128 }, () => waitFor(caller, 0n)).filter((wait) => isPending(wait));
    expect(waits.length).toBeGreaterThanOrEqual(1);
    await Promise.all(waits.map(({ promise }) => promise));
  });

  test.each([U64_MAX, 2n ** 63n, (2n ** 31n + 1n) * MS])('does not wake early after %d ns', async (ns) => {
    const caller = callerOf({ clocks: 'real' });
    const waiting = waitFor(caller, ns);
    if (!isPending(waiting)) return expect.fail('it did not wait');
    const { promise: later, resolve } = Promise.withResolvers<string>();
    setTimeout(resolve, 20, 'later');
    expect(await Promise.race([waiting.promise.then(() => 'woke'), later])).toBe('later');
    waiting.cancel();
  });

  test('a wait that is cancelled leaves no timer', () => {
    const caller = callerOf({ clocks: 'real' });
    const before = timers();
    const waits = [waitFor(caller, 60_000n * MS), waitUntil(caller, U64_MAX)].filter((each) =>
      isPending(each),
    );
    expect([waits.length, timers()]).toEqual([2, before + 2]);
    for (const wait of waits) wait.cancel();
    expect(timers()).toBe(before);
  });

  test('a wait ends with the instance', () => {
    const before = timers();
    const { host, abort } = testHost({ clocks: 'real' });
    waitFor(new Caller(host), 60_000n * MS);
    expect(timers()).toBe(before + 1);
    abort.abort();
    expect(timers()).toBe(before);
  });

  test('virtual time jumps', () => {
    const caller = callerOf({ clocks: 'virtual' });
    expect([waitFor(caller, 5_000n * MS), now(caller)]).toEqual([undefined, 5_000n * MS]);
    expect([waitUntil(caller, 7_000n * MS), now(caller)]).toEqual([undefined, 7_000n * MS]);
  });

  test('says how fine it is', () => {
    expect(callerOf({ clocks: 'virtual' }).call('wasi:clocks/monotonic-clock#get-resolution')).toBe(1n);
  });

  test('stands still where it is not granted, on record', () => {
    const { host, records } = testHost({ clocks: 'absent' });
    const caller = new Caller(host);
    expect([now(caller), now(caller)]).toEqual([0n, 0n]);
    expect(records.map(({ kind, request }) => [kind, request.operation])).toEqual([
      ['denied', 'monotonic-clock'],
    ]);
  });
});

describe('the system clock', () => {
  test('shows the time that the policy says', () => {
    const caller = callerOf({ clocks: 'fixed', at: 1_700_000_000_123_456_789n });
    const instant = { seconds: 1_700_000_000n, nanoseconds: 123_456_789 };
    expect(caller.call('wasi:clocks/system-clock#now')).toEqual(instant);
    expect(caller.call('wasi:clocks/system-clock#get-resolution')).toBe(1n);
  });

  test('is 1970 where it is not granted, on record', () => {
    const { host, records } = testHost({ clocks: 'absent' });
    const instant = new Caller(host).call('wasi:clocks/system-clock#now');
    expect(instant).toEqual({ seconds: 0n, nanoseconds: 0 });
    expect(records.map(({ kind, request }) => [kind, request.operation])).toEqual([['denied', 'wall-clock']]);
  });
});

test.each([
  [0n, 0n, 0],
  [1n, 0n, 1],
  [1_999_999_999n, 1n, 999_999_999],
  [-1n, -1n, 999_999_999],
  [-1_000_000_000n, -1n, 0],
  [-1_000_000_001n, -2n, 999_999_999],
])('%d ns is the instant (%d, %d)', (ns, seconds, nanoseconds) => {
  expect(instantOf(ns)).toEqual({ seconds, nanoseconds });
  expect(nanosecondsOf({ seconds, nanoseconds })).toBe(ns);
});

test('it is UTC everywhere', () => {
  const caller = callerOf({});
  const name = (member: string, ...args: unknown[]): unknown =>
    caller.call(`wasi:clocks/timezone#${member}`, ...args);
  expect([name('iana-id'), name('to-debug-string')]).toEqual(['UTC', 'UTC']);
  expect(name('utc-offset', { seconds: 0n, nanoseconds: 0 })).toBe(0n);
});
