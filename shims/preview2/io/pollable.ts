import type { Clocks } from '../../../src/virtual/clocks/clocks.ts';

/** What a `pollable` waits for: a stream that gets ready, or a moment. */
export type Pollable = StreamPollable | TimerPollable;

interface Waitable {
  ready(): boolean;
  wait(): Promise<void> | undefined;
}

/** `subscribe` of a stream. */
export class StreamPollable {
  readonly stream: Waitable;

  constructor(stream: Waitable) {
    this.stream = stream;
  }

  ready(): boolean {
    return this.stream.ready();
  }
}

/** `subscribe-instant` and `subscribe-duration`. */
export class TimerPollable {
  /** On the instance's monotonic clock, in nanoseconds. */
  readonly instant: number;
  readonly #clocks: Clocks;
  // A clock that is not granted, or fixed, never reaches the instant: waiting the time out must do.
  #elapsed = false;

  constructor(clocks: Clocks, instant: number) {
    this.#clocks = clocks;
    this.instant = instant;
  }

  ready(): boolean {
    return this.#elapsed || this.left() <= 0;
  }

  /** Nanoseconds until the instant. */
  left(): number {
    return this.instant - this.#clocks.monotonic.now();
  }

  elapse(): void {
    this.#elapsed = true;
  }
}
