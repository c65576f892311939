// Requests and responses between our terms and those of the Fetch API, bodies included, both ways as they come.
import type { Field } from '../http/fields.ts';
import type { HttpError } from '../http/http-error.ts';
import { type Pipe, until } from '../io/pipe.ts';
import { drain } from './drain.ts';
import { HttpFailure, type HttpRequestHead } from './stack.ts';
import type { Timers } from './turns.ts';

/**
 * @param body undefined: it has none
 * @throws HttpFailure for what the Fetch API has no request for
 */
export function toRequest(
  { method, scheme, host, port, path, headers }: HttpRequestHead,
  body: ReadableStream<Uint8Array> | undefined,
  signal: AbortSignal,
): Request {
  const init: RequestInit = {
    method,
    headers: headers.map(({ name, value }): [string, string] => [name, latin1(value)]),
    redirect: 'manual',
    signal,
  };
  // With a body that streams, the response may come before its end.
  const half = body === undefined ? {} : ({ body, duplex: 'half' } as const);
  try {
    return new Request(`${scheme}://${host}:${port}${path}`, { ...init, ...half });
  } catch {
    throw new HttpFailure({ tag: 'HTTP-request-method-invalid' });
  }
}

export function fieldsOf(headers: Headers): readonly Field[] {
  return [...headers].map(([name, value]) => ({
    name,
    // A ByteString: one byte for each character.
    value: Uint8Array.from(value, (character) => character.charCodeAt(0)),
  }));
}

/** What is written into a pipe, for the embedder to read; what it does not want is dropped. */
export function readable(pipe: Pipe): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        await until(pipe, () => pipe.held > 0 || pipe.ended || pipe.readerGone);
        if (pipe.held > 0) controller.enqueue(pipe.shift());
        else if (pipe.cause === undefined) controller.close();
        else controller.error(new TypeError('the request was given up'));
      },
      cancel() {
        void drain(pipe);
      },
    },
    { highWaterMark: 0 },
  );
}

/**
 * Reads the embedder's bytes into a pipe, no faster than they are taken, until one side has enough.
 *
 * @param gap nanoseconds that one read may take; undefined: any time
 * @returns why it stopped before the end
 */
export async function pump(
  body: ReadableStream<Uint8Array>,
  pipe: Pipe,
  gap: number | undefined,
  timers: Timers,
): Promise<HttpError | undefined> {
  try {
    const reader = body.getReader();
    // Ends a read that waits, and does nothing after the end.
    void until(pipe, () => pipe.ended || pipe.readerGone).then(() => reader.cancel().catch(() => undefined));
    for (;;) {
      await until(pipe, () => pipe.room > 0 || pipe.ended || pipe.readerGone);
      if (pipe.ended || pipe.readerGone) return undefined;
      const read = await within(gap, reader.read(), timers);
      if (read === 'late') return { tag: 'connection-read-timeout' };
      if (read.done) return undefined;
      if (!(read.value instanceof Uint8Array)) return { tag: 'HTTP-response-incomplete' };
      // The embedder may use its own array again. Not `slice`: that of a Buffer copies nothing.
      pipe.push(new Uint8Array(read.value));
    }
  } catch {
    return { tag: 'HTTP-response-incomplete' };
  }
}

/** @param nanoseconds undefined: for ever */
export async function within<T>(
  nanoseconds: number | undefined,
  work: Promise<T>,
  timers: Timers,
): Promise<T | 'late'> {
  if (nanoseconds === undefined) return work;
  const stop = new AbortController();
  try {
    const late = timers.sleep(nanoseconds, stop.signal).then(() => 'late' as const);
    return await Promise.race([work, late]);
  } finally {
    stop.abort();
  }
}

function latin1(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
}
