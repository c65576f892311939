import { describe, expect, test } from 'vitest';
import { GuestTrap } from '../../../../src/virtual/host.ts';
import type { InputSource } from '../../../../src/virtual/machine.ts';
import { testHost } from '../../../support/host.ts';
import { Caller } from './caller.ts';

const input = (method: string): string => `wasi:io/streams#[method]input-stream.${method}`;
const output = (method: string): string => `wasi:io/streams#[method]output-stream.${method}`;

function withInput(stdin: InputSource | false): { caller: Caller; stdin: number; abort: AbortController } {
  const { host, abort } = testHost({ stdin });
  const caller = new Caller(host);
  return { caller, stdin: caller.call('wasi:cli/stdin#get-stdin') as number, abort };
}

/** A source that gives a chunk only when it is told to. */
function pushed(): {
  source: AsyncIterable<string>;
  readonly push: (chunk: string) => void;
  readonly end: () => void;
} {
  const waiting: ((result: IteratorResult<string>) => void)[] = [];
  const ready: IteratorResult<string>[] = [];
  const give = (result: IteratorResult<string>): void => {
    const taker = waiting.shift();
    if (taker === undefined) ready.push(result);
    else taker(result);
  };
  const next = (): Promise<IteratorResult<string>> => {
    const result = ready.shift();
    return result === undefined ? new Promise((resolve) => waiting.push(resolve)) : Promise.resolve(result);
  };
  return {
    source: { [Symbol.asyncIterator]: () => ({ next }) },
    push: (value) => give({ done: false, value }),
    end: () => give({ done: true, value: undefined }),
  };
}

describe('input-stream', () => {
  test('reads what is there and then says that it is closed', () => {
    const { caller, stdin } = withInput(new TextEncoder().encode('hello'));
    const result = caller.allocate(12);
    caller.call(input('read'), stdin, 3n, result);
    expect([caller.u8(result), caller.text(result + 4)]).toEqual([0, 'hel']);
    caller.call(input('read'), stdin, -1n, result);
    expect(caller.text(result + 4)).toBe('lo');
    caller.call(input('blocking-read'), stdin, 1n, result);
    expect([caller.u8(result), caller.u8(result + 4)]).toEqual([1, 1]);
  });

  test('read answers nothing when nothing is there; blocking-read waits', async () => {
    const { source, push, end } = pushed();
    const { caller, stdin } = withInput(source);
    const result = caller.allocate(12);
    caller.call(input('read'), stdin, 9n, result);
    expect([caller.u8(result), caller.u32(result + 8)]).toEqual([0, 0]);
    const waiting = caller.call(input('blocking-read'), stdin, 9n, result);
    expect(waiting).toBeInstanceOf(Promise);
    push('late');
    await waiting;
    expect(caller.text(result + 4)).toBe('late');
    const skipped = caller.allocate(16);
    const skipping = caller.call(input('blocking-skip'), stdin, 3n, skipped);
    push('more');
    await skipping;
    expect(caller.u64(skipped + 8)).toBe(3n);
    caller.call(input('blocking-read'), stdin, 9n, result);
    expect(caller.text(result + 4)).toBe('e');
    const last = caller.call(input('blocking-read'), stdin, 9n, result);
    end();
    await last;
    expect([caller.u8(result), caller.u8(result + 4)]).toEqual([1, 1]);
  });

  test('a blocking read of nothing does not wait', () => {
    const { caller, stdin } = withInput(pushed().source);
    const result = caller.allocate(12);
    expect(caller.call(input('blocking-read'), stdin, 0n, result)).not.toBeInstanceOf(Promise);
    expect([caller.u8(result), caller.u32(result + 8)]).toEqual([0, 0]);
  });

  test('a wait ends with the instance', async () => {
    const { caller, stdin, abort } = withInput(pushed().source);
    const waiting = caller.call(input('blocking-read'), stdin, 9n, caller.allocate(12));
    abort.abort();
    await expect(waiting).rejects.toThrow(GuestTrap);
    await expect(caller.call(input('blocking-read'), stdin, 9n, caller.allocate(12))).rejects.toThrow(
      'closed while it waited',
    );
  });

  test('standard input that is not granted is closed', () => {
    const { caller, stdin } = withInput(false);
    const result = caller.allocate(12);
    caller.call(input('read'), stdin, 9n, result);
    expect([caller.u8(result), caller.u8(result + 4)]).toEqual([1, 1]);
  });

  test('each get-stdin gives a handle, and dropping one closes nothing', () => {
    const { caller, stdin } = withInput(new TextEncoder().encode('hello'));
    const again = caller.call('wasi:cli/stdin#get-stdin') as number;
    expect(again).not.toBe(stdin);
    caller.context.drop('input-stream', stdin);
    const result = caller.allocate(12);
    caller.call(input('read'), again, 9n, result);
    expect(caller.text(result + 4)).toBe('hello');
  });
});

