import { InstanceError } from '../../errors.ts';

/**
 * Where an instance runs: on the thread of the host, on a thread of its own in the same process, or in a process of its own. What
 * a policy grants is the same everywhere.
 */
export type IsolationLevel = (typeof ISOLATION_LEVELS)[number];

/** From no wall to the thickest. */
export const ISOLATION_LEVELS = ['inline', 'thread', 'process'] as const;

/** Workers that wait for instances, and are used again. */
export interface PoolOptions {
  /** Workers that are kept ready, 0 by default. They start with the first instance of the level. */
  readonly min?: number;
  /** Workers at one time; by default as many as the machine has processors, and at least 2. */
  readonly max?: number;
  /** Instances that a worker has at one time, 1 by default. */
  readonly perWorker?: number;
  /** Whether those may be of several tenants; false by default. */
  readonly shared?: boolean;
  /** Instances after which a worker is replaced, 1,000 by default; 1: a new one for each. */
  readonly recycleAfter?: number;
  /** Milliseconds after which a worker beyond `min` that has nothing to do ends; 10,000 by default. */
  readonly idleTimeout?: number;
  /** Milliseconds that a start waits for a worker, 10,000 by default. */
  readonly maxWait?: number;
  /** Bytes of JavaScript's heap of one worker, 512 MiB by default. Memories of guests are not in it. */
  readonly heap?: number;
  /**
   * Of processes only: bytes that one may have in private memory, those of its guests included (RLIMIT_DATA), 8 GiB by default;
   * not bounded where the system has no such limit.
   */
  readonly memory?: number;
  /** Of processes only: seconds that one may compute in all (RLIMIT_CPU), 3,600 by default. */
  readonly cpu?: number;
}

/** The pools of an engine. */
export interface IsolationOptions {
  readonly thread?: PoolOptions;
  readonly process?: PoolOptions;
}

/** Options with everything in them. */
export type Pooling = Required<PoolOptions>;

/** @throws InstanceError BW_ENGINE_OPTION */
export function poolingOf(options: PoolOptions, processors: number): Pooling {
  const pooling: Pooling = {
    min: 0,
    max: Math.max(2, processors, options.min ?? 0),
    perWorker: 1,
    shared: false,
    recycleAfter: 1000,
    idleTimeout: 10_000,
    maxWait: 10_000,
    heap: 2 ** 29,
    memory: 2 ** 33,
    cpu: 3600,
    ...options,
  };
  for (const [name, value] of Object.entries(pooling)) {
    const least = name === 'min' || name === 'idleTimeout' || name === 'maxWait' ? 0 : 1;
    if (typeof value === 'boolean' || (Number.isSafeInteger(value) && value >= least)) continue;
    throw wrong(name, value, `a whole number of at least ${least}`);
  }
  if (pooling.min > pooling.max) throw wrong('min', pooling.min, `at most max (${pooling.max})`);
  return pooling;
}

function wrong(name: string, found: unknown, expected: string): InstanceError {
  return new InstanceError(
    'BW_ENGINE_OPTION',
    `${name} of a pool of workers is ${String(found)}; expected ${expected}.`,
  );
}
