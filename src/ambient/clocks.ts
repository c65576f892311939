/** Longest delay of a Node.js timer; a longer one would fire at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** Nanoseconds of a steady clock with an arbitrary start. */
export function monotonicNow(): number {
  return Math.floor(performance.now() * 1e6);
}

/** Milliseconds since the Unix epoch, with a fraction; follows changes of the system's clock. */
export function wallNow(): number {
  return Date.now();
}

/**
 * Resolves after at least `nanoseconds`, in steps that a timer can hold. When `signal` ends first the timer is
 * cleared and the promise stays pending: its guest is gone and must not be resumed.
 */
export function sleep(nanoseconds: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  if (signal.aborted) return promise;
  const end = performance.now() + nanoseconds / 1e6;
  let timer: NodeJS.Timeout | undefined;
  const stop = (): void => clearTimeout(timer);
  const step = (): void => {
    const left = end - performance.now();
    if (left <= 0) {
      signal.removeEventListener('abort', stop);
      resolve();
    } else {
      timer = setTimeout(step, Math.min(Math.ceil(left), MAX_TIMER_MS));
    }
  };
  signal.addEventListener('abort', stop, { once: true });
  step();
  return promise;
}
