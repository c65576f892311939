import { ErrorCode } from '../error-code.ts';
import { type InputStream, type StreamCause, StreamStatus } from '../io/streams.ts';
import type { HttpError } from './http-error.ts';
import type { BodySource } from './incoming-body.ts';
import type { MessageKind } from './outgoing-body.ts';
import type { SentBody } from './sent-request.ts';

/** The body of a message before it is used: it is sent on, or read, or dropped, and that once. */
export interface MessageBody {
  /** It is known that there are no bytes; trailers there may be. */
  readonly isEmpty: boolean;
  /** @param contentLength as the message's headers have it */
  send(kind: MessageKind, contentLength: number | undefined): SentBody;
  /** Nobody sends it. @param error why; undefined: the message is fine without it, as the answer to HEAD is */
  drop(error: HttpError | undefined): void;
}

/** A body that came from elsewhere. Sent on, its bytes go past the guest. */
export class ReceivedBody implements MessageBody {
  readonly isEmpty = false;
  readonly source: BodySource;

  constructor(source: BodySource) {
    this.source = source;
  }

  send(kind: MessageKind, contentLength: number | undefined): SentBody {
    const { stream, trailers } = this.source;
    return {
      input: contentLength === undefined ? stream : new CheckedInput(stream, kind, contentLength),
      trailers,
      length: contentLength,
      abandon: () => stream.close(),
    };
  }

  drop(): void {
    this.source.stream.close();
  }
}

/** Fails where there are more or fewer bytes than the message said: its next reader would take the rest for another message. */
class CheckedInput implements InputStream {
  readonly failure: number = ErrorCode.io;
  readonly #source: InputStream;
  readonly #kind: MessageKind;
  readonly #length: number;
  #read = 0;
  #error: HttpError | undefined;

  constructor(source: InputStream, kind: MessageKind, length: number) {
    this.#source = source;
    this.#kind = kind;
    this.#length = length;
  }

  get cause(): StreamCause | undefined {
    return this.#error === undefined ? this.#source.cause : { kind: 'http', error: this.#error };
  }

  readInto(target: Uint8Array, offset: number, length: number): number {
    if (this.#error !== undefined) return StreamStatus.closed;
    const count = this.#source.readInto(target, offset, length);
    if (count > 0) this.#read += count;
    const isOver = count === StreamStatus.closed && this.cause === undefined;
    return this.#read > this.#length || (isOver && this.#read < this.#length) ? this.#fail() : count;
  }

  ready(): boolean {
    return this.#error !== undefined || this.#source.ready();
  }

  wait(): Promise<void> | undefined {
    return this.#error === undefined ? this.#source.wait() : undefined;
  }

  close(): void {
    this.#source.close();
  }

  #fail(): number {
    this.#error = { tag: `HTTP-${this.#kind}-body-size`, val: BigInt(this.#read) };
    this.#source.close();
    return StreamStatus.failed;
  }
}
