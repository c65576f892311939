import { SuspendedCalls } from './suspended-calls.ts';
import vm from 'node:vm';
import type { GuestFunction, HostFunction } from '../virtual/executor.ts';
import { type InstanceExecutor, UnmeteredExecutor } from './executor.ts';
import { mapExports, mapImports } from './import-object.ts';
import { mayStart } from './start-function.ts';

/**
 * Time after the deadline until a guest that computes without calling the host is stopped by force. A guest that calls
 * the host is stopped at the call, where no host state is half-written; the slack makes that the common case.
 */
const SLACK_MS = 20;

/** Longest time that a timer and V8's watchdog take; 24.8 days. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** Thrown through the guest's frames by the first host call after the deadline. */
export class DeadlineSignal {}

interface GuestRealm {
  /** WebAssembly of the guest realm, with JSPI. */
  readonly wasm: {
    readonly Instance: typeof WebAssembly.Instance;
    readonly Suspending: new (fn: HostFunction) => HostFunction;
    promising(fn: GuestFunction): (...args: readonly unknown[]) => Promise<unknown>;
  };
  readonly Promise: PromiseConstructor;
  /** Runs `job` and every reaction that it sets off in the realm, for as long as `bounds` let it. */
  enter<T>(job: () => T, bounds: { readonly timeout?: number; readonly breakOnSigint: boolean }): T;
}

let shared: GuestRealm | undefined;

/**
 * A realm whose reactions run only while we are inside `enter`: V8 keeps a microtask queue of its own for it
 * (`microtaskMode: 'afterEvaluate'`). A guest that was suspended therefore goes on inside a timed call too, not in
 * some later turn of the event loop that nobody watches. One realm serves all instances with a deadline.
 */
function guestRealm(): GuestRealm {
  if (shared !== undefined) return shared;
  const context = vm.createContext({}, { microtaskMode: 'afterEvaluate', name: 'bailiwick guests' });
  const script = new vm.Script('job()', { filename: 'guest-entry' });
  const scope = vm.runInContext('globalThis', context) as { job?: (() => void) | undefined };
  shared = {
    wasm: vm.runInContext('WebAssembly', context) as GuestRealm['wasm'],
    Promise: vm.runInContext('Promise', context) as PromiseConstructor,
    enter<T>(job: () => T, bounds: { readonly timeout?: number; readonly breakOnSigint: boolean }): T {
      let result!: T;
      scope.job = () => {
        result = job();
      };
      try {
        script.runInContext(context, bounds);
      } finally {
        // The realm outlives every instance and must not hold on to the last one.
        scope.job = undefined;
      }
      return result;
    },
  };
  return shared;
}

/** Why a guest was stopped from outside. */
export type StopReason = 'deadline' | 'interrupt';

/**
 * Runs a guest under a deadline on the main thread: an endless loop is terminated by V8's watchdog (node:vm's
 * `timeout`), a waiting guest by a timer, a guest that keeps calling the host at its next call.
 *
 * With `breakOnSigint`, SIGINT stops a guest that computes, too: while it does, no signal handler of JavaScript runs.
 */
export class DeadlineExecutor extends UnmeteredExecutor implements InstanceExecutor {
  readonly #realm = guestRealm();
  readonly #end: number;
  readonly #onStop: (reason: StopReason) => void;
  readonly #breakOnSigint: boolean;
  #timer: NodeJS.Timeout | undefined;
  /**
   * What stands behind the timed exports that {@link instantiate} gives out. Calls between core modules use it, because
   * JSPI forbids a JavaScript frame in between.
   */
  readonly #guestFunctions = new WeakMap<object, GuestFunction>();
  /** What it waits for ends inside the realm, where its frames unwind at once and run nothing. */
  readonly #waiting = new SuspendedCalls((job) => this.#realm.enter(job, { breakOnSigint: false }));
  #inside = false;
  #ended = false;

  /** @param milliseconds from now, waiting included; Infinity for none */
  constructor(milliseconds: number, onStop: (reason: StopReason) => void, breakOnSigint = false) {
    super();
    this.#end = performance.now() + milliseconds;
    this.#onStop = onStop;
    this.#breakOnSigint = breakOnSigint;
    if (milliseconds !== Infinity) this.#arm();
  }

