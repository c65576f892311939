import { type InputStream, type OutputStream, StreamStatus } from '../../../src/virtual/io/streams.ts';
import { ComponentError } from '../plain/component-error.ts';
import type { Bindings } from '../plain/resource.ts';
import type { Error } from './error.ts';
import { IoError } from './io-error.ts';

/** `stream-error` as jco's bindings spell it. */
export type StreamError =
  | { readonly tag: 'last-operation-failed'; readonly val: Error }
  | { readonly tag: 'closed' };

/** @param status a negative StreamStatus */
export function throwStreamError(
  bindings: Bindings,
  stream: InputStream | OutputStream,
  status: number,
): never {
  if (status === StreamStatus.closed) throw new ComponentError<StreamError>({ tag: 'closed' });
  bindings.context.takeHandle('read', 'error');
  const error = bindings.make('error', new IoError(stream.failure, stream.cause));
  throw new ComponentError<StreamError>({ tag: 'last-operation-failed', val: error });
}
