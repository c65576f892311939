import { ClosedWithHandle } from '../closed-with-handle.ts';
import type { Fields } from './fields.ts';
import { type BodySource, IncomingBody } from './incoming-body.ts';

/** `incoming-response` */
export class IncomingResponse extends ClosedWithHandle {
  readonly status: number;
  readonly headers: Fields;
  readonly #body: BodySource;
  #consumed = false;

  /** @param headers that nobody else can change; they are this response's to release */
  constructor(status: number, headers: Fields, body: BodySource) {
    super();
    this.status = status;
    this.headers = headers.freeze();
    this.#body = body;
  }

  /** @returns undefined from the second call on */
  consume(): IncomingBody | undefined {
    if (this.#consumed) return undefined;
    this.#consumed = true;
    return new IncomingBody('response', this.#body, this.headers.budget);
  }

  /** For who takes it over as a whole, before anybody consumed its body. */
  takeApart(): { readonly status: number; readonly headers: Fields; readonly body: BodySource } {
    this.#consumed = true;
    return { status: this.status, headers: this.headers, body: this.#body };
  }

  /** The guest dropped it. A body that was not consumed is not read then. */
  close(): void {
    if (!this.#consumed) this.#body.stream.close();
    this.#consumed = true;
    this.headers.release();
  }
}
