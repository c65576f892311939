import { ClosedWithHandle } from '../closed-with-handle.ts';
import type { InputStream } from '../io/streams.ts';
import { StreamStatus } from '../io/streams.ts';
import type { Waitable } from '../network/network.ts';
import type { HttpBudget } from './budget.ts';
import type { BodySource } from './incoming-body.ts';
import { Fields, MAX_FIELDS_BYTES } from './fields.ts';
import type { HttpError } from './http-error.ts';
import type { MessageKind } from './outgoing-body.ts';

type Answer = Fields | HttpError | 'none';

/** Bytes that are skipped at a time. */
const SKIPPED = 16_384;

/** `future-trailers`: what follows a body. */
export class FutureTrailers extends ClosedWithHandle implements Waitable {
  readonly #kind: MessageKind;
  readonly #source: BodySource;
  readonly #budget: HttpBudget;
  #answer: Answer | 'taken' | undefined;
  #waiting: Promise<void> | undefined;
  #closed = false;

  constructor(kind: MessageKind, source: BodySource, budget: HttpBudget) {
    super();
    this.#kind = kind;
    this.#source = source;
    this.#budget = budget;
  }

  /** @returns undefined: not there yet; `taken`: they were given before; `none`: there are none */
  get(): Answer | 'taken' | undefined {
    const answer = this.#answer;
    if (answer === undefined) void this.wait();
    else this.#answer = 'taken';
    return answer;
  }

  ready(): boolean {
    return this.#answer !== undefined;
  }

  wait(): Promise<void> | undefined {
    if (this.ready()) return undefined;
    return (this.#waiting ??= this.#find());
  }

  close(): void {
    this.#closed = true;
    this.#source.stream.close();
    if (this.#answer instanceof Fields) this.#answer.release();
    this.#answer = 'taken';
  }

  async #find(): Promise<void> {
    const error = await skip(this.#source.stream);
    const fields = error === undefined ? await this.#source.trailers : undefined;
    if (this.#closed) return;
    if (error !== undefined) this.#answer = error;
    else if (fields === undefined) this.#answer = 'none';
    else {
      this.#answer = Fields.received(this.#budget, fields) ?? {
        tag: `HTTP-${this.#kind}-trailer-section-size`,
        val: MAX_FIELDS_BYTES,
      };
    }
  }
}

/** Reads to the end. @returns why there is none */
async function skip(stream: InputStream): Promise<HttpError | undefined> {
  const buffer = new Uint8Array(SKIPPED);
  for (;;) {
    const count = stream.readInto(buffer, 0, SKIPPED);
    if (count === 0) await stream.wait();
    if (count === StreamStatus.failed)
      return stream.cause?.kind === 'http' ? stream.cause.error : { tag: 'connection-terminated' };
    // A failure is told once; whoever read the body was told of it, and there are no trailers after it.
    if (count === StreamStatus.closed) return stream.cause?.kind === 'http' ? stream.cause.error : undefined;
  }
}
