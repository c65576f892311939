/**
 * disk-fill, timer-overflow, extreme-times, busy-poll, iovec-flood: guests of every version of WASI that want all of the disk, a
 * timer that fires at once, times that no clock has, or the thread. Each gets its share and an honest failure.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { Engine, type Outcome } from '../../src/index.ts';
import { watGuest } from '../guests/index.ts';
import { type GuestKind, type GuestRun, openGuest, runGuest, WASI_VERSIONS } from '../support/guest-run.ts';
import { memoryMount } from '../support/mounts.ts';

const MIB = 1 << 20;

/** Runs steps on a memory mount at /m that has its default quota. */
function fill(kind: GuestKind, line: string): Promise<GuestRun> {
  return runGuest('filesystem', kind, { ...memoryMount('read-write'), line });
}

function answers(run: GuestRun, name: string): string[] {
  return run.lines.filter((line) => line.startsWith(`${name}=`)).map((line) => line.slice(name.length + 1));
}

const limitsOf = (run: GuestRun): (readonly [string, number])[] =>
  run.of('limit').map(({ limit, value }) => [limit, value] as const);

describe.each(WASI_VERSIONS)('WASI %s: disk-fill', (_version, kind) => {
  test('far writes and sizes make holes, which cost the host nothing', async () => {
    const before = process.memoryUsage().arrayBuffers;
    const run = await fill(
      kind,
      'write /m/a x + open /m/a rw + pwrite y 8796093022208 + fstat + pwrite y 9007199254740990 + pwrite y 9223372036854775807 + truncate /m/a 1099511627776 + pread 1 0',
    );
    expect(run.outcome).toEqual({ kind: 'exit', code: 0 });
    // What lies beyond every file is an error, and what does not is a page.
    expect(answers(run, 'pwrite').at(-1)).toMatch(/^E/);
    expect(answers(run, 'pread')).toEqual(['1']);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(16 * MIB);
  });

  test('bytes: up to the default quota', async () => {
    const run = await fill(kind, 'fill /m/a 200000000 + write /m/b x + unlink /m/a + write /m/b x');
    expect(answers(run, 'stopped')).toEqual(['EDQUOT']);
    expect(run.usage.fileBytesWritten).toBeLessThanOrEqual(65 * MIB);
    // What is removed makes room.
    expect(answers(run, 'write').at(-1)).toBe('1');
    expect(limitsOf(run)).toEqual([['m quota.bytes', 64 * MIB]]);
  });

  test('empty files: up to the default quota', { timeout: 60_000 }, async () => {
    const run = await fill(kind, 'many /m 20000');
    expect([run.value('stopped'), run.value('many')]).toEqual(['EDQUOT', '10000']);
    expect(limitsOf(run)).toEqual([['m quota.files', 10_000]]);
  });

  test('names and paths: as long as those of Linux', async () => {
    const name = (length: number): string => 'n'.repeat(length);
    const run = await fill(
      kind,
      `write /m/${name(255)} x + write /m/${name(256)} x + write /m/${name(5000)} x`,
    );
    expect(answers(run, 'write')).toEqual(['1', 'ENAMETOOLONG', 'ENAMETOOLONG']);
  });
});

describe.each(WASI_VERSIONS)('WASI %s: timer-overflow', (_version, kind) => {
  test.each(['2147483648000000', '9007199254740993', '18446744073709551615'])(
    'a sleep of %s ns does not end before the deadline',
    async (length) => {
      const started = performance.now();
      const run = await runGuest('clocks', kind, {
        grant: {
          clocks: { monotonic: { resolution: '1ms' }, wall: { resolution: '1ms' } },
          limits: { deadline: '300ms' },
        },
        line: `sleep ${length}`,
      });
      expect(run.outcome).toMatchObject({ kind: 'limit', limit: 'limits.deadline' });
      expect(performance.now() - started).toBeGreaterThan(150);
      expect(run.stdout).toBe('');
    },
  );
});

