import { ClosedWithHandle } from '../closed-with-handle.ts';
import { contentLengthOf } from './content-length.ts';
import type { Fields } from './fields.ts';
import type { HttpError } from './http-error.ts';
import type { MessageBody } from './message-body.ts';
import { NEVER_SENT } from './request.ts';
import { emptyBody, type ServedResponse } from './response-outparam.ts';
import { SentInput } from './sent-input.ts';

/** Statuses whose responses have no body: RFC 9110, 6.4.1, and 15.3.6. */
const WITHOUT_BODY: ReadonlySet<number> = new Set([204, 205, 304]);

/** `response` of WASI 0.3: one that a guest made, or one that it was given. */
export class Response extends ClosedWithHandle {
  readonly headers: Fields;
  #statusCode: number;
  #body: MessageBody | undefined;

  /** @param headers that nobody else can change from now on; they are this response's to release */
  constructor(statusCode: number, headers: Fields, body: MessageBody) {
    super();
    this.#statusCode = statusCode;
    this.headers = headers.freeze();
    this.#body = body;
  }

  get statusCode(): number {
    return this.#statusCode;
  }

  /** @returns false, and changes nothing, for what is no status: RFC 9110, 15 */
  setStatusCode(status: number): boolean {
    if (status < 100 || status > 599) return false;
    this.#statusCode = status;
    return true;
  }

  /** The body, which is the caller's from now on. */
  takeBody(): MessageBody | undefined {
    const body = this.#body;
    this.#body = undefined;
    return body;
  }

  /** It is kept no longer. @param error why it was never sent */
  close(error: HttpError = NEVER_SENT): void {
    this.takeBody()?.drop(error);
    this.headers.release();
  }
}

/**
 * Hands a guest's answer over to who serves it.
 *
 * @param response is taken over
 * @param method of the request
 * @returns an error for what is no answer that can be sent
 */
export function serveResponse(response: Response, method: string): ServedResponse | HttpError {
  const { statusCode: status, headers } = response;
  const stated = contentLengthOf(headers);
  // An interim response ends no exchange, and has no place to be given: RFC 9110, 15.2.
  if (status < 200 || stated === 'invalid') return refuse(response, { tag: 'HTTP-protocol-error' });
  const isBodyless = method === 'HEAD' || WITHOUT_BODY.has(status);
  const body = response.takeBody();
  const served = { status, headers: headers.entries() };
  if (body === undefined || isBodyless) {
    body?.drop(undefined);
    headers.release();
    return { ...served, contentLength: stated, body: emptyBody() };
  }
  if (body.isEmpty && stated !== undefined && stated > 0) {
    const error: HttpError = { tag: 'HTTP-response-body-size', val: 0n };
    body.drop(error);
    return refuse(response, error);
  }
  headers.release();
  const sent = body.send('response', stated);
  return {
    ...served,
    // A guest that does not wait has written all of it before anybody looks.
    get contentLength() {
      return sent.length;
    },
    body: { stream: new SentInput(sent), trailers: sent.trailers },
  };
}

function refuse(response: Response, error: HttpError): HttpError {
  response.close(error);
  return error;
}
