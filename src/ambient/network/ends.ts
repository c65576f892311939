/** What one stack has open or under way, so that all of it ends with the stack. */
export class Ends {
  readonly #ends = new Set<() => void>();
  #ended = false;
  /** Connections that nobody has any more and that still send what was written. */
  lingering = 0;

  get ended(): boolean {
    return this.#ended;
  }

  /** @param end called when the stack closes, unless it was taken back */
  add(end: () => void): void {
    this.#ends.add(end);
  }

  delete(end: () => void): void {
    this.#ends.delete(end);
  }

  all(): void {
    this.#ended = true;
    for (const end of this.#ends) end();
    this.#ends.clear();
  }

  /**
   * Settles as `work` does, and at once, as a failure, when `signal` or the stack ends before; what comes of `work` later is
   * ignored then.
   *
   * @param onEnd ends what is under way
   */
  race<T>(work: Promise<T>, signal: AbortSignal, failure: () => Error, onEnd?: () => void): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const end = (): void => {
        release();
        onEnd?.();
        reject(failure());
      };
      const release = (): void => {
        signal.removeEventListener('abort', end);
        this.delete(end);
      };
      work.then(
        (value) => {
          release();
          resolve(value);
        },
        (error: unknown) => {
          release();
          reject(error instanceof Error ? error : failure());
        },
      );
      if (signal.aborted || this.#ended) return end();
      signal.addEventListener('abort', end);
      this.add(end);
    });
  }
}
