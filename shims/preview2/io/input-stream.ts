import { MAX_PART } from '../../../src/virtual/bounds.ts';
import { leavesThread } from '../../../src/virtual/filesystem/file-transfers.ts';
import { FileInputStream } from '../../../src/virtual/io/file-stream.ts';
import type { InputStream as VirtualInputStream } from '../../../src/virtual/io/streams.ts';
import type { Canon, Lowering, Lowerings } from '../abi/lowering.ts';
import { clampU64, lowerBytes, resultArea, storeList } from '../abi/values.ts';
import { type Context, MAX_READ } from '../context.ts';
import { PlainResource } from '../plain/resource.ts';
import type { Pollable } from './poll.ts';
import { StreamPollable } from './pollable.ts';
import { throwStreamError } from './plain-error.ts';
import { blocking } from './stream-operations.ts';
import { storeCount, storeError } from './stream-results.ts';

export class InputStream extends PlainResource<'input-stream'> {
  // read: func(len: u64) -> result<list<u8>, stream-error>
  read(length: bigint): Uint8Array {
    return readPlain(this, length, true) as Uint8Array;
  }

  // blocking-read: func(len: u64) -> result<list<u8>, stream-error>
  blockingRead(length: bigint): Uint8Array | Promise<Uint8Array> {
    return blocking(this.bindings.context.host, this.target, () => readPlain(this, length, false));
  }

  // skip: func(len: u64) -> result<u64, stream-error>
  skip(length: bigint): bigint {
    return BigInt(this.read(length).length);
  }

  // blocking-skip: func(len: u64) -> result<u64, stream-error>
  async blockingSkip(length: bigint): Promise<bigint> {
    return BigInt((await this.blockingRead(length)).length);
  }

  // subscribe: func() -> pollable
  subscribe(): Pollable {
    this.bindings.context.takeHandle('read', 'pollable');
    return this.bindings.make('pollable', new StreamPollable(this.target));
  }
}

/** @returns how many bytes a read gives at most: no more than a kept buffer has, but for what is better read beside the thread */
function wantedOf(stream: VirtualInputStream, length: bigint): number {
  const wanted = clampU64(length, MAX_PART);
  if (wanted <= MAX_READ) return wanted;
  return stream instanceof FileInputStream && leavesThread(stream.descriptor, wanted) ? wanted : MAX_READ;
}

/** @returns undefined when nothing is there yet and `orNothing` is false */
function readPlain(
  { bindings, target }: InputStream,
  length: bigint,
  orNothing: boolean,
): Uint8Array | undefined {
  const wanted = wantedOf(target, length);
  const buffer = bindings.context.scratch(wanted);
  const count = target.readInto(buffer, 0, wanted);
  if (count < 0) throwStreamError(bindings, target, count);
  return count > 0 || orNothing || wanted === 0 ? buffer.slice(0, count) : undefined;
}

/** Reads into `result`. @returns undefined, and stores nothing, when nothing is there yet and `orNothing` is false */
function read(
  context: Context,
  canon: Canon,
  stream: VirtualInputStream,
  request: { readonly wanted: number; readonly orNothing: boolean },
  result: number,
): true | undefined {
  const { memory } = canon;
  const buffer = context.scratch(request.wanted);
  const count = stream.readInto(buffer, 0, request.wanted);
  if (count === 0 && !request.orNothing) return undefined;
  const pointer = count < 0 ? 0 : lowerBytes(canon, buffer, count);
  const at = resultArea(memory, result, 12, 4);
  memory.bytes[at] = count < 0 ? 1 : 0;
  if (count < 0) storeError(context, canon, stream, count, at + 4);
  else storeList(memory, at + 4, pointer, count);
  return true;
}

function skip(
  context: Context,
  canon: Canon,
  stream: VirtualInputStream,
  request: { readonly wanted: number; readonly orNothing: boolean },
  result: number,
): true | undefined {
  const count = stream.readInto(context.scratch(request.wanted), 0, request.wanted);
  if (count === 0 && !request.orNothing) return undefined;
  storeCount(context, canon, stream, count, result);
  return true;
}

/** Of read and skip: gives what is there, or nothing. */
function atOnce(transfer: typeof read): Lowering {
  return {
    resources: ['error', 'input-stream'],
    lower:
      (context, canon) =>
      (self: number, length: bigint, result: number): void => {
        const stream = canon.handles['input-stream'].get(self);
        const request = { wanted: wantedOf(stream, length), orNothing: true };
        transfer(context, canon, stream, request, result);
      },
  };
}

/** Of blocking-read and blocking-skip: waits until something is there. */
function waiting(transfer: typeof read): Lowering {
  return {
    resources: ['error', 'input-stream'],
    blocking: true,
    lower: (context, canon) => (self: number, length: bigint, result: number) => {
      const stream = canon.handles['input-stream'].get(self);
      const request = { wanted: wantedOf(stream, length), orNothing: length === 0n };
      return blocking(context.host, stream, () => transfer(context, canon, stream, request, result));
    },
  };
}

export const inputStreamLowerings: Lowerings = {
  '[method]input-stream.read': atOnce(read),
  '[method]input-stream.blocking-read': waiting(read),
  '[method]input-stream.skip': atOnce(skip),
  '[method]input-stream.blocking-skip': waiting(skip),
  '[method]input-stream.subscribe': {
    resources: ['pollable', 'input-stream'],
    lower:
      (context, canon) =>
      (self: number): number => {
        const stream = canon.handles['input-stream'].get(self);
        context.takeHandle('read', 'pollable');
        return canon.handles.pollable.add(new StreamPollable(stream));
      },
  },
};
