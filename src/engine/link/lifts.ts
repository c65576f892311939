import { costOfLift, MAX_CALL_BYTES, trapPastLift } from '../../../shims/canonical-abi/lift-budget.ts';
import { trap } from '../../../shims/trap.ts';

/**
 * What the glue of one instance may still lift in a call, as `$lifts` (bound-lifts.ts). Each instance has its own: a budget is
 * full before the guest is called, but other instances may run until its result is lifted.
 */
export class Lifts {
  #left: number = MAX_CALL_BYTES;
  readonly #limited: (limit: string, value: number) => void;

  /** @param limited puts a passed bound on record */
  constructor(limited: (limit: string, value: number) => void) {
    this.#limited = limited;
  }

  /** Before the first value of a call is lifted. */
  start(): void {
    this.#left = MAX_CALL_BYTES;
  }

  /** @param count of values that hold these bytes */
  spend(bytes: number, count: number): void {
    this.#left -= costOfLift(bytes, count);
    trapPastLift(this, bytes, this.#left);
  }

  /** Ends the guest. */
  trapAtLimit(limit: string, value: number, reason: string): never {
    this.#limited(limit, value);
    trap(reason);
  }
}