  suspending(fn: HostFunction): HostFunction {
    const call = fn as (...args: unknown[]) => unknown;
    return new this.#realm.wasm.Suspending((...args: unknown[]) => {
      this.#check();
      const answer = call(...args);
      return answer instanceof Promise ? this.#resumeInside(answer) : answer;
    });
  }

  promising(fn: GuestFunction): (...args: readonly unknown[]) => Promise<unknown> {
    const entry = this.#realm.wasm.promising(this.#guestFunctions.get(fn) ?? fn);
    return (...args) => {
      const { promise, resolve, reject } = Promise.withResolvers<unknown>();
      this.#enter(() => entry(...args).then(resolve, reject));
      return promise;
    };
  }

  instantiate(module: WebAssembly.Module, imports: WebAssembly.Imports): WebAssembly.Instance {
    let instance: WebAssembly.Instance | undefined;
    const instantiate = (): void => {
      instance = new this.#realm.wasm.Instance(
        module,
        mapImports(imports, (value) => this.#checked(value)),
      );
    };
    // A start function is guest code too; without one, V8 alone is at work.
    if (mayStart(module)) this.#enter(instantiate);
    else instantiate();
    if (instance === undefined) throw new DeadlineSignal();
    return { exports: mapExports(instance.exports, (value) => this.#timed(value)) };
  }

  end(): void {
    this.#ended = true;
    clearTimeout(this.#timer);
    this.#waiting.end();
  }

  /** Suspended guests resume through a promise of their realm, settled inside a timed entry. */
  #resumeInside(answer: Promise<unknown>): Promise<unknown> {
    const { promise, resolve, reject } = this.#realm.Promise.withResolvers<unknown>();
    this.#waiting.add(reject);
    const settle = (how: () => void): void => {
      if (!this.#ended) this.#waiting.delete(reject);
      this.#enter(how);
    };
    answer.then(
      (value) => settle(() => resolve(value)),
      (error: unknown) => settle(() => reject(error)),
    );
    return promise;
  }

  /** Timers hold 2^31 - 1 ms, and may fire a fraction early. */
  #arm(): void {
    const left = this.#end - performance.now();
    if (left <= 0) this.#stop('deadline');
    else this.#timer = setTimeout(() => this.#arm(), Math.min(Math.ceil(left), MAX_TIMER_MS));
  }

  #enter(job: () => unknown): void {
    if (this.#ended) return;
    // A component of the instance calls another one: the entry that runs is timed, and what follows belongs to it.
    if (this.#inside) {
      job();
      return;
    }
    const left = this.#end - performance.now();
    if (left <= 0) {
      this.#stop('deadline');
      return;
    }
    const breakOnSigint = this.#breakOnSigint;
    const timeout = Math.min(Math.ceil(left) + SLACK_MS, MAX_TIMER_MS);
    this.#inside = true;
    try {
      this.#realm.enter(job, left === Infinity ? { breakOnSigint } : { breakOnSigint, timeout });
    } catch (error) {
      const reason = stopReasonOf(error);
      if (reason === undefined) throw error;
      this.#stop(reason);
    } finally {
      this.#inside = false;
    }
  }

  /**
   * jco's glue calls some exports by itself (`cabi_realloc`, `cabi_post_…`), and whatever is called may loop. Inside an
   * entry the call is timed already.
   */
  #timed(value: CallableFunction): GuestFunction {
    const call = value as (...args: unknown[]) => unknown;
    const timed = (...args: unknown[]): unknown => {
      if (this.#inside) return call(...args);
      let result: { readonly value: unknown } | undefined;
      this.#enter(() => (result = { value: call(...args) }));
      if (result === undefined) throw new DeadlineSignal();
      return result.value;
    };
    this.#guestFunctions.set(timed, call);
    return timed;
  }

  #check(): void {
    if (performance.now() <= this.#end && !this.#ended) return;
    this.#stop('deadline');
    throw new DeadlineSignal();
  }

  #stop(reason: StopReason): void {
    if (this.#ended) return;
    this.end();
    this.#onStop(reason);
  }

  #checked(value: WebAssembly.ImportValue): WebAssembly.ImportValue {
    if (typeof value !== 'function') return value;
    const guestFunction = this.#guestFunctions.get(value);
    if (guestFunction !== undefined) return guestFunction;
    const call = value as (...args: unknown[]) => unknown;
    return (...args: unknown[]) => {
      this.#check();
      return call(...args);
    };
  }
}

/** The error may be of the guest realm, so its class tells nothing. */
function stopReasonOf(error: unknown): StopReason | undefined {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  if (code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') return 'deadline';
  return code === 'ERR_SCRIPT_EXECUTION_INTERRUPTED' ? 'interrupt' : undefined;
}