describe.each(WASI_VERSIONS)('WASI %s: extreme-times', (_version, kind) => {
  test('both ends of what a file can have, set and read', async () => {
    const ends = ['0.0', '18446744073.709551615', '18446744073.999999999', '9223372036854775807.0', '-1.0'];
    const run = await fill(
      kind,
      ['write /m/a x', ...ends.map((end) => `utimens /m/a ${end} ${end} + stat /m/a`)].join(' + '),
    );
    expect(run.outcome).toEqual({ kind: 'exit', code: 0 });
    const set = answers(run, 'utimens');
    const read = answers(run, 'mtime');
    expect(read).toHaveLength(ends.length);
    // What was accepted is what is read; what was not has changed nothing.
    for (const [index, end] of ends.entries()) {
      const expected = set[index] === '0' ? end : (read[index - 1] ?? '');
      expect(Number(read[index]), `${end}: ${set[index]}`).toBeCloseTo(Number(expected), 0);
    }
    expect(set.slice(0, 1)).toEqual(['0']);
  });
});

describe.each(WASI_VERSIONS)('WASI %s: busy-poll', (_version, kind) => {
  test('a loop of polls that never block lets the event loop and a sibling have their turns', async () => {
    const clocks = { monotonic: { resolution: '1us' }, wall: { resolution: '1us' } };
    const busy = await openGuest('clocks', kind, {
      grant: { clocks, limits: { deadline: '600ms' } },
      line: 'busy 5000000000',
    });
    const ended = busy.run();
    let beats = 0;
    const timer = setInterval(() => beats++, 1);
    await delay(20);
    const sibling = await runGuest('clocks', kind, { grant: { clocks }, line: 'sleep 1000000' });
    expect(sibling.outcome).toEqual({ kind: 'exit', code: 0 });
    expect(busy.instance.outcome, 'the sibling is done first').toBeUndefined();
    expect((await ended).outcome).toMatchObject({ kind: 'limit', limit: 'limits.deadline' });
    clearInterval(timer);
    expect(beats).toBeGreaterThan(10);
  });
});

describe('iovec-flood', () => {
  const engine = new Engine({ cache: false });

  /** Calls fd_write on standard error with `count` vectors of `length` bytes, all over each other. */
  async function write(
    count: number,
    length: number,
  ): Promise<{ errno: unknown; bytes: number; outcome: Outcome | undefined }> {
    const program = await engine.compile(
      await watGuest(`(module
        (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
        (memory (export "memory") 320)
        (func (export "go") (param i32 i32) (result i32) (local $at i32)
          (loop $next
            (i32.store (i32.add (i32.mul (local.get $at) (i32.const 8)) (i32.const 4)) (local.get 1))
            (local.set $at (i32.add (local.get $at) (i32.const 1)))
            (br_if $next (i32.lt_u (local.get $at) (i32.const 10000))))
          (call $write (i32.const 2) (i32.const 0) (local.get 0) (i32.const 90000))))`),
    );
    let bytes = 0;
    await using instance = await program.instantiate({
      policy: { version: 1, stdio: { stderr: true } },
      stderr: { write: (chunk: Uint8Array) => void (bytes += chunk.length) },
    });
    const errno: unknown = await instance.call('go', count, length);
    return { errno, bytes, outcome: instance.outcome };
  }

  test('ten thousand vectors of 16 MiB are one short write', async () => {
    const { errno, bytes, outcome } = await write(10_000, 16 * MIB);
    expect([errno, outcome]).toEqual([0, undefined]);
    expect(bytes).toBeGreaterThan(0);
    expect(bytes).toBeLessThanOrEqual(128 * MIB);
  });

  test.each([
    [-1, 1],
    [10_000, -1],
    [1024, 0x7fff_ffff],
    [0x2000_0001, 8],
  ])('%i vectors of %i bytes are an errno, or a short write, and nothing more', async (count, length) => {
    const { errno, bytes } = await write(count, length);
    if (length > MIB || length < 0) expect([errno, bytes]).toEqual([21, 0]);
    else expect(bytes).toBeLessThanOrEqual(1024 * length);
  });
});
