import { type InputStream, type OutputStream, StreamStatus } from '../../src/virtual/io/streams.ts';
import { IOVEC_SIZE } from './abi.ts';
import type { Context } from './context.ts';
import { Errno, errnoOf, errnoOfNetwork } from './errno.ts';
import type { FdEntry } from './fd-table.ts';
import { PeekableInput } from './peekable-input.ts';
import { MAX_TRANSFER, checkIovecs, iovecCount } from './iovec.ts';

/** Of {@link readInput}: nothing is there yet, and nothing has been done. */
export const NOTHING_YET = -1;

/** `fd_read` of standard input and of connections, over checked vectors. @returns an errno or NOTHING_YET */
export function readInput(
  { memory }: Context,
  input: InputStream,
  iovs: number,
  iovsLen: number,
  size: number,
): number {
  const { bytes, view } = memory;
  const start = iovs >>> 0;
  const end = start + iovecCount(iovsLen) * IOVEC_SIZE;
  let total = 0;
  for (let vector = start; vector < end; vector += IOVEC_SIZE) {
    const length = Math.min(view.getUint32(vector + 4, true), MAX_TRANSFER - total);
    if (length === 0) continue;
    const count = input.readInto(bytes, view.getUint32(vector, true), length);
    if (count <= 0 && total === 0) {
      if (count === 0) return NOTHING_YET;
      if (count === StreamStatus.failed) return failureOf(input);
    }
    // A closed stream is the end of the file.
    if (count <= 0) {
      if (total > 0 && input instanceof PeekableInput) input.defer(count);
      break;
    }
    total += count;
    if (count < length) break;
  }
  view.setUint32(size >>> 0, total, true);
  return Errno.success;
}

/** `fd_write` of standard output and error, and of connections: takes all bytes, waiting for the reader whenever the stream is full. */
export class OutputCall {
  readonly #context: Context;
  readonly #entry: FdEntry;
  readonly #output: OutputStream;
  readonly #iovs: number;
  readonly #count: number;
  readonly #size: number;
  /** Vector at work, bytes of it that are written, and bytes written in all. */
  #vector = 0;
  #offset = 0;
  #total = 0;

  constructor(
    context: Context,
    entry: FdEntry,
    output: OutputStream,
    iovs: number,
    iovsLen: number,
    size: number,
  ) {
    this.#context = context;
    this.#entry = entry;
    this.#output = output;
    this.#iovs = iovs >>> 0;
    this.#count = iovecCount(iovsLen);
    this.#size = size >>> 0;
  }

  /** Starts, or goes on after a wait. @returns an errno */
  run(): number | Promise<number> {
    const { memory } = this.#context;
    if (!memory.holds(this.#size, 4)) return Errno.fault;
    const errno = checkIovecs(memory, this.#iovs, this.#count);
    if (errno !== Errno.success) return errno;
    if (this.#entry.deferredErrno !== Errno.success) return this.#takeDeferred();
    const { bytes, view } = memory;
    while (this.#vector < this.#count && this.#total < MAX_TRANSFER) {
      const at = this.#iovs + this.#vector * IOVEC_SIZE;
      const left = Math.min(view.getUint32(at + 4, true) - this.#offset, MAX_TRANSFER - this.#total);
      if (left <= 0) {
        this.#vector++;
        this.#offset = 0;
        continue;
      }
      const length = Math.min(left, this.#output.checkWrite());
      if (length === 0) return this.#wait();
      const status =
        length < 0 ? length : this.#output.write(bytes, view.getUint32(at, true) + this.#offset, length);
      if (status < 0) return this.#fail(status);
      this.#offset += length;
      this.#total += length;
    }
    return this.#finish();
  }

  #wait(): number | Promise<number> {
    const wait = this.#entry.nonblocking ? undefined : this.#output.wait();
    if (wait !== undefined) return this.#context.suspend(wait, () => this.run());
    return this.#total > 0 ? this.#finish() : Errno.again;
  }

  #fail(status: number): number {
    const errno = status === StreamStatus.failed ? failureOf(this.#output) : Errno.success;
    // What was written counts; the guest meets the error at its next call. A connection fails only once.
    if (this.#total > 0) {
      if (this.#entry.socket !== undefined) this.#entry.deferredErrno = errno;
      return this.#finish();
    }
    if (errno !== Errno.success) return errno;
    return this.#entry.written ? Errno.pipe : Errno.badf;
  }

  #takeDeferred(): number {
    const errno = this.#entry.deferredErrno;
    this.#entry.deferredErrno = Errno.success;
    return errno;
  }

  #finish(): number {
    this.#context.memory.view.setUint32(this.#size, this.#total, true);
    if (this.#total > 0) this.#entry.written = true;
    return Errno.success;
  }
}

/** Of a stream that answered `failed`. @returns an errno */
export function failureOf(stream: InputStream | OutputStream): number {
  const { cause } = stream;
  // What the policy ended says so by its failure: a budget that is spent, a rule that was taken back.
  if (cause?.kind === 'network' && cause.error !== 'access-denied') return errnoOfNetwork(cause.error);
  return stream.failure > 0 ? errnoOf(stream.failure) : Errno.io;
}
