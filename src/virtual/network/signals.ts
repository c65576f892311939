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
