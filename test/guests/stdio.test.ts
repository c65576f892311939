import { setTimeout as delay } from 'node:timers/promises';
import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { ByteSink, InputSource } from '../../src/index.ts';
import { Collector, openGuest, runGuest, WASI_VERSIONS } from '../support/guest-run.ts';

const KiB = 1024;
const MiB = 1024 * KiB;

async function* chunks(
  parts: readonly (string | Uint8Array)[],
  pause: number,
): AsyncGenerator<string | Uint8Array> {
  for (const part of parts) {
    await delay(pause);
    yield part;
  }
}

describe.each(WASI_VERSIONS)('WASI %s: standard input', (_version, kind) => {
  const sources: readonly (readonly [string, InputSource, string])[] = [
    ['bytes', Buffer.from('grüße\n'), 'grüße\n'],
    ['nothing', 'ignore', ''],
    ['no bytes', new Uint8Array(), ''],
    ['chunks as they come', chunks(['one ', new TextEncoder().encode('two '), 'three'], 2), 'one two three'],
    ['chunks of which some are empty', chunks(['', 'a', '', '', 'b', ''], 0), 'ab'],
    ['no chunks', chunks([], 0), ''],
  ];
  it.each(sources)('from %s', async (_name, stdin, text) => {
    const run = await runGuest('stdio', kind, { stdin, line: 'echo' });
    expect(run.stdout).toBe(text);
    expect(run.exitCode).toBe(0);
    expect(run.usage.stdinBytes).toBe(Buffer.byteLength(text));
    expect(run.usage.stdoutBytes).toBe(Buffer.byteLength(text));
  });

  it('in reads smaller than the chunks', async () => {
    const run = await runGuest('stdio', kind, { stdin: chunks(['abcdefg', 'hij'], 0), line: 'echo 3' });
    expect(run.stdout).toBe('abcdefghij');
  });

  it('from a source that fails: the guest sees the end', async () => {
    async function* failing(): AsyncGenerator<string> {
      yield 'before';
      await delay(1);
      throw new Error('the disk is gone');
    }
    const run = await runGuest('stdio', kind, { stdin: failing(), line: 'count' });
    expect(run.value('bytes')).toBe('6');
    expect(run.exitCode).toBe(0);
  });

  it('a fast source is asked for one chunk at a time', async () => {
    let made = 0;
    async function* endless(): AsyncGenerator<Uint8Array> {
      for (;;) {
        made++;
        yield new Uint8Array(64 * KiB);
      }
    }
    const { instance, run } = await openGuest('clocks', kind, {
      stdin: endless(),
      grant: { clocks: { monotonic: { resolution: '1ms' } } },
      line: 'sleep 20000000',
    });
    await run();
    expect(instance.usage().stdinBytes).toBe(0);
    expect(made).toBeLessThanOrEqual(1);
  });

  it('of a slow, endless source can be waited for with a timeout', async () => {
    async function* slow(): AsyncGenerator<string> {
      await delay(100_000, undefined, { ref: false });
      yield 'too late';
    }
    const run = await runGuest('stdio', kind, {
      stdin: slow(),
      grant: { clocks: { monotonic: { resolution: '1ms' } } },
      line: 'wait-input 20',
    });
    expect(run.lines).toEqual(['poll=0', 'readable=0']);
  });

  it('wakes a guest that waits for it', async () => {
    const run = await runGuest('stdio', kind, {
      stdin: chunks(['now'], 20),
      grant: { clocks: { monotonic: { resolution: '1ms' } } },
      line: 'wait-input 20000',
    });
    expect(run.lines).toEqual(['poll=1', 'readable=1']);
  });

  it('is empty without a grant, and asking is a denial', async () => {
    const run = await runGuest('stdio', kind, {
      grant: { stdio: { stdout: true, stderr: true } },
      stdin: Buffer.from('not for the guest'),
      line: 'count',
    });
    expect(run.lines).toEqual(['end=0', 'bytes=0']);
    expect(run.of('denial')).toEqual([
      expect.objectContaining({ grant: null, operation: 'stdin', missing: { section: 'stdio' } }),
    ]);
  });

  it('ends when the grant is taken back', async () => {
    const feed = Promise.withResolvers<void>();
    async function* source(): AsyncGenerator<string> {
      yield 'first';
      await feed.promise;
      yield 'second';
    }
    const { instance, run, stdout } = await openGuest('stdio', kind, { stdin: source(), line: 'echo' });
    const running = run();
    while (stdout.text() !== 'first') await delay(1);
    instance.revoke('stdio/stdin');
    feed.resolve();
    const result = await running;
    expect(result.stdout).toBe('first');
    expect(result.of('denial')).toEqual([
      expect.objectContaining({ grant: 'stdio/stdin', reason: 'revoked', operation: 'stdin' }),
    ]);
  });
});

