import type { ByteBudget } from '../../kernel/byte-budget.ts';
import type { Meter } from '../../kernel/meter.ts';
import { ErrorCode } from '../error-code.ts';
import { type InputStream, type StreamCause, StreamStatus } from '../io/streams.ts';
import type { HttpError } from './http-error.ts';

export interface ResponseBodyOptions {
  readonly budget: ByteBudget | undefined;
  readonly meter: Meter;
  /** The budget has nothing left for what comes. */
  readonly onExcess: (budget: ByteBudget) => void;
  /** Nothing more is read. @param complete all of it was */
  readonly onEnd: (complete: boolean) => void;
}

/** The body of a response as the guest gets it: counted, and ended from outside when the request is. */
export class ResponseBody implements InputStream {
  readonly failure: number = ErrorCode.io;
  readonly #source: InputStream;
  readonly #options: ResponseBodyOptions;
  readonly #probe = new Uint8Array(1);
  #error: HttpError | undefined;
  #ended = false;
  /** A failure of `fail` is told once. */
  #told = true;
  #waiting: PromiseWithResolvers<void> | undefined;

  constructor(source: InputStream, options: ResponseBodyOptions) {
    this.#source = source;
    this.#options = options;
  }

  get cause(): StreamCause | undefined {
    return this.#error === undefined ? this.#source.cause : { kind: 'http', error: this.#error };
  }

  readInto(target: Uint8Array, offset: number, length: number): number {
    if (this.#ended) return this.#afterEnd();
    const { budget, meter } = this.#options;
    const left = budget?.left ?? Infinity;
    if (left <= 0) return this.#probeEnd();
    const count = this.#source.readInto(target, offset, Math.min(length, left));
    if (count < 0) this.#end(count === StreamStatus.closed);
    else {
      budget?.use(count);
      meter.networkBytesReceived += count;
    }
    return count;
  }

  ready(): boolean {
    return this.#ended || this.#source.ready();
  }

  wait(): Promise<void> | undefined {
    if (this.ready()) return undefined;
    if (this.#waiting === undefined) {
      const waiting = Promise.withResolvers<void>();
      this.#waiting = waiting;
      void this.#source.wait()?.then(() => this.#wake());
    }
    return this.#waiting.promise;
  }

  close(): void {
    this.#end(false);
    this.#source.close();
  }

  /** Ends it; the guest's next read fails with `error`. */
  fail(error: HttpError): void {
    if (this.#ended) return;
    this.#error = error;
    this.#told = false;
    this.close();
  }

  #afterEnd(): number {
    if (this.#told) return StreamStatus.closed;
    this.#told = true;
    return StreamStatus.failed;
  }

  /** With a budget that is used up, one more byte is one too many, and the end of the body is just right. */
  #probeEnd(): number {
    const { budget, onExcess } = this.#options;
    const count = this.#source.readInto(this.#probe, 0, 1);
    if (count < 0) this.#end(count === StreamStatus.closed);
    if (count <= 0 || budget === undefined) return count;
    this.fail({ tag: 'HTTP-response-body-size', val: BigInt(budget.limit) });
    onExcess(budget);
    return this.#afterEnd();
  }

  #end(complete: boolean): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#options.onEnd(complete);
    this.#wake();
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.resolve();
  }
}
