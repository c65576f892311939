import type { Lowerings } from '../abi/lowering.ts';
import { clampU64, listArea } from '../abi/values.ts';
import { MAX_READ } from '../context.ts';
import { PlainResource } from '../plain/resource.ts';
import type { InputStream } from './input-stream.ts';
import { throwStreamError } from './plain-error.ts';
import type { Pollable } from './poll.ts';
import { StreamPollable } from './pollable.ts';
import {
  flushAndWait,
  splice,
  spliceWhenReady,
  type Spliced,
  write,
  writeAndFlush,
  writeZeroes,
  writeZeroesAndFlush,
} from './stream-operations.ts';
import { storeCount, storeDone } from './stream-results.ts';

export class OutputStream extends PlainResource<'output-stream'> {
  // check-write: func() -> result<u64, stream-error>
  checkWrite(): bigint {
    return BigInt(check(this, this.target.checkWrite()));
  }

  // write: func(contents: list<u8>) -> result<_, stream-error>
  write(contents: Uint8Array): void {
    check(this, write(this.target, contents, 0, contents.length));
  }

  // blocking-write-and-flush: func(contents: list<u8>) -> result<_, stream-error>
  blockingWriteAndFlush(contents: Uint8Array): void | Promise<void> {
    return done(this, writeAndFlush(this.bindings.context.host, this.target, contents, 0, contents.length));
  }

  // flush: func() -> result<_, stream-error>
  flush(): void {
    check(this, this.target.flush());
  }

  // blocking-flush: func() -> result<_, stream-error>
  blockingFlush(): void | Promise<void> {
    return done(this, flushAndWait(this.bindings.context.host, this.target));
  }

  // subscribe: func() -> pollable
  subscribe(): Pollable {
    this.bindings.context.takeHandle('write', 'pollable');
    return this.bindings.make('pollable', new StreamPollable(this.target));
  }

  // write-zeroes: func(len: u64) -> result<_, stream-error>
  writeZeroes(length: bigint): void {
    check(this, writeZeroes(this.target, clampU64(length, Number.MAX_SAFE_INTEGER)));
  }

  // blocking-write-zeroes-and-flush: func(len: u64) -> result<_, stream-error>
  blockingWriteZeroesAndFlush(length: bigint): void | Promise<void> {
    const { host } = this.bindings.context;
    return done(this, writeZeroesAndFlush(host, this.target, clampU64(length, Number.MAX_SAFE_INTEGER)));
  }

  // splice: func(src: borrow<input-stream>, len: u64) -> result<u64, stream-error>
  splice(source: InputStream, length: bigint): bigint {
    const wanted = clampU64(length, MAX_READ);
    return spliced(this, splice(this.target, source.target, wanted, new Uint8Array(wanted)));
  }

  // blocking-splice: func(src: borrow<input-stream>, len: u64) -> result<u64, stream-error>
  async blockingSplice(source: InputStream, length: bigint): Promise<bigint> {
    const wanted = clampU64(length, MAX_READ);
    const { host } = this.bindings.context;
    return spliced(
      this,
      await spliceWhenReady(host, this.target, source.target, wanted, new Uint8Array(wanted)),
    );
  }
}

function check({ bindings, target }: OutputStream, status: number): number {
  return status < 0 ? throwStreamError(bindings, target, status) : status;
}

function done(stream: OutputStream, status: number | Promise<number>): void | Promise<void> {
  if (typeof status !== 'number') return status.then((settled) => void check(stream, settled));
  check(stream, status);
}

function spliced({ bindings }: OutputStream, { count, failed }: Spliced): bigint {
  return BigInt(count < 0 ? throwStreamError(bindings, failed, count) : count);
}

