import { describe, expect, it } from 'vitest';
import { type GuestRun, openGuest, runGuest, WASI_VERSIONS } from '../support/guest-run.ts';

const HOUR = 3_600_000_000_000n;

function big(run: GuestRun, name: string): bigint {
  return BigInt(run.value(name) ?? '-1');
}

describe.each(WASI_VERSIONS)('WASI %s: real clocks', (_version, kind) => {
  const clocks = { wall: { resolution: '10ms' }, monotonic: { resolution: '1ms' } };

  it('say their resolution', async () => {
    const run = await runGuest('clocks', kind, { grant: { clocks }, line: 'resolution' });
    // The adapter of 0.1 over 0.2 asks the host, too.
    expect(run.lines).toEqual(['getres.wall=0', 'wall=10000000', 'getres.monotonic=0', 'monotonic=1000000']);
  });

  it('tell the time, rounded down', async () => {
    const before = BigInt(Date.now()) * 1_000_000n;
    const run = await runGuest('clocks', kind, { grant: { clocks }, line: 'read' });
    const after = BigInt(Date.now()) * 1_000_000n;
    const wall = big(run, 'wall');
    expect(wall % 10_000_000n).toBe(0n);
    expect(wall).toBeGreaterThan(before - 10_000_000n);
    expect(wall).toBeLessThanOrEqual(after);
    expect(big(run, 'monotonic') % 1_000_000n).toBe(0n);
    // From the start of the instance: the machine's uptime is nobody's business.
    expect(big(run, 'monotonic')).toBeLessThan(10_000_000_000n);
  });

  it('never go back, and move in steps of the resolution alone', async () => {
    const run = await runGuest('clocks', kind, {
      grant: { clocks: { monotonic: { resolution: '100us' } } },
      line: 'monotonic 20000 100000',
    });
    expect(run.lines.slice(0, 2)).toEqual(['backwards=0', 'off-step=0']);
    expect(Number(run.value('distinct'))).toBeGreaterThan(1);
  });

  it('are each on record once, however often they are read', async () => {
    const run = await runGuest('clocks', kind, { grant: { clocks }, line: 'monotonic 1000' });
    expect(run.of('grant-used').filter(({ operation }) => operation === 'monotonic-clock')).toHaveLength(1);
    expect(run.of('instance-closed')[0]?.uses['clocks/monotonic']).toBeGreaterThanOrEqual(1000);
  });

  it('are granted one by one', async () => {
    const run = await runGuest('clocks', kind, {
      grant: { clocks: { monotonic: { resolution: '1us' } } },
      line: 'read',
    });
    expect(run.value('wall')).toBe('0');
    expect(big(run, 'monotonic')).toBeGreaterThan(0n);
    expect(run.of('denial')).toEqual([
      expect.objectContaining({ grant: null, operation: 'wall-clock', missing: { section: 'clocks' } }),
    ]);
  });

  it('sleep for what was asked', async () => {
    const run = await runGuest('clocks', kind, { grant: { clocks }, line: 'sleep 30000000' });
    expect(run.value('nanosleep')).toBe('0');
    expect(big(run, 'monotonic')).toBeGreaterThanOrEqual(29_000_000n);
    expect(run.usage.wallTime).toBeGreaterThanOrEqual(30_000_000);
  });

  it.each(['monotonic', 'wall'])('sleep until a time of the %s clock', async (clock) => {
    const run = await runGuest('clocks', kind, { grant: { clocks }, line: `sleep-until 30000000 ${clock}` });
    expect(run.lines).toEqual(['clock_nanosleep=0', 'late=1']);
  });

  it('stand still once they are taken back', async () => {
    const { instance, run } = await openGuest('clocks', kind, { grant: { clocks }, line: 'read' });
    instance.revoke('clocks/monotonic');
    instance.revoke('clocks/wall');
    const result = await run();
    expect(result.lines).toEqual(['wall=0', 'monotonic=0']);
    expect(result.of('denial').map(({ grant, reason }) => [grant, reason])).toEqual([
      ['clocks/wall', 'revoked'],
      ['clocks/monotonic', 'revoked'],
    ]);
  });
});

