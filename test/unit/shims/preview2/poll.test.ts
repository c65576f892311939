import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test, vi } from 'vitest';
import { GuestTrap } from '../../../../src/virtual/host.ts';
import type { InputStream } from '../../../../src/virtual/io/streams.ts';
import { type TestHostOptions, testHost } from '../../../support/host.ts';
import { Caller } from './caller.ts';

const MS = 1_000_000n;
const U64_MAX = -1n;

function clocked(options: TestHostOptions = {}): {
  caller: Caller;
  abort: AbortController;
  readonly after: (duration: bigint) => number;
  readonly poll: (...handles: number[]) => { result: number; answer: unknown };
} {
  const { host, abort } = testHost(options);
  const caller = new Caller(host);
  return {
    caller,
    abort,
    after: (duration) => caller.call('wasi:clocks/monotonic-clock#subscribe-duration', duration) as number,
    poll(...handles) {
      const list = caller.allocate(handles.length * 4, 4);
      for (const [i, handle] of handles.entries()) caller.view.setUint32(list + i * 4, handle, true);
      const result = caller.allocate(8);
      return { result, answer: caller.call('wasi:io/poll#poll', list, handles.length, result) };
    },
  };
}

function indices(caller: Caller, result: number): number[] {
  const [list, count] = [caller.u32(result), caller.u32(result + 4)];
  return Array.from({ length: count }, (_, i) => caller.u32(list + i * 4));
}

describe('timers', () => {
  test('are ready when their time has come, not before', async () => {
    const { caller, after } = clocked();
    const handle = after(20n * MS);
    expect(caller.call('wasi:io/poll#[method]pollable.ready', handle)).toBe(0);
    const start = performance.now();
    await caller.call('wasi:io/poll#[method]pollable.block', handle);
    expect(performance.now() - start).toBeGreaterThan(19);
    expect(caller.call('wasi:io/poll#[method]pollable.ready', handle)).toBe(1);
    expect(caller.call('wasi:io/poll#[method]pollable.block', handle)).toBeUndefined();
  });

  test.each([
    ['u64::MAX', U64_MAX],
    ['25 days', 25n * 86_400n * 1000n * MS],
  ])('of %s do not fire at once', async (_name, duration) => {
    const { caller, after, abort } = clocked();
    const handle = after(duration);
    const waiting = caller.call('wasi:io/poll#[method]pollable.block', handle) as Promise<void>;
    expect(await Promise.race([waiting.then(() => 'fired'), delay(30, 'still waiting')])).toBe(
      'still waiting',
    );
    abort.abort();
    await expect(waiting).rejects.toThrow(GuestTrap);
  });

  test('of instants in the past are ready', () => {
    const { caller } = clocked();
    const handle = caller.call('wasi:clocks/monotonic-clock#subscribe-instant', 0n) as number;
    expect(caller.call('wasi:io/poll#[method]pollable.ready', handle)).toBe(1);
  });

  test('jump in virtual time', () => {
    const { caller, after } = clocked({ clocks: 'virtual' });
    const now = (): bigint => caller.call('wasi:clocks/monotonic-clock#now') as bigint;
    expect(now()).toBe(0n);
    expect(caller.call('wasi:io/poll#[method]pollable.block', after(3_600_000n * MS))).toBeUndefined();
    expect(now()).toBe(3_600_000n * MS);
  });

  test('end when the clock is fixed and never moves', () => {
    const { caller, after } = clocked({ clocks: 'fixed' });
    const handle = after(5n * MS);
    expect(caller.call('wasi:io/poll#[method]pollable.ready', handle)).toBe(0);
    expect(caller.call('wasi:io/poll#[method]pollable.block', handle)).toBeUndefined();
    expect(caller.call('wasi:io/poll#[method]pollable.ready', handle)).toBe(1);
    expect(caller.call('wasi:clocks/monotonic-clock#now')).toBe(0n);
  });
});

