import { ErrorCode } from '../../virtual/error-code.ts';
import { type OutputStream, type StreamCause, StreamStatus, WRITE_BUDGET } from '../../virtual/io/streams.ts';

/** Chunks that may wait: each costs the host far more than the byte that a guest may have put in it. */
const MAX_CHUNKS = 512;

/** Where bytes go: a socket or a request of Node.js. */
export interface ByteTarget {
  /** Bytes that it holds and the system has not taken. */
  readonly writableLength: number;
  /** Takes the chunk over. @param done called when the system has taken it, or never will */
  write(chunk: Uint8Array, done: () => void): unknown;
}

/** Bytes on their way to a peer; who writes more than the peer takes waits. */
export class StreamOutput implements OutputStream {
  readonly #target: ByteTarget;
  readonly #onClose: () => void;
  #cause: StreamCause | undefined;
  #state: 'open' | 'failed' | 'closed' = 'open';
  /** Those that the target has not taken. */
  #chunks = 0;
  #flushing = false;
  #waiting: PromiseWithResolvers<void> | undefined;

  /** @param onClose called when the writer closes it */
  constructor(target: ByteTarget, onClose: () => void) {
    this.#target = target;
    this.#onClose = onClose;
  }

  get failure(): number {
    return this.#cause === undefined ? 0 : ErrorCode.io;
  }

  get cause(): StreamCause | undefined {
    return this.#cause;
  }

  checkWrite(): number {
    if (this.#state !== 'open') return this.#tellEnd();
    return this.#isFlushing() || this.#chunks >= MAX_CHUNKS
      ? 0
      : Math.max(0, WRITE_BUDGET - this.#target.writableLength);
  }

  write(source: Uint8Array, offset: number, length: number): number {
    if (this.#state !== 'open') return this.#tellEnd();
    if (length === 0) return 0;
    // Never from Buffer's pool: a chunk that waits would hold a slab of it.
    const chunk = new Uint8Array(length);
    chunk.set(source.subarray(offset, offset + length));
    this.#chunks++;
    this.#target.write(chunk, this.#onWritten);
    // The target may have refused it: too many bytes for the length that was announced.
    return (this.#state as string) === 'failed' ? this.#tellEnd() : 0;
  }

  /** Done once the system has taken everything. */
  flush(): number {
    if (this.#state !== 'open') return this.#tellEnd();
    this.#flushing = true;
    return 0;
  }

  ready(): boolean {
    if (this.#state !== 'open') return true;
    return !this.#isFlushing() && this.#chunks < MAX_CHUNKS && this.#target.writableLength < WRITE_BUDGET;
  }

  wait(): Promise<void> | undefined {
    return this.ready() ? undefined : (this.#waiting ??= Promise.withResolvers()).promise;
  }

  close(): void {
    if (this.#state === 'closed') return;
    const open = this.#state === 'open';
    this.end();
    if (open) this.#onClose();
  }

  /** Takes nothing any more. */
  end(): void {
    this.#state = 'closed';
    this.#wake();
  }

  fail(cause: StreamCause): void {
    if (this.#state !== 'open') return;
    this.#cause = cause;
    this.#state = 'failed';
    this.#wake();
  }

  #isFlushing(): boolean {
    if (this.#flushing && this.#target.writableLength === 0) this.#flushing = false;
    return this.#flushing;
  }

  #tellEnd(): number {
    if (this.#state !== 'failed') return StreamStatus.closed;
    this.#state = 'closed';
    return StreamStatus.failed;
  }

  readonly #onWritten = (): void => {
    this.#chunks--;
    if (this.#waiting !== undefined && this.ready()) this.#wake();
  };

  #wake(): void {
    this.#waiting?.resolve();
    this.#waiting = undefined;
  }
}
