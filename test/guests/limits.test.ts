import { describe, expect, it } from 'vitest';
import { AuditLog } from '../../src/index.ts';
import { openGuest, runGuest, WASI_VERSIONS } from '../support/guest-run.ts';

const MiB = 1024 * 1024;

describe.each(WASI_VERSIONS)('WASI %s: traps', (_version, kind) => {
  it('end the guest with 134, and what it wrote before is there', async () => {
    const run = await runGuest('limits', kind, { line: 'trap' });
    expect(run.outcome).toEqual({ kind: 'trap', reason: 'unreachable' });
    expect(run.exitCode).toBe(134);
    expect(run.stdout).toBe('before=trap\n');
  });

  it('a load outside of the memory', async () => {
    const run = await runGuest('limits', kind, { line: 'out-of-bounds' });
    expect(run.outcome).toEqual({ kind: 'trap', reason: 'memory access out of bounds' });
  });

  it('endless recursion ends the guest, not the host', async () => {
    const run = await runGuest('limits', kind, { line: 'recursion' });
    expect(run.outcome).toEqual({ kind: 'trap', reason: 'call stack exhausted' });
    expect((await runGuest('process', kind, { line: 'leave return 0' })).exitCode).toBe(0);
  });

  it('endless recursion under a deadline is a trap, too', async () => {
    const run = await runGuest('limits', kind, { grant: { limits: { deadline: '20s' } }, line: 'recursion' });
    expect(run.outcome).toEqual({ kind: 'trap', reason: 'call stack exhausted' });
  });
});

describe.each(WASI_VERSIONS)('WASI %s: limits.memory', (_version, kind) => {
  it('lets the memory grow up to the limit; then growing fails, and the guest goes on', async () => {
    const run = await runGuest('limits', kind, { grant: { limits: { memory: '4MiB' } }, line: 'memory 1' });
    expect(run.exitCode).toBe(0);
    const bytes = Number(run.value('bytes'));
    expect(bytes).toBeLessThanOrEqual(4 * MiB);
    // A component has a second, small memory of its adapter that counts, too.
    expect(bytes).toBeGreaterThanOrEqual(4 * MiB - 8 * 65_536);
    expect(run.usage.memory).toBeLessThanOrEqual(4 * MiB);
    expect(run.usage.memory).toBeGreaterThanOrEqual(bytes);
    expect(run.of('instance-opened')[0]?.limits).toMatchObject({ memory: 4 * MiB });
  });

  it('refuses a program that wants more to begin with, before any of it runs', async () => {
    const audit = new AuditLog();
    const options = { audit, grant: { limits: { memory: '64KiB' } }, line: 'memory 1' };
    await expect(openGuest('limits', kind, options)).rejects.toThrow(
      expect.objectContaining({ code: 'BW_LIMIT_MEMORY', hint: expect.stringMatching(/at least \d+ bytes/) }),
    );
    expect(audit.records.map(({ kind }) => kind)).toEqual(['instance-opened', 'instance-closed']);
    expect(audit.records[1]).toMatchObject({ outcome: { kind: 'denied-at-start', code: 'BW_LIMIT_MEMORY' } });
  });
});

describe.each(WASI_VERSIONS)('WASI %s: limits.handles', (_version, kind) => {
  it('bounds what is open at one time; what is closed can be opened again', async () => {
    const run = await runGuest('limits', kind, {
      grant: {
        limits: { handles: 40 },
        filesystem: [{ id: 'tmp', mount: '/', memory: {}, access: 'read-write' }],
      },
      line: 'handles /',
    });
    expect(run.exitCode).toBe(0);
    expect(Number(run.value('opened'))).toBeLessThanOrEqual(40);
    // A component's streams and preopens count, too.
    expect(Number(run.value('opened'))).toBeGreaterThanOrEqual(30);
    expect(run.value('stopped')).toBe(kind === 'module' ? 'EMFILE' : 'ENOMEM');
    expect(run.value('reopened')).toBe('0');
    expect(run.usage.handlesPeak).toBe(40);
    expect(run.of('limit')).toEqual([
      expect.objectContaining({ limit: 'limits.handles', value: 40, operation: 'open-at' }),
    ]);
    expect(run.of('denial')).toEqual([]);
  });

  it('gives everything back at the end', async () => {
    const { instance, run } = await openGuest('limits', kind, {
      grant: { limits: { handles: 100 }, filesystem: [{ mount: '/', memory: {}, access: 'read' }] },
      line: 'handles /',
    });
    await run();
    const { instance: next, run: runNext } = await openGuest('limits', kind, { line: 'memory 1000' });
    expect(next.id).not.toBe(instance.id);
    expect((await runNext()).exitCode).toBe(0);
  });
});

