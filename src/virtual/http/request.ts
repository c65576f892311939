import { Charged, type HttpBudget } from './budget.ts';
import { contentLengthOf } from './content-length.ts';
import { Fields, MAX_FIELDS_BYTES } from './fields.ts';
import type { HttpError } from './http-error.ts';
import type { IncomingRequestParts } from './incoming-request.ts';
import { type MessageBody, ReceivedBody } from './message-body.ts';
import type { RequestOptions } from './request-options.ts';
import type { SentBody, SentRequest } from './sent-request.ts';
import { isMethod, isScheme, isUriAuthority, isUriPathWithQuery } from './syntax.ts';

/** What becomes of a request or response that nobody sends. Without a text: to be told must not need memory of the guest. */
export const NEVER_SENT: HttpError = { tag: 'internal-error', val: undefined };

/**
 * @param budget of the instance that gets it
 * @returns an error when its head takes more than an instance can have kept; the body is closed then
 */
export function receiveRequest(parts: IncomingRequestParts, budget: HttpBudget): Request | HttpError {
  const { method, scheme, authority, pathWithQuery, body } = parts;
  const headers = Fields.received(budget, parts.headers);
  const request = headers && new Request(headers, new ReceivedBody(body), undefined);
  if (request?.receiveHead(method, scheme, authority, pathWithQuery) === true) return request;
  request?.release();
  body.stream.close();
  return { tag: 'HTTP-request-header-section-size', val: MAX_FIELDS_BYTES };
}

/**
 * `request` of WASI 0.3: one that a guest made, or one that it was given. Setters answer false for what is no syntax of a URI,
 * and change nothing then. Whether it can be sent, and may, is decided when it is.
 */
export class Request extends Charged implements SentRequest {
  readonly headers: Fields;
  readonly options: RequestOptions | undefined;
  #method = 'GET';
  #scheme: string | undefined;
  #authority: string | undefined;
  #pathWithQuery: string | undefined;
  #body: MessageBody | undefined;

  /** @param headers that nobody else can change from now on; they are this request's to release */
  constructor(headers: Fields, body: MessageBody, options: RequestOptions | undefined) {
    super(headers.budget);
    this.headers = headers.freeze();
    this.#body = body;
    this.options = options?.freeze();
  }

  get method(): string {
    return this.#method;
  }

  get scheme(): string | undefined {
    return this.#scheme;
  }

  get authority(): string | undefined {
    return this.#authority;
  }

  get pathWithQuery(): string | undefined {
    return this.#pathWithQuery;
  }

  setMethod(method: string): boolean {
    if (!isMethod(method)) return false;
    this.#method = method;
    return true;
  }

  /** Those of HTTP compare without case (RFC 3986, 3.1); others are kept as they are. */
  setScheme(scheme: string | undefined): boolean {
    if (scheme !== undefined && !isScheme(scheme)) return false;
    this.#scheme = scheme !== undefined && /^https?$/i.test(scheme) ? scheme.toLowerCase() : scheme;
    return true;
  }

  setAuthority(authority: string | undefined): boolean {
    if (authority !== undefined && !isUriAuthority(authority)) return false;
    if (!this.#chargeTexts(authority, this.#pathWithQuery)) return false;
    this.#authority = authority;
    return true;
  }

  setPathWithQuery(path: string | undefined): boolean {
    if (path !== undefined && !isUriPathWithQuery(path)) return false;
    if (!this.#chargeTexts(this.#authority, path)) return false;
    this.#pathWithQuery = path === '' ? '/' : path;
    return true;
  }

  /** @internal As it came; syntax is for who sent it to mind. @returns false when there is no room for it */
  receiveHead(
    method: string,
    scheme: string | undefined,
    authority: string | undefined,
    pathWithQuery: string | undefined,
  ): boolean {
    this.#method = method;
    this.#scheme = scheme;
    this.#authority = authority;
    this.#pathWithQuery = pathWithQuery;
    return this.#chargeTexts(authority, pathWithQuery);
  }

  /** The body, which is the caller's from now on. */
  takeBody(): MessageBody | undefined {
    const body = this.#body;
    this.#body = undefined;
    return body;
  }

  get hasBody(): boolean {
    return this.#body?.isEmpty === false;
  }

  handBodyOver(): SentBody | undefined {
    const length = contentLengthOf(this.headers);
    return this.takeBody()?.send('request', length === 'invalid' ? undefined : length);
  }

  /** Without the query, which often holds keys, and without userinfo. */
  get subject(): string {
    const path = this.#pathWithQuery?.replace(/\?.*$/, '') ?? '';
    const authority = this.#authority?.replace(/^.*@/, '') ?? '';
    return `${this.#method} ${this.#scheme ?? 'https'}://${authority}${path || '/'}`;
  }

  override release(error: HttpError = NEVER_SENT): void {
    this.takeBody()?.drop(error);
    this.headers.release();
    super.release();
  }

  #chargeTexts(authority = '', path = ''): boolean {
    return this.charge(authority.length + path.length);
  }
}
