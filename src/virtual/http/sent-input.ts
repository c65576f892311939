import { type InputStream, type StreamCause, StreamStatus } from '../io/streams.ts';
import type { HttpError } from './http-error.ts';
import type { SentBody } from './sent-request.ts';

/** The bytes of a body for who serves it; tells the body's maker how that went. */
export class SentInput implements InputStream {
  readonly #body: SentBody;
  #read = 0;
  #over = false;

  constructor(body: SentBody) {
    this.#body = body;
  }

  get failure(): number {
    return this.#body.input.failure;
  }

  get cause(): StreamCause | undefined {
    return this.#body.input.cause;
  }

  readInto(target: Uint8Array, offset: number, length: number): number {
    const count = this.#body.input.readInto(target, offset, length);
    if (count > 0) this.#read += count;
    // Whoever knows the length has no reason to read on.
    if (count > 0 && this.#read === this.#body.length) this.#end(undefined);
    if (count < 0) this.#end(count === StreamStatus.closed ? this.#error() : this.#failed());
    return count;
  }

  ready(): boolean {
    return this.#body.input.ready();
  }

  wait(): Promise<void> | undefined {
    return this.#body.input.wait();
  }

  close(): void {
    this.#end({ tag: 'connection-terminated' });
    this.#body.input.close();
  }

  #error(): HttpError | undefined {
    const { cause } = this;
    return cause?.kind === 'http' ? cause.error : undefined;
  }

  #failed(): HttpError {
    return this.#error() ?? { tag: 'connection-terminated' };
  }

  #end(error: HttpError | undefined): void {
    if (this.#over) return;
    this.#over = true;
    if (error === undefined) this.#body.sent?.();
    else this.#body.abandon(error);
  }
}
