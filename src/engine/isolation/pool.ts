import { InstanceError } from '../../errors.ts';
import type { Machine } from '../../virtual/machine.ts';
import { type IsolationOptions, poolingOf, type Pooling } from './isolation.ts';
import { keyOf, type Reach, WorkerHandle } from './worker-handle.ts';

/** A place in a worker. */
export interface Place {
  readonly worker: WorkerHandle;
  readonly number: number;
}

interface Waiting {
  readonly tenant: string;
  readonly reach: Reach;
  readonly enter: (place: Place) => void;
}

const NO_REACH: Reach = { readable: [], writable: [], network: false };

/** Workers of one level. Starts that find none wait in order, for some time. */
export class Pool {
  readonly #level: 'thread' | 'process';
  readonly #machine: Machine;
  readonly #options: Pooling;
  readonly #workers = new Set<WorkerHandle>();
  readonly #waiting = new Set<Waiting>();
  readonly #idle = new Map<WorkerHandle, NodeJS.Timeout>();

  constructor(level: 'thread' | 'process', options: Pooling, machine: Machine) {
    this.#level = level;
    this.#options = options;
    this.#machine = machine;
  }

  /** @returns a place in a worker that is alive @throws InstanceError BW_ENGINE_BUSY, BW_ISOLATION_WORKER */
  async take(tenant: string, reach: Reach): Promise<Place> {
    this.#keepReady();
    const place = this.#tryTake(tenant, reach) ?? (await this.#wait(tenant, reach));
    try {
      await place.worker.check();
    } catch (error) {
      this.give(place);
      throw error;
    }
    return place;
  }

  give({ worker, number }: Place): void {
    worker.give(number);
    if (worker.load === 0) this.#rest(worker);
    this.#next();
  }

  #tryTake(tenant: string, reach: Reach): Place | undefined {
    const { max, perWorker, shared } = this.#options;
    const key = keyOf(reach);
    const fit = [...this.#workers].filter(
      (worker) =>
        worker.key === key &&
        worker.load < perWorker &&
        this.#isFresh(worker) &&
        (shared || worker.isOf(tenant)),
    );
    const rested = fit.find(({ load }) => load === 0);
    if (rested !== undefined) return this.#place(rested, tenant);
    if (this.#workers.size >= max && fit.length === 0) this.#makeRoom();
    if (this.#workers.size < max) return this.#place(this.#start(reach), tenant);
    const least = fit.toSorted((one, other) => one.load - other.load)[0];
    return least && this.#place(least, tenant);
  }

  #place(worker: WorkerHandle, tenant: string): Place {
    clearTimeout(this.#idle.get(worker));
    this.#idle.delete(worker);
    return { worker, number: worker.take(tenant) };
  }

  #isFresh(worker: WorkerHandle): boolean {
    return !worker.isGone && worker.taken < this.#options.recycleAfter;
  }

  #start(reach: Reach): WorkerHandle {
    const worker = new WorkerHandle(this.#machine, this.#level, this.#options, reach, () => {
      this.#forget(worker);
      this.#next();
    });
    this.#workers.add(worker);
    return worker;
  }

  /** Ends a worker that has nothing to do, for one that reaches something else. */
  #makeRoom(): void {
    const rested = [...this.#workers].find(({ load }) => load === 0);
    if (rested !== undefined) this.#retire(rested);
  }

  #rest(worker: WorkerHandle): void {
    if (!this.#isFresh(worker)) {
      this.#retire(worker);
      return;
    }
    const timer = setTimeout(() => {
      if (this.#workers.size > this.#options.min) this.#retire(worker);
    }, this.#options.idleTimeout);
    timer.unref();
    this.#idle.set(worker, timer);
  }

  #retire(worker: WorkerHandle): void {
    this.#forget(worker);
    worker.terminate();
  }

  #forget(worker: WorkerHandle): void {
    this.#workers.delete(worker);
    clearTimeout(this.#idle.get(worker));
    this.#idle.delete(worker);
  }

  #keepReady(): void {
    while (this.#workers.size < this.#options.min) {
      const worker = this.#start(NO_REACH);
      // One that does not start is found out by whoever takes it.
      worker.check().catch(() => undefined);
      this.#rest(worker);
    }
  }

  #wait(tenant: string, reach: Reach): Promise<Place> {
    const { promise, resolve, reject } = Promise.withResolvers<Place>();
    const waiting: Waiting = {
      tenant,
      reach,
      enter: (place) => {
        clearTimeout(timer);
        resolve(place);
      },
    };
    const timer = setTimeout(() => {
      this.#waiting.delete(waiting);
      reject(this.#busy());
    }, this.#options.maxWait);
    this.#waiting.add(waiting);
    return promise;
  }

  #next(): void {
    for (const waiting of this.#waiting) {
      const place = this.#tryTake(waiting.tenant, waiting.reach);
      if (place === undefined) return;
      this.#waiting.delete(waiting);
      waiting.enter(place);
    }
  }

  #busy(): InstanceError {
    const { max, maxWait } = this.#options;
    return new InstanceError(
      'BW_ENGINE_BUSY',
      `All ${max} workers of the level \`${this.#level}\` are taken; none was free within ${maxWait} ms.`,
      { hint: `Try again later, close instances, or raise isolation.${this.#level}.max of the engine.` },
    );
  }
}

/** The pools of an engine; one of a level starts with the level's first instance. */
export class Pools {
  readonly #machine: Machine;
  readonly #options: Readonly<Record<'thread' | 'process', Pooling>>;
  readonly #pools = new Map<'thread' | 'process', Pool>();

  /** @throws InstanceError BW_ENGINE_OPTION */
  constructor({ thread = {}, process = {} }: IsolationOptions, machine: Machine) {
    this.#machine = machine;
    const { processors } = machine;
    this.#options = { thread: poolingOf(thread, processors), process: poolingOf(process, processors) };
  }

  get(level: 'thread' | 'process'): Pool {
    let pool = this.#pools.get(level);
    if (pool === undefined) {
      pool = new Pool(level, this.#options[level], this.#machine);
      this.#pools.set(level, pool);
    }
    return pool;
  }
}
