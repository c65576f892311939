/** Wakes those who wait for a change; costs nothing while nobody does. */
export class Signals {
  #waiting: PromiseWithResolvers<void> | undefined;

  /** Settles at the next {@link wake}. */
  next(): Promise<void> {
    return (this.#waiting ??= Promise.withResolvers()).promise;
  }

  wake(): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.resolve();
  }
}

/** Settles when `ready` answers true; undefined: it does now. */
export function waitUntil(changes: Signals, ready: () => boolean): Promise<void> | undefined {
  return ready() ? undefined : untilReady(changes, ready);
}

async function untilReady(changes: Signals, ready: () => boolean): Promise<void> {
  while (!ready()) await changes.next();
}

/**
 * One wait for all who wait for the same: a guest that polls something silent again and again, each time for a moment, leaves
 * nothing behind.
 */
export class SharedWait {
  readonly #ready: () => boolean;
  readonly #change: () => Promise<unknown>;
  #waiting: Promise<void> | undefined;

  /** @param change settles at the next change of any kind */
  constructor(ready: () => boolean, change: () => Promise<unknown>) {
    this.#ready = ready;
    this.#change = change;
  }

  /** Settles when it is ready; undefined: it is now. */
  wait(): Promise<void> | undefined {
    if (this.#ready()) return undefined;
    return (this.#waiting ??= this.#untilReady());
  }

  async #untilReady(): Promise<void> {
    while (!this.#ready()) await this.#change();
    this.#waiting = undefined;
  }
}
