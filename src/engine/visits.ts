/** Calls that are in one instance at the same time. */
export class Visits {
  readonly #max: number;
  readonly #idle: (() => void)[] = [];
  #count = 0;

  /** @param max how many there may be */
  constructor(max: number) {
    this.#max = max;
  }

  /** @returns false when there are too many */
  tryEnter(): boolean {
    if (this.#count >= this.#max) return false;
    this.#count++;
    return true;
  }

  leave(): void {
    if (--this.#count === 0) for (const resolve of this.#idle.splice(0)) resolve();
  }

  /** Resolves when there are none. */
  idle(): Promise<void> {
    return this.#count === 0 ? Promise.resolve() : new Promise((resolve) => this.#idle.push(resolve));
  }
}
