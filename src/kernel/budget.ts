/** How many operations a grant allows: so many in all, or so many per period. */
export type OperationLimit =
  | { readonly total: number }
  | { readonly rate: number; /** Nanoseconds. */ readonly period: number };

/** What each use of a grant is counted against. */
export interface UseBudget {
  /** As the log names it: `out budget.operations`. */
  readonly name: string;
  /** Uses in all, or per period. */
  readonly amount: number;
  /** True when what is spent comes back with time. */
  readonly refills: boolean;
  /** @returns false when there is nothing left to take */
  take(): boolean;
  /** Puts back what was taken for an operation that another bound refused. */
  give(): void;
}

/**
 * Counts operations against a limit. A rate is a token bucket that holds one period's worth: a guest that was idle may
 * use all of it at once, and then has what flows in.
 */
export class OperationBudget implements UseBudget {
  /** As the log names it: `out budget.operations`. */
  readonly name: string;
  readonly limit: OperationLimit;
  readonly #now: () => number;
  #tokens: number;
  /** When `#tokens` was right. */
  #at: number;

  /** @param now nanoseconds of a steady clock */
  constructor(name: string, limit: OperationLimit, now: () => number) {
    this.name = name;
    this.limit = limit;
    this.#now = now;
    this.#tokens = this.amount;
    this.#at = now();
  }

  /** Operations in all, or per period. */
  get amount(): number {
    return 'total' in this.limit ? this.limit.total : this.limit.rate;
  }

  /** True when what is spent comes back with time. */
  get refills(): boolean {
    return 'rate' in this.limit;
  }

  /** @returns false when there is nothing left to take */
  take(): boolean {
    if (this.#tokens < 1 && !this.#refill()) return false;
    this.#tokens--;
    return true;
  }

  /** Puts back what was taken for an operation that another bound refused. */
  give(): void {
    this.#tokens++;
  }

  #refill(): boolean {
    const { limit } = this;
    if ('total' in limit) return false;
    const now = this.#now();
    this.#tokens = Math.min(limit.rate, this.#tokens + ((now - this.#at) / limit.period) * limit.rate);
    this.#at = now;
    return this.#tokens >= 1;
  }
}
