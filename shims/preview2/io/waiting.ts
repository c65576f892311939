import { GuestTrap, type Host } from '../../../src/virtual/host.ts';
import { onReady } from '../../on-ready.ts';
import { type Pollable, StreamPollable, TimerPollable } from './pollable.ts';

/**
 * Waits until one of `pollables` is ready or the instance ends.
 *
 * @returns undefined when one is ready now, or became ready because virtual time jumped
 */
export function untilAnyReady(host: Host, pollables: readonly Pollable[]): Promise<void> | undefined {
  if (pollables.some((pollable) => pollable.ready())) return undefined;
  const timers = pollables.filter((pollable) => pollable instanceof TimerPollable);
  const earliest = timers.reduce<TimerPollable | undefined>(
    (a, b) => (a === undefined || b.instant < a.instant ? b : a),
    undefined,
  );
  // A lone timer ends its wait itself, or the instance's own signal does.
  const stopTimer = earliest !== undefined && pollables.length > 1 ? new AbortController() : undefined;
  const slept = earliest && host.clocks.sleep(Math.max(1, earliest.left()), stopTimer?.signal);
  if (earliest !== undefined && slept === undefined) {
    elapse(timers, earliest.instant);
    return undefined;
  }
  return wait(host, pollables, { timers, earliest, slept, stopTimer });
}

interface ArmedTimer {
  readonly timers: readonly TimerPollable[];
  readonly earliest: TimerPollable | undefined;
  readonly slept: Promise<void> | undefined;
  readonly stopTimer: AbortController | undefined;
}

async function wait(host: Host, pollables: readonly Pollable[], timer: ArmedTimer): Promise<void> {
  const { promise: woken, resolve } = Promise.withResolvers<void>();
  const wake = (): void => resolve();
  const { earliest, slept, timers, stopTimer } = timer;
  void slept?.then(() => {
    if (earliest !== undefined) elapse(timers, earliest.instant);
    return wake();
  });
  const listening = pollables.flatMap((pollable) =>
    pollable instanceof StreamPollable ? [onReady(pollable.stream, wake)] : [],
  );
  host.signal.addEventListener('abort', wake, { once: true });
  try {
    if (!host.signal.aborted) await woken;
  } finally {
    host.signal.removeEventListener('abort', wake);
    stopTimer?.abort();
    for (const stop of listening) stop();
  }
  if (host.signal.aborted) throw new GuestTrap('the instance was closed while it waited');
}

/** A wait that ends at `instant` makes every timer up to it ready, whatever the guest's clock shows. */
function elapse(timers: readonly TimerPollable[], instant: number): void {
  for (const timer of timers) if (timer.instant <= instant) timer.elapse();
}
