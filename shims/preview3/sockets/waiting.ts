import type { NetworkError } from '../../../src/virtual/network/network-error.ts';
import type { Outcome } from '../../../src/virtual/network/network.ts';
import type { Pending } from '../../canonical-abi/host-function.ts';
import { onReady } from '../../on-ready.ts';

/** What a call has to wait for; another thing from one moment to the next, maybe. */
export interface Waits {
  wait(): Promise<void> | undefined;
}

/** Asks once, or until there is an answer. */
type Answer<T> = Exclude<T, 'would-block'>;

/**
 * Asks now, and again whenever it is worth it, until the answer is another one than `would-block`.
 *
 * @param use makes the call's result of the answer
 * @param abandon called when nobody waits any more
 */
export function answerOf<T, R>(
  waits: Waits,
  ask: () => T,
  use: (answer: Answer<T>) => R,
  abandon: () => void = () => undefined,
): R | Pending<R> {
  const first = ask();
  if (first !== 'would-block') return use(first as Answer<T>);
  return new Waiting(waits, ask, use, abandon);
}

class Waiting<T, R> implements Pending<R> {
  readonly promise: Promise<R>;
  readonly #waits: Waits;
  readonly #ask: () => T;
  readonly #use: (answer: Answer<T>) => R;
  readonly #abandon: () => void;
  readonly #settle: { readonly resolve: (result: R) => void; readonly reject: (error: unknown) => void };
  #forget: () => void = () => undefined;
  #over = false;

  constructor(waits: Waits, ask: () => T, use: (answer: Answer<T>) => R, abandon: () => void) {
    this.#waits = waits;
    this.#ask = ask;
    this.#use = use;
    this.#abandon = abandon;
    const { promise, ...settle } = Promise.withResolvers<R>();
    this.promise = promise;
    this.#settle = settle;
    this.#wait();
  }

  cancel(): void {
    if (this.#over) return;
    this.#over = true;
    this.#forget();
    this.#abandon();
  }

  #wait(): void {
    this.#forget = onReady(this.#waits, () => this.#again());
  }

  /** Called from the callback of a promise: nobody catches what is thrown. */
  #again(): void {
    if (this.#over) return;
    try {
      const answer = this.#ask();
      if (answer === 'would-block') return this.#wait();
      this.#over = true;
      this.#settle.resolve(this.#use(answer as Answer<T>));
    } catch (error) {
      this.#over = true;
      this.#settle.reject(error);
    }
  }
}

/** One question for several steps, each of which is asked until it has an answer; the first error ends them. */
export function inTurn(steps: readonly (() => Outcome)[]): () => Outcome {
  let next = 0;
  return () => {
    for (let step = steps[next]; step !== undefined; step = steps[++next]) {
      const outcome: NetworkError | undefined = step();
      if (outcome !== undefined) return outcome;
    }
    return undefined;
  };
}
