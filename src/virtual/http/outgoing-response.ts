import { ClosedWithHandle } from '../closed-with-handle.ts';
import { contentLengthOf } from './content-length.ts';
import type { Fields } from './fields.ts';
import { OutgoingBody } from './outgoing-body.ts';

/** `outgoing-response`: a response as a guest builds it. */
export class OutgoingResponse extends ClosedWithHandle {
  readonly headers: Fields;
  #statusCode = 200;
  #body: OutgoingBody | undefined;

  /** @param headers that nobody else can change from now on; they are this response's to release */
  constructor(headers: Fields) {
    super();
    headers.freeze();
    this.headers = headers;
  }

  get statusCode(): number {
    return this.#statusCode;
  }

  /** @returns false, and changes nothing, for what ends no exchange: RFC 9110, 15 has 100 to 599, of which 1xx are interim */
  setStatusCode(status: number): boolean {
    if (status < 200 || status > 599) return false;
    this.#statusCode = status;
    return true;
  }

  /** @returns undefined from the second call on, and when `content-length` is no number */
  body(): OutgoingBody | undefined {
    const length = contentLengthOf(this.headers);
    if (this.#body !== undefined || length === 'invalid') return undefined;
    return (this.#body = new OutgoingBody('response', length));
  }

  /** The body that the guest took; undefined: the response has none. */
  get takenBody(): OutgoingBody | undefined {
    return this.#body;
  }

  /** The guest dropped it: it is never sent, so nobody reads its body. */
  close(): void {
    this.#body?.abandon();
    this.headers.release();
  }
}
