import type { HttpError } from '../http/http-error.ts';
import { Pipe } from '../io/pipe.ts';
import type { OutputStream } from '../io/streams.ts';
import { drain } from './drain.ts';
import { fieldsOf, pump, readable, toRequest, within } from './fetch-mapping.ts';
import { type HttpExchange, HttpFailure, type HttpRequestHead, type HttpResponseHead } from './stack.ts';
import type { Timers, Turns } from './turns.ts';
import type { RequestHandler } from './virtual-node.ts';

const REFUSED: HttpError = { tag: 'connection-refused' };
const TERMINATED: HttpError = { tag: 'connection-terminated' };
const TIMED_OUT: HttpError = { tag: 'HTTP-response-timeout' };
const NO_HTTP: HttpError = { tag: 'HTTP-protocol-error' };

/** A request to a host in memory, answered by a function of the embedder's. */
export class VirtualExchange implements HttpExchange {
  readonly body: OutputStream;
  readonly response: Promise<HttpResponseHead>;
  /** Settles when nothing of it goes on any more. */
  readonly over: Promise<void>;
  readonly #head: HttpRequestHead;
  readonly #timers: Timers;
  readonly #request = new Pipe();
  readonly #response = new Pipe();
  /** For the embedder's function. */
  readonly #abort = new AbortController();
  /** Rejects when the exchange ends before its time. */
  readonly #failed = Promise.withResolvers<never>();
  readonly #over = Promise.withResolvers<void>();

  /** @param handler undefined: nobody answers there */
  constructor(head: HttpRequestHead, handler: RequestHandler | undefined, turns: Turns) {
    this.#head = head;
    this.#timers = turns.timers;
    this.over = this.#over.promise;
    this.body = this.#request.output;
    this.#failed.promise.catch(() => undefined);
    this.response = this.#respond(handler, turns);
    // Who does not ask is not told.
    this.response.catch(() => undefined);
    void this.#limitTotal();
  }

  finishBody(): void {
    this.#request.end();
  }

  abort(): void {
    this.#fail(TERMINATED);
  }

  async #respond(handler: RequestHandler | undefined, turns: Turns): Promise<HttpResponseHead> {
    try {
      await turns.next();
      if (handler === undefined) throw new HttpFailure(REFUSED);
      const answer = Promise.race([this.#call(handler), this.#failed.promise]);
      const response = await within(this.#head.timeouts.firstByte, answer, this.#timers);
      if (response === 'late') throw new HttpFailure(TIMED_OUT);
      // `Response.error()` has 0; a switch of protocols has nobody to go on with.
      if (!(response.status >= 200)) throw new HttpFailure(NO_HTTP);
      return {
        status: response.status,
        headers: fieldsOf(response.headers),
        body: this.#response.input,
        trailers: Promise.resolve(undefined),
      };
    } catch (error) {
      const failure = error instanceof HttpFailure ? error : new HttpFailure(TERMINATED);
      this.#fail(failure.error);
      throw failure;
    }
  }

  /** What goes wrong in the embedder's function is none of the guest's business. */
  async #call(handler: RequestHandler): Promise<Response> {
    const { method, contentLength } = this.#head;
    const hasBody = method !== 'GET' && method !== 'HEAD' && contentLength !== 0;
    if (!hasBody) void drain(this.#request);
    const body = hasBody ? readable(this.#request) : undefined;
    const response = await handler(toRequest(this.#head, body, this.#abort.signal));
    void this.#send(response, body);
    return response;
  }

  async #send(response: Response, requestBody: ReadableStream | undefined): Promise<void> {
    const { timeouts, method } = this.#head;
    if (method === 'HEAD') await response.body?.cancel().catch(() => undefined);
    else if (response.body !== null) {
      const error = await pump(response.body, this.#response, timeouts.betweenBytes, this.#timers);
      if (error !== undefined) return this.#fail(error);
    }
    this.#response.end();
    // A function that has answered without reading reads no more.
    if (requestBody?.locked === false) requestBody.cancel().catch(() => undefined);
    this.#over.resolve();
  }

  async #limitTotal(): Promise<void> {
    const outcome = await within(this.#head.timeouts.total, this.over, this.#timers);
    if (outcome === 'late') this.#fail(TIMED_OUT);
  }

  #fail(error: HttpError): void {
    this.#failed.reject(new HttpFailure(error));
    this.#request.abandon({ kind: 'http', error });
    this.#response.end({ kind: 'http', error });
    this.#abort.abort();
    this.#over.resolve();
  }
}
