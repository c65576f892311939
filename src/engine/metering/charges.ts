/** Operators that a piece of code may have to be charged together with the piece in front of it, whether it is reached or not. */
const SMALL = 16;

/** Operators that may be charged in front of one piece although they may not be reached. */
const MAX_AHEAD = 32;

/**
 * What the pieces of one function's code cost. A piece is straight-line code; all of it is charged where it begins. Small ones are
 * charged with the piece that comes before them on every way (their dominator), so that tight loops are charged once a round.
 */
export class Charges {
  #costs = new Int32Array(256);
  #ahead = new Int32Array(256);
  #count = 0;
  #open = 0;
  /** -1: of a piece that is charged by itself. */
  #dominator = -1;

  clear(): void {
    this.#count = 0;
    this.#dominator = -1;
  }

  /** The piece that the code which is read belongs to. */
  get current(): number {
    return this.#open;
  }

  costOf(piece: number): number {
    return this.#costs[piece] as number;
  }

  get total(): number {
    let sum = 0;
    for (let piece = 0; piece < this.#count; piece++) sum += this.#costs[piece] as number;
    return sum;
  }

  add(cost: number): void {
    this.#costs[this.#open] = this.costOf(this.#open) + cost;
  }

  /** Begins a piece. @param dominator a piece that {@link close} gave; -1: it is charged by itself */
  open(dominator: number): number {
    if (this.#count === this.#costs.length) this.#grow();
    this.#open = this.#count++;
    this.#dominator = dominator;
    this.#costs[this.#open] = 0;
    this.#ahead[this.#open] = 0;
    return this.#open;
  }

  /** Ends the piece. @returns where it is charged */
  close(): number {
    const open = this.#open;
    const dominator = this.#dominator;
    const cost = this.costOf(open);
    if (dominator < 0 || cost > SMALL || (this.#ahead[dominator] as number) + cost > MAX_AHEAD) return open;
    this.#costs[dominator] = this.costOf(dominator) + cost;
    this.#ahead[dominator] = (this.#ahead[dominator] as number) + cost;
    this.#costs[open] = 0;
    return dominator;
  }

  #grow(): void {
    const grown = (old: Int32Array): Int32Array<ArrayBuffer> => {
      const larger = new Int32Array(old.length * 2);
      larger.set(old);
      return larger;
    };
    this.#costs = grown(this.#costs);
    this.#ahead = grown(this.#ahead);
  }
}
