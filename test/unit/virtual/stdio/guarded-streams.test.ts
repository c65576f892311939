import { Readable, Writable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { openInput } from '../../../../src/ambient/input.ts';
import { openOutput } from '../../../../src/ambient/output.ts';
import { GRANTED, Grant } from '../../../../src/kernel/grant.ts';
import { Guard } from '../../../../src/kernel/guard.ts';
import { DEFAULT_LIMITS, Meter } from '../../../../src/kernel/meter.ts';
import { ErrorCode } from '../../../../src/virtual/error-code.ts';
import { type OutputStream, StreamStatus, WRITE_BUDGET } from '../../../../src/virtual/io/streams.ts';
import type { InputSource, OutputTarget } from '../../../../src/virtual/machine.ts';
import { DeniedInput, DeniedOutput } from '../../../../src/virtual/stdio/denied-streams.ts';
import { GuardedInput, GuardedOutput } from '../../../../src/virtual/stdio/guarded-streams.ts';

const { closed, failed } = StreamStatus;

function guardWithRecords() {
  const records: string[] = [];
  const guard = new Guard(
    {
      used: (grant, { operation }) => void records.push(`used ${grant.id} ${operation}`),
      denied: (grant, { operation }) => void records.push(`denied ${grant?.id} ${operation}`),
      owned: () => undefined,
      limited: (limit, value, request) =>
        void records.push(`limited ${limit}=${value} ${request?.operation}`),
    },
    'first',
  );
  return { guard, records, meter: new Meter(DEFAULT_LIMITS) };
}

function output(target: OutputTarget, bytes = Infinity, name: 'stdout' | 'stderr' = 'stdout') {
  const { guard, records, meter } = guardWithRecords();
  const grant = new Grant(`stdio/${name}`, 'stdio', GRANTED, {});
  const stream = new GuardedOutput(openOutput(target, name), grant, guard, meter, { name, bytes });
  return { stream, grant, guard, records, meter };
}

function input(source: InputSource) {
  const { guard, records, meter } = guardWithRecords();
  const grant = new Grant('stdio/stdin', 'stdio', GRANTED, {});
  return { stream: new GuardedInput(openInput(source), grant, guard, meter), grant, guard, records, meter };
}

function write(stream: OutputStream, text: string): number {
  const bytes = Buffer.from(text);
  return stream.write(bytes, 0, bytes.length);
}

describe('output', () => {
  test.each(['stdout', 'stderr'] as const)('%s is counted, and recorded once', (name) => {
    const { stream, records, meter } = output('ignore', Infinity, name);
    expect([write(stream, 'hello'), write(stream, '!'), stream.flush()]).toEqual([0, 0, 0]);
    expect(records).toEqual([`used stdio/${name} ${name}`]);
    expect({ stdout: meter.stdoutBytes, stderr: meter.stderrBytes }).toEqual({
      stdout: 0,
      stderr: 0,
      [name]: 6,
    });
  });

  test('up to its limit, to the byte; past it, it fails for good, and the limit is on record once', () => {
    const taken: string[] = [];
    const { stream, records, meter } = output(
      { write: (chunk) => void taken.push(Buffer.from(chunk).toString()) },
      5,
    );
    expect([write(stream, 'abc'), write(stream, 'de')]).toEqual([0, 0]);
    expect(stream.checkWrite()).toBe(WRITE_BUDGET);
    expect(write(stream, 'f')).toBe(failed);
    expect(stream.failure).toBe(ErrorCode.quota);
    expect([stream.checkWrite(), write(stream, ''), write(stream, 'g')]).toEqual([failed, 0, failed]);
    expect([stream.ready(), stream.wait()]).toEqual([true, undefined]);
    expect(taken.join('')).toBe('abcde');
    expect(meter.stdoutBytes).toBe(5);
    expect(records).toEqual(['used stdio/stdout stdout', 'limited stdio/stdout bytes=5 stdout']);
  });

  test('one write that would pass the limit writes nothing', () => {
    const taken: Uint8Array[] = [];
    const { stream } = output({ write: (chunk) => void taken.push(chunk) }, 5);
    expect(write(stream, 'abcdef')).toBe(failed);
    expect(taken).toEqual([]);
  });

  test('revoked, it is closed, and asking is on record', () => {
    const { stream, guard, grant, records } = output('ignore');
    write(stream, 'a');
    guard.revoke(grant);
    expect([stream.checkWrite(), write(stream, 'b'), stream.flush(), stream.ready()]).toEqual([
      closed,
      closed,
      closed,
      true,
    ]);
    expect(records).toContain('denied stdio/stdout stdout');
  });

  test('revoked while it is full, it does not make the guest wait', () => {
    const { stream, guard, grant } = output(new Writable({ highWaterMark: 1, write: () => undefined }));
    write(stream, 'a');
    expect([stream.checkWrite(), stream.ready(), stream.wait()]).toEqual([0, false, expect.any(Promise)]);
    guard.revoke(grant);
    expect([stream.checkWrite(), stream.ready(), stream.wait()]).toEqual([closed, true, undefined]);
  });

  test('bytes that the sink did not take are not counted', () => {
    const { stream, meter } = output(
      {
        write: () => {
          throw new Error('no');
        },
      },
      5,
    );
    expect([write(stream, 'abc'), write(stream, 'abc')]).toEqual([closed, closed]);
    expect(meter.stdoutBytes).toBe(0);
  });

  test('a guest that drops its handle closes nothing of the embedder’s', () => {
    const sink = new Writable({ write: (_chunk, _encoding, callback) => callback() });
    const { stream } = output(sink);
    stream.close();
    expect([write(stream, 'a'), sink.writableEnded]).toEqual([0, false]);
  });

  test('not granted, it is closed; trying is denied on record once', () => {
    const { guard, records } = guardWithRecords();
    const stream = new DeniedOutput(guard, 'stderr');
    expect([stream.ready(), stream.wait(), stream.flush()]).toEqual([true, undefined, closed]);
    expect(records).toEqual([]);
    expect([stream.checkWrite(), stream.write(), stream.checkWrite()]).toEqual([closed, closed, closed]);
    expect(records).toEqual(['denied undefined stderr']);
  });
});

describe('input', () => {
  const target = new Uint8Array(10);

  test('is counted, and recorded once', () => {
    const { stream, records, meter } = input(Buffer.from('hello'));
    expect([
      stream.readInto(target, 0, 3),
      stream.readInto(target, 0, 10),
      stream.readInto(target, 0, 10),
    ]).toEqual([3, 2, closed]);
    expect(meter.stdinBytes).toBe(5);
    expect(records).toEqual(['used stdio/stdin stdin']);
  });

  test('revoked, it is closed at once, also for a guest that would wait', () => {
    const never = { [Symbol.asyncIterator]: () => ({ next: () => new Promise<never>(() => undefined) }) };
    const { stream, guard, grant, records } = input(never);
    expect([stream.readInto(target, 0, 1), stream.ready(), stream.wait()]).toEqual([
      0,
      false,
      expect.any(Promise),
    ]);
    guard.revoke(grant);
    expect([stream.ready(), stream.wait(), stream.readInto(target, 0, 1)]).toEqual([true, undefined, closed]);
    expect(records).toEqual(['used stdio/stdin stdin', 'denied stdio/stdin stdin']);
  });

  test('that fails says how', async () => {
    const { stream } = input(
      new Readable({
        read() {
          this.destroy(new Error('disk'));
        },
      }),
    );
    await stream.wait();
    expect([stream.readInto(target, 0, 1), stream.failure]).toEqual([failed, ErrorCode.io]);
  });

  test('closed, it gives nothing more', () => {
    const { stream } = input(Buffer.from('hello'));
    stream.close();
    expect(stream.readInto(target, 0, 1)).toBe(closed);
  });

  test('not granted, it is closed; trying is denied on record once', () => {
    const { guard, records } = guardWithRecords();
    const stream = new DeniedInput(guard);
    expect([stream.ready(), stream.wait()]).toEqual([true, undefined]);
    expect([stream.readInto(), stream.readInto()]).toEqual([closed, closed]);
    expect(records).toEqual(['denied undefined stdin']);
  });
});

test('a revoked grant wakes who waits for input, or for room', async () => {
  const standing = new Readable({ read: () => undefined });
  const full = new Writable({ highWaterMark: 1, write: () => undefined });
  const reader = input(standing);
  const writer = output(full);
  expect(reader.stream.readInto(new Uint8Array(8), 0, 8)).toBe(0);
  write(writer.stream, 'more than it takes');
  const waits = [reader.stream.wait(), writer.stream.wait()];
  expect(waits.every((wait) => wait !== undefined)).toBe(true);
  // However often it asks meanwhile.
  expect([reader.stream.wait(), writer.stream.wait()]).toEqual(waits);
  reader.guard.revoke(reader.grant);
  writer.guard.revoke(writer.grant);
  for (const wait of waits) await wait;
  expect([reader.stream.readInto(new Uint8Array(8), 0, 8), writer.stream.checkWrite()]).toEqual([
    closed,
    closed,
  ]);
  expect([reader.records, writer.records].flat().filter((each) => each.startsWith('denied'))).toEqual([
    'denied stdio/stdin stdin',
    'denied stdio/stdout stdout',
  ]);
  standing.destroy();
});