describe.each(WASI_VERSIONS)('WASI %s: fixed clocks', (_version, kind) => {
  const fixed = { fixed: '2026-01-01T00:00:00.5Z' };

  it('stand at their instant; a sleep returns at once and changes nothing', async () => {
    const grant = { clocks: { wall: fixed, monotonic: fixed } };
    const run = await runGuest('clocks', kind, { grant, line: 'read' });
    expect(big(run, 'wall')).toBe(BigInt(Date.UTC(2026, 0, 1, 0, 0, 0, 500)) * 1_000_000n);
    const slept = await runGuest('clocks', kind, { grant, line: `sleep ${HOUR}` });
    expect(slept.value('wall')).toBe('0');
    expect(slept.usage.wallTime).toBeLessThan(5e9);
  });

  it('give the same files the same times', async () => {
    const grant = {
      clocks: { wall: fixed },
      filesystem: [{ mount: '/', memory: {}, access: 'read-write' }],
    };
    const run = await runGuest('filesystem', kind, { grant, line: 'write /a x + stat /a' });
    expect(run.value('mtime')).toBe(`${Date.UTC(2026, 0, 1) / 1000}.500000000`);
  });
});

describe.each(WASI_VERSIONS)('WASI %s: virtual clocks', (_version, kind) => {
  const clocks = {
    wall: { virtual: '2026-01-01T00:00:00Z' },
    monotonic: { virtual: '2026-01-01T00:00:00Z' },
  };

  it('jump with the own waits of the program: an hour takes no time', async () => {
    const run = await runGuest('clocks', kind, { grant: { clocks }, line: `sleep ${HOUR}` });
    expect(run.value('nanosleep')).toBe('0');
    expect(big(run, 'wall')).toBe(HOUR);
    expect(big(run, 'monotonic')).toBe(HOUR);
    expect(run.usage.wallTime).toBeLessThan(5e9);
  });

  it('do not move with the work that the program does', async () => {
    const run = await runGuest('clocks', kind, { grant: { clocks }, line: 'monotonic 5000' });
    expect(run.value('distinct')).toBe('1');
  });

  it.each(['monotonic', 'wall'])('sleep until a time of the %s clock', async (clock) => {
    const run = await runGuest('clocks', kind, { grant: { clocks }, line: `sleep-until ${HOUR} ${clock}` });
    expect(run.lines).toEqual(['clock_nanosleep=0', 'late=1']);
    expect(run.usage.wallTime).toBeLessThan(5e9);
  });

  it('take waits of any length', async () => {
    const run = await runGuest('clocks', kind, { grant: { clocks }, line: 'sleep 9000000000000000000' });
    expect(run.value('nanosleep')).toBe('0');
    expect(run.outcome.kind).toBe('exit');
  });

  it('run the same twice', async () => {
    const lines = async (): Promise<readonly string[]> =>
      (await runGuest('clocks', kind, { grant: { clocks }, line: 'read' })).lines;
    expect(await lines()).toEqual(await lines());
  });
});

describe.each(WASI_VERSIONS)('WASI %s: no clocks', (_version, kind) => {
  it('time stands at zero, which is on record, and a sleep does not hold the host', async () => {
    const run = await runGuest('clocks', kind, { line: 'read' });
    expect(run.lines).toEqual(['wall=0', 'monotonic=0']);
    expect(run.of('denial').map(({ grant, operation }) => [grant, operation])).toEqual([
      [null, 'wall-clock'],
      [null, 'monotonic-clock'],
    ]);
    const slept = await runGuest('clocks', kind, { line: `sleep ${HOUR}` });
    expect(slept.exitCode).toBe(0);
    expect(slept.usage.wallTime).toBeLessThan(5e9);
  });

  it('a wait for a time that never comes returns at once', async () => {
    const run = await runGuest('clocks', kind, { line: `sleep-until ${HOUR}` });
    expect(run.lines).toEqual(['clock_nanosleep=0', 'late=0']);
    expect(run.usage.wallTime).toBeLessThan(5e9);
  });

  it('yielding is no waiting', async () => {
    const run = await runGuest('clocks', kind, { line: 'yield' });
    expect(run.lines).toEqual(['sched_yield=0']);
  });
});
