/** Gives everything back that an instance held: a fault in one place must not keep the rest. */
export class Sweep {
  readonly #faults: unknown[] = [];

  do(giveBack: () => void): void {
    try {
      giveBack();
    } catch (error) {
      this.#faults.push(error);
    }
  }

  /** Throws the first fault, if there was any. */
  finish(): void {
    if (this.#faults.length > 0) throw this.#faults[0];
  }
}
