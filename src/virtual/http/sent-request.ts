import type { InputStream } from '../io/streams.ts';
import type { Fields, Field } from './fields.ts';
import type { HttpError } from './http-error.ts';

/** A request as a client takes it, whichever version of WASI it was made with. */
export interface SentRequest {
  readonly method: string;
  readonly scheme: string | undefined;
  readonly authority: string | undefined;
  readonly pathWithQuery: string | undefined;
  readonly headers: Fields;
  /** What the log calls it; nothing secret is in it. */
  readonly subject: string;
  /** False where it is known that there are no bytes. */
  readonly hasBody: boolean;
  /** From now on the body is the caller's to end. undefined: there is none, nor anything after it */
  handBodyOver(): SentBody | undefined;
  /** It is kept no longer. @param error why it was never sent */
  release(error?: HttpError): void;
}

/** The body of a message on its way, for the side that sends it. */
export interface SentBody {
  /** The bytes. Fails once, with a cause, where the body does not get whole. */
  readonly input: InputStream;
  /** What comes last, known once `input` ended. undefined: nothing, or the body is not whole. */
  readonly trailers: Promise<readonly Field[] | undefined>;
  /** Bytes of the whole body where they are known. */
  readonly length: number | undefined;
  /** Nobody takes it any more. @param error why, if there is more to say than that */
  abandon(error?: HttpError): void;
  /** All of it was sent, trailers included, and there is an answer. */
  sent?(): void;
}
