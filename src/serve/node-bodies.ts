import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Field } from '../virtual/http/fields.ts';
import type { HttpError } from '../virtual/http/http-error.ts';
import type { BodySource } from '../virtual/http/incoming-body.ts';
import { emptyBody, type ServedResponse } from '../virtual/http/response-outparam.ts';
import { Pipe, until } from '../virtual/io/pipe.ts';
import { WRITE_BUDGET } from '../virtual/io/streams.ts';

/** Bytes of a body that are copied once more, to be sent in one piece with the head. */
const SMALL = 4096;

/** What one read takes; copied at once, so that one buffer serves everybody. */
const scratch = new Uint8Array(WRITE_BUDGET);

/**
 * The body of a request, read only as fast as the guest takes it.
 *
 * @param onTooLarge called when it has more than `maxBytes`; it fails for the guest then
 */
export function bodyOf(request: IncomingMessage, maxBytes: number, onTooLarge: () => void): BodySource {
  const { headers } = request;
  if (headers['transfer-encoding'] === undefined && (headers['content-length'] ?? '0') === '0')
    return emptyBody();
  const pipe = new Pipe();
  const fail = (error: HttpError): void => pipe.end({ kind: 'http', error });
  let received = 0;
  request.on('data', (chunk: Buffer) => {
    received += chunk.length;
    if (received > maxBytes) {
      fail({ tag: 'HTTP-request-body-size', val: BigInt(received) });
      request.pause();
      return onTooLarge();
    }
    pipe.push(chunk);
    if (pipe.room > 0 || pipe.readerGone) return;
    request.pause();
    void until(pipe, () => pipe.room > 0 || pipe.readerGone || pipe.ended).then(() => request.resume());
  });
  const { promise: trailers, resolve } = Promise.withResolvers<readonly Field[] | undefined>();
  request.once('end', () => {
    pipe.end();
    resolve(trailersOf(request));
  });
  // After `end` this is the end already.
  request.once('close', () => {
    fail({ tag: 'connection-terminated' });
    resolve(undefined);
  });
  return { stream: pipe.input, trailers };
}

function trailersOf({ rawTrailers }: IncomingMessage): readonly Field[] | undefined {
  if (rawTrailers.length === 0) return undefined;
  const fields: Field[] = [];
  for (let i = 0; i < rawTrailers.length; i += 2)
    fields.push({
      name: rawTrailers[i] as string,
      value: Buffer.from(rawTrailers[i + 1] as string, 'latin1'),
    });
  return fields;
}

/**
 * Sends a body behind a head that is already written. Where it does not get whole, the connection is cut, which is how a
 * client can tell.
 *
 * @param writeTimeout milliseconds that a client may take nothing
 * @returns false when the program did not make it whole
 */
export async function sendBody(
  response: ServerResponse,
  { body, contentLength }: ServedResponse,
  writeTimeout: number,
): Promise<boolean> {
  const { stream, trailers } = body;
  let isWatched = false;
  let last: Buffer | undefined;
  for (let sent = 0; last === undefined && !response.destroyed;) {
    const count = stream.readInto(scratch, 0, scratch.length);
    // Most answers are there at once: they need nobody who waits for the client to go away.
    if (!isWatched && count >= 0 && count !== contentLength) {
      isWatched = true;
      response.once('close', () => stream.close());
    }
    if (count === 0) await stream.wait();
    else if (count < 0) {
      if (stream.cause === undefined) break;
      response.destroy();
      return false;
    } else {
      const chunk = Buffer.from(scratch.subarray(0, count));
      sent += count;
      // One write for head and body where the body is one chunk.
      if (sent === contentLength) last = chunk;
      else if (!response.write(chunk)) await drained(response, writeTimeout);
    }
  }
  if (last === undefined) addTrailers(response, await trailers);
  end(response, last, writeTimeout);
  return true;
}

function addTrailers(response: ServerResponse, fields: readonly Field[] | undefined): void {
  if (fields !== undefined)
    response.addTrailers(fields.map(({ name, value }): [string, string] => [name, text(value)]));
}

/** A value of a header field as Node.js takes it. */
export function text(value: Uint8Array): string {
  if (value.length > 64)
    return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('latin1');
  // Most are short, and made faster so.
  return String.fromCharCode(...value);
}

/** Answers that are whole, to be sent at the end of this turn of the event loop. */
const whole: (() => void)[] = [];

/**
 * Ends a response together with all others that get whole in this turn. A client on the same machine, or a proxy, would be woken
 * for each of them otherwise, which costs the system more than anything else about a small answer: 1.7 times the requests per
 * second at 128 connections.
 */
function end(response: ServerResponse, chunk: Buffer | undefined, writeTimeout: number): void {
  if (whole.push(() => endNow(response, chunk, writeTimeout)) === 1) setImmediate(endAll);
}

function endAll(): void {
  for (const endOne of whole.splice(0)) endOne();
}

function endNow(response: ServerResponse, chunk: Buffer | undefined, writeTimeout: number): void {
  if (response.destroyed) return;
  // Node.js puts a head and a text into one write, where bytes would be gathered from two places: twice as fast.
  if (chunk !== undefined && chunk.length <= SMALL) response.end(chunk.toString('latin1'), 'latin1');
  else response.end(chunk);
  // A client that takes nothing holds what is left in memory.
  if ((response.socket?.writableLength ?? 0) === 0) return;
  const timer = setTimeout(() => response.destroy(), writeTimeout);
  response.once('close', () => clearTimeout(timer));
}

/** Settles when the client took what was written, or is gone. */
async function drained(response: ServerResponse, writeTimeout: number): Promise<void> {
  if (response.destroyed) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(() => response.destroy(), writeTimeout);
  const done = (): void => resolve();
  response.once('drain', done);
  response.once('close', done);
  await promise;
  clearTimeout(timer);
  response.off('drain', done);
  response.off('close', done);
}
