/** Bounds how many requests are at work at one time, and how many wait for it, in the order in which they came. */
export class Slots {
  readonly #waiting = new Set<() => void>();
  readonly #maxWaiting: number;
  #left: number;

  constructor(count: number, maxWaiting: number) {
    this.#left = count;
    this.#maxWaiting = maxWaiting;
  }

  /** @returns false when there is none now */
  tryTake(): boolean {
    if (this.#left === 0) return false;
    this.#left--;
    return true;
  }

  /**
   * @param signal ends the wait
   * @returns a promise of whether there is a slot for the caller; false at once when too many wait already
   */
  take(signal: AbortSignal): Promise<boolean> | boolean {
    if (this.tryTake()) return true;
    if (this.#waiting.size >= this.#maxWaiting) return false;
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const leave = (): void => {
      this.#waiting.delete(enter);
      resolve(false);
    };
    const enter = (): void => {
      signal.removeEventListener('abort', leave);
      resolve(true);
    };
    signal.addEventListener('abort', leave, { once: true });
    this.#waiting.add(enter);
    return promise;
  }

  release(): void {
    const [next] = this.#waiting;
    if (next === undefined) this.#left++;
    else {
      this.#waiting.delete(next);
      next();
    }
  }
}