describe.each(WASI_VERSIONS)('WASI %s: standard output and error', (_version, kind) => {
  it('are two', async () => {
    const run = await runGuest('stdio', kind, { line: 'errors' });
    expect(run.stdout).toBe('stdout=to standard output\n');
    expect(run.stderr).toBe('to standard error\n');
    expect(run.usage).toMatchObject({ stdoutBytes: run.stdout.length, stderrBytes: run.stderr.length });
  });

  it('are no terminals', async () => {
    const run = await runGuest('stdio', kind, { line: 'describe' });
    for (const fd of [0, 1, 2]) expect(run.value(`isatty.${fd}`)).toBe('0');
    for (const fd of [0, 1, 2]) expect(run.value(`fstat.${fd}`)).toBe('0');
    expect(run.value('fstat.3')).toBe('EBADF');
  });

  it('are closed without a grant, one by one', async () => {
    const run = await runGuest('stdio', kind, { grant: { stdio: { stderr: true } }, line: 'flood 1 10' });
    expect(run.stdout).toBe('');
    expect(run.stderr).toMatch(/^write=(EBADF|EPIPE|EIO)\nwritten=0\n$/);
    expect(run.of('denial')).toEqual([expect.objectContaining({ grant: null, operation: 'stdout' })]);
  });

  it('close when the guest closes them', async () => {
    const run = await runGuest('stdio', kind, { line: 'close-output' });
    expect(run.stderr).toBe('close=0\nwrite=EBADF\n');
  });

  it('stop at their limit of bytes, which is on record once', async () => {
    const run = await runGuest('stdio', kind, {
      grant: { stdio: { stdout: { bytes: '10KiB' }, stderr: true } },
      line: 'flood 1 1000000 4096',
    });
    // A stream of 0.3 takes what is too much as well, and its result says that it did not arrive.
    const written = kind === 'p3' ? 12_288 : 8192;
    const code = kind === 'module' ? 'EDQUOT' : 'E\\w+';
    expect(run.stderr).toMatch(new RegExp(`^write=${code}\nwritten=${written}\n$`));
    expect(run.stdout.length).toBeLessThanOrEqual(10 * KiB);
    expect(run.usage.stdoutBytes).toBe(run.stdout.length);
    expect(run.of('limit')).toEqual([
      expect.objectContaining({ limit: 'stdio/stdout bytes', value: 10 * KiB, operation: 'stdout' }),
    ]);
    expect(run.of('denial')).toEqual([]);
  });

  it('have a limit each', async () => {
    const run = await runGuest('stdio', kind, {
      grant: { stdio: { stdout: true, stderr: { bytes: 100 } } },
      line: 'flood 2 1000 50',
    });
    expect(run.value('written')).toBe(kind === 'p3' ? '150' : '100');
    expect(run.stderr).toHaveLength(100);
    expect(run.of('limit')).toEqual([expect.objectContaining({ limit: 'stdio/stderr bytes', value: 100 })]);
  });

  it('end when the grant is taken back', async () => {
    const { instance, run, stdout, stderr } = await openGuest('stdio', kind, {
      stdin: chunks(['first', 'second'], 10),
      stdout: {
        write(chunk: Uint8Array): void {
          stdout.write(chunk);
          instance.revoke('stdio/stdout');
        },
      },
      line: 'echo',
    });
    const result = await run();
    expect(result.stdout).toBe('first');
    expect(stderr.text()).toMatch(/^write=E(PIPE|BADF|IO)\n$/);
    expect(result.of('denial')).toEqual([
      expect.objectContaining({ grant: 'stdio/stdout', reason: 'revoked' }),
    ]);
  });
});

