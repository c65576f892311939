import { CALL_COST } from './costs.ts';

/** Units that a piece of code may have to be charged together with the piece in front of it, whether it is reached or not. */
const SMALL = 16;

/** Units that may be charged in front of one piece although they may not be reached. */
const MAX_AHEAD = 32;

/** Has to be checked, because it is a round of a loop. */
const LOOP = 1;
/** There is a call in it, and no loop around it. */
const CALL = 2;
/** A loop with nothing in it that could ask for more. */
const TIGHT = 4;

/**
 * What the pieces of one function's code cost. A piece is straight-line code; all of it is charged where it begins. What certainly
 * follows an earlier piece, and small ones that may, are charged with that: tight loops are charged once a round.
 *
 * Every way around passes a check: each round of a loop has one, and each call that is in no loop one in front of it.
 */
export class Charges {
  #costs = new Int32Array(256);
  #ahead = new Int32Array(256);
  #flags = new Uint8Array(256);
  /** Where a piece is charged: itself, or an earlier one. */
  #places = new Int32Array(256);
  #count = 0;
  #open = 0;
  /** -1: of a piece that is charged by itself. */
  #dominator = -1;
  #isCertain = false;
  #total = 0;

  clear(): void {
    this.#count = 0;
    this.#total = 0;
  }

  /** The piece that the code which is read belongs to. */
  get current(): number {
    return this.#open;
  }

  /** Of the whole function. */
  get total(): number {
    return this.#total;
  }

  costOf(piece: number): number {
    return this.#costs[piece] as number;
  }

  isChecked(piece: number): boolean {
    return this.#flags[piece] !== 0;
  }

  isTightLoop(piece: number): boolean {
    return (this.#flagsOf(piece) & TIGHT) !== 0;
  }

  /** @param piece of {@link openLoop} */
  markTightLoop(piece: number): void {
    this.#flags[piece] = this.#flagsOf(piece) | TIGHT;
  }

  add(cost: number): void {
    this.#total += cost;
    this.#costs[this.#open] = this.costOf(this.#open) + cost;
  }

  /** The open piece has a call in it, and no loop is around it. */
  addCall(): void {
    this.#flags[this.#open] = this.#flagsOf(this.#open) | CALL;
  }

  openLoop(): number {
    const piece = this.#begin(-1, false);
    this.#flags[piece] = LOOP;
    return piece;
  }

  /** @param dominator a piece that comes before it on every way. @param isCertain it comes after that whatever happens */
  open(dominator: number, isCertain: boolean): number {
    return this.#begin(dominator, isCertain);
  }

  /** Begins the first piece. */
  openFunction(): number {
    return this.#begin(-1, false);
  }

  /** Ends the piece. @returns where it is charged */
  close(): number {
    const open = this.#open;
    if (this.#dominator < 0) return open;
    const place = this.#placeOf(this.#dominator);
    const cost = this.costOf(open);
    if (!this.#isCertain) {
      const ahead = (this.#ahead[place] as number) + cost;
      if (cost > SMALL || ahead > MAX_AHEAD) return open;
      this.#ahead[place] = ahead;
    }
    this.#costs[place] = this.costOf(place) + cost;
    this.#flags[place] = this.#flagsOf(place) | (this.#flagsOf(open) & CALL);
    this.#costs[open] = this.#flags[open] = 0;
    this.#places[open] = place;
    return place;
  }

  /** Ends the function: one check at its beginning is less than several in its branches. The caller has paid for how it begins. */
  closeFunction(): void {
    let calls = 0;
    for (let piece = 0; piece < this.#count; piece++) if (this.#flags[piece] === CALL) calls++;
    if (calls > 1) {
      for (let piece = 1; piece < this.#count; piece++)
        if (this.#flags[piece] === CALL) this.#flags[piece] = 0;
      this.#flags[0] = CALL;
    }
    this.#costs[0] = Math.max(0, this.costOf(0) - CALL_COST);
  }

  #begin(dominator: number, isCertain: boolean): number {
    if (this.#count === this.#costs.length) this.#grow();
    const piece = this.#count++;
    this.#open = piece;
    this.#dominator = dominator;
    this.#isCertain = isCertain;
    this.#costs[piece] = this.#ahead[piece] = this.#flags[piece] = 0;
    this.#places[piece] = piece;
    return piece;
  }

  #placeOf(piece: number): number {
    let place = piece;
    while (this.#places[place] !== place) place = this.#places[place] as number;
    return place;
  }

  #flagsOf(piece: number): number {
    return this.#flags[piece] as number;
  }

  #grow(): void {
    const size = this.#costs.length * 2;
    const grown = (old: Int32Array): Int32Array<ArrayBuffer> => {
      const larger = new Int32Array(size);
      larger.set(old);
      return larger;
    };
    this.#costs = grown(this.#costs);
    this.#ahead = grown(this.#ahead);
    this.#places = grown(this.#places);
    const flags = new Uint8Array(size);
    flags.set(this.#flags);
    this.#flags = flags;
  }
}
