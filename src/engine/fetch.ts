import { InstanceError } from '../errors.ts';
import type { Field } from '../virtual/http/fields.ts';
import type { BodySource } from '../virtual/http/incoming-body.ts';
import type { IncomingRequestParts } from '../virtual/http/incoming-request.ts';
import { emptyBody, type ServedResponse } from '../virtual/http/response-outparam.ts';
import { Pipe, until } from '../virtual/io/pipe.ts';
import type { Exchange } from './exchange.ts';
import { type InputStream, WRITE_BUDGET } from '../virtual/io/streams.ts';

/** Responses without a body whatever the guest wrote: the Fetch standard's null body status. */
const NULL_BODY: ReadonlySet<number> = new Set([204, 205, 304]);

/** What one read takes; copied at once, so that one buffer serves everybody. */
const scratch = new Uint8Array(WRITE_BUDGET);

/** What requests go through. */
export interface Exchanging {
  exchange(request: IncomingRequestParts, signal?: AbortSignal): Promise<Exchange>;
  /** @returns why the body of a response did not get whole */
  bodyError(): Error;
}

/** Hands a request of the Fetch API to a guest. @throws what `exchange` does, and the reason of an aborted request */
export async function fetchThrough(instance: Exchanging, request: Request): Promise<Response> {
  const { signal } = request;
  const answer = instance.exchange(toParts(request), signal).then((exchange) => exchange.answer);
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const abort = (): void => {
    reject(signal.reason);
    // An answer that still comes is read by nobody.
    void answer.then(({ body }) => body.stream.close()).catch(() => undefined);
  };
  signal.addEventListener('abort', abort, { once: true });
  try {
    const served = await Promise.race([answer, aborted]);
    return toResponse(served, request, () => instance.bodyError());
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

/** @returns what a guest is given for a `Request` of the Fetch API; its body is read as the guest reads it */
function toParts(request: Request): IncomingRequestParts {
  const { protocol, host, pathname, search } = new URL(request.url);
  return {
    method: request.method,
    scheme: protocol.slice(0, -1),
    authority: host,
    pathWithQuery: pathname + search,
    headers: [...request.headers].map(([name, value]): Field => ({ name, value: latin1(value) })),
    body: request.body === null ? emptyBody() : toSource(request.body, request.signal),
  };
}

/** @param failure why the body did not get whole */
function toResponse(
  { status, headers, body }: ServedResponse,
  request: Request,
  failure: () => Error,
): Response {
  const list = headers.map(({ name, value }): [string, string] => [name, String.fromCharCode(...value)]);
  if (request.method === 'HEAD' || NULL_BODY.has(status)) {
    body.stream.close();
    return new Response(null, { status, headers: list });
  }
  const stream = toReadable(body.stream, failure);
  request.signal.addEventListener('abort', () => body.stream.close(), { once: true });
  return new Response(stream, { status, headers: list });
}

/** Nothing is read before somebody wants it, and then no more than one chunk ahead of them. */
function toReadable(stream: InputStream, failure: () => Error): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        for (;;) {
          const count = stream.readInto(scratch, 0, scratch.length);
          if (count > 0) return controller.enqueue(scratch.slice(0, count));
          if (count < 0) return stream.cause === undefined ? controller.close() : controller.error(failure());
          await stream.wait();
        }
      },
      cancel: () => stream.close(),
    },
    { highWaterMark: 0 },
  );
}

function toSource(body: ReadableStream<Uint8Array>, signal: AbortSignal): BodySource {
  const pipe = new Pipe();
  void pump(body, pipe);
  signal.addEventListener('abort', () => fail(pipe), { once: true });
  return { stream: pipe.input, trailers: Promise.resolve(undefined) };
}

async function pump(body: ReadableStream<Uint8Array>, pipe: Pipe): Promise<void> {
  const reader = body.getReader();
  // Whoever sends the body learns that nobody reads it, also while it has nothing to send.
  void until(pipe, () => pipe.readerGone || pipe.ended).then(() => reader.cancel().catch(() => undefined));
  try {
    for (;;) {
      await until(pipe, () => pipe.room > 0 || pipe.readerGone || pipe.ended);
      const { done, value } = await reader.read();
      if (done) return pipe.end();
      if (!(value instanceof Uint8Array)) return fail(pipe);
      pipe.push(value);
    }
  } catch {
    // Why the sender failed is its own business: the guest only learns that the body is not whole.
    fail(pipe);
  }
}

function fail(pipe: Pipe): void {
  pipe.end({ kind: 'http', error: { tag: 'connection-terminated' } });
}

/** Values of header fields are bytes; the Fetch API has one character for each. */
function latin1(value: string): Uint8Array {
  return Uint8Array.from(value, (letter) => letter.charCodeAt(0));
}

/** @returns the error of a body that ends before it is whole */
export function unfinished(): InstanceError {
  return new InstanceError(
    'BW_INSTANCE_RESPONSE_UNFINISHED',
    'The program ended, or gave the body of its response up, before the body was whole.',
  );
}