/** A sink that takes a chunk and is full until it is told to go on. */
function slowSink(): {
  sink: { readonly write: (chunk: Uint8Array) => Promise<void> };
  readonly drain: () => void;
  readonly text: () => string;
} {
  const chunks: Uint8Array[] = [];
  let free: (() => void) | undefined;
  return {
    sink: {
      write(chunk) {
        chunks.push(chunk);
        return new Promise((resolve) => (free = resolve));
      },
    },
    drain: () => free?.(),
    text: () => Buffer.concat(chunks).toString(),
  };
}

describe('output-stream', () => {
  test('writes up to what check-write allows; more traps', () => {
    const { host, stdout } = testHost();
    const caller = new Caller(host);
    const stream = caller.call('wasi:cli/stdout#get-stdout') as number;
    const result = caller.allocate(16);
    caller.call(output('check-write'), stream, result);
    expect([caller.u8(result), caller.u64(result + 8)]).toEqual([0, 65_536n]);
    caller.call(output('write'), stream, ...caller.string('hello '), result);
    caller.call(output('blocking-write-and-flush'), stream, ...caller.string('world'), result);
    caller.call(output('flush'), stream, result);
    expect(caller.call(output('blocking-flush'), stream, result)).not.toBeInstanceOf(Promise);
    expect(caller.u8(result)).toBe(0);
    expect(stdout()).toBe('hello world');
    expect(() => caller.call(output('write'), stream, 0, 65_537, result)).toThrow(GuestTrap);
    expect(() => caller.call(output('write-zeroes'), stream, 65_537n, result)).toThrow(GuestTrap);
    expect(() => caller.call(output('write-zeroes'), stream, -1n, result)).toThrow(GuestTrap);
    expect(() => caller.call(output('blocking-write-and-flush'), stream, 0, 4097, result)).toThrow(GuestTrap);
    expect(() => caller.call(output('blocking-write-zeroes-and-flush'), stream, 4097n, result)).toThrow(
      GuestTrap,
    );
    expect(stdout()).toBe('hello world');
    caller.call(output('write-zeroes'), stream, 3n, result);
    caller.call(output('blocking-write-zeroes-and-flush'), stream, 2n, result);
    expect(stdout()).toBe('hello world\0\0\0\0\0');
  });

  test('back-pressure makes the guest wait, and what it wrote is what it wrote at the call', async () => {
    const { sink, drain, text } = slowSink();
    const caller = new Caller(testHost({ stdout: sink }).host);
    const stream = caller.call('wasi:cli/stdout#get-stdout') as number;
    const result = caller.allocate(16);
    caller.call(output('write'), stream, ...caller.string('a'), result);
    caller.call(output('check-write'), stream, result);
    expect(caller.u64(result + 8)).toBe(0n);
    const second = caller.string('second');
    const writing = caller.call(output('blocking-write-and-flush'), stream, ...second, result);
    expect(writing).toBeInstanceOf(Promise);
    new Uint8Array(caller.memory.buffer).fill(0x78, second[0], second[0] + 6);
    expect(text()).toBe('a');
    drain();
    await new Promise((resolve) => setImmediate(resolve));
    expect(text()).toBe('asecond');
    drain();
    await writing;
    expect(caller.u8(result)).toBe(0);
  });

  test('splice moves bytes from one stream to another', async () => {
    const { source, push } = pushed();
    const { host, stdout } = testHost({ stdin: source });
    const caller = new Caller(host);
    const from = caller.call('wasi:cli/stdin#get-stdin') as number;
    const to = caller.call('wasi:cli/stdout#get-stdout') as number;
    const result = caller.allocate(16);
    caller.call(output('splice'), to, from, 5n, result);
    expect([caller.u8(result), caller.u64(result + 8)]).toEqual([0, 0n]);
    const splicing = caller.call(output('blocking-splice'), to, from, 5n, result);
    push('spliced');
    await splicing;
    expect(caller.u64(result + 8)).toBe(5n);
    caller.call(output('splice'), to, from, -1n, result);
    expect(caller.u64(result + 8)).toBe(2n);
    expect(stdout()).toBe('spliced');
  });

  test('output that is not granted is closed', () => {
    const caller = new Caller(testHost({ stdout: false }).host);
    const stream = caller.call('wasi:cli/stdout#get-stdout') as number;
    const result = caller.allocate(16);
    caller.call(output('check-write'), stream, result);
    expect([caller.u8(result), caller.u8(result + 8)]).toEqual([1, 1]);
    caller.call(output('blocking-write-and-flush'), stream, ...caller.string('x'), result);
    expect([caller.u8(result), caller.u8(result + 4)]).toEqual([1, 1]);
  });
});

