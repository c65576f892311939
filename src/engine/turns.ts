/** Calls into one instance, one at a time, in the order in which they came. */
export class Turns {
  readonly #waiting = new Set<() => void>();
  readonly #idle: (() => void)[] = [];
  #taken = false;

  get taken(): boolean {
    return this.#taken;
  }

  /** Calls that wait. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** @returns false when it is somebody's turn */
  tryTake(): boolean {
    if (this.#taken) return false;
    return (this.#taken = true);
  }

  /** Resolves when it is the caller's turn; rejects with the reason of `signal`, which leaves the line then. */
  take(signal: AbortSignal | undefined): Promise<void> | undefined {
    signal?.throwIfAborted();
    if (this.tryTake()) return undefined;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const leave = (): void => {
      this.#waiting.delete(enter);
      reject(signal?.reason);
    };
    const enter = (): void => {
      signal?.removeEventListener('abort', leave);
      resolve();
    };
    signal?.addEventListener('abort', leave, { once: true });
    this.#waiting.add(enter);
    return promise;
  }

  /** Ends the caller's turn; the next one's begins at once. */
  release(): void {
    const [next] = this.#waiting;
    if (next !== undefined) {
      this.#waiting.delete(next);
      next();
      return;
    }
    this.#taken = false;
    for (const resolve of this.#idle.splice(0)) resolve();
  }

  /** Resolves when nobody has a turn and nobody waits for one. */
  idle(): Promise<void> {
    return this.#taken ? new Promise((resolve) => this.#idle.push(resolve)) : Promise.resolve();
  }
}
