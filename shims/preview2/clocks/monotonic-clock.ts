import type { Lowerings } from '../abi/lowering.ts';
import type { Context } from '../context.ts';
import type { Pollable } from '../io/poll.ts';
import { TimerPollable } from '../io/pollable.ts';
import type { Bindings } from '../plain/resource.ts';

/** wasi:clocks/monotonic-clock */
export interface MonotonicClock {
  readonly now: () => bigint;
  readonly resolution: () => bigint;
  readonly subscribeInstant: (when: bigint) => Pollable;
  readonly subscribeDuration: (when: bigint) => Pollable;
}

export function monotonicClock(bindings: Bindings): MonotonicClock {
  const { context } = bindings;
  const { monotonic } = context.host.clocks;
  return {
    // now: func() -> instant
    now: () => monotonic.nowU64(),
    // resolution: func() -> duration
    resolution: () => BigInt(monotonic.resolution),
    // subscribe-instant: func(when: instant) -> pollable
    subscribeInstant: (when) => bindings.make('pollable', timer(context, toNumber(when))),
    // subscribe-duration: func(when: duration) -> pollable
    subscribeDuration: (when) => bindings.make('pollable', timer(context, monotonic.now() + toNumber(when))),
  };
}

export const monotonicClockLowerings: Lowerings = {
  now: {
    lower:
      ({ host }) =>
      (): bigint =>
        host.clocks.monotonic.nowU64(),
  },
  resolution: {
    lower:
      ({ host }) =>
      (): bigint =>
        BigInt(host.clocks.monotonic.resolution),
  },
  'subscribe-instant': {
    resources: ['pollable'],
    lower:
      (context, { handles }) =>
      (when: bigint): number =>
        handles.pollable.add(timer(context, toNumber(when))),
  },
  'subscribe-duration': {
    resources: ['pollable'],
    lower:
      (context, { handles }) =>
      (when: bigint): number =>
        handles.pollable.add(timer(context, context.host.clocks.monotonic.now() + toNumber(when))),
  },
};

function timer(context: Context, instant: number): TimerPollable {
  context.takeHandle('monotonic-clock', 'pollable');
  return new TimerPollable(context.host.clocks, instant);
}

/** Beyond 2^53 nanoseconds (104 days) an instant may be rounded, but it never gets near. */
function toNumber(nanoseconds: bigint): number {
  return Number(BigInt.asUintN(64, nanoseconds));
}