test('the plain forms do the same', async () => {
  interface PlainInput {
    readonly read: (length: bigint) => Uint8Array;
    readonly blockingRead: (length: bigint) => Uint8Array | Promise<Uint8Array>;
    readonly blockingSkip: (length: bigint) => Promise<bigint>;
  }
  interface PlainOutput {
    readonly checkWrite: () => bigint;
    readonly write: (bytes: Uint8Array) => void;
    readonly blockingWriteAndFlush: (bytes: Uint8Array) => void | Promise<void>;
    readonly blockingWriteZeroesAndFlush: (length: bigint) => void;
    readonly splice: (source: PlainInput, length: bigint) => bigint;
    readonly blockingSplice: (source: PlainInput, length: bigint) => Promise<bigint>;
  }
  const { source, push, end } = pushed();
  const { host, stdout } = testHost({ stdin: source });
  const caller = new Caller(host);
  const { getStdin } = caller.plain('wasi:cli/stdin') as { readonly getStdin: () => PlainInput };
  const { getStdout } = caller.plain('wasi:cli/stdout') as { readonly getStdout: () => PlainOutput };
  const [from, to] = [getStdin(), getStdout()];
  const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
  const read = from.blockingRead(3n);
  push('abcdef');
  expect(await read).toEqual(bytes('abc'));
  expect(to.splice(from, 1n)).toBe(1n);
  expect(await from.blockingSkip(1n)).toBe(1n);
  expect(await to.blockingSplice(from, 9n)).toBe(1n);
  expect(from.read(1n)).toEqual(bytes(''));
  expect(to.checkWrite()).toBe(65_536n);
  to.write(bytes('-'));
  await to.blockingWriteAndFlush(bytes('!'));
  to.blockingWriteZeroesAndFlush(1n);
  expect(() => to.write(new Uint8Array(65_537))).toThrow(GuestTrap);
  expect(stdout()).toBe('df-!\0');
  const last = from.blockingRead(1n);
  end();
  await expect(last).rejects.toMatchObject({ payload: { tag: 'closed' } });
});
