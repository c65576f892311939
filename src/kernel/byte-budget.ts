/** A bound on bytes that several instances have together. */
export interface SharedBytes {
  /** As the log names it: `tenant bytes`. */
  readonly name: string;
  readonly limit: number;
  /** Below zero: more went than there was. */
  readonly left: number;
  /** @param count below 0 to give back */
  use(count: number): void;
}

/** Bytes that may go one way over the life of an instance. */
export class ByteBudget {
  readonly #name: string;
  readonly #limit: number;
  readonly #shared: SharedBytes | undefined;
  #used = 0;

  /** @param shared bounds them, too */
  constructor(name: string, limit: number, shared?: SharedBytes) {
    this.#name = name;
    this.#limit = limit;
    this.#shared = shared;
  }

  /** As the log names it: `rates budget.responseBytes`, or the bound that others share, where that has nothing left. */
  get name(): string {
    return this.#spent?.name ?? this.#name;
  }

  get limit(): number {
    return this.#spent?.limit ?? this.#limit;
  }

  get left(): number {
    return Math.min(this.#limit - this.#used, this.#shared?.left ?? Infinity);
  }

  /** Counts bytes that went. @param count at most `left`; below 0 to give back */
  use(count: number): void {
    this.#used += count;
    this.#shared?.use(count);
  }

  get #spent(): SharedBytes | undefined {
    const shared = this.#shared;
    return shared !== undefined && shared.left < this.#limit - this.#used ? shared : undefined;
  }
}

/** How many of something may be at one time. */
export class Concurrency {
  /** As the log names it: `rates budget.concurrent`. */
  readonly name: string;
  readonly limit: number;
  #taken = 0;

  constructor(name: string, limit: number) {
    this.name = name;
    this.limit = limit;
  }

  get isFull(): boolean {
    return this.#taken >= this.limit;
  }

  /** @returns false when there are as many as there may be */
  take(): boolean {
    if (this.isFull) return false;
    this.#taken++;
    return true;
  }

  give(): void {
    this.#taken--;
  }
}
