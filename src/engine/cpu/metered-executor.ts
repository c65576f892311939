import type { Limits, Meter } from '../../kernel/meter.ts';
import { DEFAULT_SLICE } from '../../kernel/meter.ts';
import { type GuestFunction, type HostFunction, plainExecutor } from '../../virtual/executor.ts';
import { INSTANCE_ENDED } from '../../virtual/host.ts';
import type { InstanceExecutor, YieldListener } from '../executor.ts';
import { SuspendedCalls } from '../suspended-calls.ts';
import { mapExports, mapImports } from '../import-object.ts';
import type { Outcome } from '../outcome.ts';
import { CALL_COST } from '../metering/costs.ts';
import { FuelGauge } from './fuel-gauge.ts';
import { type MeteredExports, meteredExports } from './metered-module.ts';
import type { Turntaker } from './scheduler.ts';
import { Answer, instantiateTick, Reason } from './tick.ts';

/**
 * Units until the next look at the clock: the first time, and at least and at most. A guest that was fast may be slow from one
 * moment to the next, up to 100 ns a unit where the system has to find pages for it: what it has then should not be much.
 */
const CHUNK = { first: 1 << 14, min: 1 << 10, max: 1 << 17 } as const;

/** How long a chunk should take. Nanoseconds. */
const CHUNK_TIME = { min: 200_000, max: 600_000 } as const;

/** Calls of the host after which the clock is looked at, too: the metering does not see how long one takes. A power of 2. */
const HOST_CALLS = 8;

/** Longest time that a timer takes; 24.8 days. */
const MAX_TIMER_MS = 2 ** 31 - 1;

export interface MeteredOptions {
  readonly meter: Meter;
  readonly turntaker: Turntaker;
  /** Told once that a limit was passed. */
  readonly onStop: (outcome: Outcome) => void;
}

const now = (): number => performance.now() * 1e6;

/**
 * Runs a guest whose core modules are metered (engine/metering): it asks `tick` for more as soon as it has executed what it was
 * given. Fuel, time and the end are looked at then; at the end of a slice it suspends, and goes on when its turn comes.
 *
 * It cannot suspend while a frame of JavaScript is on its stack: in `realloc` and `post-return`, which the host calls, in start
 * functions of components, and in a call from one component of a program to another. Such a call may take a slice more.
 */
export class MeteredExecutor implements InstanceExecutor {
  yields: YieldListener | undefined;
  readonly #limits: Limits;
  readonly #slice: number;
  readonly #meter: Meter;
  readonly #turntaker: Turntaker;
  readonly #onStop: MeteredOptions['onStop'];
  readonly #fuel: FuelGauge;
  readonly #deadline: number;
  #timer: NodeJS.Timeout | undefined;
  /** What stands behind the timed exports: calls between core modules use it, see {@link instantiate}. */
  readonly #guestFunctions = new WeakMap<object, GuestFunction>();
  /** Of each call that waits for the host. */
  readonly #waiting = new SuspendedCalls();
  #ended = false;
  /** Code of the guest is on the stack, or about to be. */
  #running = false;
  #enteredAt = 0;
  #sliceEnd = 0;
  /** Since when it has wanted to suspend, and could not. */
  #stuckSince: number | undefined;
  #chunk: number = CHUNK.first;
  #tickedAt = 0;
  #hostCalls = 0;

