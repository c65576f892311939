import { InstanceError } from '../errors.ts';
import { endedError, type Outcome, outcomeOf } from './outcome.ts';
import { Turns } from './turns.ts';
import { Visits } from './visits.ts';

/** Requests that may wait for one instance, or be at work in it; whoever takes them from outside bounds them by other means. */
const MAX_REQUESTS = 1024;

/** What came of a call: its value, or how the instance ended meanwhile. */
export type Entered<T> = { readonly ended: Outcome } | { readonly ended?: undefined; readonly value: T };

/** The instance that is called. */
export interface Called {
  /** @returns how it ended, if it did */
  outcome(): Outcome | undefined;
  end(outcome: Outcome): void;
  /** Calls back when it may compute. */
  turn(goOn: () => void): void;
}

/** The calls of one instance. A call that throws ends the instance, and its end is the end of all calls. */
export class Calls {
  readonly #called: Called;
  readonly #turns = new Turns();
  /** Calls that may be in the instance beside others, which only WASI 0.3 has. */
  readonly #visits = new Visits(MAX_REQUESTS);
  /** For each call that is under way: ends the wait for it, without the guest. */
  readonly #interrupts = new Set<(outcome: Outcome) => void>();

  constructor(called: Called) {
    this.#called = called;
  }

  /** True while frames of the guest may be on a stack. */
  get underWay(): boolean {
    return this.#interrupts.size > 0;
  }

  /** Nothing is under way, or about to be. */
  get none(): boolean {
    return !this.underWay && !this.#turns.taken;
  }

  /** @throws InstanceError BW_INSTANCE_BUSY, or why the instance ended */
  takeTurn(): void {
    this.#assertAlive();
    if (!this.#turns.tryTake()) throw busy();
  }

  /** Resolves when it is the caller's turn; rejects with the reason of `signal`. @throws InstanceError BW_INSTANCE_BUSY */
  waitForTurn(signal: AbortSignal | undefined): Promise<void> | undefined {
    if (this.#turns.waiting >= MAX_REQUESTS) throw busy();
    return this.#turns.take(signal);
  }

  /** @throws InstanceError BW_INSTANCE_BUSY, why the instance ended, or the reason of `signal` */
  beginVisit(signal: AbortSignal | undefined): void {
    signal?.throwIfAborted();
    this.#assertAlive();
    if (!this.#visits.tryEnter()) throw crowded();
  }

  /** Runs `job` in a turn that was taken. */
  async enter<T>(job: () => Promise<T>): Promise<Entered<T>> {
    try {
      this.#assertAlive();
      // The instance has ended before the next one's turn, which must not enter a guest that trapped.
      return await this.#watch(job);
    } finally {
      this.#turns.release();
    }
  }

  /** Runs `job` in a visit that was begun. */
  async visit<T>(job: () => Promise<T>): Promise<Entered<T>> {
    const entered = await this.#watch(job);
    this.#visits.leave();
    return entered;
  }

  /** Ends the wait for all calls. */
  interrupt(outcome: Outcome): void {
    for (const interrupt of this.#interrupts) interrupt(outcome);
  }

  /** Resolves when no call is under way, and none waits. */
  async idle(): Promise<void> {
    await this.#turns.idle();
    await this.#visits.idle();
  }

  async #watch<T>(job: () => Promise<T>): Promise<Entered<T>> {
    // No Promise.race with something that lives as long as the instance: every call would leave a reaction on it.
    const { promise, resolve } = Promise.withResolvers<Entered<T>>();
    const interrupt = (ended: Outcome): void => resolve({ ended });
    this.#interrupts.add(interrupt);
    this.#called.turn(
      () =>
        void job().then(
          (value) => resolve({ value }),
          (thrown: unknown) => resolve({ ended: outcomeOf(thrown) }),
        ),
    );
    const entered = await promise;
    if (entered.ended !== undefined) this.#called.end(entered.ended);
    this.#interrupts.delete(interrupt);
    return entered;
  }

  #assertAlive(): void {
    const outcome = this.#called.outcome();
    if (outcome !== undefined) throw endedError(outcome);
  }
}

function crowded(): InstanceError {
  return new InstanceError(
    'BW_INSTANCE_BUSY',
    `The instance has ${MAX_REQUESTS} requests at work; a further one may not enter before one of them is done.`,
  );
}

function busy(): InstanceError {
  return new InstanceError(
    'BW_INSTANCE_BUSY',
    'The instance is in a call already; a second one may not enter before it returns.',
  );
}
