import { GRANTED, type Grant } from '../../kernel/grant.ts';
import type { Guard } from '../../kernel/guard.ts';
import type { Machine } from '../machine.ts';
import type { MonotonicClock, WallClock } from './clocks.ts';

/** The machine's steady clock, from zero at the start of the instance, rounded down to `resolution` nanoseconds. */
export class RealMonotonicClock implements MonotonicClock {
  readonly resolution: number;
  readonly #grant: Grant;
  readonly #guard: Guard;
  readonly #machine: Machine;
  readonly #start: number;
  #last = 0;

  constructor(grant: Grant, guard: Guard, machine: Machine, resolution: number) {
    this.#grant = grant;
    this.#guard = guard;
    this.#machine = machine;
    this.#start = machine.monotonicNow();
    this.resolution = resolution;
  }

  now(): number {
    // A revoked clock stands still: WIT has no error to give.
    if (!this.#guard.admit(this.#grant, GRANTED, 'monotonic-clock', 'monotonic')) return this.#last;
    const elapsed = this.#machine.monotonicNow() - this.#start;
    // Not `%`: on doubles it costs as much as reading the clock.
    return (this.#last =
      this.resolution === 1 ? elapsed : Math.floor(elapsed / this.resolution) * this.resolution);
  }
}

/** The machine's calendar clock, rounded down to `resolution` nanoseconds. */
export class RealWallClock implements WallClock {
  readonly resolution: number;
  seconds = 0;
  nanoseconds = 0;
  readonly #grant: Grant;
  readonly #guard: Guard;
  readonly #machine: Machine;

  constructor(grant: Grant, guard: Guard, machine: Machine, resolution: number) {
    this.#grant = grant;
    this.#guard = guard;
    this.#machine = machine;
    this.resolution = resolution;
  }

  read(): void {
    if (this.#guard.admit(this.#grant, GRANTED, 'wall-clock', 'wall')) this.#update();
  }

  peek(): bigint {
    if (!this.#grant.revoked) this.#update();
    return BigInt(this.seconds) * 1_000_000_000n + BigInt(this.nanoseconds);
  }

  #update(): void {
    const now = this.#machine.wallNow();
    const seconds = Math.floor(now / 1000);
    const nanoseconds = Math.floor((now - seconds * 1000) * 1e6);
    if (this.resolution <= 1e9) {
      this.seconds = seconds;
      this.nanoseconds = nanoseconds - (nanoseconds % this.resolution);
    } else {
      this.seconds = seconds - (seconds % (this.resolution / 1e9));
      this.nanoseconds = 0;
    }
  }
}
