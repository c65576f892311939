import { EventEmitter } from 'node:events';
import { Writable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { openOutput } from '../../../src/ambient/output.ts';
import { type OutputStream, StreamStatus, WRITE_BUDGET } from '../../../src/virtual/io/streams.ts';

const BYTES = Buffer.from('xxhello');

function write(output: OutputStream, length = 5): number {
  return output.write(BYTES, 2, length);
}

/** A Writable that takes one chunk at a time, each when it is told to. */
class Slow extends Writable {
  readonly taken: string[] = [];
  #callback: ((error?: Error) => void) | undefined;

  constructor() {
    super({ highWaterMark: 1 });
  }

  override _write(chunk: Buffer, _: string, callback: (error?: Error) => void): void {
    this.taken.push(chunk.toString());
    this.#callback = callback;
  }

  answer(error?: Error): void {
    const callback = this.#callback;
    this.#callback = undefined;
    callback?.(error);
  }
}

test('bytes go into the sink, from their place in the guest’s memory, as a copy', () => {
  const chunks: Uint8Array[] = [];
  const output = openOutput({ write: (chunk) => void chunks.push(chunk) }, 'stdout');
  const memory = Uint8Array.from(BYTES);
  expect(output.checkWrite()).toBe(WRITE_BUDGET);
  expect(output.write(memory, 2, 5)).toBe(0);
  memory.fill(0);
  expect(Buffer.concat(chunks).toString()).toBe('hello');
  expect([output.ready(), output.wait(), output.flush()]).toEqual([true, undefined, 0]);
});

test('what is ignored is taken', () => {
  const output = openOutput('ignore', 'stdout');
  expect([output.checkWrite(), write(output), output.flush(), output.ready(), output.wait()]).toEqual([
    WRITE_BUDGET,
    0,
    0,
    true,
    undefined,
  ]);
});

describe('back-pressure', () => {
  test('of a Writable: the guest waits until it drains', async () => {
    const sink = new Slow();
    const output = openOutput(sink, 'stdout');
    for (let i = 0; i < 3; i++) {
      expect(write(output)).toBe(0);
      expect([output.checkWrite(), output.ready()]).toEqual([0, false]);
      const waited = output.wait();
      expect(await Promise.race([waited, delay(5, 'waiting')])).toBe('waiting');
      sink.answer();
      await waited;
      expect([output.checkWrite(), output.ready(), output.wait()]).toEqual([WRITE_BUDGET, true, undefined]);
    }
    expect(sink.taken).toEqual(['hello', 'hello', 'hello']);
  });

  test('of a promise', async () => {
    const taken = Promise.withResolvers<void>();
    const output = openOutput({ write: () => taken.promise }, 'stdout');
    write(output);
    expect([output.checkWrite(), output.ready()]).toEqual([0, false]);
    taken.resolve();
    await output.wait();
    expect(output.checkWrite()).toBe(WRITE_BUDGET);
  });

  test('a false of a sink that never tells when it drains is none', () => {
    const output = openOutput({ write: () => false }, 'stdout');
    write(output);
    expect(output.checkWrite()).toBe(WRITE_BUDGET);
  });

  test('of one sink holds all that write to it, and each goes on when it drains', async () => {
    const sink = new Slow();
    const outputs = [openOutput(sink, 'stdout'), openOutput(sink, 'stderr')];
    for (const output of outputs) write(output);
    const waits = outputs.map((output) => output.wait());
    sink.answer();
    sink.answer();
    for (const waited of waits) await waited;
    expect(outputs.map((output) => output.ready())).toEqual([true, true]);
  });
});

describe('a sink that fails closes the guest’s stream, and leaves the host alone', () => {
  const problems: unknown[] = [];
  const note = (problem: unknown): void => void problems.push(problem);
  process.on('uncaughtException', note);
  process.on('unhandledRejection', note);
  afterEach(() => {
    expect(problems).toEqual([]);
  });

  async function expectClosed(output: OutputStream): Promise<void> {
    await vi.waitFor(() => expect(output.checkWrite()).toBe(StreamStatus.closed));
    expect([write(output), output.flush(), output.ready(), output.wait()]).toEqual([
      StreamStatus.closed,
      StreamStatus.closed,
      true,
      undefined,
    ]);
  }

  test('with an error event (EPIPE), while the guest waits', async () => {
    const sink = new Slow();
    const output = openOutput(sink, 'stdout');
    write(output);
    const waited = output.wait();
    sink.answer(new Error('EPIPE'));
    await waited;
    await expectClosed(output);
  });

  test('with an error event for every write', async () => {
    const sink = new Writable({
      autoDestroy: false,
      write: (_chunk, _encoding, callback) => callback(new Error('EPIPE')),
    });
    const output = openOutput(sink, 'stdout');
    for (let i = 0; i < 3; i++) write(output);
    await expectClosed(output);
    sink.write('the host’s own');
    await delay(5);
  });

  test('with one error event after the other', async () => {
    const sink = Object.assign(new EventEmitter(), { write: () => true });
    const output = openOutput(sink, 'stdout');
    // Without a listener, emit throws.
    for (let i = 0; i < 3; i++) sink.emit('error', new Error('EPIPE'));
    await expectClosed(output);
  });

  test('by being closed', async () => {
    const sink = new Slow();
    const output = openOutput(sink, 'stdout');
    sink.destroy();
    await expectClosed(output);
  });

  test('with an exception', async () => {
    const output = openOutput(
      {
        write: () => {
          throw new Error('no');
        },
      },
      'stdout',
    );
    expect(write(output)).toBe(StreamStatus.closed);
    await expectClosed(output);
  });

  test('with a promise that fails', async () => {
    const output = openOutput({ write: () => Promise.reject(new Error('no')) }, 'stdout');
    expect(write(output)).toBe(0);
    await output.wait();
    await expectClosed(output);
  });

  test('for streams that are opened on it later, too', async () => {
    const sink = new Slow();
    openOutput(sink, 'stdout');
    sink.destroy(new Error('EPIPE'));
    await expectClosed(openOutput(sink, 'stdout'));
  });
});

test('neither instances nor waits leave listeners on a sink', async () => {
  class Sink extends EventEmitter {
    write(): boolean {
      return false;
    }
  }
  const sink = new Sink();
  const count = (): number => sink.eventNames().reduce((sum, name) => sum + sink.listenerCount(name), 0);
  for (let i = 0; i < 100; i++) {
    const output = openOutput(sink, 'stdout');
    write(output);
    const waited = output.wait();
    sink.emit('drain');
    await waited;
  }
  expect(count()).toBeLessThanOrEqual(3);
});
