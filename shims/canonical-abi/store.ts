import { INSTANCE_ENDED } from '../../src/virtual/host.ts';
import { LinkedList } from './linked-list.ts';
import { ReadyThreads } from './ready-threads.ts';
import { Sweep } from './sweep.ts';
import type { Executor } from '../../src/virtual/executor.ts';
import type { CompileModule } from './core-module.ts';
import type { ComponentInstance } from './component-instance.ts';
import type { HandleMeter } from './handle-meter.ts';
import type { Task } from './task.ts';
import type { Thread } from './thread.ts';

export type { HandleMeter } from './handle-meter.ts';

export interface StoreOptions {
  readonly executor: Executor;
  readonly handles: HandleMeter;
  /** Told once why the instance failed: a trap, an exit, a fault of the host. Not told of what {@link Store.end} is told. */
  onFailure(error: unknown): void;
  /** Calls back in a later turn of the event loop. */
  later(callback: () => void): void;
  /** Others have to be let first: {@link later} is to be used. */
  mustWait(): boolean;
  /** `new WebAssembly.Module` if it is missing. */
  readonly compile?: CompileModule;
}

/** What is told when the instance ends: pending calls, who waits for a result. */
export interface EndListener {
  ended(reason: unknown): void;
}

/**
 * Guests may give each other the word this often before the event loop has its turn. Few: under a deadline every entry costs a
 * good part of a millisecond on a busy machine.
 */
const TURNS = 16;

/**
 * All components of one instance of a program, and which of their threads runs: one at a time, until it waits or returns.
 *
 * A suspended thread goes on in a microtask after its promise was resolved. From then on until it waits again it is *in flight*,
 * and nobody else may run. What the host wants to call in the meantime waits in a queue.
 */
export class Store {
  readonly executor: Executor;
  readonly compile: CompileModule;
  readonly handles: HandleMeter;
  readonly instances: ComponentInstance[] = [];
  readonly listeners: Set<EndListener> = new Set();
  readonly #options: StoreOptions;
  readonly ready: ReadyThreads = new ReadyThreads();
  #current: Thread | undefined;
  readonly #entries: LinkedList<() => void> = new LinkedList();
  #inFlight: Thread | undefined;
  /** Entries of guests on the host's stack. One that was suspended goes on without an entry. */
  #depth = 0;
  #scheduled = false;
  #entryIsNext = false;
  #turns = 0;
  #poison: { readonly reason: unknown } | undefined;
  #ended = false;

  constructor(options: StoreOptions) {
    this.#options = options;
    this.executor = options.executor;
    this.handles = options.handles;
    this.compile = options.compile ?? ((bytes) => new WebAssembly.Module(bytes));
  }

  /** The thread that runs now or is in flight. */
  get current(): Thread | undefined {
    return this.#current;
  }

  set current(thread: Thread | undefined) {
    const last = this.#current;
    if (thread === last) return;
    this.#current = thread;
    last?.instance.saveContext(last);
    thread?.instance.loadContext(thread);
  }

  /** What ended it. */
  get reason(): unknown {
    return this.#poison?.reason;
  }

  get isEnded(): boolean {
    return this.#poison !== undefined;
  }

  /** No code of the guest may run once the instance has ended. */
  check(): void {
    if (this.#poison !== undefined) throw this.#poison.reason;
  }

  /** Runs an import's code. A guest may catch what is thrown: the instance has ended before. */
  guard<A, R>(call: (args: A) => R, args: A): R {
    this.check();
    let result: R;
    try {
      result = call(args);
    } catch (error) {
      this.fail(error);
      throw error;
    }
    this.check();
    return result;
  }

  /** The same for what takes words: most builtins, and often. */
  guardWords<R>(call: (a: number, b: number, c: number) => R, a: number, b: number, c: number): R {
    this.check();
    let result: R;
    try {
      result = call(a, b, c);
    } catch (error) {
      this.fail(error);
      throw error;
    }
    this.check();
    return result;
  }

  /** A guest has trapped, for a reason that its promise will tell. @returns what to throw through the frames of its callers */
  dying(): unknown {
    this.#poison ??= { reason: INSTANCE_ENDED };
    return this.#poison.reason;
  }

  /** Ends everything; only the first reason counts. */
  fail(error: unknown): void {
    if (this.#ended || (this.isEnded && error === INSTANCE_ENDED)) return;
    let reason = error;
    try {
      this.end(error);
    } catch (fault) {
      reason = fault;
    }
    this.#options.onFailure(reason);
  }

  /** No code of the guest runs again, whoever waits for it is told `reason`, and the host gets everything back. */
  end(reason: unknown): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#poison = { reason };
    this.ready.clear();
    this.#entries.clear();
    this.#inFlight = undefined;
    const sweep = new Sweep();
    for (const listener of this.listeners) sweep.do(() => listener.ended(reason));
    this.listeners.clear();
    for (const instance of this.instances) instance.release(sweep);
    sweep.finish();
  }

  /** Runs `entry`, which calls a guest, when no guest runs: now or later. */
  enter(entry: () => void): void {
    if (this.isEnded) return;
    if (this.#isBusy || this.#entries.size > 0 || !this.ready.mayEnter) {
      this.#entries.add(entry);
      this.#schedule();
    } else this.#slice(entry);
  }

  get #isBusy(): boolean {
    return this.current !== undefined || this.#inFlight !== undefined;
  }

