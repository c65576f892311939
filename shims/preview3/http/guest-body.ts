import type { HttpError } from '../../../src/virtual/http/http-error.ts';
import type { Fields } from '../../../src/virtual/http/fields.ts';
import type { MessageBody } from '../../../src/virtual/http/message-body.ts';
import { type MessageKind, OutgoingBody } from '../../../src/virtual/http/outgoing-body.ts';
import type { SentBody } from '../../../src/virtual/http/sent-request.ts';
import type { OutputStream } from '../../../src/virtual/io/streams.ts';
import type { Drain } from '../../canonical-abi/host-function.ts';
import { drainInto, FutureCell, readFuture } from '../../canonical-abi/host-streams.ts';
import type { FutureSource, Result, StreamSource } from '../../canonical-abi/values.ts';
import type { Context } from '../context.ts';
import { giveHandleBack } from './handles.ts';

/** `result<_, error-code>`: how the transmission of a message went, or what its reader made of it. */
export type Transmission = Result<undefined, HttpError>;

/** `result<option<trailers>, error-code>` */
export type TrailersResult = Result<Fields | undefined, HttpError>;

/** A body that a component makes. */
export class GuestBody implements MessageBody {
  readonly contents: StreamSource | undefined;
  readonly trailers: FutureSource;
  /** What `new` gave the guest beside the message. */
  readonly transmission: FutureCell<Transmission> = new FutureCell();
  readonly #context: Context;

  constructor(context: Context, contents: StreamSource | undefined, trailers: FutureSource) {
    this.#context = context;
    this.contents = contents;
    this.trailers = trailers;
  }

  get isEmpty(): boolean {
    return this.contents === undefined;
  }

  send(kind: MessageKind, contentLength: number | undefined): SentBody {
    return new GuestBodyTransfer(this.#context, this, new OutgoingBody(kind, contentLength));
  }

  drop(error: HttpError | undefined): void {
    this.contents?.drop();
    this.trailers.drop();
    this.settle(error);
  }

  settle(error: HttpError | undefined): void {
    if (!this.transmission.isSettled)
      this.transmission.resolve(error === undefined ? { tag: 'ok' } : { tag: 'err', val: error });
  }
}

/**
 * A guest's body on its way: its bytes go into a pipe as fast as the side that sends it reads them. It is whole when the stream
 * is closed and the trailers are there; where they are an error, all of it is given up at once.
 */
class GuestBodyTransfer implements SentBody {
  readonly #context: Context;
  readonly #guest: GuestBody;
  readonly #body: OutgoingBody;
  #drain: Drain | undefined;
  #forgetTrailers: (() => void) | undefined;
  /** The stream was closed. */
  #isComplete: boolean;
  #trailers: TrailersResult | undefined;
  #over = false;

  constructor(context: Context, guest: GuestBody, body: OutgoingBody) {
    this.#context = context;
    this.#guest = guest;
    this.#body = body;
    this.#isComplete = guest.contents === undefined;
    context.closeAtEnd(this);
    const { contents, trailers } = guest;
    const forget = readFuture<TrailersResult>(trailers, (result) => this.#onTrailers(result));
    if (this.#trailers === undefined) this.#forgetTrailers = forget;
    if (contents === undefined) return;
    if (this.#over) contents.drop();
    else this.#pour(contents);
  }

  get input(): SentBody['input'] {
    return this.#body.input;
  }

  get trailers(): SentBody['trailers'] {
    return this.#body.trailers;
  }

  get length(): number | undefined {
    return this.#body.length;
  }

  abandon(error: HttpError = { tag: 'connection-terminated' }): void {
    this.#body.abandon(error);
    this.#guest.settle(error);
    this.#letGo();
  }

  sent(): void {
    this.#guest.settle(undefined);
  }

  /** The instance ended before the body was whole. */
  close(): void {
    this.#fail({ tag: 'HTTP-protocol-error' });
  }

  #pour(contents: StreamSource): void {
    const drain = drainInto(contents, this.#body.write() as OutputStream, (why) => this.#onPoured(why));
    if (!this.#isComplete && !this.#over) this.#drain = drain;
  }

  #onPoured(why: 'closed' | 'failed'): void {
    this.#drain = undefined;
    if (why === 'closed') {
      this.#isComplete = true;
      return this.#finishOnceWhole();
    }
    const { cause } = this.#body.input;
    this.#fail(cause?.kind === 'http' ? cause.error : { tag: 'connection-terminated' });
  }

  /** @param result undefined: who was to write them is no more */
  #onTrailers(result: TrailersResult | undefined): void {
    this.#forgetTrailers = undefined;
    const given: TrailersResult = result ?? { tag: 'err', val: { tag: 'HTTP-protocol-error' } };
    this.#trailers = given;
    if (given.tag === 'err') return this.#fail(given.val);
    if (given.val !== undefined) giveHandleBack(this.#context);
    this.#finishOnceWhole();
  }

  #finishOnceWhole(): void {
    if (!this.#isComplete || this.#trailers?.tag !== 'ok') return;
    const error = this.#body.finish(this.#trailers.val);
    if (error !== undefined) this.#guest.settle(error);
    this.#letGo();
  }

  #fail(error: HttpError): void {
    if (this.#over) return;
    this.#body.fail(error);
    this.#guest.settle(error);
    this.#letGo();
  }

  /** Nothing more comes of the guest. */
  #letGo(): void {
    if (this.#over) return;
    this.#over = true;
    this.#context.forget(this);
    const drain = this.#drain;
    const forget = this.#forgetTrailers;
    this.#drain = undefined;
    this.#forgetTrailers = undefined;
    drain?.cancel();
    forget?.();
    if (this.#trailers?.tag === 'ok') this.#trailers.val?.release();
  }
}
