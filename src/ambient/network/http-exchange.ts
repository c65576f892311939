import type { ClientRequest, IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Field } from '../../virtual/http/fields.ts';
import type { HttpError } from '../../virtual/http/http-error.ts';
import {
  type HttpExchange,
  HttpFailure,
  type HttpRequestHead,
  type HttpResponseHead,
} from '../../virtual/network/stack.ts';
import type { Ends } from './ends.ts';
import { httpErrorOf, sentErrorOf } from './http-errors.ts';
import { fieldsOf, type Framing, headProblem, isBodyless, isIdempotent, trailerLines } from './http-head.ts';
import { openRequest, type PooledRequest } from './http-open.ts';
import type { PoolOptions } from './http-pool.ts';
import { IncomingBody, responseProblem } from './http-response.ts';
import { Timer } from './http-timers.ts';
import { StreamOutput } from './stream-output.ts';

/**
 * How long the head of a request waits for its body to start or to end, in nanoseconds: one that ends empty is no body.
 * Methods that usually have none wait longer, because servers dislike a body there, even an empty one.
 */
const HOLD = 0;
const HOLD_BODYLESS = 100e6;

/** Interim responses (1xx) that are skipped before one that counts. */
const MAX_INTERIM = 32;

/** What an exchange gets from its stack. */
export interface ExchangeContext {
  readonly ends: Ends;
  readonly signal: AbortSignal;
  /** @param fresh a connection of its own, none that waited */
  connect(fresh: boolean, onConnected: () => void): PooledRequest;
}

/** One request over node:http, and its response. */
export class Exchange implements HttpExchange {
  readonly body: StreamOutput;
  readonly response: Promise<HttpResponseHead>;
  readonly #head: HttpRequestHead;
  readonly #context: ExchangeContext;
  readonly #settled = Promise.withResolvers<HttpResponseHead>();
  readonly #timers = { hold: new Timer(), phase: new Timer(), total: new Timer() };
  #framing: Framing = 'none';
  #request: ClientRequest | undefined;
  #pool: PoolOptions | undefined;
  #incoming: IncomingBody | undefined;
  #written = 0;
  #interim = 0;
  #retried = false;
  #connected = false;
  #requestOver = false;
  #over = false;
  /** Bytes that a connection had received before this request: an answer that has started is none to ask for again. */
  #receivedBefore = 0;

