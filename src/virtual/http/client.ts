import type { Waitable } from '../network/network.ts';
import type { HttpError } from './http-error.ts';
import type { IncomingResponse } from './incoming-response.ts';
import type { RequestOptions } from './request-options.ts';
import type { SentRequest } from './sent-request.ts';

/** Requests of one instance to the outside. Each is decided by the instance's egress rules before anything is sent. */
export interface HttpClient {
  /**
   * Starts a request; what comes of it is in the future, denials included that need the addresses of a name.
   *
   * @param request is taken over
   * @returns an error where nothing was started: no rule grants the request, or it is none
   */
  send(request: SentRequest, options: RequestOptions | undefined): FutureIncomingResponse | HttpError;
}

/** `future-incoming-response` */
export interface FutureIncomingResponse extends Waitable {
  /** @returns undefined: not there yet; `taken`: it was given before */
  get(): IncomingResponse | HttpError | 'taken' | undefined;
  /** The guest dropped it: a response that was not taken is not wanted. */
  close(): void;
}
