import type { IncomingMessage } from 'node:http';
import type { Field } from '../../virtual/http/fields.ts';
import type { HttpError } from '../../virtual/http/http-error.ts';
import { MAX_FIELDS, sentErrorOf } from './http-errors.ts';
import { fieldsOf } from './http-head.ts';
import { Timer } from './http-timers.ts';
import { StreamInput } from './stream-input.ts';

/** What an exchange wants to know of the body of its response. */
export interface BodyEvents {
  onFailed(error: HttpError): void;
  /** Nobody reads the rest. */
  onGivenUp(): void;
  /** It was read to its end. */
  onOver(): void;
}

/** @returns why the head is none of a response whose body a guest can be given */
export function responseProblem({ statusCode, rawHeaders }: IncomingMessage): HttpError | undefined {
  // Where it comes without `Upgrade`; with one it is an event of its own.
  if (statusCode === 101) return { tag: 'HTTP-upgrade-failed' };
  if (rawHeaders.length > 2 * MAX_FIELDS) return { tag: 'HTTP-response-header-section-size', val: undefined };
  for (let at = 0; at < rawHeaders.length; at += 2) {
    // Anything but chunks would be given to the guest as it is, who cannot see that.
    if (
      rawHeaders[at]?.toLowerCase() === 'transfer-encoding' &&
      rawHeaders[at + 1]?.toLowerCase() !== 'chunked'
    )
      return { tag: 'HTTP-response-transfer-coding', val: undefined };
  }
  return undefined;
}

/** The body of a response, and what comes after it. */
export class IncomingBody {
  readonly stream: StreamInput;
  /** Settles after the end, however it comes. */
  readonly trailers: Promise<readonly Field[] | undefined>;
  readonly #settled = Promise.withResolvers<readonly Field[] | undefined>();
  readonly #silence = new Timer();
  #over = false;

  /** @param betweenBytes how long the peer may say nothing, in nanoseconds */
  constructor(response: IncomingMessage, betweenBytes: number | undefined, events: BodyEvents) {
    this.trailers = this.#settled.promise;
    // Before the stream's own listener: an end that is none.
    response.once('end', () => {
      if (response.rawTrailers.length > 2 * MAX_FIELDS)
        events.onFailed({ tag: 'HTTP-response-trailer-section-size', val: undefined });
    });
    this.stream = new StreamInput(response, () => {
      // All of it has come, so that the connection can be used again.
      if (response.complete) response.removeAllListeners('readable').resume();
      else events.onGivenUp();
    });
    this.#silence.start(betweenBytes, () => {
      // Bytes are there: it is the guest who takes its time.
      if (response.readableLength > 0) this.#silence.refresh();
      else events.onFailed({ tag: 'connection-read-timeout' });
    });
    if (betweenBytes !== undefined) {
      response.on('readable', () => this.#silence.refresh());
      // Also when the guest takes bytes: the peer may have been held up until then.
      response.on('data', () => this.#silence.refresh());
    }
    response.on('error', (error) => {
      const reason = sentErrorOf(error);
      events.onFailed(reason.tag === 'connection-terminated' ? { tag: 'HTTP-response-incomplete' } : reason);
    });
    response.once('end', () => {
      this.#end(response.rawTrailers.length > 0 ? fieldsOf(response.rawTrailers) : undefined);
      events.onOver();
    });
  }

  /** True once it was read to its end, or failed. */
  get over(): boolean {
    return this.#over;
  }

  fail(error: HttpError): void {
    this.stream.fail({ kind: 'http', error });
    this.#end(undefined);
  }

  #end(trailers: readonly Field[] | undefined): void {
    this.#over = true;
    this.#silence.stop();
    this.#settled.resolve(trailers);
  }
}
