import { ClosedWithHandle } from '../closed-with-handle.ts';
import { ErrorCode } from '../error-code.ts';
import { Pipe } from '../io/pipe.ts';
import { type InputStream, type OutputStream, type StreamCause, StreamStatus } from '../io/streams.ts';
import { type Field, type Fields } from './fields.ts';
import type { HttpError } from './http-error.ts';

/** What a body belongs to, for the error of one that is longer or shorter than was said. */
export type MessageKind = 'request' | 'response';

/**
 * `outgoing-body`: a guest writes it, and the side that sends it reads. It is whole only once the guest finished it: one
 * that is dropped before, or has not as many bytes as `content-length` says, ends in an error for the side that sends it, so
 * that nobody takes a part for the whole.
 *
 * It can be written before anybody sends it, as far as the pipe holds.
 */
export class OutgoingBody extends ClosedWithHandle {
  readonly #kind: MessageKind;
  readonly #contentLength: number | undefined;
  readonly #pipe = new Pipe();
  readonly #stream: BodyOutput = new BodyOutput(this, this.#pipe);
  #streamGiven = false;
  #settled = false;
  #trailers: readonly Field[] | undefined;
  /** While somebody waits for the trailers. */
  #awaited: PromiseWithResolvers<readonly Field[] | undefined> | undefined;
  #written = 0;
  #finishedLength: number | undefined;

  /** @param contentLength as the message's headers have it */
  constructor(kind: MessageKind, contentLength: number | undefined) {
    super();
    this.#kind = kind;
    this.#contentLength = contentLength;
  }

  // What the guest does.

  /** @returns undefined from the second call on */
  write(): OutputStream | undefined {
    if (this.#streamGiven) return undefined;
    this.#streamGiven = true;
    return this.#stream;
  }

  /** True while the guest has the stream: WIT traps a `finish` then. */
  get writing(): boolean {
    return this.#streamGiven && !this.#stream.closed;
  }

  /**
   * Says that it is whole.
   *
   * @param trailers not released here
   * @returns why it is not: less or more was written than `content-length` says
   */
  finish(trailers: Fields | undefined): HttpError | undefined {
    this.#stream.close();
    if (this.#contentLength !== undefined && this.#contentLength !== this.#written) {
      const error = this.#sizeError();
      this.fail(error);
      return error;
    }
    if (trailers === undefined) this.#finishedLength = this.#written;
    this.#settle(trailers?.entries());
    this.#pipe.end();
    return undefined;
  }

  /** The guest dropped it, which is the end of the message where it was not finished. */
  close(): void {
    this.#stream.close();
    this.fail({ tag: 'HTTP-protocol-error' });
  }

  // What the side does that sends it.

  /** The bytes. Fails once where the body does not get whole; closing it tells the guest that nobody reads any more. */
  get input(): InputStream {
    return this.#pipe.input;
  }

  /** What came last, known once `input` ended. undefined: nothing, or the body is not whole. */
  get trailers(): Promise<readonly Field[] | undefined> {
    if (this.#settled) return Promise.resolve(this.#trailers);
    return (this.#awaited ??= Promise.withResolvers()).promise;
  }

  /** Bytes of the whole body where they are known: `content-length` says it, or it is finished without trailers. */
  get length(): number | undefined {
    return this.#contentLength ?? this.#finishedLength;
  }

  /** Ends it unfinished; the guest's next write fails with `error`. */
  fail(error: HttpError): void {
    if (this.#settled) return;
    this.#settle(undefined);
    this.#pipe.end({ kind: 'http', error });
  }

  /** Nobody takes it any more. @param error what the guest's next write fails with; a closed stream otherwise */
  abandon(error?: HttpError): void {
    this.#settle(undefined);
    this.#pipe.abandon(error && { kind: 'http', error });
  }

  /** @internal Counts bytes of the guest's. @returns false when they are more than was said: the body has failed then */
  count(bytes: number): boolean {
    this.#written += bytes;
    if (this.#contentLength === undefined || this.#written <= this.#contentLength) return true;
    this.fail(this.#sizeError());
    return false;
  }

  #sizeError(): HttpError {
    return { tag: `HTTP-${this.#kind}-body-size`, val: BigInt(this.#written) };
  }

  #settle(trailers: readonly Field[] | undefined): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#trailers = trailers;
    this.#awaited?.resolve(trailers);
  }
}

/** The guest's side. Closing it says nothing about the body: that is finished or dropped on its own. */
class BodyOutput extends ClosedWithHandle implements OutputStream {
  readonly failure = ErrorCode.io;
  readonly #body: OutgoingBody;
  readonly #pipe: Pipe;
  closed = false;

  constructor(body: OutgoingBody, pipe: Pipe) {
    super();
    this.#body = body;
    this.#pipe = pipe;
  }

  get cause(): StreamCause | undefined {
    return this.#pipe.cause;
  }

  checkWrite(): number {
    return this.closed ? StreamStatus.closed : this.#pipe.output.checkWrite();
  }

  write(source: Uint8Array, offset: number, length: number): number {
    if (this.closed) return StreamStatus.closed;
    if (this.#pipe.ended || this.#pipe.readerGone || !this.#body.count(length)) {
      return Math.min(0, this.#pipe.output.checkWrite());
    }
    return this.#pipe.output.write(source, offset, length);
  }

  /** Nothing to wait for: before the message is sent nobody reads, and a guest may well flush before it sends. */
  flush(): number {
    return Math.min(0, this.checkWrite());
  }

  ready(): boolean {
    return this.closed || this.#pipe.output.ready();
  }

  wait(): Promise<void> | undefined {
    return this.closed ? undefined : this.#pipe.output.wait();
  }

  close(): void {
    this.closed = true;
  }
}
