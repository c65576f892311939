import type { Host } from '../../../src/virtual/host.ts';
import { type InputStream, type OutputStream, WRITE_BUDGET } from '../../../src/virtual/io/streams.ts';
import { trap } from '../../trap.ts';
import { StreamPollable } from './pollable.ts';
import { untilAnyReady } from './waiting.ts';

/** Most bytes that the blocking writes take: wasi:io/streams, `blocking-write-and-flush`. */
const MAX_BLOCKING_WRITE = 4096;

const ZEROES = new Uint8Array(WRITE_BUDGET);

// Each function answers a status or a count as src/virtual/io/streams.ts has them, or a promise of one.

/** Runs `attempt` until it answers something, and waits for `stream` in between. */
export function blocking<T>(
  host: Host,
  stream: InputStream | OutputStream,
  attempt: () => T | undefined,
): T | Promise<T> {
  return attempt() ?? again(host, stream, attempt);
}

async function again<T>(
  host: Host,
  stream: InputStream | OutputStream,
  attempt: () => T | undefined,
): Promise<T> {
  for (;;) {
    await untilAnyReady(host, [new StreamPollable(stream)]);
    const answer = attempt();
    if (answer !== undefined) return answer;
  }
}

/** `write`: traps when the guest writes more than `check-write` would allow. */
export function write(stream: OutputStream, bytes: Uint8Array, offset: number, length: number): number {
  const budget = stream.checkWrite();
  if (budget < 0) return budget;
  if (length > budget) trap('a write is larger than check-write allowed');
  return stream.write(bytes, offset, length);
}

/** `write-zeroes`. */
export function writeZeroes(stream: OutputStream, length: number): number {
  const budget = stream.checkWrite();
  if (budget < 0) return budget;
  if (length > budget) trap('a write is larger than check-write allowed');
  for (let left = length; left > 0; left -= ZEROES.length) {
    const status = stream.write(ZEROES, 0, Math.min(left, ZEROES.length));
    if (status < 0) return status;
  }
  return 0;
}

/** `blocking-write-and-flush`. */
export function writeAndFlush(
  host: Host,
  stream: OutputStream,
  bytes: Uint8Array,
  offset: number,
  length: number,
): number | Promise<number> {
  if (length > MAX_BLOCKING_WRITE) trap('a blocking write takes at most 4096 bytes');
  const budget = stream.checkWrite();
  if (budget < 0) return budget;
  // The guest's memory may move while it waits.
  if (budget < length) return writeInParts(host, stream, bytes.slice(offset, offset + length));
  const status = stream.write(bytes, offset, length);
  return status < 0 ? status : flushAndWait(host, stream);
}

/** `blocking-write-zeroes-and-flush`. */
export function writeZeroesAndFlush(
  host: Host,
  stream: OutputStream,
  length: number,
): number | Promise<number> {
  return writeAndFlush(host, stream, ZEROES, 0, length);
}

/** `blocking-flush`. */
export function flushAndWait(host: Host, stream: OutputStream): number | Promise<number> {
  const status = stream.flush();
  if (status < 0) return status;
  // What went wrong during the flush shows at the next check.
  return blocking(host, stream, () => (stream.ready() ? Math.min(0, stream.checkWrite()) : undefined));
}

async function writeInParts(host: Host, stream: OutputStream, bytes: Uint8Array): Promise<number> {
  for (let done = 0; done < bytes.length;) {
    const budget = await blocking(host, stream, () => stream.checkWrite() || undefined);
    if (budget < 0) return budget;
    const part = Math.min(budget, bytes.length - done);
    const status = stream.write(bytes, done, part);
    if (status < 0) return status;
    done += part;
  }
  return flushAndWait(host, stream);
}

/** How a splice ended: bytes, or the status of the stream that failed. */
export interface Spliced {
  readonly count: number;
  readonly failed: InputStream | OutputStream;
}

/** `splice`. */
export function splice(
  output: OutputStream,
  input: InputStream,
  length: number,
  buffer: Uint8Array,
): Spliced {
  const budget = output.checkWrite();
  if (budget < 0) return { count: budget, failed: output };
  const count = input.readInto(buffer, 0, Math.min(budget, length, buffer.length));
  if (count <= 0) return { count, failed: input };
  const status = output.write(buffer, 0, count);
  return { count: status < 0 ? status : count, failed: output };
}

/** `blocking-splice`. */
export async function spliceWhenReady(
  host: Host,
  output: OutputStream,
  input: InputStream,
  length: number,
  buffer: Uint8Array,
): Promise<Spliced> {
  await blocking(host, output, () => output.ready() || undefined);
  await blocking(host, input, () => input.ready() || undefined);
  return splice(output, input, length, buffer);
}
