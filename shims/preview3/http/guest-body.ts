import type { HttpError } from '../../../src/virtual/http/http-error.ts';
import type { Fields } from '../../../src/virtual/http/fields.ts';
import type { MessageBody } from '../../../src/virtual/http/message-body.ts';
import { type MessageKind, OutgoingBody } from '../../../src/virtual/http/outgoing-body.ts';
import type { SentBody } from '../../../src/virtual/http/sent-request.ts';
import type { OutputStream } from '../../../src/virtual/io/streams.ts';
import type { Drain } from '../../canonical-abi/host-function.ts';
import { drainInto, FutureCell, isOfHost, readFuture } from '../../canonical-abi/host-streams.ts';
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
    return new GuestBodyTransfer(this.#context, this, kind, new OutgoingBody(kind, contentLength));
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
  readonly #kind: MessageKind;
  readonly #body: OutgoingBody;
  readonly #output: OutputStream;
  #drain: Drain | undefined;
  #forgetTrailers: (() => void) | undefined;
  /** The stream was closed. */
  #isComplete: boolean;
  #trailers: TrailersResult | undefined;
  #isOrphan = false;
  #over = false;

  constructor(context: Context, guest: GuestBody, kind: MessageKind, body: OutgoingBody) {
    this.#context = context;
    this.#guest = guest;
    this.#kind = kind;
    this.#body = body;
    this.#output = body.write() as OutputStream;
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

  /** Of an answer, nobody will write the rest. (A request may be the business of a call that is none of a handler.) */
  starve(): void {
    if (this.#kind === 'response') void this.#failOnceStarved();
  }

  async #failOnceStarved(): Promise<void> {
    this.#isOrphan = true;
    const { contents, trailers } = this.#guest;
    // Those of the host go on without any call of the guest.
    while (
      this.#isComplete ? !(trailers instanceof FutureCell) : contents !== undefined && !isOfHost(contents)
    ) {
      if (this.#over || this.#context.isCalled) return;
      if (this.#isComplete || this.#drain?.isStarved === true)
        return this.#fail({ tag: 'HTTP-protocol-error' });
      await this.#output.wait();
    }
  }

  #pour(contents: StreamSource): void {
    const drain = drainInto(contents, this.#output, (why) => this.#onPoured(why));
    if (!this.#isComplete && !this.#over) this.#drain = drain;
  }

  #onPoured(why: 'closed' | 'failed'): void {
    this.#drain = undefined;
    if (why === 'closed') {
      this.#isComplete = true;
      this.#finishOnceWhole();
      return this.#isOrphan ? this.starve() : undefined;
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
