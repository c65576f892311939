/** Time as a guest sees it: coarsened, fixed, virtual or absent. Numbers only, so that reading a clock allocates nothing. */
export interface MonotonicClock {
  /** @returns nanoseconds since the instance opened. */
  now(): number;
  /** The same as a u64, which a guest wants and the machine has: a number between the two would cost a third of a reading. */
  nowU64(): bigint;
  /** Nanoseconds. */
  readonly resolution: number;
}

/** `read()` fills the two fields: the datetime of wasi:clocks/wall-clock. */
export interface WallClock {
  seconds: number;
  nanoseconds: number;
  read(): void;
  /** Nanoseconds since the Unix epoch as the guest would read them, without asking the guard: for file timestamps. */
  peek(): bigint;
  /** Nanoseconds. */
  readonly resolution: number;
}

export interface Clocks {
  readonly monotonic: MonotonicClock;
  readonly wall: WallClock;
  /**
   * Waits for `nanoseconds`. Virtual time jumps and answers undefined at once; real time answers a promise. Once
   * `signal` ends, or the instance, its timer is gone and it stays pending.
   */
  sleep(nanoseconds: number, signal?: AbortSignal): Promise<void> | undefined;
  /**
   * To be called for every wait of the guest that is over at once. @returns now and then a real wait, whatever time the
   * guest has: one that polls without end must not starve the host's other work.
   */
  breather(): Promise<void> | undefined;
}
