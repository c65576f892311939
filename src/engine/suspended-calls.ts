import { uncatchable } from './uncatchable.ts';

/** Ends a call of the host that a guest waits for. */
export type RejectCall = (reason: unknown) => void;

/**
 * Calls of the host that the guests of an instance wait for. When the instance ends, they end with a trap: V8 keeps the stack of a
 * guest, and all that it refers to, until it is resumed.
 */
export class SuspendedCalls {
  readonly #calls = new Set<RejectCall>();
  readonly #enter: (job: () => void) => void;
  #ended = false;

  /** @param enter how the guest's stacks are entered */
  constructor(enter: (job: () => void) => void = (job) => job()) {
    this.#enter = enter;
  }

  add(reject: RejectCall): void {
    this.#calls.add(reject);
    // Whoever waits when the instance has ended already is not on the list that was gone through.
    if (this.#ended) this.end();
  }

  delete(reject: RejectCall): void {
    this.#calls.delete(reject);
  }

  end(): void {
    this.#ended = true;
    // Whoever called the guest is told first how it ended.
    if (this.#calls.size > 0) setImmediate(() => this.#endAll());
  }

  #endAll(): void {
    for (const reject of this.#calls) this.#enter(() => reject(uncatchable()));
    this.#calls.clear();
  }
}
