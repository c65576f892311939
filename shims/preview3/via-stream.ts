import type { InputStream, OutputStream } from '../../src/virtual/io/streams.ts';
import type { Drain } from '../canonical-abi/host-function.ts';
import { drainInto, FutureCell, sourceOf } from '../canonical-abi/host-streams.ts';
import { CopyResult, type FutureSource, type Result, type StreamSource } from '../canonical-abi/values.ts';
import type { Closable, Context } from './context.ts';

/** Translates an `ErrorCode`: the `err` of a `result<_, error-code>`. */
export type ResultOf<E> = (failure: number) => Result<undefined, E>;

const OK: Result<undefined, never> = { tag: 'ok' };

/**
 * What `read-via-stream` gives: the bytes of `input`, and a future of how they ended.
 *
 * @param close releases what is behind `input`; called once, when the stream is over
 */
export function readVia<E>(
  input: InputStream,
  resultOf: ResultOf<E>,
  close?: () => void,
): readonly [StreamSource, FutureSource] {
  const ended = new FutureCell<Result<undefined, E>>();
  const source = sourceOf(input, (why) => {
    // Before it is closed: that may take the failure away. Who drops the stream is told of no error.
    const result = why === 'failed' ? resultOf(input.failure) : OK;
    close?.();
    ended.resolve(result);
  });
  return [source, ended];
}

/** What `write-via-stream` gives: it has `data` written to `output`, and is a future of how that ended. */
export function writeVia<E>(
  context: Context,
  data: StreamSource,
  output: OutputStream,
  resultOf: ResultOf<E>,
  close?: () => void,
): FutureSource {
  const ended = new FutureCell<Result<undefined, E>>();
  let drain: Drain | undefined = undefined;
  const writing: Closable = {
    close(): void {
      drain?.cancel();
      close?.();
    },
  };
  context.closeAtEnd(writing);
  drain = drainInto(data, output, (why) => {
    const result = why === 'failed' ? resultOf(output.failure) : OK;
    context.forget(writing);
    close?.();
    ended.resolve(result);
  });
  return ended;
}

/** A stream that is over before anything was read. */
export const NOTHING: StreamSource = {
  read: (_buffer, _reader, callbacks) => callbacks.onDone(CopyResult.dropped),
  cancel: () => undefined,
  drop: () => undefined,
};

/** A future whose value is known. */
export function settled(value: unknown): FutureSource {
  const cell = new FutureCell<unknown>();
  cell.resolve(value);
  return cell;
}
