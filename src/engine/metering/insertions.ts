/** What is put into the code. */
export const Insertion = {
  /** A piece begins: it is charged, and checked where it says so. */
  piece: 0,
  afterCall: 1,
  /** The last operand says how much the operator does; the argument is an {@link Amount}. */
  amount: 2,
  /** The operator gives way to a call of a helper function. */
  replace: 3,
  /** A loop begins; the argument is the piece of its rounds. */
  loop: 4,
  /** It has ended. */
  loopEnd: 5,
  /** A label of a block around the innermost loop, which has that piece. */
  label: 6,
  /** The last operand says how long the operator waits. Nobody could wake the guest: it does not wait at all. */
  noWait: 7,
} as const;

/** What an operator does so much of as its last operand says. */
export const Amount = {
  elements: 0,
  entries: 1,
  /** Of a table with addresses of 64 bits. */
  wideEntries: 2,
} as const;

const FIELDS = 4;

/** What is put into the code of a function, in the order of the code. */
export class Insertions {
  #fields = new Int32Array(4096);
  #count = 0;

  get count(): number {
    return this.#count;
  }

  clear(): void {
    this.#count = 0;
  }

  /** Where it stands, and where the code goes on behind it. */
  start(insertion: number): number {
    return this.#fields[insertion * FIELDS] as number;
  }

  end(insertion: number): number {
    return this.#fields[insertion * FIELDS + 1] as number;
  }

  /** One of {@link Insertion}. */
  kind(insertion: number): number {
    return this.#fields[insertion * FIELDS + 2] as number;
  }

  argument(insertion: number): number {
    return this.#fields[insertion * FIELDS + 3] as number;
  }

  add(start: number, end: number, kind: number, argument: number): void {
    const at = this.#count++ * FIELDS;
    if (at + FIELDS > this.#fields.length) {
      const larger = new Int32Array(this.#fields.length * 2);
      larger.set(this.#fields);
      this.#fields = larger;
    }
    this.#fields[at] = start;
    this.#fields[at + 1] = end;
    this.#fields[at + 2] = kind;
    this.#fields[at + 3] = argument;
  }
}