describe('poll', () => {
  test('answers the indices of all that are ready', async () => {
    const { caller, after, poll } = clocked();
    const [long, short, shorter] = [after(60_000n * MS), after(15n * MS), after(10n * MS)];
    const { result, answer } = poll(long, short, short, shorter);
    await answer;
    expect(indices(caller, result)).toContain(3);
    expect(indices(caller, result)).not.toContain(0);
    await caller.call('wasi:io/poll#[method]pollable.block', short);
    const again = poll(long, short, short, shorter);
    expect(again.answer).not.toBeInstanceOf(Promise);
    expect(indices(caller, again.result)).toEqual([1, 2, 3]);
  });

  test('wakes for a stream before a timer', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const { caller, after, poll } = clocked({
      stdin: (async function* () {
        await promise;
        yield 'input';
      })(),
    });
    const stdin = caller.call('wasi:cli/stdin#get-stdin') as number;
    const readable = caller.call('wasi:io/streams#[method]input-stream.subscribe', stdin) as number;
    const stdout = caller.call('wasi:cli/stdout#get-stdout') as number;
    const writable = caller.call('wasi:io/streams#[method]output-stream.subscribe', stdout) as number;
    const { result, answer } = poll(after(60_000n * MS), readable);
    resolve();
    await answer;
    expect(indices(caller, result)).toEqual([1]);
    const both = poll(writable, readable);
    expect(indices(caller, both.result)).toEqual([0, 1]);
  });

  test('in virtual time the earliest timer wins over a silent stream', () => {
    const { caller, after, poll } = clocked({ clocks: 'virtual', stdin: silent() });
    const stdin = caller.call('wasi:cli/stdin#get-stdin') as number;
    const readable = caller.call('wasi:io/streams#[method]input-stream.subscribe', stdin) as number;
    const { result, answer } = poll(readable, after(9n * MS), after(5n * MS));
    expect(answer).not.toBeInstanceOf(Promise);
    expect(indices(caller, result)).toEqual([2]);
    expect(caller.call('wasi:clocks/monotonic-clock#now')).toBe(5n * MS);
  });

  test('traps on an empty list, a bad handle, and a list out of bounds', () => {
    const { caller, after, poll } = clocked();
    expect(() => poll()).toThrow(GuestTrap);
    expect(() => poll(after(1n), 99)).toThrow(GuestTrap);
    expect(() => caller.call('wasi:io/poll#poll', 0, 0x4000_0000, 16)).toThrow(GuestTrap);
    expect(() => caller.call('wasi:io/poll#poll', 2, 1, 16)).toThrow(GuestTrap);
  });

  test('traps on a list longer than there can be handles', () => {
    const { caller, after } = clocked({ limits: { handles: 10 } });
    const handle = after(0n);
    const list = caller.allocate(44, 4);
    for (let i = 0; i < 11; i++) caller.view.setUint32(list + i * 4, handle, true);
    caller.call('wasi:io/poll#poll', list, 10, 16);
    expect(() => caller.call('wasi:io/poll#poll', list, 11, 16)).toThrow(GuestTrap);
  });

  test('that a guest repeats leaves nothing behind with the stream that stays silent', async () => {
    const { host } = testHost();
    const never = new Promise<void>(() => undefined);
    const then = vi.spyOn(never, 'then');
    const stream: InputStream = {
      failure: 0,
      readInto: () => 0,
      ready: () => false,
      wait: () => never,
      close: () => undefined,
    };
    const caller = new Caller({ ...host, stdin: stream });
    const stdin = caller.call('wasi:cli/stdin#get-stdin') as number;
    const readable = caller.call('wasi:io/streams#[method]input-stream.subscribe', stdin) as number;
    for (let i = 0; i < 5; i++) {
      const timer = caller.call('wasi:clocks/monotonic-clock#subscribe-duration', MS) as number;
      const list = caller.allocate(8, 4);
      caller.view.setUint32(list, readable, true);
      caller.view.setUint32(list + 4, timer, true);
      await caller.call('wasi:io/poll#poll', list, 2, caller.allocate(8));
      caller.context.drop('pollable', timer);
    }
    expect(then).toHaveBeenCalledOnce();
  });
});

function silent(): AsyncIterable<string> {
  return { [Symbol.asyncIterator]: () => ({ next: () => new Promise<never>(() => undefined) }) };
}
