import type { Fields } from './fields.ts';
import type { OutgoingBody } from './outgoing-body.ts';

/** `outgoing-response` */
export interface OutgoingResponse {
  readonly statusCode: number;
  /** @returns false when it is none of HTTP */
  setStatusCode(status: number): boolean;
  readonly headers: Fields;
  /** @returns undefined from the second call on */
  body(): OutgoingBody | undefined;
  release(): void;
}
