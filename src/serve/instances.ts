import {
  type Instance,
  type InstantiateOptions,
  normalizePolicy,
  type Policy,
  parsePolicy,
} from '../index.ts';
import { parseDuration } from '../policy/index.ts';
import { type Route, takesMany } from './routes.ts';

/** Requests that one instance has at work at most: what `instance.fetch` takes. */
const MAX_AT_WORK = 1024;

/** An instance for one request. */
export interface Lease {
  readonly instance: Instance;
}

interface HeldLease extends Lease {
  readonly held: Held;
  /** Nobody waits for its answer any more. */
  abandoned: boolean;
}

/** An instance, and what it is still good for. */
interface Held {
  readonly instance: Instance;
  readonly openedAt: number;
  /** Requests that it may still be given. */
  left: number;
  readonly atWork: Set<HeldLease>;
}

/**
 * Instances of one route: a new one for each request, or a bounded number of requests for each. Those of WASI 0.3 have all
 * that they are given at work at the same time, others one after the other.
 */
export class Instances {
  readonly #route: Route;
  readonly #options: InstantiateOptions;
  readonly #reuse: number;
  /** Requests that one instance has at work at one time. */
  readonly #together: number;
  /** Milliseconds after which an instance gets no further request. */
  readonly #maxAge: number;
  /** Those that may be given a further request, now or when they have less to do. */
  readonly #good = new Set<Held>();
  readonly #open = new Set<Instance>();
  /** While a new one is opened for several requests. */
  #opening: Promise<void> | undefined;
  #closed = false;

  /**
   * @param reuse requests that one instance is given
   * @throws PolicyError
   */
  constructor(route: Route, reuse: number) {
    const policy = toPolicy(route.policy);
    this.#route = route;
    this.#reuse = reuse;
    this.#together = takesMany(route.program) ? Math.min(reuse, MAX_AT_WORK) : 1;
    const { program: _program, host: _host, path: _path, ...options } = route;
    this.#options = { ...options, policy };
    // A deadline is about the life of an instance: half of it is there for every request.
    const { deadline } = policy.limits;
    this.#maxAge = deadline === undefined ? Infinity : Number(parseDuration(deadline)) / 2e6;
  }

  /** @throws what `program.instantiate` does */
  async take(): Promise<Lease> {
    for (;;) {
      await this.#closeOld();
      const held = [...this.#good].findLast(({ atWork }) => atWork.size < this.#together);
      if (held !== undefined) return this.#lease(held);
      if (this.#opening === undefined) return this.#lease(await this.#openOne());
      // It may be for this one, too.
      await this.#opening;
    }
  }

  /** Gives an instance back: it is done with the request. */
  async giveBack(lease: Lease): Promise<void> {
    const { held } = lease as HeldLease;
    held.atWork.delete(lease as HeldLease);
    if (this.#good.has(held) && this.#isGood(held)) return;
    this.#good.delete(held);
    await this.#closeUnlessNeeded(held);
  }

  /**
   * Nobody waits for an answer any more. The instance gets no further request, and is ended, whatever it is doing, unless
   * somebody waits for another answer of it.
   */
  async abandon(lease: Lease): Promise<void> {
    const { held } = lease as HeldLease;
    (lease as HeldLease).abandoned = true;
    this.#good.delete(held);
    await this.#closeUnlessNeeded(held);
  }

  /** Ends all instances; those that still come are ended as they are given back. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#good.clear();
    await Promise.allSettled([...this.#open].map((instance) => this.#close(instance)));
  }

  #lease(held: Held): HeldLease {
    const lease: HeldLease = { instance: held.instance, held, abandoned: false };
    held.atWork.add(lease);
    if (--held.left === 0) this.#good.delete(held);
    return lease;
  }

  async #openOne(): Promise<Held> {
    const { promise, resolve } = Promise.withResolvers<void>();
    if (this.#together > 1) this.#opening = promise;
    try {
      const openedAt = performance.now();
      const instance = await this.#route.program.instantiate(this.#options);
      const held: Held = { instance, openedAt, left: this.#reuse, atWork: new Set() };
      this.#open.add(instance);
      if (!this.#closed) this.#good.add(held);
      return held;
    } finally {
      this.#opening = undefined;
      resolve();
    }
  }

  async #closeOld(): Promise<void> {
    for (const held of this.#good) {
      if (this.#isGood(held)) continue;
      this.#good.delete(held);
      await this.#closeUnlessNeeded(held);
    }
  }

  #isGood({ instance, openedAt }: Held): boolean {
    return instance.outcome === undefined && performance.now() - openedAt < this.#maxAge;
  }

  async #closeUnlessNeeded({ instance, atWork }: Held): Promise<void> {
    if ([...atWork].every(({ abandoned }) => abandoned)) await this.#close(instance);
  }

  async #close(instance: Instance): Promise<void> {
    this.#open.delete(instance);
    await instance.close();
  }
}

function toPolicy(policy: Route['policy']): Policy {
  return typeof policy === 'string' ? parsePolicy(policy) : normalizePolicy(policy);
}
