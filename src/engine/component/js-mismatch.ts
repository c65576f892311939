/** A value of the embedder's is not of the type that WIT has. */
export class JsMismatch extends Error {
  override readonly name = 'JsMismatch';
  readonly #problem: string;
  #path = '';

  constructor(expected: string, found: unknown) {
    const problem = `expected ${expected}, found ${describe(found)}`;
    super(problem);
    this.#problem = problem;
  }

  /** What `convert` finds amiss is said to be at `key`. */
  static within<T>(key: string, convert: () => T): T {
    try {
      return convert();
    } catch (error) {
      if (error instanceof JsMismatch) error.#isWithin(key);
      throw error;
    }
  }

  #isWithin(key: string): void {
    this.#path = this.#path === '' ? key : `${key}.${this.#path}`;
    this.message = `${this.#path}: ${this.#problem}`;
  }
}

/** What kind of value it is: the value itself may be a secret. */
function describe(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return `an array of ${value.length}`;
  return typeof value === 'object' ? 'another object' : `a value of type ${typeof value}`;
}
