/** Bytes of texts of HTTP (fields, paths, authorities) that one instance can have the host keep for it. */
export const HTTP_BUDGET: number = 4 << 20;

/** What an instance may still have kept. Its handles are bounded too, but each can stand for much text. */
export class HttpBudget {
  #left: number = HTTP_BUDGET;

  /** @returns false, and takes nothing, when there is not as much left */
  take(bytes: number): boolean {
    if (bytes > this.#left) return false;
    this.#left -= bytes;
    return true;
  }

  get left(): number {
    return this.#left;
  }

  giveBack(bytes: number): void {
    this.#left += bytes;
  }
}

/** Something that holds a part of a budget until its last holder lets go. */
export abstract class Charged {
  readonly #budget: HttpBudget;
  #bytes = 0;
  #holders = 1;

  constructor(budget: HttpBudget) {
    this.#budget = budget;
  }

  get budget(): HttpBudget {
    return this.#budget;
  }

  get charged(): number {
    return this.#bytes;
  }

  /** Changes what is charged. @returns false, and changes nothing, when the budget does not have as much */
  protected charge(bytes: number): boolean {
    if (!this.#budget.take(bytes - this.#bytes)) return false;
    this.#bytes = bytes;
    return true;
  }

  /** One more holder. */
  retain(): this {
    this.#holders++;
    return this;
  }

  release(): void {
    if (--this.#holders > 0) return;
    this.#budget.giveBack(this.#bytes);
    this.#bytes = 0;
  }
}