  constructor(head: HttpRequestHead, context: ExchangeContext) {
    this.#head = head;
    this.#context = context;
    this.response = this.#settled.promise;
    // Nobody has to look at it.
    this.response.catch(() => undefined);
    this.body = new StreamOutput(this.#target(), () => this.#onBodyClosed());
    context.ends.add(this.#terminate);
    context.signal.addEventListener('abort', this.#terminate);
    const problem = headProblem(head);
    if (problem !== undefined) this.#fail(problem);
    else if (context.signal.aborted || context.ends.ended) this.#terminate();
    else this.#begin();
  }

  finishBody(trailers: readonly Field[]): void {
    if (this.#over || this.#request?.writableEnded === true) return;
    this.body.end();
    const { contentLength } = this.#head;
    if (contentLength !== undefined && contentLength !== this.#written)
      return this.#fail({ tag: 'HTTP-request-body-size', val: BigInt(this.#written) });
    const lines = trailerLines(trailers);
    this.#start(lines.length > 0 ? 'chunked' : 'none');
    try {
      if (this.#framing === 'chunked' && lines.length > 0) this.#request?.addTrailers(lines);
      this.#request?.end();
    } catch (error) {
      this.#fail(httpErrorOf(error));
    }
  }

  abort(): void {
    this.#terminate();
  }

  #begin(): void {
    const { method, contentLength, timeouts } = this.#head;
    this.#timers.total.start(timeouts.total, () => this.#fail({ tag: 'HTTP-response-timeout' }));
    if (contentLength !== undefined) return this.#start('length');
    this.#timers.hold.start(isBodyless(method) ? HOLD_BODYLESS : HOLD, () => this.#start('chunked'));
  }

  /** Sends the head, once. @param framing where no length is known */
  #start(framing: Framing): void {
    if (this.#request !== undefined || this.#over) return;
    this.#timers.hold.stop();
    this.#framing = this.#head.contentLength === undefined ? framing : 'length';
    this.#send(false);
  }

  #send(fresh: boolean): void {
    const pool = this.#context.connect(fresh, () => this.#onConnected());
    this.#pool = pool;
    this.#timers.phase.start(this.#head.timeouts.connect, () => this.#fail({ tag: 'connection-timeout' }));
    try {
      const request = openRequest(this.#head, this.#framing, pool);
      this.#request = request;
      this.#listen(request);
      // A server may answer before the body comes.
      if (this.#framing !== 'none') request.flushHeaders();
    } catch (error) {
      this.#fail(httpErrorOf(error));
    }
  }

  #listen(request: ClientRequest): void {
    request.once('socket', (socket) => this.#onSocket(request, socket));
    request.once('response', (response) => this.#onResponse(response));
    request.on('information', () => {
      if (++this.#interim > MAX_INTERIM) this.#fail({ tag: 'HTTP-protocol-error' });
    });
    request.once('upgrade', (_response, socket: Socket) => {
      socket.destroy();
      this.#fail({ tag: 'HTTP-upgrade-failed' });
    });
    request.on('error', (error) => {
      if (request === this.#request && !this.#retry(error)) this.#onError(error);
    });
    request.once('close', () => {
      if (request !== this.#request) return;
      if (this.#incoming === undefined) this.#fail({ tag: 'connection-terminated' });
      this.#requestOver = true;
      this.#release();
    });
  }

  #onSocket(request: ClientRequest, socket: Socket): void {
    this.#receivedBefore = socket.bytesRead;
    if (request.reusedSocket) this.#onConnected();
  }

  #onConnected(): void {
    if (this.#over || this.#incoming !== undefined) return;
    this.#connected = true;
    const { firstByte } = this.#head.timeouts;
    this.#timers.phase.stop();
    this.#timers.phase.start(firstByte, () => this.#fail({ tag: 'HTTP-response-timeout' }));
  }

  /** A connection that waited may have been closed by the server in the moment that we used it. RFC 9112, 9.3.1 */
  #retry(error: unknown): boolean {
    const request = this.#request;
    const stale =
      request?.reusedSocket === true &&
      this.#incoming === undefined &&
      request.socket?.bytesRead === this.#receivedBefore &&
      sentErrorOf(error).tag === 'connection-terminated';
    if (!stale || this.#over || this.#retried || this.#framing !== 'none' || !isIdempotent(this.#head.method))
      return false;
    this.#retried = true;
    this.#connected = false;
    this.#send(true);
    this.#request?.end();
    return true;
  }

  #onResponse(response: IncomingMessage): void {
    if (this.#over) return;
    const problem = responseProblem(response);
    if (problem !== undefined) return this.#fail(problem);
    this.#timers.phase.stop();
    this.#incoming = new IncomingBody(response, this.#head.timeouts.betweenBytes, {
      onFailed: (error) => this.#fail(error),
      onGivenUp: () => this.#terminate(),
      onOver: () => this.#release(),
    });
    this.#settled.resolve({
      status: response.statusCode ?? 0,
      headers: fieldsOf(response.rawHeaders),
      body: this.#incoming.stream,
      trailers: this.#incoming.trailers,
    });
  }

  /** Errors of the connection: those after the response's end are only about what is left of the request's body. */
  #onError(error: unknown): void {
    const reason = this.#connected ? sentErrorOf(error) : httpErrorOf(error);
    if (this.#incoming === undefined) this.#fail(reason);
    else if (this.#incoming.over) this.body.fail({ kind: 'http', error: reason });
    else this.#fail(reason.tag === 'connection-terminated' ? { tag: 'HTTP-response-incomplete' } : reason);
  }

  readonly #terminate = (): void => this.#fail({ tag: 'connection-terminated' });

  #fail(error: HttpError): void {
    if (this.#over) return;
    this.#over = true;
    this.#settled.reject(new HttpFailure(error));
    this.body.fail({ kind: 'http', error });
    this.#incoming?.fail(error);
    this.#pool?.dial.cancel?.();
    this.#request?.destroy();
    this.#forget();
  }

  /** Once the response was read and the request was sent, or its connection is gone. */
  #release(): void {
    if (this.#incoming?.over === true) this.#timers.total.stop();
    if (!this.#requestOver || this.#incoming?.over !== true) return;
    this.#over = true;
    this.body.end();
    this.#forget();
  }

  #forget(): void {
    for (const timer of Object.values(this.#timers)) timer.stop();
    this.#context.ends.delete(this.#terminate);
    this.#context.signal.removeEventListener('abort', this.#terminate);
  }

  /** A body that is not finished is no request: half of it must not be taken for the whole. */
  #onBodyClosed(): void {
    if (this.#request?.writableEnded !== true && this.#incoming?.over !== true) this.#terminate();
  }

  #target(): { readonly writableLength: number; write(chunk: Uint8Array, done: () => void): void } {
    const length = (): number => this.#request?.writableLength ?? 0;
    return {
      get writableLength() {
        return length();
      },
      write: (chunk, done) => {
        this.#written += chunk.length;
        const { contentLength } = this.#head;
        if (contentLength !== undefined && this.#written > contentLength)
          return this.#fail({ tag: 'HTTP-request-body-size', val: BigInt(this.#written) });
        this.#start('chunked');
        this.#request?.write(chunk, done);
      },
    };
  }
}
