/** The blocks around the code that is read, the function's own outermost. */
export class OpenBlocks {
  #depth = 0;
  readonly #openers: number[] = [];
  readonly #charged: number[] = [];
  readonly #lowest: number[] = [];
  readonly #hasCall: boolean[] = [];

  get depth(): number {
    return this.#depth;
  }

  clear(): void {
    this.#depth = 0;
  }

  /** @param opener its operator. @param charged where the code in front of it is charged */
  push(opener: number, charged: number): void {
    const at = this.#depth++;
    this.#openers[at] = opener;
    this.#charged[at] = charged;
    this.#lowest[at] = at;
    this.#hasCall[at] = false;
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
