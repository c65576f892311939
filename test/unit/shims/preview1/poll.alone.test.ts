import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import { Errno } from '../../../../shims/preview1/errno.ts';
import type { InputStream } from '../../../../src/virtual/io/streams.ts';
import { testHost } from '../../../support/host.ts';
import { MAX_U32, OUTSIDE, PREOPEN, Shim } from './harness.ts';

type Subscription =
  | { readonly clock: number; readonly timeout: bigint; readonly absolute?: boolean }
  | { readonly read: number }
  | { readonly write: number };

interface PolledEvent {
  readonly userdata: bigint;
  readonly errno: number;
  readonly type: number;
  readonly bytes: bigint;
}

const MONOTONIC = 1;
const REALTIME = 0;

/** Calls poll_oneoff; the userdata of a subscription is its position. */
async function poll(shim: Shim, ...subscriptions: readonly Subscription[]): Promise<PolledEvent[] | number> {
  const input = shim.room(subscriptions.length * 48);
  const output = shim.room(subscriptions.length * 32);
  const count = shim.room(4);
  for (const [i, subscription] of subscriptions.entries())
    putSubscription(shim.view, input + i * 48, BigInt(i), subscription);
  const errno = await shim.call.poll_oneoff(input, output, subscriptions.length, count);
  if (errno !== 0) return errno;
  return Array.from({ length: shim.u32(count) }, (_, i) => {
    const at = output + i * 32;
    return {
      userdata: shim.u64(at),
      errno: shim.view.getUint16(at + 8, true),
      type: shim.bytes[at + 10] ?? -1,
      bytes: shim.u64(at + 16),
    };
  });
}

function putSubscription(view: DataView, at: number, userdata: bigint, subscription: Subscription): void {
  view.setBigUint64(at, userdata, true);
  if ('clock' in subscription) {
    view.setUint8(at + 8, 0);
    view.setUint32(at + 16, subscription.clock, true);
    view.setBigUint64(at + 24, subscription.timeout, true);
    view.setUint16(at + 40, subscription.absolute === true ? 1 : 0, true);
  } else {
    view.setUint8(at + 8, 'read' in subscription ? 1 : 2);
    view.setUint32(at + 16, 'read' in subscription ? subscription.read : subscription.write, true);
  }
}

const timer = (userdata: bigint): PolledEvent => ({ userdata, errno: 0, type: 0, bytes: 0n });

/** Input that never comes. */
const silence = { [Symbol.asyncIterator]: () => ({ next: () => new Promise<never>(() => undefined) }) };

