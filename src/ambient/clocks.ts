// Imported, not global: the globals are accessors, which a clock that is read in loops feels.
import { performance } from 'node:perf_hooks';
import { hrtime } from 'node:process';

/** Longest delay of a Node.js timer; a longer one would fire at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** Nanoseconds of a steady clock with an arbitrary start; the fastest reading that Node.js has. */
export function monotonicU64(): bigint {
  return hrtime.bigint();
}

/** The same as a number. */
export function monotonicNow(): number {
  return Number(hrtime.bigint());
}

/** Milliseconds since the Unix epoch; follows changes of the system's clock. */
export function wallNow(): number {
  return Date.now();
}

/**
 * Resolves after at least `nanoseconds`, in a later turn of the event loop, in steps that a timer can hold. When
 * one of `signals` ends first the timer is cleared and the promise stays pending: its guest is gone and must not be resumed.
 */
export function sleep(nanoseconds: number, ...signals: readonly AbortSignal[]): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  if (signals.some((signal) => signal.aborted)) return promise;
  const end = performance.now() + nanoseconds / 1e6;
  let timer: NodeJS.Timeout | undefined;
  const forget = (): void => {
    for (const signal of signals) signal.removeEventListener('abort', stop);
  };
  const stop = (): void => {
    clearTimeout(timer);
    forget();
  };
  const wait = (milliseconds: number): void => {
    timer = setTimeout(step, Math.min(Math.ceil(milliseconds), MAX_TIMER_MS));
  };
  const step = (): void => {
    const left = end - performance.now();
    if (left > 0) return wait(left);
    forget();
    resolve();
  };
  for (const signal of signals) signal.addEventListener('abort', stop);
  // Through a timer however short: a guest that sleeps a nanosecond in a loop must let the event loop go on.
  wait(nanoseconds / 1e6);
  return promise;
}
