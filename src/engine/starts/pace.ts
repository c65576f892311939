/** Milliseconds that starts may take of one turn of the event loop. */
const TURN = 2;

interface Start {
  readonly begin: () => void;
  readonly ended: Promise<void>;
}

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/**
 * Lets starts go on one after the other, and the event loop now and then: a burst of a thousand starts would otherwise be one
 * chain of promises, in which no timer runs and no request is read.
 */
export class Pace {
  readonly #waiting: Start[] = [];
  #isDraining = false;

  /** Runs `start` when it is its turn. What it waits for does not hold up the next one for longer than a turn. */
  async run<T>(start: () => Promise<T>): Promise<T> {
    const begun = Promise.withResolvers<void>();
    const ended = Promise.withResolvers<void>();
    this.#waiting.push({ begin: begun.resolve, ended: ended.promise });
    if (!this.#isDraining) void this.#drain();
    await begun.promise;
    try {
      return await start();
    } finally {
      ended.resolve();
    }
  }

  async #drain(): Promise<void> {
    this.#isDraining = true;
    let since = performance.now();
    for (let start = this.#waiting.shift(); start !== undefined; start = this.#waiting.shift()) {
      start.begin();
      let turned = false;
      await Promise.race([start.ended, nextTurn().then(() => (turned = true))]);
      if (!turned && performance.now() - since < TURN) continue;
      if (!turned) await nextTurn();
      since = performance.now();
    }
    this.#isDraining = false;
  }
}