export const outputStreamLowerings: Lowerings = {
  '[method]output-stream.check-write': {
    resources: ['error', 'output-stream'],
    lower:
      (context, canon) =>
      (self: number, result: number): void => {
        const stream = canon.handles['output-stream'].get(self);
        storeCount(context, canon, stream, stream.checkWrite(), result);
      },
  },
  '[method]output-stream.write': {
    resources: ['error', 'output-stream'],
    lower:
      (context, canon) =>
      (self: number, pointer: number, length: number, result: number): void => {
        const { memory } = canon;
        const stream = canon.handles['output-stream'].get(self);
        const start = listArea(memory, pointer, length >>> 0, 1);
        storeDone(context, canon, stream, write(stream, memory.bytes, start, length >>> 0), result);
      },
  },
  '[method]output-stream.blocking-write-and-flush': {
    resources: ['error', 'output-stream'],
    blocking: true,
    lower: (context, canon) => (self: number, pointer: number, length: number, result: number) => {
      const { memory } = canon;
      const stream = canon.handles['output-stream'].get(self);
      const start = listArea(memory, pointer, length >>> 0, 1);
      const store = (status: number): void => storeDone(context, canon, stream, status, result);
      return whenKnown(writeAndFlush(context.host, stream, memory.bytes, start, length >>> 0), store);
    },
  },
  '[method]output-stream.flush': {
    resources: ['error', 'output-stream'],
    lower:
      (context, canon) =>
      (self: number, result: number): void => {
        const stream = canon.handles['output-stream'].get(self);
        storeDone(context, canon, stream, stream.flush(), result);
      },
  },
  '[method]output-stream.blocking-flush': {
    resources: ['error', 'output-stream'],
    blocking: true,
    lower: (context, canon) => (self: number, result: number) => {
      const stream = canon.handles['output-stream'].get(self);
      const store = (status: number): void => storeDone(context, canon, stream, status, result);
      return whenKnown(flushAndWait(context.host, stream), store);
    },
  },
  '[method]output-stream.subscribe': {
    resources: ['pollable', 'output-stream'],
    lower:
      (context, canon) =>
      (self: number): number => {
        const stream = canon.handles['output-stream'].get(self);
        context.takeHandle('write', 'pollable');
        return canon.handles.pollable.add(new StreamPollable(stream));
      },
  },
  '[method]output-stream.write-zeroes': {
    resources: ['error', 'output-stream'],
    lower:
      (context, canon) =>
      (self: number, length: bigint, result: number): void => {
        const stream = canon.handles['output-stream'].get(self);
        const status = writeZeroes(stream, clampU64(length, Number.MAX_SAFE_INTEGER));
        storeDone(context, canon, stream, status, result);
      },
  },
  '[method]output-stream.blocking-write-zeroes-and-flush': {
    resources: ['error', 'output-stream'],
    blocking: true,
    lower: (context, canon) => (self: number, length: bigint, result: number) => {
      const stream = canon.handles['output-stream'].get(self);
      const store = (status: number): void => storeDone(context, canon, stream, status, result);
      return whenKnown(
        writeZeroesAndFlush(context.host, stream, clampU64(length, Number.MAX_SAFE_INTEGER)),
        store,
      );
    },
  },
  '[method]output-stream.splice': {
    resources: ['error', 'input-stream', 'output-stream'],
    lower:
      (context, canon) =>
      (self: number, source: number, length: bigint, result: number): void => {
        const output = canon.handles['output-stream'].get(self);
        const input = canon.handles['input-stream'].get(source);
        const wanted = clampU64(length, MAX_READ);
        const { count, failed } = splice(output, input, wanted, context.scratch(wanted));
        storeCount(context, canon, failed, count, result);
      },
  },
  '[method]output-stream.blocking-splice': {
    resources: ['error', 'input-stream', 'output-stream'],
    blocking: true,
    lower: (context, canon) => async (self: number, source: number, length: bigint, result: number) => {
      const output = canon.handles['output-stream'].get(self);
      const input = canon.handles['input-stream'].get(source);
      const wanted = clampU64(length, MAX_READ);
      // Not the scratch: another export of the instance may use that while this one waits.
      const { count, failed } = await spliceWhenReady(
        context.host,
        output,
        input,
        wanted,
        new Uint8Array(wanted),
      );
      storeCount(context, canon, failed, count, result);
    },
  },
};

function whenKnown(status: number | Promise<number>, store: (status: number) => void): void | Promise<void> {
  return typeof status === 'number' ? store(status) : status.then(store);
}
