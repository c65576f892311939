import { type InputStream, type OutputStream, StreamStatus, WRITE_BUDGET } from './streams.ts';
import type { StreamCause } from './streams.ts';

/** Bytes that a pipe holds before its writer has to wait. */
const CAPACITY = WRITE_BUDGET;

/** Chunks likewise: each costs the host far more than the byte that a guest may have put in it. */
const MAX_CHUNKS = 512;

const NO_BYTES = new Uint8Array(0);

/**
 * Bytes from a writer to a reader, in order and bounded: a writer that is ahead waits. What a guest writes goes through one
 * to the outside, and the other way round.
 */
export class Pipe {
  readonly #capacity: number;
  readonly #chunks: Uint8Array[] = [];
  #held = 0;
  #ended = false;
  #readerGone = false;
  #cause: StreamCause | undefined;
  /** While somebody waits for a change: most pipes of a server never see that. */
  #changed: PromiseWithResolvers<void> | undefined;
  readonly input: InputStream = new PipeInput(this);
  readonly output: OutputStream = new PipeOutput(this);

  constructor(capacity: number = CAPACITY) {
    this.#capacity = capacity;
  }

  /** Bytes that were written and not read. */
  get held(): number {
    return this.#held;
  }

  /** Bytes that it takes now. */
  get room(): number {
    if (this.#ended || this.#readerGone || this.#chunks.length >= MAX_CHUNKS) return 0;
    return Math.max(0, this.#capacity - this.#held);
  }

  get ended(): boolean {
    return this.#ended;
  }

  get readerGone(): boolean {
    return this.#readerGone;
  }

  get cause(): StreamCause | undefined {
    return this.#cause;
  }

  /** Takes bytes over; the caller does not change them any more. They are taken past the capacity, too. */
  push(chunk: Uint8Array): void {
    if (this.#ended || this.#readerGone || chunk.length === 0) return;
    this.#chunks.push(chunk);
    this.#held += chunk.length;
    this.#change();
  }

  /** @returns the next bytes, at most `length`; none when nothing is there */
  shift(length: number = Infinity): Uint8Array {
    const first = this.#chunks[0];
    if (first === undefined) return NO_BYTES;
    const taken = first.length <= length ? first : first.subarray(0, length);
    if (taken === first) this.#chunks.shift();
    else this.#chunks[0] = first.subarray(length);
    this.#held -= taken.length;
    this.#change();
    return taken;
  }

  /** No more bytes come. What is held can still be read. @param cause why, when it is not because there are no more */
  end(cause?: StreamCause): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#cause = cause;
    this.#change();
  }

  /** Nobody reads any more: what is held is dropped, and the writer is told. */
  abandon(cause?: StreamCause): void {
    if (this.#readerGone) return;
    this.#readerGone = true;
    this.#cause ??= cause;
    this.#chunks.length = 0;
    this.#held = 0;
    this.#change();
  }

  /** Settles at the next change of any kind. */
  changed(): Promise<void> {
    return (this.#changed ??= Promise.withResolvers()).promise;
  }

  #change(): void {
    const changed = this.#changed;
    this.#changed = undefined;
    changed?.resolve();
  }
}

/** Settles when `ready` answers true. */
export async function until(pipe: Pipe, ready: () => boolean): Promise<void> {
  while (!ready()) await pipe.changed();
}

class PipeInput implements InputStream {
  readonly failure = 0;
  readonly #pipe: Pipe;
  #told = false;
  #waiting: Promise<void> | undefined;

  constructor(pipe: Pipe) {
    this.#pipe = pipe;
  }

  get cause(): StreamCause | undefined {
    return this.#pipe.cause;
  }

  readInto(target: Uint8Array, offset: number, length: number): number {
    const pipe = this.#pipe;
    if (length === 0 && (pipe.held > 0 || (!pipe.ended && !pipe.readerGone))) return 0;
    let done = 0;
    while (done < length && pipe.held > 0) {
      const chunk = pipe.shift(length - done);
      target.set(chunk, offset + done);
      done += chunk.length;
    }
    if (done > 0) return done;
    if (!pipe.ended && !pipe.readerGone) return 0;
    if (pipe.cause === undefined || this.#told) return StreamStatus.closed;
    this.#told = true;
    return StreamStatus.failed;
  }

  ready(): boolean {
    return this.#pipe.held > 0 || this.#pipe.ended || this.#pipe.readerGone;
  }

  wait(): Promise<void> | undefined {
    if (this.ready()) return undefined;
    return (this.#waiting ??= until(this.#pipe, () => this.ready()).then(() => (this.#waiting = undefined)));
  }

  close(): void {
    this.#pipe.abandon();
  }
}

class PipeOutput implements OutputStream {
  readonly failure = 0;
  readonly #pipe: Pipe;
  #told = false;
  #flushing = false;
  #waiting: Promise<void> | undefined;

  constructor(pipe: Pipe) {
    this.#pipe = pipe;
  }

  get cause(): StreamCause | undefined {
    return this.#pipe.cause;
  }

  checkWrite(): number {
    const { ended, readerGone, cause, room } = this.#pipe;
    if (!ended && !readerGone) return this.#flushing && !this.ready() ? 0 : room;
    if (cause === undefined || this.#told) return StreamStatus.closed;
    this.#told = true;
    return StreamStatus.failed;
  }

  write(source: Uint8Array, offset: number, length: number): number {
    if (this.#pipe.ended || this.#pipe.readerGone) return Math.min(0, this.checkWrite());
    // Not `slice`: that of a Buffer copies nothing.
    this.#pipe.push(new Uint8Array(source.subarray(offset, offset + length)));
    return 0;
  }

  /** Done once the reader has taken everything. */
  flush(): number {
    if (this.#pipe.ended || this.#pipe.readerGone) return Math.min(0, this.checkWrite());
    this.#flushing = true;
    return 0;
  }

  ready(): boolean {
    const { ended, readerGone, held, room } = this.#pipe;
    if (ended || readerGone) return true;
    if (this.#flushing && held === 0) this.#flushing = false;
    return this.#flushing ? false : room > 0;
  }

  wait(): Promise<void> | undefined {
    if (this.ready()) return undefined;
    return (this.#waiting ??= until(this.#pipe, () => this.ready()).then(() => (this.#waiting = undefined)));
  }

  /** The guest dropped the stream: what it means for what is behind (an end, a half-written body) that one decides. */
  close(): void {
    this.#pipe.end();
  }
}
