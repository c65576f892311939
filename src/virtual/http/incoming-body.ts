import { ClosedWithHandle } from '../closed-with-handle.ts';
import type { InputStream, StreamCause } from '../io/streams.ts';
import { StreamStatus } from '../io/streams.ts';
import type { HttpBudget } from './budget.ts';
import { FutureTrailers } from './future-trailers.ts';
import type { Field } from './fields.ts';
import type { MessageKind } from './outgoing-body.ts';

/** What a body that comes in consists of. */
export interface BodySource {
  /** Closing it says that nobody reads on. Its `cause` says why it failed. */
  readonly stream: InputStream;
  /** Settles after the stream's end; undefined: there are none. Never rejects. */
  readonly trailers: Promise<readonly Field[] | undefined>;
}

/** `incoming-body`: first its bytes, then its trailers. */
export class IncomingBody extends ClosedWithHandle {
  readonly #kind: MessageKind;
  readonly #source: BodySource;
  readonly #budget: HttpBudget;
  #stream: BodyInput | undefined;
  #gone = false;

  /** @param budget that the trailers are charged to */
  constructor(kind: MessageKind, source: BodySource, budget: HttpBudget) {
    super();
    this.#kind = kind;
    this.#source = source;
    this.#budget = budget;
  }

  /** @returns undefined from the second call on */
  stream(): InputStream | undefined {
    if (this.#stream !== undefined) return undefined;
    return (this.#stream = new BodyInput(this.#source.stream, () => this.#gone));
  }

  /** True while the guest has the stream: WIT traps a `finish` then. */
  get reading(): boolean {
    return this.#stream?.closed === false;
  }

  /** Goes on to the trailers. What is left of the bytes is skipped, once somebody waits for the trailers. */
  finish(): FutureTrailers {
    return new FutureTrailers(this.#kind, this.#source, this.#budget);
  }

  /** The guest dropped it: what is left is not read, but for a stream that is still open. */
  close(): void {
    this.#gone = true;
    if (!this.reading) this.#source.stream.close();
  }
}

/** The guest's stream. Closing it leaves the body, and so its trailers, to be read. */
class BodyInput extends ClosedWithHandle implements InputStream {
  readonly #source: InputStream;
  readonly #isLast: () => boolean;
  closed = false;

  /** @param isLast whether nobody but this one needs the source */
  constructor(source: InputStream, isLast: () => boolean) {
    super();
    this.#source = source;
    this.#isLast = isLast;
  }

  get failure(): number {
    return this.#source.failure;
  }

  get cause(): StreamCause | undefined {
    return this.#source.cause;
  }

  readInto(target: Uint8Array, offset: number, length: number): number {
    return this.closed ? StreamStatus.closed : this.#source.readInto(target, offset, length);
  }

  ready(): boolean {
    return this.closed || this.#source.ready();
  }

  wait(): Promise<void> | undefined {
    return this.closed ? undefined : this.#source.wait();
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    if (this.#isLast()) this.#source.close();
  }
}
