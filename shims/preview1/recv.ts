import { StreamStatus } from '../../src/virtual/io/streams.ts';
import { IOVEC_SIZE } from './abi.ts';
import type { Context } from './context.ts';
import { Errno } from './errno.ts';
import type { FdEntry } from './fd-table.ts';
import { checkIovecs, iovecCount, MAX_TRANSFER } from './iovec.ts';
import { PeekableInput } from './peekable-input.ts';
import { failureOf } from './stdio.ts';

/** Where the guest wants what, as it said. */
export interface RecvPlaces {
  readonly iovs: number;
  readonly iovsLen: number;
  readonly size: number;
  readonly outFlags: number;
}

export interface RecvOptions {
  /** The bytes stay where they are. */
  readonly peek: boolean;
  /** Waits until all that is asked for is there; not with `peek`, which does not look so far ahead. */
  readonly waitAll: boolean;
}

/** `sock_recv` of a connection. */
export class RecvCall {
  readonly #context: Context;
  readonly #entry: FdEntry;
  readonly #options: RecvOptions;
  readonly #iovs: number;
  readonly #count: number;
  readonly #size: number;
  readonly #outFlags: number;
  /** Vector at work, bytes of it that are filled, and bytes received in all. */
  #vector = 0;
  #offset = 0;
  #total = 0;

  constructor(context: Context, entry: FdEntry, places: RecvPlaces, options: RecvOptions) {
    this.#context = context;
    this.#entry = entry;
    this.#options = options;
    this.#iovs = places.iovs >>> 0;
    this.#count = iovecCount(places.iovsLen);
    this.#size = places.size >>> 0;
    this.#outFlags = places.outFlags >>> 0;
  }

  /** Starts, or goes on after a wait. @returns an errno */
  run(): number | Promise<number> {
    const { memory } = this.#context;
    if (!memory.holds(this.#size, 4) || !memory.holds(this.#outFlags, 2)) return Errno.fault;
    const errno = checkIovecs(memory, this.#iovs, this.#count);
    if (errno !== Errno.success) return errno;
    const { view } = memory;
    const { peek, waitAll } = this.#options;
    while (this.#vector < this.#count && this.#total < MAX_TRANSFER) {
      const at = this.#iovs + this.#vector * IOVEC_SIZE;
      const left = Math.min(view.getUint32(at + 4, true) - this.#offset, MAX_TRANSFER - this.#total);
      if (left <= 0) {
        this.#vector++;
        this.#offset = 0;
        continue;
      }
      const count = this.#receive(view.getUint32(at, true) + this.#offset, left);
      if (count < 0) return this.#end(count);
      if (count === 0) return this.#whenNothing();
      this.#offset += count;
      this.#total += count;
      // A peek would see the same bytes again.
      if (peek || (count < left && !waitAll)) break;
    }
    return this.#finish();
  }

  /** Connections have no other. */
  get #input(): PeekableInput | undefined {
    const { input } = this.#entry;
    return input instanceof PeekableInput ? input : undefined;
  }

  #receive(pointer: number, length: number): number {
    const { bytes } = this.#context.memory;
    const input = this.#input;
    if (input === undefined) return StreamStatus.closed;
    return this.#options.peek
      ? input.peekInto(bytes, pointer, length)
      : input.readInto(bytes, pointer, length);
  }

  #whenNothing(): number | Promise<number> {
    const waits = this.#total === 0 || (this.#options.waitAll && !this.#options.peek);
    if (!waits) return this.#finish();
    const wait = this.#entry.nonblocking ? undefined : this.#entry.input?.wait();
    if (wait !== undefined) return this.#context.suspend(wait, () => this.run());
    return this.#total > 0 ? this.#finish() : Errno.again;
  }

  /** What was received counts; the guest meets the error at its next call. A closed stream is the end. */
  #end(status: number): number {
    const input = this.#input;
    if (this.#total > 0) input?.defer(status);
    else if (status === StreamStatus.failed && input !== undefined) return failureOf(input);
    return this.#finish();
  }

  #finish(): number {
    const { view } = this.#context.memory;
    view.setUint32(this.#size, this.#total, true);
    // `recv_data_truncated` is of datagrams.
    view.setUint16(this.#outFlags, 0, true);
    return Errno.success;
  }
}
