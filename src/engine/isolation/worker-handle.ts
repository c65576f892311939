import { InstanceError } from '../../errors.ts';
import type { Machine, WorkerPort } from '../../virtual/machine.ts';
import type { Pooling } from './isolation.ts';
import { type Message, Peer } from './peer.ts';
import type { HostCalls, Question, Reply, WorkerCalls } from './protocol.ts';
import { toWire } from './wire-errors.ts';

/** What a process may reach because of the policies of its instances. Threads may reach what the host may. */
export interface Reach {
  readonly readable: readonly string[];
  readonly writable: readonly string[];
  readonly network: boolean;
}

/** The host's side of one instance in a worker: what its end of the wall may ask for. */
export interface Hosted extends HostedCalls {
  readonly tenant: string;
  /** @throws what the instance is to get */
  answer(question: Question): number;
  /** The worker ended. @param reason how */
  gone(reason: string): void;
}

type HostedCalls = {
  readonly [K in keyof HostCalls]: HostCalls[K] extends (instance: number, ...args: infer A) => infer R
    ? (...args: A) => R
    : never;
};

/** Milliseconds that a worker has to say that it is alive, and to start. */
const ALIVE = 1000;
const STARTED = 30_000;

const ENTRY = new URL(`./worker${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url);

/** A worker, as the host has it in hand. */
export class WorkerHandle {
  /** Workers of one level that reach the same are alike. */
  readonly key: string;
  readonly peer: Peer<WorkerCalls>;
  readonly #port: WorkerPort;
  readonly #hosted = new Map<number, Hosted>();
  /** Places that were taken, also those of instances that are not open yet. */
  readonly #tenants = new Map<number, string>();
  readonly #programs = new Map<string, Promise<void>>();
  readonly #onGone: () => void;
  #next = 1;
  #started: Promise<void> | undefined;
  #isGone = false;

  constructor(
    machine: Machine,
    level: 'thread' | 'process',
    { heap, memory, cpu }: Pooling,
    reach: Reach,
    onGone: () => void,
  ) {
    this.key = keyOf(reach);
    this.#onGone = onGone;
    this.#port = machine.startWorker(
      level,
      { entry: ENTRY, heap, memory, cpu, ...reach },
      {
        message: (message) => this.peer.receive(message as Message),
        question: (question) => this.#answer(question as Question),
        gone: (reason) => this.#end(reason),
      },
    );
    this.peer = new Peer(
      (message) => this.#port.post(message),
      this.#offer(),
      () => this.#hold(),
    );
  }

  /** Instances that it was given so far. */
  get taken(): number {
    return this.#next - 1;
  }

  /** Places that are taken. */
  get load(): number {
    return this.#tenants.size;
  }

  get isGone(): boolean {
    return this.#isGone;
  }

  /** @returns whether all that it has is of this tenant */
  isOf(tenant: string): boolean {
    return this.#tenants.values().every((each) => each === tenant);
  }

  /** Takes a place. @returns how the two sides call the instance */
  take(tenant: string): number {
    const number = this.#next++;
    this.#tenants.set(number, tenant);
    this.#hold();
    return number;
  }

  /** Gives a place back. */
  give(number: number): void {
    this.#tenants.delete(number);
    this.#hosted.delete(number);
    this.peer.tell('forget', number);
    this.#hold();
  }

  host(number: number, hosted: Hosted): void {
    this.#hosted.set(number, hosted);
  }

  /** The instance has ended: it is not told any more what becomes of the worker. */
  unhost(number: number): void {
    this.#hosted.delete(number);
  }

  /** Resolves when it has said that it is alive. A worker that does not is ended. @throws InstanceError BW_ISOLATION_WORKER */
  async check(): Promise<void> {
    const isFirst = this.#started === undefined;
    const answer = (this.#started ??= this.peer.request('ping'));
    await withTimeout(
      isFirst ? answer : answer.then(() => this.peer.request('ping')),
      isFirst ? STARTED : ALIVE,
      () => this.terminate(),
    );
  }

  /** Resolves when it has the program. */
  provide(digest: string, compile: () => Promise<void>): Promise<void> {
    let provided = this.#programs.get(digest);
    if (provided === undefined) {
      provided = compile();
      this.#programs.set(digest, provided);
      provided.catch(() => this.#programs.delete(digest));
    }
    return provided;
  }

  terminate(): void {
    this.#port.terminate();
  }

  /** The host's process goes on for as long as it has an instance there, or waits for an answer. */
  #hold(): void {
    this.#port.hold(this.load > 0 || !this.peer.isIdle);
  }

  #offer(): { readonly [K in keyof HostCalls]: HostCalls[K] } {
    const of = (number: number): Hosted => {
      const hosted = this.#hosted.get(number);
      if (hosted === undefined) throw new InstanceError('BW_ISOLATION_GONE', 'The instance has ended.');
      return hosted;
    };
    return {
      output: async (number, stream, bytes) => of(number).output(stream, bytes),
      input: async (number) => of(number).input(),
      closeInput: (number) => this.#hosted.get(number)?.closeInput(),
      requestBody: async (number, request) => of(number).requestBody(request),
      closeRequest: (number, request) => this.#hosted.get(number)?.closeRequest(request),
      state: (number, state) => this.#hosted.get(number)?.state(state),
    };
  }

  #answer(question: Question): Reply {
    try {
      const hosted = this.#hosted.get(question.instance);
      if (hosted === undefined) throw new InstanceError('BW_ISOLATION_GONE', 'The instance has ended.');
      return { value: hosted.answer(question) };
    } catch (error) {
      return { error: toWire(error) };
    }
  }

  #end(reason: string): void {
    this.#isGone = true;
    this.peer.end(workerError(reason));
    for (const hosted of this.#hosted.values()) hosted.gone(reason);
    this.#hosted.clear();
    this.#tenants.clear();
    this.#onGone();
  }
}

/** @returns the same for workers that may serve the same policies */
export function keyOf({ readable, writable, network }: Reach): string {
  return JSON.stringify([readable, writable, network]);
}

export function workerError(reason: string): InstanceError {
  return new InstanceError('BW_ISOLATION_WORKER', `The worker of the instance ended: ${reason}.`);
}

/** Settles as `promise` does, unless that takes too long. @param late called then; what it does is to settle the promise */
export async function withTimeout<T>(
  promise: Promise<T>,
  milliseconds: number,
  late: () => void,
): Promise<T> {
  const timer = setTimeout(late, milliseconds);
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
  }
}
