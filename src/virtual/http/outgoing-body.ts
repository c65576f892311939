import { type OutputStream, StreamStatus, WRITE_BUDGET } from '../io/streams.ts';

/**
 * The body of a request that is never sent: bytes are counted and forgotten, so there is no bound on how many.
 */
export class OutgoingBody {
  readonly #contentLength: number | undefined;
  readonly #stream = new DiscardingOutput();
  #streamGiven = false;

  /** @param contentLength as the request's headers have it */
  constructor(contentLength: number | undefined) {
    this.#contentLength = contentLength;
  }

  /** @returns undefined from the second call on */
  write(): DiscardingOutput | undefined {
    if (this.#streamGiven) return undefined;
    this.#streamGiven = true;
    return this.#stream;
  }

  /** True while the guest has the stream: WIT traps a `finish` then. */
  get writing(): boolean {
    return this.#streamGiven && !this.#stream.closed;
  }

  get written(): number {
    return this.#stream.written;
  }

  /** @returns false when less or more was written than `content-length` says */
  finish(): boolean {
    this.close();
    return this.#contentLength === undefined || this.#contentLength === this.written;
  }

  close(): void {
    this.#stream.close();
  }
}

/** Takes bytes and forgets them. */
export class DiscardingOutput implements OutputStream {
  readonly failure = 0;
  written = 0;
  closed = false;

  checkWrite(): number {
    return this.closed ? StreamStatus.closed : WRITE_BUDGET;
  }

  write(_source: Uint8Array, _offset: number, length: number): number {
    if (this.closed) return StreamStatus.closed;
    this.written += length;
    return 0;
  }

  flush(): number {
    return this.closed ? StreamStatus.closed : 0;
  }

  ready(): boolean {
    return true;
  }

  wait(): undefined {
    return undefined;
  }

  close(): void {
    this.closed = true;
  }
}
