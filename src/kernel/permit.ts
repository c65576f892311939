/**
 * Proof that the guard decided "allow" and that the decision is on record. The ambient layer asks for one before it
 * touches the machine, so no path leads there that does not pass the guard.
 *
 * The constructor wants a key that only guard.ts has; a class with a private name cannot be forged by a look-alike.
 */
export class Permit {
  readonly #grantId: string;

  constructor(key: symbol, grantId: string) {
    if (key !== permitKey) throw new TypeError('only the guard makes permits');
    this.#grantId = grantId;
  }

  /** @throws TypeError when `value` was not made by a guard: a bug of ours, never a guest's doing. */
  static assert(value: Permit): void {
    if (!(#grantId in value)) throw new TypeError('not a permit');
  }
}

/** Shared with guard.ts alone; a lint rule keeps every other file from importing it. */
export const permitKey: unique symbol = Symbol('permit');
