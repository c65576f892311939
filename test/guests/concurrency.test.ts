import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { AuditLog, InstanceError } from '../../src/index.ts';
import {
  type GuestOptions,
  type GuestRun,
  openGuest,
  runGuest,
  WASI_VERSIONS,
} from '../support/guest-run.ts';

const REAL = { clocks: { monotonic: { resolution: '1ms' } } };
const limited = (deadline: string): GuestOptions => ({ grant: { ...REAL, limits: { deadline } } });

/** Counts the turns that the event loop gives a timer of one millisecond while `work` goes on. */
async function withHeartbeat<T>(
  work: () => Promise<T>,
): Promise<{ result: T; beats: number; longest: number }> {
  let beats = 0;
  let longest = 0;
  let last = performance.now();
  const timer = setInterval(() => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
    beats++;
  }, 1);
  try {
    return { result: await work(), beats, longest };
  } finally {
    clearInterval(timer);
  }
}

async function* never(): AsyncGenerator<Uint8Array> {
  await new Promise(() => undefined);
  yield new Uint8Array();
}

describe.each(WASI_VERSIONS)('WASI %s: many guests on one thread', (_version, kind) => {
  it('60 that sleep take about as long as one, and the event loop goes on', async () => {
    await runGuest('clocks', kind, { grant: REAL, line: 'sleep 1' });
    const started = performance.now();
    const { result: runs, beats } = await withHeartbeat(() =>
      Promise.all(
        Array.from({ length: 60 }, () => runGuest('clocks', kind, { grant: REAL, line: 'sleep 300000000' })),
      ),
    );
    const took = performance.now() - started;
    expect(runs.map((run) => run.value('nanosleep'))).toEqual(runs.map(() => '0'));
    for (const run of runs) expect(run.usage.wallTime).toBeGreaterThanOrEqual(300e6);
    // One after the other they would take 18 s.
    expect(took).toBeLessThan(9000);
    expect(beats).toBeGreaterThan(20);
  });

  it('with deadlines they sleep side by side just the same', async () => {
    const started = performance.now();
    const runs = await Promise.all(
      Array.from({ length: 60 }, () =>
        runGuest('clocks', kind, { ...limited('20s'), line: 'sleep 300000000' }),
      ),
    );
    expect(runs.map(({ exitCode }) => exitCode)).toEqual(runs.map(() => 0));
    expect(performance.now() - started).toBeLessThan(9000);
  });

  const instant = '2026-01-01T00:00:00Z';
  it.each([
    ['real', REAL.clocks],
    ['virtual', { wall: { virtual: instant }, monotonic: { virtual: instant } }],
    ['fixed', { wall: { fixed: instant }, monotonic: { fixed: instant } }],
    ['no', {}],
  ])('one that polls without end leaves the others their turns: %s time', async (_what, clocks) => {
    // Should it starve the others, its deadline ends it, and the assertions below fail.
    const grant = { clocks, limits: { deadline: '10s' } };
    const { instance, run } = await openGuest('clocks', kind, { grant, line: 'busy 60000000000' });
    const busy = run();
    const { result, beats } = await withHeartbeat(() =>
      runGuest('clocks', kind, { grant: REAL, line: 'sleep 50000000' }),
    );
    expect(result.exitCode).toBe(0);
    expect(result.usage.wallTime).toBeLessThan(5e9);
    expect(instance.outcome).toBeUndefined();
    expect(beats).toBeGreaterThan(5);
    await instance.close();
    expect((await busy).outcome).toEqual({ kind: 'cancelled' });
  });

  it('one that loops dies at its deadline, and the others go on', async () => {
    const sleepers = Array.from({ length: 5 }, () =>
      runGuest('clocks', kind, { grant: REAL, line: 'sleep 200000000' }),
    );
    const echo = runGuest('stdio', kind, { stdin: slowly('abc'), line: 'echo' });
    const loop = await runGuest('limits', kind, { ...limited('100ms'), line: 'loop' });
    expect(loop.exitCode).toBe(124);
    expect((await Promise.all(sleepers)).map(({ exitCode }) => exitCode)).toEqual([0, 0, 0, 0, 0]);
    expect((await echo).stdout).toBe('abc');
  });

  it('each has its own output, arguments, files and log entries', async () => {
    const audit = new AuditLog();
    const runs = await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        runGuest('filesystem', kind, {
          audit,
          tenant: `tenant-${i}`,
          grant: { filesystem: [{ id: 'own', mount: '/m', memory: {}, access: 'read-write' }] },
          line: `write /m/a of-${i} + read /m/a + readdir /m`,
        }),
      ),
    );
    for (const [i, run] of runs.entries()) {
      expect(run.value('data')).toBe(`of-${i}`);
      expect(new Set(run.records.map(({ tenant }) => tenant))).toEqual(new Set([`tenant-${i}`]));
    }
    expect(audit.records.map(({ seq }) => seq)).toEqual(audit.records.map((_, i) => i));
  });
});