  /** Calls a guest on a stack of its own. */
  entered<T>(call: () => T): T {
    this.#depth++;
    try {
      return call();
    } finally {
      this.#depth--;
    }
  }

  /**
   * Whether the stack that runs may be interrupted: nobody is below it. Else, with the guest's callers still there, others would
   * run before it had come to a place where the specification lets them.
   */
  mayYield(): boolean {
    return this.#current !== undefined && this.#depth === (this.#inFlight === undefined ? 1 : 0);
  }

  /** The stack that runs was interrupted: it is in flight until it goes on. */
  yielded(): void {
    this.#current?.interrupted();
  }

  /** `thread` may be ready; if it turns out that it is not, it will be woken again. */
  wake(thread: Thread): void {
    if (thread.queued !== undefined || this.isEnded) return;
    this.ready.add(thread);
    this.#schedule();
  }

  /** The suspended stack of `thread` goes on in a microtask. */
  goOn(thread: Thread): void {
    this.#inFlight = thread;
  }

  /** The stack of `thread` is about to be suspended. Below an entry by the host or another guest, that one goes on. */
  suspended(thread: Thread): void {
    if (this.#inFlight === thread) this.endSlice(() => undefined);
  }

  /** What was in flight waits again or has returned. */
  endSlice(last: () => void): void {
    const thread = this.#inFlight;
    if (thread === undefined || this.isEnded) return;
    this.#inFlight = undefined;
    this.#slice(last);
    if (this.#inFlight === undefined) thread.instance.leaveTo(undefined);
  }

  #slice(run: () => void): void {
    try {
      run();
    } catch (error) {
      this.fail(error);
    }
    if (this.#inFlight === undefined) {
      this.current = undefined;
      this.#schedule();
    } else if (this.#current !== this.#inFlight) {
      // It was interrupted in its first call, which whoever made it takes for done.
      this.current = this.#inFlight;
      this.#inFlight.instance.enterFrom(undefined);
    }
  }

  /** A function that is not `async` waits. @param depth `blockedDepth` before `task` was started */
  blockSync(task: Task, depth: number): void {
    this.ready.blockSync(task, depth);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#scheduled || this.#isBusy || this.isEnded) return;
    if (this.ready.isIdle && this.#entries.size === 0) return;
    this.#scheduled = true;
    if (++this.#turns < TURNS && !this.#options.mustWait()) {
      void Promise.resolve().then(() => this.#pump());
      return;
    }
    this.#options.later(() => {
      this.#turns = 0;
      this.#pump();
    });
  }

  #pump(): void {
    this.#scheduled = false;
    if (this.#isBusy || this.isEnded) return;
    const { mayEnter } = this.ready;
    // By turns: neither threads that yield for ever nor calls that never end keep the others out.
    this.#entryIsNext = !this.#entryIsNext && mayEnter;
    let entry = this.#entryIsNext ? this.#entries.shift() : undefined;
    if (entry === undefined) {
      const thread = this.#nextThread();
      if (thread !== undefined) {
        this.#resume(thread);
        return;
      }
      entry = mayEnter ? this.#entries.shift() : undefined;
    }
    if (entry !== undefined) this.#slice(entry);
  }

  #nextThread(): Thread | undefined {
    try {
      return this.ready.next();
    } catch (error) {
      this.fail(error);
      return undefined;
    }
  }

  #resume(thread: Thread): void {
    const { instance } = thread;
    this.#slice(() => {
      instance.enterFrom(undefined);
      this.current = thread;
      thread.resume();
    });
    if (this.#inFlight === undefined) instance.leaveTo(undefined);
  }
}
