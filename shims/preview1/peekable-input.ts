import type { InputStream, StreamCause } from '../../src/virtual/io/streams.ts';

/** Bytes that a peek looks ahead at most. */
const MAX_PEEK = 65_536;

const NO_BYTES = new Uint8Array(0);

/** A stream whose next bytes can be looked at before they are taken: `RECV_PEEK`. */
export class PeekableInput implements InputStream {
  readonly #input: InputStream;
  #ahead = NO_BYTES;
  #deferred = 0;

  constructor(input: InputStream) {
    this.#input = input;
  }

  get failure(): number {
    return this.#input.failure;
  }

  get cause(): StreamCause | undefined {
    return this.#input.cause;
  }

  readInto(target: Uint8Array, offset: number, length: number): number {
    if (this.#ahead.length === 0) return this.#read(target, offset, length);
    const taken = this.#copy(target, offset, length);
    this.#ahead = this.#ahead.subarray(taken);
    return taken;
  }

  /** As `readInto`, but the bytes stay. */
  peekInto(target: Uint8Array, offset: number, length: number): number {
    const missing = Math.min(length, MAX_PEEK) - this.#ahead.length;
    if (missing > 0) {
      const more = new Uint8Array(missing);
      const count = this.#read(more, 0, missing);
      if (count <= 0 && this.#ahead.length === 0) return count;
      this.defer(count);
      if (count > 0) this.#ahead = concatenate(this.#ahead, more.subarray(0, count));
    }
    return this.#copy(target, offset, length);
  }

  /**
   * A stream fails once, and a call that has bytes to give cannot say so: the next one says it.
   *
   * @param status of `readInto`
   */
  defer(status: number): void {
    if (status < 0) this.#deferred = status;
  }

  ready(): boolean {
    return this.#deferred < 0 || this.#ahead.length > 0 || this.#input.ready();
  }

  wait(): Promise<void> | undefined {
    return this.ready() ? undefined : this.#input.wait();
  }

  close(): void {
    this.#ahead = NO_BYTES;
    this.#input.close();
  }

  #read(target: Uint8Array, offset: number, length: number): number {
    const deferred = this.#deferred;
    if (deferred === 0) return this.#input.readInto(target, offset, length);
    this.#deferred = 0;
    return deferred;
  }

  #copy(target: Uint8Array, offset: number, length: number): number {
    const taken = this.#ahead.subarray(0, length);
    target.set(taken, offset);
    return taken.length;
  }
}

function concatenate(one: Uint8Array, other: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(one.length + other.length);
  both.set(one);
  both.set(other, one.length);
  return both;
}
