import type { Readable } from 'node:stream';
import { ErrorCode } from '../../virtual/error-code.ts';
import { type InputStream, type StreamCause, StreamStatus } from '../../virtual/io/streams.ts';

/**
 * What a Readable of node:net or node:http gets, as the guest asks for it: the Readable holds back its peer once it holds
 * as much as its high-water mark, and nothing is held beside it.
 */
export class StreamInput implements InputStream {
  readonly #readable: Readable;
  readonly #onClose: () => void;
  #cause: StreamCause | undefined;
  #state: 'open' | 'ended' | 'failed' | 'closed' = 'open';
  #waiting: PromiseWithResolvers<void> | undefined;

  /** @param onClose called when the reader gives up before the end */
  constructor(readable: Readable, onClose: () => void) {
    this.#readable = readable;
    this.#onClose = onClose;
    readable.on('readable', this.#onReadable);
    readable.once('end', this.#onEnd);
  }

  get failure(): number {
    return this.#cause === undefined ? 0 : ErrorCode.io;
  }

  get cause(): StreamCause | undefined {
    return this.#cause;
  }

  readInto(target: Uint8Array, offset: number, length: number): number {
    if (this.#state !== 'open' && !this.#hasRest()) return this.#tellEnd();
    const readable = this.#readable;
    const count = Math.min(length, readable.readableLength);
    if (count === 0) return 0;
    const bytes = readable.read(count) as Uint8Array | null;
    if (bytes === null) return 0;
    target.set(bytes, offset);
    // Makes a stream that has ended say so: it does when it is read past what it holds.
    if (readable.readableLength === 0) readable.read(0);
    return bytes.length;
  }

  ready(): boolean {
    return this.#state !== 'open' || this.#readable.readableLength > 0;
  }

  wait(): Promise<void> | undefined {
    return this.ready() ? undefined : (this.#waiting ??= Promise.withResolvers()).promise;
  }

  close(): void {
    if (this.#state === 'closed') return;
    const complete = this.#state !== 'open';
    this.#settle('closed');
    this.#readable.off('readable', this.#onReadable);
    if (!complete) this.#onClose();
  }

  /** No more bytes come. Those that are there can still be read. */
  fail(cause: StreamCause): void {
    if (this.#state !== 'open') return;
    this.#cause = cause;
    this.#settle('failed');
  }

  /** What had arrived before a connection broke is the guest's. */
  #hasRest(): boolean {
    return this.#state === 'failed' && this.#readable.readableLength > 0;
  }

  #tellEnd(): number {
    if (this.#state !== 'failed') return StreamStatus.closed;
    this.#state = 'ended';
    return StreamStatus.failed;
  }

  readonly #onReadable = (): void => {
    if (this.#readable.readableLength > 0) this.#wake();
    else this.#readable.read(0);
  };

  readonly #onEnd = (): void => {
    if (this.#state === 'open') this.#settle('ended');
  };

  #settle(state: 'ended' | 'failed' | 'closed'): void {
    this.#state = state;
    this.#wake();
  }

  #wake(): void {
    this.#waiting?.resolve();
    this.#waiting = undefined;
  }
}
