import { Charged } from './budget.ts';
import { contentLengthOf } from './content-length.ts';
import type { Fields } from './fields.ts';
import { OutgoingBody } from './outgoing-body.ts';
import { isAuthority, isMethod, isPathWithQuery, isScheme } from './syntax.ts';

/** A request as a guest builds it. Setters answer false for what is no syntax of HTTP, and change nothing then. */
export class OutgoingRequest extends Charged {
  readonly headers: Fields;
  #method = 'GET';
  #scheme: string | undefined;
  #authority: string | undefined;
  #pathWithQuery: string | undefined;
  #body: OutgoingBody | undefined;

  /** @param headers that nobody else can change from now on; they are this request's to release */
  constructor(headers: Fields) {
    super(headers.budget);
    headers.freeze();
    this.headers = headers;
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

  /** Schemes compare without case: RFC 3986, 3.1. */
  setScheme(scheme: string | undefined): boolean {
    if (scheme !== undefined && !isScheme(scheme)) return false;
    this.#scheme = scheme?.toLowerCase();
    return true;
  }

  setAuthority(authority: string | undefined): boolean {
    if (authority !== undefined && !isAuthority(authority)) return false;
    if (!this.#chargeTexts(authority, this.#pathWithQuery)) return false;
    this.#authority = authority;
    return true;
  }

  setPathWithQuery(path: string | undefined): boolean {
    if (path !== undefined && !isPathWithQuery(path)) return false;
    if (!this.#chargeTexts(this.#authority, path)) return false;
    this.#pathWithQuery = path;
    return true;
  }

  /** @returns undefined from the second call on, and when `content-length` is no number */
  body(): OutgoingBody | undefined {
    const length = contentLengthOf(this.headers);
    if (this.#body !== undefined || length === 'invalid') return undefined;
    return (this.#body = new OutgoingBody('request', length));
  }

  get hasBody(): boolean {
    return this.#body !== undefined;
  }

  /** For who sends it: the body that the guest took. From now on that is theirs to end. undefined: there is none */
  handBodyOver(): OutgoingBody | undefined {
    const body = this.#body;
    this.#body = undefined;
    return body;
  }

  /** What the log calls it. Without the query, which often holds keys. */
  get subject(): string {
    const path = this.#pathWithQuery?.replace(/\?.*$/, '') ?? '';
    return `${this.#method} ${this.#scheme ?? 'https'}://${this.#authority ?? ''}${path || '/'}`;
  }

  /** Where it was not sent, nobody reads its body. */
  override release(): void {
    this.#body?.abandon();
    this.headers.release();
    super.release();
  }

  #chargeTexts(authority = '', path = ''): boolean {
    return this.charge(authority.length + path.length);
  }
}
