import { InstanceError } from '../../errors.ts';

/** How many instances an engine has at one time, and what becomes of those that come then. */
export interface CeilingOptions {
  /**
   * Instances at one time, 10,000 by default. One counts as many times as its program has linear memories, and as 1 without any:
   * V8 reserves 8 GiB of addresses for each, and ends the whole process when it has no more, at about 16,000.
   */
  readonly maxInstances?: number;
  /** Starts that wait when there are as many, 10,000 by default; those beyond fail at once. */
  readonly maxWaiting?: number;
  /** Milliseconds that a start waits at most, 10,000 by default. */
  readonly maxWait?: number;
}

interface Waiting {
  readonly places: number;
  readonly enter: () => void;
}

/** Bounds the instances of an engine. Starts beyond wait in the order in which they came, for some time. */
export class Ceiling {
  readonly #bound: number;
  readonly #maxWaiting: number;
  readonly #maxWait: number;
  readonly #waiting = new Set<Waiting>();
  #taken = 0;

  /** @throws InstanceError BW_ENGINE_OPTION */
  constructor({ maxInstances = 10_000, maxWaiting = 10_000, maxWait = 10_000 }: CeilingOptions) {
    this.#bound = wholeOption('maxInstances', maxInstances, 1);
    this.#maxWaiting = wholeOption('maxWaiting', maxWaiting, 0);
    this.#maxWait = wholeOption('maxWait', maxWait, 0);
  }

  get limit(): number {
    return this.#bound;
  }

  get taken(): number {
    return this.#taken;
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  /**
   * Takes places for an instance.
   *
   * @returns gives them back; from the second time on nothing happens
   * @throws InstanceError BW_ENGINE_BUSY when there were none in time
   */
  async enter(places: number): Promise<() => void> {
    if (places > this.#bound) throw this.#busy(`the program takes ${places} of them`);
    if (this.#waiting.size > 0 || this.#taken + places > this.#bound) await this.#wait(places);
    else this.#taken += places;
    let left = false;
    return () => {
      if (left) return;
      left = true;
      this.#taken -= places;
      this.#next();
    };
  }

  #wait(places: number): Promise<void> {
    if (this.#waiting.size >= this.#maxWaiting)
      throw this.#busy(`${this.#waiting.size} starts wait for one to end`);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const waiting: Waiting = {
      places,
      enter: () => {
        clearTimeout(timer);
        resolve();
      },
    };
    const timer = setTimeout(() => {
      this.#waiting.delete(waiting);
      reject(this.#busy(`none of them ended within ${this.#maxWait} ms`));
      // A smaller one behind it may have room.
      this.#next();
    }, this.#maxWait);
    this.#waiting.add(waiting);
    return promise;
  }

  /** The first waits for as many places as it needs: whoever came later does not overtake it. */
  #next(): void {
    for (const waiting of this.#waiting) {
      if (this.#taken + waiting.places > this.#bound) return;
      this.#taken += waiting.places;
      this.#waiting.delete(waiting);
      waiting.enter();
    }
  }

  #busy(detail: string): InstanceError {
    return new InstanceError(
      'BW_ENGINE_BUSY',
      `The engine has at most ${this.#bound} instances at one time; ${detail}.`,
      { hint: 'Try again later, close instances, or raise maxInstances of the engine.' },
    );
  }
}

/** @throws InstanceError BW_ENGINE_OPTION unless it is a whole number of at least `least` */
export function wholeOption(name: string, found: number, least: number): number {
  if (Number.isSafeInteger(found) && found >= least) return found;
  throw new InstanceError(
    'BW_ENGINE_OPTION',
    `${name} of the engine is ${String(found)}; expected a whole number of at least ${least}.`,
  );
}
