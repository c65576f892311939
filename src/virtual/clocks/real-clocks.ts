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
  readonly #start: bigint;
  readonly #step: bigint;
  /** One element: a field would allocate a BigInt for every reading. */
  readonly #last = new BigUint64Array(1);

  constructor(grant: Grant, guard: Guard, machine: Machine, resolution: number) {
    this.#grant = grant;
    this.#guard = guard;
    this.#machine = machine;
    this.#start = machine.monotonicU64();
    this.#step = BigInt(resolution);
    this.resolution = resolution;
  }

  now(): number {
    return Number(this.nowU64());
  }

  nowU64(): bigint {
    // A revoked clock stands still: WIT has no error to give.
    if (!this.#guard.admit(this.#grant, GRANTED, 'monotonic-clock', 'monotonic'))
      return this.#last[0] as bigint;
    // V8 computes with machine words as long as it sees that 64 bits are enough.
    const elapsed = BigInt.asUintN(64, this.#machine.monotonicU64() - this.#start);
    const now =
      this.resolution === 1
        ? elapsed
        : BigInt.asUintN(64, elapsed - BigInt.asUintN(64, elapsed % this.#step));
    this.#last[0] = now;
    return now;
  }
}

const SECOND = 1_000_000_000n;

/** The machine's calendar clock, rounded down to `resolution` nanoseconds. */
export class RealWallClock implements WallClock {
  readonly resolution: number;
  seconds = 0;
  nanoseconds = 0;
  readonly #grant: Grant;
  readonly #guard: Guard;
  readonly #machine: Machine;
  /** A second is a multiple of the resolution: the common case, and one of small numbers. */
  readonly #wholePart: boolean;

  constructor(grant: Grant, guard: Guard, machine: Machine, resolution: number) {
    this.#grant = grant;
    this.#guard = guard;
    this.#machine = machine;
    this.resolution = resolution;
    this.#wholePart = 1e9 % resolution === 0;
  }

  read(): void {
    if (this.#guard.admit(this.#grant, GRANTED, 'wall-clock', 'wall')) this.#update();
  }

  peek(): bigint {
    if (!this.#grant.revoked) this.#update();
    return BigInt(this.seconds) * SECOND + BigInt(this.nanoseconds);
  }

  #update(): void {
    const now = this.#machine.wallNow();
    this.seconds = Math.floor(now / 1000);
    this.nanoseconds = Math.floor((now - this.seconds * 1000) * 1e6);
    if (this.#wholePart) this.nanoseconds -= this.nanoseconds % this.resolution;
    else this.#roundFromEpoch();
  }

  /** Nanoseconds since the epoch are more than a double holds. */
  #roundFromEpoch(): void {
    const exact = BigInt(this.seconds) * SECOND + BigInt(this.nanoseconds);
    const rounded = exact - (exact % BigInt(this.resolution));
    this.seconds = Number(rounded / SECOND);
    this.nanoseconds = Number(rounded % SECOND);
  }
}
