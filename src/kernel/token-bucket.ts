/** So much per period. */
export interface FlowRate {
  readonly amount: number;
  /** Nanoseconds. */
  readonly period: number;
}

/**
 * What flows in with time, up to one period's worth, and is taken as it is used. It may be overdrawn: what is known only
 * afterwards is taken then, and has to flow in before there is anything to take again.
 */
export class TokenBucket {
  readonly #rate: FlowRate;
  readonly #now: () => number;
  #left: number;
  /** When `#left` was right. */
  #at: number;

  /** @param now nanoseconds of a steady clock */
  constructor(rate: FlowRate, now: () => number) {
    this.#rate = rate;
    this.#now = now;
    this.#left = rate.amount;
    this.#at = now();
  }

  get rate(): FlowRate {
    return this.#rate;
  }

  /** What may be taken now; below zero when it is overdrawn. */
  get left(): number {
    const { amount, period } = this.#rate;
    const now = this.#now();
    this.#left = Math.min(amount, this.#left + ((now - this.#at) / period) * amount);
    this.#at = now;
    return this.#left;
  }

  /** @param amount below zero to give back */
  take(amount: number): void {
    this.#left = this.left - amount;
  }

  /** @returns when there is something to take; not after `now`: at once */
  readyAt(now: number): number {
    const { left } = this;
    const { amount, period } = this.#rate;
    return left > 0 ? now : now + Math.ceil((-left / amount) * period) + 1;
  }
}
