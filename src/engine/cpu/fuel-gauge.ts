/**
 * The fuel of one instance: what it may spend and has spent, over the counters of its core modules. A counter counts down from
 * what it was given; below zero, its module asks for more. How much it is given at a time makes no difference to what is spent.
 */
export class FuelGauge {
  readonly #limit: number;
  readonly #counters: WebAssembly.Global<'i32'>[] = [];
  #given = 0;

  /** @param limit units; Infinity: none */
  constructor(limit: number) {
    this.#limit = limit;
  }

  add(counter: WebAssembly.Global<'i32'>): void {
    this.#counters.push(counter);
  }

  /** Units spent so far. */
  get spent(): number {
    let left = 0;
    for (const counter of this.#counters) left += counter.value;
    return this.#given - left;
  }

  /** Charges for what no counter sees. */
  spend(units: number): void {
    this.#given += units;
  }

  get isSpent(): boolean {
    return this.spent > this.#limit;
  }

  /**
   * Gives `counter` up to `units`, and takes back what the others have left: together, they never hold more than there is.
   *
   * @returns what it has now. {@link isSpent} was false
   */
  refill(counter: WebAssembly.Global<'i32'>, units: number): number {
    const { spent } = this;
    const given = Math.min(units, this.#limit - spent);
    this.empty();
    counter.value = given;
    this.#given = spent + given;
    return given;
  }

  /** Takes back what the counters have left, so that the guest asks at the next check. */
  empty(): void {
    const { spent } = this;
    for (const counter of this.#counters) counter.value = 0;
    this.#given = spent;
  }
}
