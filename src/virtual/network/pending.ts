import { NetworkFailure, type NetworkError } from './network-error.ts';
import type { Waitable } from './network.ts';

/** What comes of something that was started: the result, or why there is none. */
export class Pending<T> implements Waitable {
  #result: T | NetworkError | undefined;
  readonly #settled: Promise<void>;

  /** @param work rejects with a {@link NetworkFailure}; its result is no string but an error */
  constructor(work: Promise<T | NetworkError>) {
    this.#settled = work.then(
      (result) => void (this.#result = result),
      (error: unknown) => void (this.#result = codeOf(error)),
    );
  }

  /** undefined until it is there. */
  get result(): T | NetworkError | undefined {
    return this.#result;
  }

  ready(): boolean {
    return this.#result !== undefined;
  }

  wait(): Promise<void> | undefined {
    return this.#result === undefined ? this.#settled : undefined;
  }
}

/** What a guest is told of a failure of the stack. */
export function codeOf(error: unknown): NetworkError {
  return error instanceof NetworkFailure ? error.code : 'unknown';
}
