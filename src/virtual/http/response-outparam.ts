import { ClosedWithHandle } from '../closed-with-handle.ts';
import { StreamStatus } from '../io/streams.ts';
import { contentLengthOf } from './content-length.ts';
import type { Field } from './fields.ts';
import type { HttpError } from './http-error.ts';
import type { BodySource } from './incoming-body.ts';
import type { OutgoingBody } from './outgoing-body.ts';
import type { OutgoingResponse } from './outgoing-response.ts';

/** What a guest answered. Its body may still be on its way; where it does not get whole, its stream fails. */
export interface ServedResponse {
  readonly status: number;
  readonly headers: readonly Field[];
  /** Bytes of the body when known. */
  readonly contentLength: number | undefined;
  readonly body: BodySource;
}

/** A response before the last one, such as 103: see `send-informational`. */
export interface InformationalResponse {
  readonly status: number;
  readonly headers: readonly Field[];
}

export interface ResponseOutparamOptions {
  /** Of the request: a response to HEAD says how long a body would be, and has none. `GET` when absent. */
  readonly method?: string;
  /** Takes what comes before the response. When absent that is dropped, as any recipient may (RFC 9110, 15.2). */
  readonly onInformational?: (response: InformationalResponse) => void;
}

/** `response-outparam`: where a guest puts its answer. */
export class ResponseOutparam extends ClosedWithHandle {
  readonly #answer = Promise.withResolvers<ServedResponse | HttpError>();
  readonly #options: ResponseOutparamOptions;
  #body: OutgoingBody | undefined;
  #set = false;

  constructor(options: ResponseOutparamOptions = {}) {
    super();
    this.#options = options;
  }

  /** What the guest answered; an error where it did not. Never rejects. */
  get response(): Promise<ServedResponse | HttpError> {
    return this.#answer.promise;
  }

  /** Whether there is an answer already. */
  get isSet(): boolean {
    return this.#set;
  }

  /** @param response is taken over */
  set(response: OutgoingResponse | HttpError): void {
    if (this.#set) return;
    this.#set = true;
    if (!('tag' in response)) this.#body = response.takenBody;
    this.#answer.resolve('tag' in response ? response : serve(response, this.#options.method));
  }

  /** @returns an error for a status that is not informational, or changes the protocol */
  sendInformational(status: number, headers: readonly Field[]): HttpError | undefined {
    if (status < 100 || status > 199) return { tag: 'HTTP-protocol-error' };
    if (status === 101) return { tag: 'HTTP-upgrade-failed' };
    if (!this.#set) this.#options.onInformational?.({ status, headers });
    return undefined;
  }

  /** It is gone, by the guest's hand or with the guest: without an answer, that is one. */
  close(): void {
    this.set({ tag: 'internal-error', val: 'the program gave no response' });
  }

  /** The call that it was given to is over: without an answer, that is one, and nobody writes the rest of a body. */
  endCall(): void {
    this.close();
    this.#body?.fail({ tag: 'HTTP-protocol-error' });
  }
}

function serve(response: OutgoingResponse, method: string | undefined): ServedResponse | HttpError {
  const { statusCode: status, headers, takenBody } = response;
  const stated = contentLengthOf(headers);
  if (stated === 'invalid') return refuse(response, { tag: 'HTTP-protocol-error' });
  const error = missingBody(response, stated ?? 0, method);
  if (error !== undefined) return refuse(response, error);
  const served: ServedResponse = {
    status,
    headers: headers.entries(),
    // A guest that does not wait has written all of it before anybody looks.
    get contentLength() {
      return takenBody === undefined ? (stated ?? 0) : takenBody.length;
    },
    body: takenBody === undefined ? emptyBody() : { stream: takenBody.input, trailers: takenBody.trailers },
  };
  headers.release();
  return served;
}

function refuse(response: OutgoingResponse, error: HttpError): HttpError {
  response.close();
  return error;
}

/** @returns an error where there should be bytes and the guest never took the body to write them: RFC 9110, 8.6 */
function missingBody(
  { statusCode, takenBody }: OutgoingResponse,
  stated: number,
  method: string | undefined,
): HttpError | undefined {
  if (takenBody !== undefined || stated === 0 || method === 'HEAD' || statusCode === 304) return undefined;
  return { tag: 'HTTP-response-body-size', val: 0n };
}

/** A body without bytes and trailers. */
export function emptyBody(): BodySource {
  return EMPTY_BODY;
}

const EMPTY_BODY: BodySource = {
  stream: {
    failure: 0,
    readInto: () => StreamStatus.closed,
    ready: () => true,
    wait: () => undefined,
    close: () => undefined,
  },
  trailers: Promise.resolve(undefined),
};
