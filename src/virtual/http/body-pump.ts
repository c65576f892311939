import { type OutputStream, WRITE_BUDGET } from '../io/streams.ts';
import type { Field } from './fields.ts';
import type { HttpError } from './http-error.ts';
import type { SentBody } from './sent-request.ts';

/** Bytes that move at a time. */
const CHUNK = 16_384;

/**
 * Bytes that are kept to be sent to the next address when the first one takes no connection. A stack takes no more than a
 * stream does before it has one, and one more piece waits here, so nothing of a body is lost, and nothing is ever sent twice.
 */
const KEPT = WRITE_BUDGET + CHUNK;

/** Where a body goes. */
export interface BodyTarget {
  readonly body: OutputStream;
  finishBody(trailers: readonly Field[]): void;
}

export interface PumpRules {
  /** Counts bytes before they are sent. @returns an error where they are too many */
  admit(bytes: number): HttpError | undefined;
  trailers(trailers: readonly Field[]): readonly Field[];
  /** The body will not get whole. */
  failed(error: HttpError): void;
  /** Nothing more moves. */
  ended(): void;
}

/** Moves a guest's body to where it is sent, as fast as that takes it. */
export class BodyPump {
  readonly #source: SentBody;
  readonly #rules: PumpRules;
  readonly #buffer = new Uint8Array(CHUNK);
  #kept: Uint8Array[] = [];
  #moved = 0;
  #settled = false;
  #refused = false;
  /** All of it was written. */
  #finished = false;
  /** Where it goes now; what is under way to another target gives up. */
  #target: BodyTarget | undefined;

  constructor(source: SentBody, rules: PumpRules) {
    this.#source = source;
    this.#rules = rules;
  }

  /** False once there are bytes that are not kept, and once there is an answer. */
  get canRestart(): boolean {
    return !this.#settled && this.#moved <= KEPT;
  }

  /** There is an answer. A server that gives one may take no more of the request. */
  settle(): void {
    this.#settled = true;
    this.#kept = [];
    if (this.#finished) this.#source.sent?.();
    if (this.#refused) this.stop();
  }

  /** Sends the whole body to `target`, and nothing more to the one before it. */
  start(target: BodyTarget): void {
    this.#target = target;
    this.#refused = false;
    this.#finished = false;
    void this.#run(target);
  }

  /** @param error what the guest's next write fails with; a closed stream otherwise */
  stop(error?: HttpError): void {
    if (this.#target !== undefined) this.#rules.ended();
    this.#target = undefined;
    this.#source.abandon(error);
  }

  async #run(target: BodyTarget): Promise<void> {
    for (const chunk of this.#kept) if (!(await this.#write(target, chunk, chunk.length))) return;
    const { input } = this.#source;
    for (;;) {
      if (!input.ready()) await input.wait();
      if (this.#target !== target) return;
      const count = input.readInto(this.#buffer, 0, CHUNK);
      if (count < 0) return this.#end(target);
      const excess = this.#rules.admit(count);
      if (excess !== undefined) return this.#fail(excess);
      this.#keep(count);
      if (!(await this.#write(target, this.#buffer, count))) return;
    }
  }

  async #end(target: BodyTarget): Promise<void> {
    const { cause } = this.#source.input;
    if (cause?.kind === 'http') return this.#fail(cause.error);
    const trailers = await this.#source.trailers;
    if (this.#target !== target) return;
    target.finishBody(this.#rules.trailers(trailers ?? []));
    this.#target = undefined;
    this.#finished = true;
    // Until there is an answer, it may have got nowhere.
    if (this.#settled) this.#source.sent?.();
    this.#rules.ended();
  }

  #fail(error: HttpError): void {
    this.stop(error);
    this.#rules.failed(error);
  }

  #keep(count: number): void {
    this.#moved += count;
    if (this.canRestart) this.#kept.push(this.#buffer.slice(0, count));
    else this.#kept = [];
  }

  /** @returns false when there is no more to do */
  async #write(target: BodyTarget, chunk: Uint8Array, length: number): Promise<boolean> {
    const { body } = target;
    for (let done = 0; done < length;) {
      if (this.#target !== target) return false;
      const room = body.checkWrite();
      if (room === 0) {
        await body.wait();
        continue;
      }
      const part = Math.min(room, length - done);
      if (room > 0 && body.write(chunk, done, part) === 0) {
        done += part;
        continue;
      }
      return this.#target === target && this.#refuse();
    }
    return this.#target === target;
  }

  /** The other side takes no more. What that means is known with its answer, or with the lack of one. */
  #refuse(): false {
    if (this.canRestart) this.#refused = true;
    else this.stop();
    return false;
  }
}