/** Takes chunks one by one, `pause` milliseconds each. */
class SlowSink implements ByteSink {
  readonly #pause: number;
  bytes = 0;
  waiting = 0;
  most = 0;

  constructor(pause: number) {
    this.#pause = pause;
  }

  write(chunk: Uint8Array): Promise<void> {
    this.waiting += chunk.length;
    this.most = Math.max(this.most, this.waiting);
    return delay(this.#pause).then(() => {
      this.waiting -= chunk.length;
      this.bytes += chunk.length;
    });
  }
}

describe.each(WASI_VERSIONS)('WASI %s: a slow reader', (_version, kind) => {
  it('that promises: the guest waits, and the host holds one write at most', async () => {
    const stdout = new SlowSink(2);
    const run = await runGuest('stdio', kind, { stdout, line: `flood 1 ${256 * KiB} 65536` });
    expect(run.stderr).toBe(`written=${256 * KiB}\n`);
    await delay(10);
    expect(stdout.bytes).toBe(256 * KiB);
    expect(stdout.most).toBeLessThanOrEqual(64 * KiB);
  });

  it('that is a Writable: the guest waits for drain', async () => {
    let most = 0;
    let bytes = 0;
    const stdout: Writable = new Writable({
      highWaterMark: 16 * KiB,
      write(chunk: Uint8Array, _encoding, done): void {
        most = Math.max(most, stdout.writableLength);
        bytes += chunk.length;
        setTimeout(done, 1);
      },
    });
    const run = await runGuest('stdio', kind, { stdout, line: `flood 1 ${256 * KiB} 4096` });
    expect(run.stderr).toBe(`written=${256 * KiB}\n`);
    await new Promise((done) => stdout.end(done));
    expect(bytes).toBe(256 * KiB);
    expect(most).toBeLessThanOrEqual(64 * KiB);
  });

  it('holds up its own guest alone', async () => {
    const ends: string[] = [];
    const slow = runGuest('stdio', kind, { stdout: new SlowSink(50), line: 'flood 1 16384 4096' });
    const fast = runGuest('stdio', kind, { line: `flood 1 ${MiB} 65536` });
    void slow.then(() => ends.push('slow'));
    void fast.then(() => ends.push('fast'));
    expect((await fast).stderr).toBe(`written=${MiB}\n`);
    expect((await slow).stderr).toBe('written=16384\n');
    expect(ends).toEqual(['fast', 'slow']);
  });
});

describe.each(WASI_VERSIONS)('WASI %s: a reader that goes away', (_version, kind) => {
  const closed = /^write=(EPIPE|EIO)\nwritten=\d+\n$/;

  it('by throwing', async () => {
    const kept = new Collector();
    const stdout = {
      write(chunk: Uint8Array): void {
        if (kept.chunks.length === 3) throw new Error('no reader');
        kept.write(chunk);
      },
    };
    const run = await runGuest('stdio', kind, { stdout, line: 'flood 1 1000000 1000' });
    expect(run.stderr).toMatch(closed);
    expect(run.exitCode).toBe(0);
  });

  it('by refusing a promise', async () => {
    const stdout = { write: (): Promise<void> => Promise.reject(new Error('no reader')) };
    const run = await runGuest('stdio', kind, { stdout, line: 'flood 1 1000000 1000' });
    expect(run.stderr).toMatch(closed);
  });

  it('as a Writable that fails: the guest gets EPIPE, the host no unhandled error', async () => {
    const stdout = new Writable({
      highWaterMark: 1000,
      write: (_chunk, _encoding, done) =>
        void setImmediate(() => done(Object.assign(new Error(), { code: 'EPIPE' }))),
    });
    const run = await runGuest('stdio', kind, { stdout, line: 'flood 1 1000000 1000' });
    expect(run.stderr).toMatch(closed);
    expect(run.of('denial')).toEqual([]);
  });
});