  constructor({ meter, turntaker, onStop }: MeteredOptions) {
    const { limits } = meter;
    this.#limits = limits;
    this.#slice = limits.slice ?? DEFAULT_SLICE;
    this.#meter = meter;
    this.#turntaker = turntaker;
    this.#onStop = onStop;
    this.#fuel = new FuelGauge(limits.fuel ?? Infinity);
    this.#deadline = now() + (limits.deadline ?? Infinity);
    if (this.#deadline !== Infinity) this.#arm();
  }

  readonly isMetered = true;

  get mustWait(): boolean {
    return !this.#turntaker.isNext;
  }

  turn(goOn: () => void): void {
    this.#turntaker.take(goOn);
  }

  suspending(fn: HostFunction): HostFunction {
    const call = fn as (...args: unknown[]) => unknown;
    // V8 suspends the guest also for an answer that is there.
    return plainExecutor.suspending((...args: unknown[]) => this.#suspend(call(...args)));
  }

  promising(fn: GuestFunction): (...args: readonly unknown[]) => Promise<unknown> {
    const entry = plainExecutor.promising(this.#guestFunctions.get(fn) ?? fn);
    return (...args) => {
      const settled = this.#inside(() => entry(...args));
      const leave = (): void => this.#leave();
      settled.then(leave, leave);
      return settled;
    };
  }

  instantiate(module: WebAssembly.Module, imports: WebAssembly.Imports): WebAssembly.Instance {
    const { exports, metered } = this.#make(module, imports);
    const start = metered?.start;
    if (start !== undefined) this.#inside(start);
    return { exports: mapExports(exports, (value) => this.#timed(value)) };
  }

  async instantiateWaiting(
    module: WebAssembly.Module,
    imports: WebAssembly.Imports,
  ): Promise<WebAssembly.Instance> {
    const { exports, metered } = this.#make(module, imports);
    if (metered?.start !== undefined) await this.promising(metered.start)();
    return { exports: mapExports(exports, (value) => this.#timed(value)) };
  }

  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#leave();
    this.#turntaker.leave();
    clearTimeout(this.#timer);
    this.#waiting.end();
  }

  #make(
    module: WebAssembly.Module,
    imports: WebAssembly.Imports,
  ): { exports: WebAssembly.Exports; metered: MeteredExports | undefined } {
    const { exports } = plainExecutor.instantiate(
      module,
      mapImports(imports, (value) => this.#counted(value)),
    );
    const metered = meteredExports(module, exports);
    if (metered === undefined) return { exports, metered };
    const { counter, tick } = metered;
    this.#fuel.add(counter);
    tick.value = instantiateTick({
      tick: (left, reason) => this.#tick(counter, left, reason),
      yield: () => this.#yield(),
    });
    return { exports: metered.exports, metered };
  }

  /** The counter of a module is below zero. @returns what it may go on with, or an {@link Answer} */
  #tick(counter: WebAssembly.Global<'i32'>, left: number, reason: number): number {
    // After a pause it may be something else: other calls of the guest may have run.
    if (reason === Reason.spent) counter.value = left;
    if (this.#ended) return Answer.end;
    const time = now();
    if (!this.#running) this.#enter(time);
    const passed = this.#passed(time - this.#enteredAt);
    if (passed !== undefined) return this.#stop(passed);
    if (time >= this.#sliceEnd && reason !== Reason.stuck) {
      if (this.yields?.mayYield() ?? true) return Answer.yield;
      reason = Reason.stuck;
    }
    if (reason === Reason.stuck) {
      this.#stuckSince ??= time;
      if (time - this.#stuckSince >= this.#slice) return this.#stop(limit('limits.slice', this.#slice));
    }
    return this.#fuel.refill(counter, this.#nextChunk(time));
  }

  /** @param running nanoseconds that are not on the meter yet */
  #passed(running: number): Outcome | undefined {
    const { fuel, cpu, deadline } = this.#limits;
    if (fuel !== undefined && this.#fuel.isSpent) return limit('limits.fuel', fuel);
    if (cpu !== undefined && this.#meter.cpuTime + running > cpu) return limit('limits.cpu', cpu);
    return deadline !== undefined && now() > this.#deadline ? limit('limits.deadline', deadline) : undefined;
  }

  /** The clock is to be looked at often enough for slices to be kept, and no more. */
  #nextChunk(time: number): number {
    const took = time - this.#tickedAt;
    this.#tickedAt = time;
    if (took > CHUNK_TIME.max) this.#chunk = Math.max(this.#chunk >> 1, CHUNK.min);
    else if (took < CHUNK_TIME.min) this.#chunk = Math.min(this.#chunk << 1, CHUNK.max);
    return this.#chunk;
  }

  #yield(): Promise<void> {
    this.#leave();
    this.yields?.yielded();
    return new Promise((resolve) => {
      this.#turntaker.yield(() => {
        // One that has ended meanwhile comes to `tick`, and no further: V8 keeps the stack of a guest, and all that it refers to,
        // until it is resumed.
        if (this.#ended) resolve();
        else this.#resume(resolve);
      });
    });
  }

  #suspend(answer: unknown): Promise<unknown> {
    this.#leave();
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    this.#waiting.add(reject);
    const resume = (settle: () => void): void => {
      this.#turntaker.take(() => {
        // Otherwise it is told that it has ended, if it was not yet.
        if (!this.#ended) this.#waiting.delete(reject);
        this.#resume(settle);
      });
    };
    Promise.resolve(answer).then(
      (value) => this.#ended || resume(() => resolve(value)),
      (error: unknown) => this.#ended || resume(() => reject(error)),
    );
    return promise;
  }

  /** A guest that has ended is not resumed where it could go on. */
  #resume(settle: () => void): void {
    if (this.#ended) return;
    this.#enter(now());
    settle();
  }

  #enter(time: number): void {
    this.#running = true;
    this.#enteredAt = time;
    this.#tickedAt = time;
    this.#sliceEnd = time + this.#slice;
    this.#stuckSince = undefined;
  }

  #leave(): void {
    if (!this.#running) return;
    this.#running = false;
    const took = now() - this.#enteredAt;
    this.#meter.cpuTime += took;
    this.#meter.fuel = this.#fuel.spent;
    this.#turntaker.ran(took);
    // A guest may be entered again and again for so little that it never comes to a check.
    const passed = this.#ended ? undefined : this.#passed(0);
    if (passed !== undefined) this.#stop(passed);
  }

  /** Calls code of the guest; within a call of it, the time is that call's. */
  #inside<T>(call: () => T): T {
    if (this.#ended) throw INSTANCE_ENDED;
    this.#fuel.spend(CALL_COST);
    if (this.#running) return call();
    this.#enter(now());
    try {
      return call();
    } finally {
      this.#leave();
    }
  }

  #stop(outcome: Outcome): number {
    this.end();
    this.#onStop(outcome);
    return Answer.end;
  }

  /** Timers hold 2^31 - 1 ms, and may fire a fraction early. */
  #arm(): void {
    const left = (this.#deadline - now()) / 1e6;
    if (left <= 0) this.#stop(limit('limits.deadline', this.#limits.deadline as number));
    else this.#timer = setTimeout(() => this.#arm(), Math.min(Math.ceil(left), MAX_TIMER_MS));
  }

  #timed(value: CallableFunction): GuestFunction {
    const call = value as (...args: unknown[]) => unknown;
    const timed = (...args: unknown[]): unknown => this.#inside(() => call(...args));
    this.#guestFunctions.set(timed, call);
    return timed;
  }

  /** What a guest imports from another core module stays as it is; a function of the host is counted. */
  #counted(value: WebAssembly.ImportValue): WebAssembly.ImportValue {
    if (typeof value !== 'function') return value;
    const guestFunction = this.#guestFunctions.get(value);
    if (guestFunction !== undefined) return guestFunction;
    const call = value as (...args: unknown[]) => unknown;
    return (...args: unknown[]) => {
      if ((++this.#hostCalls & (HOST_CALLS - 1)) === 0 && now() >= this.#sliceEnd) this.#fuel.empty();
      return call(...args);
    };
  }
}

function limit(name: string, value: number): Outcome {
  return { kind: 'limit', limit: name, value };
}
