import type { Machine } from '../machine.ts';

/** Waits that may end without the event loop coming round in between. */
const WAITS_PER_TURN = 64;

/** Nanoseconds; long enough for a timer. */
const TURN = 100_000;

/** Nothing ends a turn early. */
const NEVER: AbortSignal = new AbortController().signal;

/** What a network in memory needs of the machine. */
export type Timers = Pick<Machine, 'sleep'>;

/**
 * What two guests say to each other in memory wakes them in microtasks alone: for as long as they talk, no timer would fire
 * and no socket be served. So one wait in a while takes a turn of the event loop.
 */
export class Turns {
  readonly timers: Timers;
  #waits = 0;

  constructor(timers: Timers) {
    this.timers = timers;
  }

  /** @returns a turn to wait for; undefined: go on */
  next(): Promise<void> | undefined {
    return ++this.#waits % WAITS_PER_TURN === 0 ? this.timers.sleep(TURN, NEVER) : undefined;
  }

  /** Settles after `wait` does, now and then a turn later. */
  after(wait: Promise<void>): Promise<void> {
    const turn = this.next();
    return turn === undefined ? wait : wait.then(() => turn);
  }
}
