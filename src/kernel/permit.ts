/**
 * Proof that the guard decided "allow" and that the decision is on record. The ambient layer asks for one before it
 * touches the machine, so no path leads there that does not pass the guard.
 *
 * A class with a private name cannot be forged by a look-alike, and the right to make permits is given away once.
 */
export class Permit {
  static readonly #key: symbol = Symbol('issuer');
  static #claimed = false;
  readonly #grantId: string;

  /** Private to the compiler alone, so the key keeps everybody else out at run time. */
  private constructor(key: symbol, grantId: string) {
    if (key !== Permit.#key) throw new TypeError('only the guard makes permits');
    this.#grantId = grantId;
  }

  /** The rule that it stands for. */
  get grantId(): string {
    return this.#grantId;
  }

  /** @throws TypeError when `value` was not made by a guard: a bug of ours, never a guest's doing. */
  static assert(value: Permit): void {
    if (!(#grantId in value)) throw new TypeError('not a permit');
  }

  /**
   * Gives out the only maker of permits. guard.ts claims it when it loads; everybody after it is refused.
   *
   * @internal
   */
  static claimIssuer(): (grantId: string) => Permit {
    if (Permit.#claimed) throw new TypeError('only the guard makes permits');
    Permit.#claimed = true;
    return (grantId) => new Permit(Permit.#key, grantId);
  }
}
