import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { Errno } from '../../../../shims/preview1/errno.ts';
import { WRITE_BUDGET } from '../../../../src/virtual/io/streams.ts';
import { Shim } from './harness.ts';

/** Input that comes when the test gives it. */
class Feed implements AsyncIterable<string> {
  readonly #waiting: ((chunk: IteratorResult<string>) => void)[] = [];

  give(chunk: string): void {
    this.#waiting.shift()?.({ done: false, value: chunk });
  }

  end(): void {
    this.#waiting.shift()?.({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): AsyncIterator<string> {
    return { next: () => new Promise((resolve) => this.#waiting.push(resolve)) };
  }
}

/** A reader that takes a chunk only when the test lets it. */
class SlowReader {
  readonly chunks: string[] = [];
  #drain: (() => void) | undefined;

  write(chunk: Uint8Array): Promise<void> {
    this.chunks.push(Buffer.from(chunk).toString());
    return new Promise((resolve) => (this.#drain = resolve));
  }

  async drain(): Promise<void> {
    this.#drain?.();
    await turn();
  }
}

function reading(stdin: Feed | Uint8Array | false): {
  shim: Shim;
  buffer: number;
  read: () => number | Promise<number>;
  got: () => string;
} {
  const shim = new Shim({ stdin });
  const buffer = shim.room(16);
  const size = shim.room(4);
  const iovs = shim.vectors([buffer, 3], [buffer + 3, 13]);
  return {
    shim,
    buffer,
    read: () => shim.call.fd_read(0, iovs, 2, size),
    got: () => shim.text(buffer, shim.u32(size)),
  };
}

describe('standard input', () => {
  it('answers at once what is there', () => {
    const { read, got } = reading(Buffer.from('hello'));
    expect(read()).toBe(Errno.success);
    expect(got()).toBe('hello');
    expect(read()).toBe(Errno.success);
    expect(got()).toBe('');
  });

  it('suspends until something comes, and gives as much as there is', async () => {
    const feed = new Feed();
    const { read, got } = reading(feed);
    const answer = read();
    expect(answer).toBeInstanceOf(Promise);
    feed.give('ab');
    expect(await answer).toBe(Errno.success);
    expect(got()).toBe('ab');
    const last = read();
    feed.end();
    expect(await last).toBe(Errno.success);
    expect(got()).toBe('');
  });

  it('survives that the memory grows while it waits', async () => {
    const feed = new Feed();
    const { shim, read, got } = reading(feed);
    const answer = read();
    shim.memory.grow(1);
    feed.give('grown');
    expect(await answer).toBe(Errno.success);
    expect(got()).toBe('grown');
  });

  it('faults when its vectors point elsewhere after the wait', async () => {
    const feed = new Feed();
    const { shim, buffer } = reading(feed);
    const iovs = shim.vectors([buffer, 4]);
    const answer = shim.call.fd_read(0, iovs, 1, shim.room(4));
    shim.view.setUint32(iovs, 0xffff_fff0, true);
    feed.give('x');
    expect(await answer).toBe(Errno.fault);
  });

  it('never resumes a guest whose instance has been closed', async () => {
    const feed = new Feed();
    const { shim, read } = reading(feed);
    let resumed = false;
    void Promise.resolve(read()).then(() => (resumed = true));
    shim.test.abort.abort();
    feed.give('late');
    await turn();
    expect(resumed).toBe(false);
  });

  it('does not wait when it is nonblocking', () => {
    const { shim, read } = reading(new Feed());
    expect(shim.call.fd_fdstat_set_flags(0, 4)).toBe(Errno.success);
    expect(read()).toBe(Errno.again);
  });

  it('has ended where it is not granted, which is on record', () => {
    const { shim, read, got } = reading(false);
    expect(read()).toBe(Errno.success);
    expect(got()).toBe('');
    expect(shim.test.records).toMatchObject([{ kind: 'denied', request: { operation: 'stdin' } }]);
  });

  it('cannot be written', async () => {
    expect(await new Shim().write(0, 'x')).toBe(Errno.badf);
  });
});

describe('standard output', () => {
  it('takes all vectors', async () => {
    const shim = new Shim();
    const [a, b] = [shim.put('one '), shim.put('two')];
    const size = shim.room(4);
    expect(await shim.call.fd_write(1, shim.vectors([a.at, 4], [0, 0], [b.at, 3]), 3, size)).toBe(
      Errno.success,
    );
    expect(shim.u32(size)).toBe(7);
    expect(shim.test.stdout()).toBe('one two');
  });

  it('waits for a slow reader, and copies before it does', async () => {
    const reader = new SlowReader();
    const shim = new Shim({ stdout: reader });
    const { at } = shim.put('first');
    const size = shim.room(4);
    const iovs = shim.vectors([at, 5]);
    expect(shim.call.fd_write(1, iovs, 1, size)).toBe(Errno.success);
    shim.bytes.set(Buffer.from('secnd'), at);
    const second = shim.call.fd_write(1, iovs, 1, size);
    expect(second).toBeInstanceOf(Promise);
    expect(reader.chunks).toEqual(['first']);
    await reader.drain();
    expect(await second).toBe(Errno.success);
    expect(reader.chunks).toEqual(['first', 'secnd']);
  });

  it('takes more than the stream takes at once, piece by piece', async () => {
    const reader = new SlowReader();
    const shim = new Shim({ stdout: reader });
    shim.memory.grow(1);
    const size = shim.room(4);
    const iovs = shim.vectors([0, 70_000]);
    const answer = shim.call.fd_write(1, iovs, 1, size);
    expect(reader.chunks.map((chunk) => chunk.length)).toEqual([WRITE_BUDGET]);
    await reader.drain();
    expect(await answer).toBe(Errno.success);
    expect(reader.chunks.map((chunk) => chunk.length)).toEqual([WRITE_BUDGET, 70_000 - WRITE_BUDGET]);
    expect(shim.u32(size)).toBe(70_000);
  });

  it('writes what it can and then asks again when it is nonblocking', () => {
    const shim = new Shim({ stdout: new SlowReader() });
    shim.call.fd_fdstat_set_flags(1, 4);
    expect(shim.write(1, 'taken')).toBe(Errno.success);
    expect(shim.write(1, 'not taken')).toBe(Errno.again);
  });

  it('is a bad descriptor where it is not granted, which is on record', () => {
    const shim = new Shim({ stdout: false });
    expect(shim.write(1, 'x')).toBe(Errno.badf);
    expect(shim.write(1, 'x')).toBe(Errno.badf);
    expect(shim.test.records).toMatchObject([{ kind: 'denied', request: { operation: 'stdout' } }]);
  });

  it('is a broken pipe when the reader goes away', async () => {
    let gone = false;
    const reader = {
      write(): void {
        if (gone) throw new Error('EPIPE');
      },
    };
    const shim = new Shim({ stdout: reader });
    expect(await shim.write(1, 'x')).toBe(Errno.success);
    gone = true;
    expect(await shim.write(1, 'x')).toBe(Errno.pipe);
  });

  it('cannot be read', async () => {
    const shim = new Shim();
    expect(await shim.call.fd_read(1, shim.vectors([1024, 1]), 1, shim.room(4))).toBe(Errno.badf);
  });
});
