import type { IncomingBody } from './client.ts';
import type { Fields } from './fields.ts';
import type { HttpError } from './http-error.ts';
import type { OutgoingResponse } from './outgoing-response.ts';

/** `incoming-request`: a request that an embedder has for the guest. */
export interface IncomingRequest {
  readonly method: string;
  readonly pathWithQuery: string | undefined;
  readonly scheme: string | undefined;
  readonly authority: string | undefined;
  readonly headers: Fields;
  /** @returns undefined from the second call on */
  consume(): IncomingBody | undefined;
  close(): void;
}

/** `response-outparam`: where the guest puts its answer. */
export interface ResponseOutparam {
  /** To be called once; the response's body may still be written to afterwards. */
  set(response: OutgoingResponse | HttpError): void;
  /** The guest dropped it unset. */
  close(): void;
}
