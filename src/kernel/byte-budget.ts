/** Bytes that may go one way over the life of an instance. */
export class ByteBudget {
  /** As the log names it: `rates budget.responseBytes`. */
  readonly name: string;
  readonly limit: number;
  #used = 0;

  constructor(name: string, limit: number) {
    this.name = name;
    this.limit = limit;
  }

  get left(): number {
    return this.limit - this.#used;
  }

  /** Counts bytes that went. @param count at most `left`; below 0 to give back */
  use(count: number): void {
    this.#used += count;
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
