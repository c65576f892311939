import {
  type Instance,
  type InstantiateOptions,
  normalizePolicy,
  type Policy,
  parsePolicy,
} from '../index.ts';
import { parseDuration } from '../policy/index.ts';
import type { Route } from './routes.ts';

/** An instance for one request. */
export interface Lease {
  readonly instance: Instance;
  /** Requests that it may still be given after this one. */
  readonly left: number;
  readonly openedAt: number;
}

/** Instances of one route: a new one for each request, or a bounded number of requests for each. */
export class Instances {
  readonly #route: Route;
  readonly #options: InstantiateOptions;
  readonly #reuse: number;
  /** Milliseconds after which an instance gets no further request. */
  readonly #maxAge: number;
  readonly #idle: Lease[] = [];
  readonly #open = new Set<Instance>();
  #closed = false;

  /**
   * @param reuse requests that one instance is given
   * @throws PolicyError
   */
  constructor(route: Route, reuse: number) {
    const policy = toPolicy(route.policy);
    this.#route = route;
    this.#reuse = reuse;
    const { program: _program, host: _host, path: _path, ...options } = route;
    this.#options = { ...options, policy };
    // A deadline is about the life of an instance: half of it is there for every request.
    const { deadline } = policy.limits;
    this.#maxAge = deadline === undefined ? Infinity : Number(parseDuration(deadline)) / 2e6;
  }

  /** @throws what `program.instantiate` does */
  async take(): Promise<Lease> {
    for (let lease = this.#idle.pop(); lease !== undefined; lease = this.#idle.pop()) {
      const { instance, left, openedAt } = lease;
      if (this.#isGood(lease)) return { instance, left: left - 1, openedAt };
      await this.#close(instance);
    }
    const openedAt = performance.now();
    const instance = await this.#route.program.instantiate(this.#options);
    this.#open.add(instance);
    return { instance, left: this.#reuse - 1, openedAt };
  }

  /** Gives an instance back that is in no call any more. */
  async giveBack(lease: Lease): Promise<void> {
    if (lease.left > 0 && !this.#closed && this.#isGood(lease)) this.#idle.push(lease);
    else await this.#close(lease.instance);
  }

  /** Ends an instance, whatever it is doing. */
  async discard({ instance }: Lease): Promise<void> {
    await this.#close(instance);
  }

  /** Ends all instances; those that still come are ended as they are given back. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#idle.length = 0;
    await Promise.allSettled([...this.#open].map((instance) => this.#close(instance)));
  }

  #isGood({ instance, openedAt }: Lease): boolean {
    return instance.outcome === undefined && performance.now() - openedAt < this.#maxAge;
  }

  async #close(instance: Instance): Promise<void> {
    this.#open.delete(instance);
    await instance.close();
  }
}

function toPolicy(policy: Route['policy']): Policy {
  return typeof policy === 'string' ? parsePolicy(policy) : normalizePolicy(policy);
}
