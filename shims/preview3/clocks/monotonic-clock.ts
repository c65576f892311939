import type { HostInterface, Implements, Pending } from '../../canonical-abi/host-function.ts';
import type { Context } from '../context.ts';
import type { ClocksMonotonicClock } from '../wit.ts';

/** wasi:clocks/monotonic-clock */
export const monotonicClock: HostInterface<Context> = {
  functions: {
    // now: func() -> mark
    now: ({ host }) => host.clocks.monotonic.nowU64(),
    // get-resolution: func() -> duration
    'get-resolution': ({ host }) => BigInt(host.clocks.monotonic.resolution),
    // wait-until: async func(when: mark)
    'wait-until': {
      waits: (context, when) => waitUntil(context, context.host.clocks.monotonic.now(), Number(when)),
    },
    // wait-for: async func(how-long: duration)
    'wait-for': {
      waits: (context, howLong) => {
        const now = context.host.clocks.monotonic.now();
        return waitUntil(context, now, now + Number(howLong));
      },
    },
  } satisfies Implements<ClocksMonotonicClock, Context>,
  resources: {},
};

/**
 * @param now is read once: were it read again, a wait of some time would be none on a machine that stands still meanwhile
 * @param mark beyond 2^53 nanoseconds (104 days) it may be rounded, but it never gets near
 */
function waitUntil({ host }: Context, now: number, mark: number): void | Pending<void> {
  const { clocks } = host;
  const { monotonic } = clocks;
  // A clock that shows coarse time shows the mark only when its next step is due.
  const left = Math.ceil(mark / monotonic.resolution) * monotonic.resolution - now;
  if (left <= 0) return breathe(host.clocks.breather());
  const stop = new AbortController();
  const slept = clocks.sleep(left, stop.signal);
  if (slept === undefined) return breathe(clocks.breather());
  return { promise: slept, cancel: () => stop.abort() };
}

/** A wait that is over at once, save that a guest which only waits gives others a turn now and then. */
function breathe(pause: Promise<void> | undefined): void | Pending<void> {
  // It is over in a moment: its timer may as well run out.
  return pause && { promise: pause, cancel: () => undefined };
}
