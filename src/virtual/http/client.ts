import type { InputStream } from '../io/streams.ts';
import type { Waitable } from '../network/network.ts';
import type { Fields } from './fields.ts';
import type { HttpError } from './http-error.ts';
import type { OutgoingRequest } from './outgoing-request.ts';
import type { RequestOptions } from './request-options.ts';

/** Requests of one instance to the outside. Each is decided by the instance's egress rules before anything is sent. */
export interface HttpClient {
  /**
   * Starts a request; what comes of it is in the future, denials included (`HTTP-request-denied`).
   *
   * @returns an error where nothing was started: no rule grants the request
   */
  send(request: OutgoingRequest, options: RequestOptions | undefined): FutureIncomingResponse | HttpError;
}

/** `future-incoming-response` */
export interface FutureIncomingResponse extends Waitable {
  /** @returns undefined: not there yet; `taken`: it was given before */
  get(): IncomingResponse | HttpError | 'taken' | undefined;
  close(): void;
}

/** `incoming-response` */
export interface IncomingResponse {
  readonly status: number;
  readonly headers: Fields;
  /** @returns undefined from the second call on */
  consume(): IncomingBody | undefined;
  close(): void;
}

/** `incoming-body` */
export interface IncomingBody {
  /** @returns undefined from the second call on */
  stream(): InputStream | undefined;
  /** Gives the body up: what is left of it is not read. */
  finish(): FutureTrailers;
  close(): void;
}

/** `future-trailers` */
export interface FutureTrailers extends Waitable {
  /** @returns undefined: not there yet; `taken`: they were given before; `none`: there are none */
  get(): Fields | HttpError | 'none' | 'taken' | undefined;
  close(): void;
}
