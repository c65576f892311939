/** The blocks around the code that is read, the function's own outermost. */
export class OpenBlocks {
  #depth = 0;
  readonly #openers: number[] = [];
  readonly #charged: number[] = [];
  readonly #lowest: number[] = [];
  readonly #hasCall: boolean[] = [];
  /** Depth of the innermost loop around it, itself included, and what was pushed with that; -1: none. */
  readonly #loops: number[] = [];
  readonly #pieces: number[] = [];
  /** The last loop that was pushed. */
  #lastLoop = -1;

  get depth(): number {
    return this.#depth;
  }

  clear(): void {
    this.#depth = 0;
    this.#lastLoop = -1;
  }

  /** @param opener its operator. @param charged where the code in front of it is charged */
  push(opener: number, charged: number): void {
    const at = this.#depth++;
    this.#openers[at] = opener;
    this.#charged[at] = charged;
    this.#lowest[at] = at;
    this.#hasCall[at] = false;
    this.#loops[at] = this.#loops[at - 1] ?? -1;
    this.#pieces[at] = this.#pieces[at - 1] ?? -1;
  }

  /** @param piece that is charged once a round */
  pushLoop(opener: number, charged: number, piece: number): void {
    this.push(opener, charged);
    this.#loops[this.#depth - 1] = this.#depth - 1;
    this.#pieces[this.#depth - 1] = this.#lastLoop = piece;
  }

  /** Of the innermost. */
  get opener(): number {
    return this.#openers[this.#depth - 1] as number;
  }

  get charged(): number {
    return this.#charged[this.#depth - 1] as number;
  }

  get hasCall(): boolean {
    return this.#hasCall[this.#depth - 1] as boolean;
  }

  /** Whoever goes in comes out at its end, if at all. */
  get isClosed(): boolean {
    return (this.#lowest[this.#depth - 1] as number) >= this.#depth - 1;
  }

  /** Of the innermost loop; -1: none. */
  get loopPiece(): number {
    return this.#pieces[this.#depth - 1] as number;
  }

  /** The innermost block is a loop in which there is no other. */
  get isInnermostLoop(): boolean {
    return (this.#loops[this.#depth - 1] as number) === this.#depth - 1 && this.loopPiece === this.#lastLoop;
  }

  /** The block with this label is around the innermost loop. */
  isBeyondLoop(label: number): boolean {
    return this.#depth - 1 - label < (this.#loops[this.#depth - 1] as number);
  }

  addCall(): void {
    this.#hasCall[this.#depth - 1] = true;
  }

  /** Code of the innermost goes to the end, or the beginning, of the block with this label. */
  branch(label: number): void {
    this.#leaveTo(this.#depth - 1 - label);
  }

  /** Code of the innermost leaves the function. */
  leave(): void {
    this.#leaveTo(-1);
  }

  pop(): void {
    const at = --this.#depth;
    if (at === 0) return;
    if (this.#hasCall[at] === true) this.#hasCall[at - 1] = true;
    this.#leaveTo(this.#lowest[at] as number);
  }

  #leaveTo(depth: number): void {
    const at = this.#depth - 1;
    if (depth < (this.#lowest[at] as number)) this.#lowest[at] = depth;
  }
}
