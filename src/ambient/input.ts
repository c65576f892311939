import { ErrorCode } from '../virtual/error-code.ts';
import { type InputStream, StreamStatus } from '../virtual/io/streams.ts';
import type { InputSource } from '../virtual/machine.ts';

/** Opens where a guest's standard input comes from. */
export function openInput(source: InputSource): InputStream {
  if (source === 'ignore') return new BytesInput(new Uint8Array());
  if (source === 'inherit') return new ChunksInput(() => process.stdin);
  if (source instanceof Uint8Array) return new BytesInput(source);
  return new ChunksInput(() => source);
}

class BytesInput implements InputStream {
  readonly failure = 0;
  readonly #bytes: Uint8Array;
  #position = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  readInto(target: Uint8Array, offset: number, length: number): number {
    const count = Math.min(length, this.#bytes.length - this.#position);
    if (count === 0) return length === 0 ? 0 : StreamStatus.closed;
    target.set(this.#bytes.subarray(this.#position, this.#position + count), offset);
    this.#position += count;
    return count;
  }

  ready(): boolean {
    return true;
  }

  wait(): undefined {
    return undefined;
  }

  close(): void {
    this.#position = this.#bytes.length;
  }
}

/** Pulls one chunk at a time, only when the guest asks for more: a fast source cannot fill the host's memory. */
class ChunksInput implements InputStream {
  failure = 0;
  readonly #open: () => AsyncIterable<Uint8Array | string>;
  #iterator: AsyncIterator<Uint8Array | string, unknown> | undefined;
  #chunk: Uint8Array = new Uint8Array();
  #pending: Promise<void> | undefined;
  #ended = false;

  constructor(open: () => AsyncIterable<Uint8Array | string>) {
    this.#open = open;
  }

  readInto(target: Uint8Array, offset: number, length: number): number {
    if (this.#chunk.length === 0) {
      if (this.failure !== 0) return StreamStatus.failed;
      if (this.#ended) return StreamStatus.closed;
      this.#pull();
      return 0;
    }
    const count = Math.min(length, this.#chunk.length);
    target.set(this.#chunk.subarray(0, count), offset);
    this.#chunk = this.#chunk.subarray(count);
    return count;
  }

  ready(): boolean {
    return this.#chunk.length > 0 || this.#ended;
  }

  wait(): Promise<void> | undefined {
    if (this.ready()) return undefined;
    this.#pull();
    return this.#pending;
  }

  close(): void {
    this.#ended = true;
    this.#chunk = new Uint8Array();
    void this.#iterator?.return?.().catch(() => undefined);
  }

  #pull(): void {
    this.#pending ??= this.#next().then(
      () => void (this.#pending = undefined),
      () => {
        this.#pending = undefined;
        this.failure = ErrorCode.io;
        this.#ended = true;
      },
    );
  }

  /** An empty chunk is not the end, and nothing to read either: `wait` promises that there is something. */
  async #next(): Promise<void> {
    this.#iterator ??= this.#open()[Symbol.asyncIterator]();
    while (!this.ready()) {
      const { done, value } = await this.#iterator.next();
      if (this.#ended) return;
      if (done === true) this.#ended = true;
      else this.#chunk = typeof value === 'string' ? new TextEncoder().encode(value) : value;
    }
  }
}
