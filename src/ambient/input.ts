import { BindingError } from '../errors.ts';
import { ErrorCode } from '../virtual/error-code.ts';
import { type InputStream, StreamStatus } from '../virtual/io/streams.ts';
import type { InputSource } from '../virtual/machine.ts';

/**
 * Opens where a guest's standard input comes from.
 *
 * @throws BindingError BW_BINDING_STREAM
 */
export function openInput(source: InputSource): InputStream {
  if (source === 'ignore') return new BytesInput(new Uint8Array());
  if (source === 'inherit') return new InheritedInput();
  if (source instanceof Uint8Array) return new BytesInput(source);
  // A caller without types may pass anything, and a text is easily meant to be the input.
  if (!isAsyncIterable(source)) {
    throw new BindingError(
      'BW_BINDING_STREAM',
      `stdin cannot be ${describe(source)}; expected 'inherit', 'ignore', bytes, or an async iterable of chunks.`,
      { hint: 'Text is bytes: stdin: new TextEncoder().encode(text)' },
    );
  }
  return new ChunksInput(new ChunkSource(() => source));
}

function isAsyncIterable(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}

/** The kind of a value, never the value: it may be a secret. */
function describe(value: unknown): string {
  return typeof value === 'string' ? 'a string' : `of type ${typeof value}`;
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

/** Pulls one chunk at a time, only when a guest asks for more: a fast source cannot fill the host's memory. */
class ChunkSource {
  chunk: Uint8Array = new Uint8Array();
  failure = 0;
  ended = false;
  readonly #open: () => AsyncIterable<Uint8Array | string>;
  #iterator: AsyncIterator<Uint8Array | string, unknown> | undefined;
  #pending: Promise<void> | undefined;

  constructor(open: () => AsyncIterable<Uint8Array | string>) {
    this.#open = open;
  }

  ready(): boolean {
    return this.chunk.length > 0 || this.ended;
  }

  /** Settles when there is a chunk, or the end. */
  pull(): Promise<void> {
    return (this.#pending ??= this.#next().then(
      () => void (this.#pending = undefined),
      () => {
        this.#pending = undefined;
        this.failure = ErrorCode.io;
        this.ended = true;
      },
    ));
  }

  end(): void {
    this.ended = true;
    this.chunk = new Uint8Array();
    void this.#iterator?.return?.().catch(() => undefined);
  }

  /** An empty chunk is not the end, and nothing to read either. */
  async #next(): Promise<void> {
    this.#iterator ??= this.#open()[Symbol.asyncIterator]();
    while (!this.ready()) {
      const { done, value } = await this.#iterator.next();
      if (this.ended) return;
      if (done === true) this.ended = true;
      else this.chunk = typeof value === 'string' ? new TextEncoder().encode(value) : value;
    }
  }
}

class ChunksInput implements InputStream {
  readonly #source: ChunkSource;

  constructor(source: ChunkSource) {
    this.#source = source;
  }

  get failure(): number {
    return this.#source.failure;
  }

  readInto(target: Uint8Array, offset: number, length: number): number {
    const source = this.#source;
    if (!source.ready()) {
      void source.pull();
      return 0;
    }
    if (source.chunk.length === 0) return source.failure === 0 ? StreamStatus.closed : StreamStatus.failed;
    const count = Math.min(length, source.chunk.length);
    target.set(source.chunk.subarray(0, count), offset);
    source.chunk = source.chunk.subarray(count);
    return count;
  }

  ready(): boolean {
    return this.#source.ready();
  }

  wait(): Promise<void> | undefined {
    return this.#source.ready() ? undefined : this.#source.pull();
  }

  close(): void {
    this.#source.end();
  }
}

/** All instances read the process's standard input through one source: what it has pulled cannot be put back. */
const standardInput: { source?: ChunkSource; readers: number } = { readers: 0 };

/** The process's standard input. It keeps the process alive only while an instance that reads it is open. */
class InheritedInput implements InputStream {
  #input: ChunksInput | undefined;
  #closed = false;

  get failure(): number {
    return this.#input?.failure ?? 0;
  }

  readInto(target: Uint8Array, offset: number, length: number): number {
    return this.#closed ? StreamStatus.closed : this.#open().readInto(target, offset, length);
  }

  ready(): boolean {
    return this.#closed || this.#open().ready();
  }

  wait(): Promise<void> | undefined {
    return this.#closed ? undefined : this.#open().wait();
  }

  /** The stream is the process's, and stays: ending it would wait for a read that is under way, and end it for others. */
  close(): void {
    if (this.#input !== undefined && !this.#closed && --standardInput.readers === 0)
      hold(process.stdin, 'unref');
    this.#closed = true;
  }

  /** Not before the guest asks: opening a terminal or a pipe is felt outside. */
  #open(): ChunksInput {
    if (this.#input === undefined) {
      standardInput.readers++;
      hold(process.stdin, 'ref');
      this.#input = new ChunksInput((standardInput.source ??= new ChunkSource(() => process.stdin)));
    }
    return this.#input;
  }
}

/** Files have neither, and need neither. */
function hold(stream: { ref?: unknown; unref?: unknown }, how: 'ref' | 'unref'): void {
  const method = stream[how];
  if (typeof method === 'function') method.call(stream);
}
