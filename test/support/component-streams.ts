import { readFuture } from '../../shims/canonical-abi/host-streams.ts';
import {
  CopyResult,
  type CopyCallbacks,
  type FutureSource,
  type StreamSource,
  type TargetBuffer,
} from '../../shims/canonical-abi/values.ts';

/** How one read of a guest ended, and what it got. */
export interface Read<T> {
  readonly result: 'completed' | 'dropped' | 'cancelled';
  readonly items: readonly T[];
}

const RESULTS = ['completed', 'dropped', 'cancelled'] as const;

/** Reads once, as a guest with room for `count` elements does. Bytes come as numbers. */
export function readOnce<T = number>(source: StreamSource, count: number): Promise<Read<T>> {
  const { promise, resolve } = Promise.withResolvers<Read<T>>();
  const buffer = new Room<T>(count);
  const done = (result: CopyResult): void => resolve({ result: RESULTS[result], items: buffer.items });
  source.read(buffer, buffer, {
    onCopy(reclaim) {
      reclaim();
      done(CopyResult.completed);
    },
    onDone: done,
  });
  return promise;
}

/** Reads to the end, and drops the stream. */
export async function readToEnd<T = number>(source: StreamSource, count = 65_536): Promise<T[]> {
  const all: T[] = [];
  for (;;) {
    const { result, items } = await readOnce<T>(source, count);
    for (const item of items) all.push(item);
    if (result !== 'completed') break;
  }
  source.drop();
  return all;
}

export async function textToEnd(source: StreamSource, count?: number): Promise<string> {
  return Buffer.from(await readToEnd(source, count)).toString();
}

/** Reads the future's value, as a guest does. */
export function valueOf<T>(future: FutureSource): Promise<T | undefined> {
  const { promise, resolve } = Promise.withResolvers<T | undefined>();
  readFuture<T>(future, resolve);
  return promise;
}

class Room<T> implements TargetBuffer {
  readonly items: T[] = [];
  readonly #count: number;
  readonly isZeroLength: boolean;
  #bytes: Uint8Array | undefined;

  constructor(count: number) {
    this.#count = count;
    this.isZeroLength = count === 0;
  }

  get remain(): number {
    return this.#count - this.items.length;
  }

  bytes(): Uint8Array {
    return (this.#bytes = new Uint8Array(this.remain));
  }

  advance(count: number): void {
    this.write((this.#bytes ?? new Uint8Array()).subarray(0, count));
  }

  write(elements: Uint8Array | readonly unknown[]): void {
    if (elements.length > this.remain) throw new RangeError('more than there is room for');
    for (const element of elements) this.items.push(element as T);
  }
}

/** A stream whose other end is with a guest that writes when the test says so. */
export class GuestWriter implements StreamSource {
  dropped = false;
  #bytes = new Uint8Array(0);
  #written: (() => void) | undefined;
  #ended = false;
  #reader: { readonly buffer: TargetBuffer; readonly callbacks: CopyCallbacks } | undefined;

  /** Settles when all of it was taken, or the reader has dropped the stream. */
  write(data: string | Uint8Array): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#bytes = new Uint8Array(Buffer.from(data as Uint8Array));
    this.#written = resolve;
    this.#transfer();
    return promise;
  }

  /** Bytes that were not taken yet. */
  get left(): number {
    return this.#bytes.length;
  }

  end(): void {
    this.#ended = true;
    this.#transfer();
  }

  read(buffer: TargetBuffer, _reader: object, callbacks: CopyCallbacks): void {
    this.#reader = { buffer, callbacks };
    this.#transfer();
  }

  cancel(): void {
    const reader = this.#reader;
    this.#reader = undefined;
    reader?.callbacks.onDone(CopyResult.cancelled);
  }

  drop(): void {
    this.dropped = true;
    this.#written?.();
  }

  #transfer(): void {
    const reader = this.#reader;
    if (reader === undefined || (this.#bytes.length === 0 && !this.#ended)) return;
    this.#reader = undefined;
    if (this.#bytes.length === 0) {
      reader.callbacks.onDone(CopyResult.dropped);
      return;
    }
    const part = this.#bytes.subarray(0, reader.buffer.remain);
    this.#bytes = this.#bytes.subarray(part.length);
    reader.buffer.write(part);
    if (this.#bytes.length === 0) this.#written?.();
    reader.callbacks.onDone(CopyResult.completed);
  }
}

/** @returns a stream that holds `data` and ends */
export function streamOf(data: string | Uint8Array): GuestWriter {
  const writer = new GuestWriter();
  void writer.write(data);
  writer.end();
  return writer;
}