async function* slowly(text: string): AsyncGenerator<string> {
  for (const letter of text) {
    await delay(20);
    yield letter;
  }
}

describe.each(WASI_VERSIONS)('WASI %s: close() while a guest waits', (_version, kind) => {
  const waiting = [
    ['for input', 'stdio', { stdin: never(), line: 'echo' }],
    ['for a time', 'clocks', { grant: REAL, line: 'sleep 3600000000000' }],
    ['for input, under a deadline', 'stdio', { ...limited('60s'), stdin: never(), line: 'echo' }],
    ['for a time, under a deadline', 'clocks', { ...limited('60s'), line: 'sleep 3600000000000' }],
    [
      'for its reader',
      'stdio',
      { stdout: { write: () => new Promise(() => undefined) }, line: 'flood 1 1000000' },
    ],
  ] as const;

  it.each(waiting)('%s: the run is cancelled', async (_what, source, options) => {
    const { instance, run, records } = await openGuest(source, kind, options);
    const running = run();
    await delay(20);
    expect(instance.outcome).toBeUndefined();
    await instance.close();
    const result: GuestRun = await running;
    expect(result.outcome).toEqual({ kind: 'cancelled' });
    expect(result.exitCode).toBe(130);
    expect(result.of('instance-closed')[0]?.outcome).toEqual({ kind: 'cancelled' });
    await expect(instance.run()).rejects.toThrow(InstanceError);
    await expect(instance.run()).rejects.toThrow(expect.objectContaining({ code: 'BW_INSTANCE_CLOSED' }));
    // Closing what is closed does nothing.
    await instance.close();
    expect(records()).toHaveLength(result.records.length);
  });

  it('`await using` closes', async () => {
    const audit = new AuditLog();
    {
      await using opened = (await openGuest('stdio', kind, { audit, line: 'echo' })).instance;
      expect(opened.outcome).toBeUndefined();
    }
    expect(audit.records.map((record) => record.kind)).toEqual(['instance-opened', 'instance-closed']);
  });
});

describe.each(WASI_VERSIONS)('WASI %s: guests of every kind at once', (_version, kind) => {
  it('the hostile ones end as they must, the friendly ones never notice', async () => {
    const files = {
      filesystem: [
        { id: 'own', mount: '/m', memory: {}, access: 'read-write', quota: { bytes: '1MiB', files: 10 } },
      ],
    };
    const deadline = { limits: { deadline: '300ms', memory: '8MiB', handles: 50 } };
    const hostile = [
      ['loop', runGuest('limits', kind, { grant: deadline, line: 'loop' })],
      ['calls', runGuest('limits', kind, { grant: deadline, line: 'calls' })],
      ['recursion', runGuest('limits', kind, { grant: deadline, line: 'recursion' })],
      ['trap', runGuest('limits', kind, { grant: deadline, line: 'trap' })],
      ['memory', runGuest('limits', kind, { grant: deadline, line: 'memory 1' })],
      ['handles', runGuest('limits', kind, { grant: { ...deadline, ...files }, line: 'handles /m' })],
      [
        'disk',
        runGuest('filesystem', kind, {
          grant: { ...deadline, ...files },
          line: 'fill /m/a 100000000 + many /m 100000',
        }),
      ],
      [
        'escape',
        runGuest('paths', kind, { grant: { ...deadline, ...files }, args: ['all', '../../etc/passwd'] }),
      ],
      [
        'flood',
        runGuest('stdio', kind, {
          grant: { ...deadline, stdio: { stdout: { bytes: '1MiB' }, stderr: true } },
          line: 'flood 1 100000000',
        }),
      ],
      ['poll', runGuest('clocks', kind, { grant: { ...deadline, ...REAL }, line: 'busy 60000000000' })],
    ] as const;
    const friendly = Promise.all([
      runGuest('clocks', kind, { grant: REAL, line: 'sleep 200000000' }),
      runGuest('stdio', kind, { stdin: slowly('friendly'), line: 'echo' }),
      runGuest('filesystem', kind, { grant: files, line: 'write /m/a mine + read /m/a' }),
      runGuest('random', kind, { grant: { random: { seed: 'x' } }, line: 'bytes 8' }),
    ]);
    const ends = new Map<string, string>();
    for (const [name, run] of hostile) ends.set(name, describeEnd(await run));
    expect(Object.fromEntries(ends)).toEqual({
      loop: 'limit 124',
      calls: 'limit 124',
      recursion: 'trap 134',
      trap: 'trap 134',
      memory: 'exit 0',
      handles: 'exit 0',
      disk: 'exit 0',
      escape: 'exit 0',
      flood: 'exit 0',
      poll: 'limit 124',
    });
    const [sleep, echo, file, random] = await friendly;
    expect(sleep.value('nanosleep')).toBe('0');
    expect(echo.stdout).toBe('friendly');
    expect(file.value('data')).toBe('mine');
    expect(random.value('bytes')).toHaveLength(16);
  });
});

function describeEnd({ outcome, exitCode }: GuestRun): string {
  return `${outcome.kind} ${exitCode}`;
}