describe('clocks', () => {
  it('waits as long as it is told, by the real clock', async () => {
    const start = performance.now();
    expect(await poll(new Shim(), { clock: MONOTONIC, timeout: 20_000_000n })).toEqual([timer(0n)]);
    expect(performance.now() - start).toBeGreaterThanOrEqual(20);
  });

  it('answers the shortest of several', async () => {
    const shim = new Shim();
    const long = 3_600_000_000_000n;
    const events = await poll(
      shim,
      { clock: MONOTONIC, timeout: long },
      { clock: REALTIME, timeout: 1_000_000n },
    );
    expect(events).toEqual([timer(1n)]);
  });

  it('waits for absolute times on both clocks', async () => {
    const shim = new Shim();
    const { monotonic, wall } = shim.test.host.clocks;
    const start = performance.now();
    const at = BigInt(monotonic.now()) + 15_000_000n;
    expect(await poll(shim, { clock: MONOTONIC, timeout: at, absolute: true })).toEqual([timer(0n)]);
    wall.read();
    const then = BigInt(wall.seconds) * 1_000_000_000n + BigInt(wall.nanoseconds) + 15_000_000n;
    expect(await poll(shim, { clock: REALTIME, timeout: then, absolute: true })).toEqual([timer(0n)]);
    expect(performance.now() - start).toBeGreaterThanOrEqual(25);
  });

  it('does not wait for times that have passed', async () => {
    const shim = new Shim();
    const events = await poll(
      shim,
      { clock: REALTIME, timeout: 1n, absolute: true },
      { clock: MONOTONIC, timeout: 0n, absolute: true },
      { clock: MONOTONIC, timeout: 0n },
    );
    expect(events).toEqual([timer(0n), timer(1n), timer(2n)]);
  });

  it.each([2n ** 31n * 1_000_000n, 2n ** 63n, 2n ** 64n - 1n])(
    'is still waiting for %i nanoseconds after a while',
    async (timeout) => {
      const shim = new Shim();
      let answered = false;
      void poll(shim, { clock: MONOTONIC, timeout }).then(() => (answered = true));
      await new Promise((resolve) => setTimeout(resolve, 30));
      expect(answered).toBe(false);
      shim.test.abort.abort();
      await turn();
      expect(answered).toBe(false);
    },
  );

  it('makes virtual time jump without a wait', async () => {
    const shim = new Shim({ clocks: 'virtual', at: 5n });
    const start = performance.now();
    expect(await poll(shim, { clock: MONOTONIC, timeout: 3_600_000_000_000n })).toEqual([timer(0n)]);
    expect(performance.now() - start).toBeLessThan(1000);
    expect(shim.test.host.clocks.monotonic.now()).toBe(3_600_000_000_000);
  });

  it('ends a wait on clocks that stand still', async () => {
    const shim = new Shim({ clocks: 'fixed', at: 5n });
    expect(await poll(shim, { clock: MONOTONIC, timeout: 1_000n, absolute: true })).toEqual([timer(0n)]);
  });

  it('answers an event with an error for a clock that does not exist', async () => {
    const events = await poll(new Shim(), { clock: 2, timeout: 10n ** 12n }, { clock: 99, timeout: 0n });
    expect(events).toEqual([
      { ...timer(0n), errno: Errno.inval },
      { ...timer(1n), errno: Errno.inval },
    ]);
  });
});

describe('file descriptors', () => {
  it('has files ready at once, with what is left to read', async () => {
    const shim = new Shim({ mounts: [{ path: '/', content: { file: 'content' } }] });
    const fd = shim.open('file');
    shim.call.fd_seek(fd, 3n, 0, shim.room(8));
    const hour = { clock: MONOTONIC, timeout: 3_600_000_000_000n };
    expect(await poll(shim, hour, { read: fd }, { write: fd })).toMatchObject([
      { userdata: 1n, errno: 0, type: 1, bytes: 4n },
      { userdata: 2n, errno: 0, type: 2 },
    ]);
    shim.call.fd_seek(fd, 100n, 0, shim.room(8));
    expect(await poll(shim, { read: fd })).toMatchObject([{ errno: 0, bytes: 0n }]);
  });

  it('has standard output ready, and input when something is there or it has ended', async () => {
    const shim = new Shim({ stdin: Buffer.from('input') });
    const events = await poll(shim, { write: 1 }, { read: 0 }, { write: 2 });
    expect(events).toMatchObject([
      { userdata: 0n, type: 2 },
      { userdata: 1n, type: 1 },
      { userdata: 2n, type: 2 },
    ]);
  });

  it('waits for input, and gives up at the timeout', async () => {
    const shim = new Shim({ stdin: silence });
    expect(await poll(shim, { read: 0 }, { clock: MONOTONIC, timeout: 5_000_000n })).toEqual([timer(1n)]);
  });

  it('wakes when input comes, and leaves no timer', async () => {
    async function* input(): AsyncGenerator<string> {
      await turn();
      yield 'x';
    }
    const shim = new Shim({ stdin: input() });
    const hour = { clock: MONOTONIC, timeout: 3_600_000_000_000n };
    const before = process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
    expect(await poll(shim, hour, { read: 0 })).toMatchObject([{ userdata: 1n, errno: 0, type: 1 }]);
    expect(process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length).toBe(before);
  });

  it('waits without a timeout, and goes on after the memory has grown', async () => {
    const waiting = Promise.withResolvers<IteratorResult<string>>();
    const shim = new Shim({ stdin: { [Symbol.asyncIterator]: () => ({ next: () => waiting.promise }) } });
    const events = poll(shim, { read: 0 }, { read: 0 });
    shim.memory.grow(1);
    waiting.resolve({ done: false, value: 'x' });
    expect(await events).toMatchObject([{ userdata: 0n }, { userdata: 1n }]);
  });

  it('leaves nothing behind with a stream that stays silent, however often it is polled', async () => {
    const { host } = testHost();
    const never = new Promise<void>(() => undefined);
    const then = vi.spyOn(never, 'then');
    const stdin: InputStream = {
      failure: 0,
      readInto: () => 0,
      ready: () => false,
      wait: () => never,
      close: () => undefined,
    };
    const shim = new Shim({}, { ...host, stdin });
    for (let i = 0; i < 5; i++)
      expect(await poll(shim, { read: 0 }, { clock: MONOTONIC, timeout: 1n })).toEqual([timer(1n)]);
    expect(then).toHaveBeenCalledOnce();
  });

  it('answers events with errors for what cannot be polled', async () => {
    const shim = new Shim();
    const events = await poll(
      shim,
      { read: 99 },
      { write: PREOPEN },
      { read: 1 },
      { write: 0 },
      { read: MAX_U32 },
    );
    expect(events).toMatchObject([0n, 1n, 2n, 3n, 4n].map((userdata) => ({ userdata, errno: Errno.badf })));
  });
});

