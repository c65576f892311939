/** A value of the embedder's is not of the type that WIT has. */
export class JsMismatch extends Error {
  override readonly name = 'JsMismatch';
  readonly #path: string;
  readonly #problem: string;

  constructor(expected: string, found: unknown, path = '') {
    const problem = `expected ${expected}, found ${describe(found)}`;
    super(path === '' ? problem : `${path}: ${problem}`);
    this.#problem = problem;
    this.#path = path;
  }

  /** What `convert` finds amiss is said to be at `key`. */
  static within<T>(key: string, convert: () => T): T {
    try {
      return convert();
    } catch (error) {
      if (error instanceof JsMismatch) throw error.#at(key);
      throw error;
    }
  }

  #at(key: string): JsMismatch {
    const path = this.#path === '' ? key : `${key}.${this.#path}`;
    const moved = new JsMismatch('', undefined, path);
    moved.message = `${path}: ${this.#problem}`;
    return moved;
  }
}

/** What kind of value it is: the value itself may be a secret. */
function describe(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return `an array of ${value.length}`;
  return typeof value === 'object' ? 'another object' : `a value of type ${typeof value}`;
}
