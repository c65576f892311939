/** One component of a pattern with `*` in it, taken apart ahead. */
export class Glob {
  readonly #start: string;
  readonly #end: string;
  /** What must come between them, in this order. */
  readonly #middle: readonly string[];
  readonly #length: number;

  /** @param component with at least one `*`, each of which stands for any run of characters, also for none */
  constructor(component: string) {
    const pieces = component.split('*');
    this.#start = pieces[0] ?? '';
    this.#end = pieces.at(-1) ?? '';
    this.#middle = pieces.slice(1, -1).filter((piece) => piece !== '');
    this.#length = pieces.reduce((sum, piece) => sum + piece.length, 0);
  }

  /** The leftmost place of each piece leaves the most to those after it, so that nothing is ever tried twice. */
  matches(name: string): boolean {
    if (name.length < this.#length || !name.startsWith(this.#start) || !name.endsWith(this.#end))
      return false;
    const end = name.length - this.#end.length;
    let at = this.#start.length;
    for (const piece of this.#middle) {
      const found = name.indexOf(piece, at);
      if (found < 0) return false;
      at = found + piece.length;
    }
    return at <= end;
  }
}
