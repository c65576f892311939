import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { openInput } from '../../../src/ambient/input.ts';
import { ErrorCode } from '../../../src/virtual/error-code.ts';
import { type InputStream, StreamStatus } from '../../../src/virtual/io/streams.ts';

/** Reads up to `length` bytes: the text, or the status where there is none. */
function read(input: InputStream, length = 100): string | number {
  const target = Buffer.alloc(length + 4, 'x');
  const count = input.readInto(target, 2, length);
  expect(target.toString('latin1', 0, 2) + target.toString('latin1', 2 + Math.max(0, count))).toBe(
    'x'.repeat(length + 4 - Math.max(0, count)),
  );
  return count > 0 ? target.toString('utf8', 2, 2 + count) : count;
}

async function readAll(input: InputStream, length = 100): Promise<(string | number)[]> {
  const found: (string | number)[] = [];
  for (;;) {
    await input.wait();
    expect([input.ready(), input.wait()]).toEqual([true, undefined]);
    const answer = read(input, length);
    found.push(answer);
    if (typeof answer === 'number') return found;
  }
}

async function* chunks(...values: (string | Uint8Array | Error)[]): AsyncGenerator<string | Uint8Array> {
  for (const value of values) {
    if (value instanceof Error) throw value;
    yield value;
  }
}

test('bytes are read in parts to their end, and stay at it', async () => {
  const input = openInput(Buffer.from('hello'));
  expect(read(input, 3)).toBe('hel');
  expect(read(input, 0)).toBe(0);
  expect(await readAll(input)).toEqual(['lo', StreamStatus.closed]);
  expect(read(input)).toBe(StreamStatus.closed);
});

test('nothing is at its end from the start', async () => {
  expect(await readAll(openInput('ignore'))).toEqual([StreamStatus.closed]);
});

test('chunks come as they are, cut where the guest has no room; texts are UTF-8', async () => {
  const input = openInput(chunks('grün', Buffer.from('1234567')));
  expect(await readAll(input, 5)).toEqual(['grün', '12345', '67', StreamStatus.closed]);
});

test('a Readable is a source', async () => {
  expect(await readAll(openInput(Readable.from([Buffer.from('a'), Buffer.from('b')])))).toEqual([
    'a',
    'b',
    StreamStatus.closed,
  ]);
});

test('an empty chunk is not the end, and a wait goes past it', async () => {
  expect(await readAll(openInput(chunks('', 'a', new Uint8Array(), '', 'b', '')))).toEqual([
    'a',
    'b',
    StreamStatus.closed,
  ]);
});

test('a source that fails is a failure, not an end', async () => {
  const input = openInput(chunks('a', new Error('disk')));
  expect(await readAll(input)).toEqual(['a', StreamStatus.failed]);
  expect(input.failure).toBe(ErrorCode.io);
  expect(read(input)).toBe(StreamStatus.failed);
});

test('a source that cannot even be opened is a failure', async () => {
  const broken = {
    [Symbol.asyncIterator]: () => {
      throw new Error('no');
    },
  } as unknown as AsyncIterable<string>;
  expect(await readAll(openInput(broken))).toEqual([StreamStatus.failed]);
});

test('a chunk is pulled when the guest asks, and not before', async () => {
  let pulled = 0;
  const source = (async function* () {
    for (;;) yield String(++pulled);
  })();
  const input = openInput(source);
  await new Promise(setImmediate);
  expect(pulled).toBe(0);
  expect(read(input)).toBe(0);
  await input.wait();
  await new Promise(setImmediate);
  expect([pulled, read(input), pulled]).toEqual([1, '1', 1]);
});

test('closing ends the source, and what it had is gone', async () => {
  let ended = false;
  const input = openInput(
    (async function* () {
      try {
        yield 'secret';
        yield 'more';
      } finally {
        ended = true;
      }
    })(),
  );
  await input.wait();
  input.close();
  expect([input.ready(), read(input)]).toEqual([true, StreamStatus.closed]);
  await expect.poll(() => ended).toBe(true);
});

test('a chunk that arrives after the close is dropped', async () => {
  const arrives = Promise.withResolvers<IteratorResult<string>>();
  const input = openInput({ [Symbol.asyncIterator]: () => ({ next: () => arrives.promise }) });
  const waited = input.wait();
  input.close();
  arrives.resolve({ done: false, value: 'late' });
  await waited;
  expect(read(input)).toBe(StreamStatus.closed);
});

test('the process’s own input is read by one instance after the other, and does not keep the process alive', async () => {
  const script = `
    import { openInput } from ${JSON.stringify(new URL('../../../src/ambient/input.ts', import.meta.url).href)};
    const read = async (input) => {
      const target = Buffer.alloc(100);
      await input.wait();
      return target.toString('utf8', 0, input.readInto(target, 0, 100));
    };
    const [first, second, third] = [openInput('inherit'), openInput('inherit'), openInput('inherit')];
    process.stdout.write(await read(first));
    first.close();
    process.stdout.write(await read(second));
    // A wait that is under way must not hold the process either.
    void third.wait();
    for (const input of [first, second, third]) input.close();
    if (first.readInto(Buffer.alloc(1), 0, 1) !== -1) process.exitCode = 1;`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script]);
  const ended = once(child, 'close');
  child.stdin.write('one ');
  const [first] = (await once(child.stdout, 'data')) as [Buffer];
  child.stdin.write('two');
  const [second] = (await once(child.stdout, 'data')) as [Buffer];
  expect(`${first.toString()}${second.toString()}`).toBe('one two');
  // Our end stays open.
  expect(await ended).toEqual([0, null]);
});
