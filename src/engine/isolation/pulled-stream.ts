import type { Field } from '../../virtual/http/fields.ts';
import type { BodySource } from '../../virtual/http/incoming-body.ts';
import { Pipe, until } from '../../virtual/io/pipe.ts';
import { type InputStream, StreamStatus, WRITE_BUDGET } from '../../virtual/io/streams.ts';

/** A piece of a body; at its end, whether all of it came, and what came after it. */
export type Chunk =
  | { readonly bytes: Uint8Array }
  | { readonly end: 'whole' | 'failed'; readonly trailers: readonly Field[] | undefined };

/** What one read takes; copied at once, so that one buffer serves everybody. */
const scratch = new Uint8Array(WRITE_BUDGET);

/** @returns the next bytes of a body when there are some, or its end */
export async function nextChunk({ stream, trailers }: BodySource): Promise<Chunk> {
  for (;;) {
    const count = stream.readInto(scratch, 0, scratch.length);
    if (count > 0) return { bytes: scratch.slice(0, count) };
    if (count < 0) {
      // `failure` counts after `failed` only: some streams have theirs ready from the start.
      const isWhole = count === StreamStatus.closed && stream.cause === undefined;
      return isWhole ? { end: 'whole', trailers: await trailers } : { end: 'failed', trailers: undefined };
    }
    await stream.wait();
  }
}

/** @returns a body of bytes that have no trailers */
export function bodyOf(stream: InputStream): BodySource {
  return { stream, trailers: Promise.resolve(undefined) };
}

/**
 * A body of which the bytes are on the other side of a wall. They are asked for when there is room for them, so a slow reader holds
 * up the writer behind the wall.
 *
 * @param close called when nobody reads on
 */
export function pulledBody(pull: () => Promise<Chunk>, close: () => void): BodySource {
  const pipe = new Pipe();
  const trailers = Promise.withResolvers<readonly Field[] | undefined>();
  void pump(pipe, pull).then(trailers.resolve);
  void until(pipe, () => pipe.readerGone || pipe.ended).then(() => pipe.ended || close());
  return { stream: pipe.input, trailers: trailers.promise };
}

/** @returns the trailers */
async function pump(pipe: Pipe, pull: () => Promise<Chunk>): Promise<readonly Field[] | undefined> {
  try {
    for (;;) {
      await until(pipe, () => pipe.room > 0 || pipe.readerGone);
      if (pipe.readerGone) return undefined;
      const chunk = await pull();
      if ('bytes' in chunk) pipe.push(chunk.bytes);
      else {
        if (chunk.end === 'whole') pipe.end();
        else fail(pipe);
        return chunk.trailers;
      }
    }
  } catch {
    // The other side is gone.
    fail(pipe);
    return undefined;
  }
}

function fail(pipe: Pipe): void {
  pipe.end({ kind: 'http', error: { tag: 'connection-terminated' } });
}
