import { milliseconds } from './durations.ts';

/** A bound on one phase of an exchange. */
export class Timer {
  #timeout: ReturnType<typeof setTimeout> | undefined;

  /** @param nanoseconds undefined: no bound */
  start(nanoseconds: number | undefined, onElapsed: () => void): void {
    this.stop();
    if (nanoseconds !== undefined) this.#timeout = setTimeout(onElapsed, milliseconds(nanoseconds));
  }

  /** Starts anew, also when it has elapsed. */
  refresh(): void {
    this.#timeout?.refresh();
  }

  stop(): void {
    clearTimeout(this.#timeout);
    this.#timeout = undefined;
  }
}
