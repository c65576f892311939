import { type InputStream, type OutputStream, StreamStatus } from '../../../src/virtual/io/streams.ts';
import type { Canon } from '../abi/lowering.ts';
import { resultArea } from '../abi/values.ts';
import type { Context } from '../context.ts';
import { IoError } from './io-error.ts';

// variant stream-error { last-operation-failed(error), closed }: its case at 0, the handle of the error at 4.

/** Stores `result<_, stream-error>`. @param status 0 or a negative StreamStatus */
export function storeDone(
  context: Context,
  canon: Canon,
  stream: InputStream | OutputStream,
  status: number,
  result: number,
): void {
  const { memory } = canon;
  const at = resultArea(memory, result, 12, 4);
  memory.bytes[at] = status < 0 ? 1 : 0;
  if (status < 0) storeError(context, canon, stream, status, at + 4);
}

/** Stores `result<u64, stream-error>`. @param count a count or a negative StreamStatus */
export function storeCount(
  context: Context,
  canon: Canon,
  stream: InputStream | OutputStream,
  count: number,
  result: number,
): void {
  const { memory } = canon;
  const at = resultArea(memory, result, 16, 8);
  memory.bytes[at] = count < 0 ? 1 : 0;
  if (count < 0) storeError(context, canon, stream, count, at + 8);
  else memory.setU64(at + 8, count);
}

/** Stores the error of a `stream-error` at `at`, which was checked. */
export function storeError(
  context: Context,
  canon: Canon,
  stream: InputStream | OutputStream,
  status: number,
  at: number,
): void {
  const { bytes, view } = canon.memory;
  if (status === StreamStatus.closed) {
    bytes[at] = 1;
    return;
  }
  context.takeHandle('read', 'error');
  bytes[at] = 0;
  const error = new IoError(stream.failure, stream.cause);
  view.setUint32(at + 4, canon.handles.error.add(error), true);
}
