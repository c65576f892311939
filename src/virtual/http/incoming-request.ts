import { Charged, type HttpBudget } from './budget.ts';
import { type Field, Fields, MAX_FIELDS_BYTES } from './fields.ts';
import type { HttpError } from './http-error.ts';
import { type BodySource, IncomingBody } from './incoming-body.ts';

/** A request that an embedder has for a guest. */
export interface IncomingRequestParts {
  readonly method: string;
  /** Without the colon. */
  readonly scheme?: string | undefined;
  readonly authority?: string | undefined;
  readonly pathWithQuery?: string | undefined;
  /** Those about the connection are left out. */
  readonly headers: readonly Field[];
  readonly body: BodySource;
}

/**
 * @param budget of the instance that gets it
 * @returns an error when its head takes more than an instance can have kept; the body is closed then
 */
export function makeIncomingRequest(
  parts: IncomingRequestParts,
  budget: HttpBudget,
): IncomingRequest | HttpError {
  const headers = Fields.received(budget, parts.headers)?.freeze();
  const request = headers && new IncomingRequest(parts, headers);
  if (request?.chargeTexts() === true) return request;
  headers?.release();
  parts.body.stream.close();
  return { tag: 'HTTP-request-header-section-size', val: MAX_FIELDS_BYTES };
}

/** `incoming-request` */
export class IncomingRequest extends Charged {
  readonly method: string;
  readonly scheme: string | undefined;
  readonly authority: string | undefined;
  readonly pathWithQuery: string | undefined;
  readonly headers: Fields;
  readonly #body: BodySource;
  #consumed = false;

  constructor({ method, scheme, authority, pathWithQuery, body }: IncomingRequestParts, headers: Fields) {
    super(headers.budget);
    this.method = method;
    this.scheme = scheme;
    this.authority = authority;
    this.pathWithQuery = pathWithQuery;
    this.headers = headers;
    this.#body = body;
  }

  /** @internal @returns false when there is no room for them */
  chargeTexts(): boolean {
    const { method, scheme = '', authority = '', pathWithQuery = '' } = this;
    return this.charge(method.length + scheme.length + authority.length + pathWithQuery.length);
  }

  /** @returns undefined from the second call on */
  consume(): IncomingBody | undefined {
    if (this.#consumed) return undefined;
    this.#consumed = true;
    return new IncomingBody('request', this.#body, this.budget);
  }

  /** The guest dropped it. A body that was not consumed is not read then. */
  override release(): void {
    if (!this.#consumed) this.#body.stream.close();
    this.#consumed = true;
    this.headers.release();
    super.release();
  }
}