describe('what is no poll', () => {
  it('has no subscriptions, or too many', () => {
    const { call } = new Shim();
    expect(call.poll_oneoff(1024, 1024, 0, 1024)).toBe(Errno.inval);
    expect(call.poll_oneoff(0, 0, MAX_U32, 1024)).toBe(Errno.inval);
  });

  it('lies outside of the memory', () => {
    const { call } = new Shim();
    expect(call.poll_oneoff(OUTSIDE - 47, 1024, 1, 2048)).toBe(Errno.fault);
    expect(call.poll_oneoff(1024, OUTSIDE - 31, 1, 2048)).toBe(Errno.fault);
    expect(call.poll_oneoff(1024, 2048, 1, OUTSIDE - 3)).toBe(Errno.fault);
    expect(call.poll_oneoff(1024, 2048, 60_000, 512)).toBe(Errno.fault);
  });

  it('has a tag or flag that does not exist', () => {
    const shim = new Shim();
    const input = shim.room(48);
    shim.bytes[input + 8] = 3;
    expect(shim.call.poll_oneoff(input, 2048, 1, 512)).toBe(Errno.inval);
    shim.bytes[input + 8] = 0;
    shim.bytes[input + 40] = 2;
    expect(shim.call.poll_oneoff(input, 2048, 1, 512)).toBe(Errno.inval);
  });

  it('writes its events over its subscriptions without harm to the host', async () => {
    const shim = new Shim();
    const at = shim.room(480);
    for (let i = 0; i < 10; i++) putSubscription(shim.view, at + i * 48, BigInt(i), { write: 1 });
    expect(await shim.call.poll_oneoff(at, at, 10, at)).toBeTypeOf('number');
  });
});

it('gives way now and then when it never waits', async () => {
  const shim = new Shim();
  let turns = 0;
  const count = (): void => void (turns++, setImmediate(count).unref());
  setImmediate(count).unref();
  const input = shim.room(48);
  putSubscription(shim.view, input, 0n, { clock: MONOTONIC, timeout: 0n });
  for (let i = 0; i < 1000; i++) {
    const answer = shim.call.poll_oneoff(input, 2048, 1, 512);
    if (typeof answer !== 'number') await answer;
  }
  expect(turns).toBeGreaterThan(5);
});
