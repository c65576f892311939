import type { HttpBudget } from '../../../src/virtual/http/budget.ts';
import { type Field, Fields, MAX_FIELDS_BYTES } from '../../../src/virtual/http/fields.ts';
import type { HttpError } from '../../../src/virtual/http/http-error.ts';
import type { BodySource } from '../../../src/virtual/http/incoming-body.ts';
import { type MessageBody, ReceivedBody } from '../../../src/virtual/http/message-body.ts';
import type { MessageKind } from '../../../src/virtual/http/outgoing-body.ts';
import { emptyBody } from '../../../src/virtual/http/response-outparam.ts';
import { FutureCell, readFuture, sourceOf } from '../../canonical-abi/host-streams.ts';
import type { FutureSource, StreamSource } from '../../canonical-abi/values.ts';
import type { Context } from '../context.ts';
import { releaseFields } from './fields.ts';
import { GuestBody, type TrailersResult, type Transmission } from './guest-body.ts';

/** What `consume-body` gives: the bytes, and what follows them. */
export type ConsumedBody = readonly [StreamSource, FutureSource];

/**
 * Gives a body to a guest to read.
 *
 * @param res what the guest makes of it: an error gives up what is still on its way, or tells the maker of the body
 */
export function consumeBody(
  context: Context,
  kind: MessageKind,
  body: MessageBody | undefined,
  res: FutureSource,
): ConsumedBody {
  if (body instanceof GuestBody) {
    readFuture<Transmission>(res, (result) => {
      if (result !== undefined) body.settle(result.tag === 'err' ? result.val : undefined);
    });
    const contents = body.contents ?? sourceOf(emptyBody().stream, () => undefined);
    return [contents, body.trailers];
  }
  const source = body instanceof ReceivedBody ? body.source : emptyBody();
  const reading = new Reading(context, kind, source, context.httpBudget);
  readFuture<Transmission>(res, (result) => {
    if (result?.tag === 'err') reading.giveUp();
  });
  return reading.ends;
}

const NO_TRAILERS: TrailersResult = { tag: 'ok', val: undefined };
const TOO_MANY: TrailersResult = {
  tag: 'err',
  val: { tag: 'internal-error', val: 'there is no handle left for the trailers' },
};

/** A body that came from elsewhere, being read by a guest. */
class Reading {
  readonly ends: ConsumedBody;
  readonly #context: Context;
  readonly #kind: MessageKind;
  readonly #source: BodySource;
  readonly #budget: HttpBudget;
  readonly #trailers: FutureCell<TrailersResult>;
  /** Trailers that came, and that nobody may have taken. */
  #waiting: Fields | undefined;
  /** Nobody will read the trailers. */
  #unwanted = false;
  #over = false;
  #givenUp = false;

  constructor(context: Context, kind: MessageKind, source: BodySource, budget: HttpBudget) {
    this.#context = context;
    this.#kind = kind;
    this.#source = source;
    this.#budget = budget;
    this.#trailers = new FutureCell(() => this.#onTrailersDropped());
    this.ends = [sourceOf(source.stream, (why) => this.#onEnd(why)), this.#trailers];
    context.closeAtEnd(this);
  }

  /** The guest has no use for it: what is on its way is given up, and not whole. */
  giveUp(): void {
    if (this.#over) return;
    this.#givenUp = true;
    this.#source.stream.close();
  }

  /** The instance ends. */
  close(): void {
    this.#over = true;
    this.#unwanted = true;
    this.#source.stream.close();
  }

  #onEnd(why: 'closed' | 'failed' | 'dropped'): void {
    if (this.#over) return;
    this.#over = true;
    const { stream } = this.#source;
    const error = stream.cause?.kind === 'http' ? stream.cause.error : undefined;
    if (why === 'closed' && error === undefined && !this.#givenUp) return void this.#readTrailers();
    this.#context.forget(this);
    stream.close();
    // Who drops the stream has read enough, and gets nothing more.
    if (why === 'dropped') this.#trailers.resolve(NO_TRAILERS);
    else this.#trailers.resolve({ tag: 'err', val: error ?? incomplete(this.#kind) });
  }

  async #readTrailers(): Promise<void> {
    const fields = await this.#source.trailers;
    this.#context.forget(this);
    this.#source.stream.close();
    if (!this.#unwanted) this.#trailers.resolve(this.#receive(fields));
  }

  #receive(fields: readonly Field[] | undefined): TrailersResult {
    if (fields === undefined) return NO_TRAILERS;
    const received = Fields.received(this.#budget, fields);
    if (received === undefined) {
      const tag = `HTTP-${this.#kind}-trailer-section-size` as const;
      return { tag: 'err', val: { tag, val: MAX_FIELDS_BYTES } };
    }
    if (!this.#context.tryTakeHandle('http-request', 'fields')) {
      received.release();
      return TOO_MANY;
    }
    this.#waiting = received;
    return { tag: 'ok', val: received };
  }

  #onTrailersDropped(): void {
    this.#unwanted = true;
    if (this.#waiting !== undefined) releaseFields(this.#context, this.#waiting);
    // There may be trailers that take their time, on a connection that waits for them.
    if (this.#over) this.#source.stream.close();
  }
}

function incomplete(kind: MessageKind): HttpError {
  return { tag: kind === 'response' ? 'HTTP-response-incomplete' : 'connection-terminated' };
}
