import type { MonotonicClock, WallClock } from './clocks.ts';

/**
 * Time that has nothing to do with the machine's: it advances only with the program's own waits (`virtual`), or not
 * at all (`fixed`). Both clocks of an instance share one, so that a wait moves them together.
 */
export class VirtualTime {
  /** Nanoseconds that the program has waited. */
  elapsed = 0;

  advance(nanoseconds: number): void {
    this.elapsed = Math.min(this.elapsed + nanoseconds, Number.MAX_SAFE_INTEGER);
  }
}

/** Virtual time as a monotonic clock; it stands at its start when `advances` is false. */
export class VirtualMonotonicClock implements MonotonicClock {
  readonly resolution = 1;
  readonly #time: VirtualTime;
  readonly #start: number;
  readonly #advances: boolean;
  readonly #onRead: () => void;

  /** @param start nanoseconds; @param onRead records the read (grant used, or denied) */
  constructor(time: VirtualTime, start: number, advances: boolean, onRead: () => void) {
    this.#time = time;
    this.#start = start;
    this.#advances = advances;
    this.#onRead = onRead;
  }

  now(): number {
    this.#onRead();
    return this.#advances ? this.#start + this.#time.elapsed : this.#start;
  }

  nowU64(): bigint {
    return BigInt(this.now());
  }
}

/** Virtual time as a wall clock from `start` (nanoseconds since the Unix epoch). */
export class VirtualWallClock implements WallClock {
  readonly resolution = 1;
  seconds = 0;
  nanoseconds = 0;
  readonly #time: VirtualTime;
  readonly #startSeconds: number;
  readonly #startNanoseconds: number;
  readonly #advances: boolean;
  readonly #onRead: () => void;

  constructor(time: VirtualTime, start: bigint, advances: boolean, onRead: () => void) {
    this.#time = time;
    this.#startSeconds = Number(start / 1_000_000_000n);
    this.#startNanoseconds = Number(start % 1_000_000_000n);
    this.#advances = advances;
    this.#onRead = onRead;
  }

  read(): void {
    this.#onRead();
    this.#update();
  }

  peek(): bigint {
    this.#update();
    return BigInt(this.seconds) * 1_000_000_000n + BigInt(this.nanoseconds);
  }

  #update(): void {
    const elapsed = this.#advances ? this.#time.elapsed : 0;
    const nanoseconds = this.#startNanoseconds + (elapsed % 1e9);
    const carry = nanoseconds >= 1e9 ? 1 : 0;
    this.seconds = this.#startSeconds + Math.floor(elapsed / 1e9) + carry;
    this.nanoseconds = nanoseconds - carry * 1e9;
  }
}