describe('limits.handles', () => {
  // On 0.2 the adapter has a table of its own that is full much earlier.
  it('has a default, so that no guest takes all of the host', async () => {
    const run = await runGuest('limits', 'module', {
      grant: { filesystem: [{ mount: '/', memory: {}, access: 'read' }] },
      line: 'handles /',
    });
    expect(run.value('opened')).toBe('1000');
    expect(run.of('limit')).toEqual([expect.objectContaining({ limit: 'limits.handles', value: 1000 })]);
  });
});

describe.each(WASI_VERSIONS)('WASI %s: limits.deadline', (_version, kind) => {
  const limits = { limits: { deadline: '150ms' } };
  const passed = { kind: 'limit', limit: 'limits.deadline', value: 150_000_000 };

  it('ends a guest that loops without calling the host', async () => {
    const run = await runGuest('limits', kind, { grant: limits, line: 'loop' });
    expect(run.outcome).toEqual(passed);
    expect(run.exitCode).toBe(124);
    expect(run.stdout).toBe('before=loop\n');
    expect(run.usage.wallTime).toBeGreaterThanOrEqual(150e6);
  });

  it('ends a guest that calls the host for ever', async () => {
    const run = await runGuest('limits', kind, { grant: limits, line: 'calls' });
    expect(run.outcome).toEqual(passed);
  });

  it('ends a guest that polls for ever', async () => {
    const run = await runGuest('clocks', kind, {
      grant: { ...limits, clocks: { monotonic: { resolution: '1ms' } } },
      line: 'busy 60000000000',
    });
    expect(run.outcome).toEqual(passed);
  });

  it('ends a guest that waits for input that never comes', async () => {
    const run = await runGuest('stdio', kind, { grant: limits, stdin: never(), line: 'echo' });
    expect(run.outcome).toEqual(passed);
  });

  it('ends a guest that reads a source without end', async () => {
    const run = await runGuest('stdio', kind, { grant: limits, stdin: endless(), line: 'count' });
    expect(run.outcome).toEqual(passed);
    expect(run.usage.stdinBytes).toBeGreaterThan(0);
  });

  it('ends a guest that writes without end', async () => {
    const run = await runGuest('stdio', kind, {
      grant: limits,
      stdout: 'ignore',
      line: 'flood 1 1000000000000000 65536',
    });
    expect(run.outcome).toEqual(passed);
    expect(run.usage.stdoutBytes).toBeGreaterThan(0);
  });

  it('ends a guest that sleeps', async () => {
    const run = await runGuest('clocks', kind, {
      grant: { ...limits, clocks: { monotonic: { resolution: '1ms' } } },
      line: 'sleep 3600000000000',
    });
    expect(run.outcome).toEqual(passed);
    expect(run.usage.wallTime).toBeLessThan(2e9);
  });

  it('is on record: as the outcome, and as a limit', async () => {
    const run = await runGuest('limits', kind, { grant: limits, line: 'loop' });
    expect(run.of('instance-closed')[0]?.outcome).toEqual(passed);
    expect(run.of('instance-opened')[0]?.limits).toMatchObject({ deadline: 150_000_000 });
    expect(run.of('limit')).toEqual([
      expect.objectContaining({ limit: 'limits.deadline', value: 150_000_000 }),
    ]);
  });

  it('leaves a guest alone that is done in time', async () => {
    const run = await runGuest('clocks', kind, {
      grant: { limits: { deadline: '20s' }, clocks: { monotonic: { resolution: '1ms' } } },
      line: 'sleep 1000000',
    });
    expect(run.outcome).toEqual({ kind: 'exit', code: 0 });
    expect(run.value('nanosleep')).toBe('0');
  });
});

async function* never(): AsyncGenerator<Uint8Array> {
  await new Promise(() => undefined);
  yield new Uint8Array();
}

async function* endless(): AsyncGenerator<Uint8Array> {
  const chunk = new Uint8Array(4096);
  for (;;) yield chunk;
}
