import { describe, expect, it } from 'vitest';
import { runGuest, WASI_VERSIONS } from '../support/guest-run.ts';
import { watGuest } from './index.ts';

const EMPTY = { version: 1 } as const;

/** Sums what it has; the exit code says whether the sum is right. */
const COMPUTE = `(module
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1)
  (func (export "_start") (local $i i32) (local $sum i32)
    (loop $next
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (local.set $sum (i32.add (local.get $sum) (local.get $i)))
      (br_if $next (i32.lt_u (local.get $i) (i32.const 1000))))
    (call $exit (i32.ne (local.get $sum) (i32.const 500500)))))`;

describe('a program that only computes', () => {
  it('runs under the empty policy, and the log says only that it came and went', async () => {
    const run = await runGuest(await watGuest(COMPUTE), 'module', { policy: EMPTY });
    expect(run.outcome).toEqual({ kind: 'exit', code: 0 });
    expect(run.records.map(({ kind }) => kind)).toEqual(['instance-opened', 'instance-closed']);
    expect(run.of('instance-opened')[0]?.grants).toEqual([]);
    expect(run.usage).toMatchObject({
      memory: 65_536,
      handles: 0,
      handlesPeak: 0,
      stdoutBytes: 0,
      randomBytes: 0,
    });
  });
});

describe.each(WASI_VERSIONS)('WASI %s: the empty policy', (_version, kind) => {
  it('gives a program nothing, and runs it all the same', async () => {
    const run = await runGuest('nothing', kind, {
      policy: EMPTY,
      args: ['an', 'argument'],
      stdin: Buffer.from('input that nobody may read'),
      bindings: { environment: { SECRET: 's3cr3t-value' }, directories: { share: '/usr/share' } },
    });
    expect(run.exitCode).toBe(0);
    expect(run.stdout).toBe('');
    expect(run.stderr).toBe('');
    expect(run.of('instance-opened')[0]?.grants).toEqual([]);
  });

  it('puts each thing that was asked for on record once, by what is missing', async () => {
    const run = await runGuest('nothing', kind, { policy: EMPTY });
    const denials = run.of('denial');
    for (const denial of denials) expect(denial).toMatchObject({ grant: null, reason: 'not-granted' });
    expect(denials.map(({ operation, missing }) => `${operation}: ${missing.section}`).toSorted()).toEqual([
      'monotonic-clock: clocks',
      'stderr: stdio',
      'stdin: stdio',
      'stdout: stdio',
      'wall-clock: clocks',
    ]);
    expect(run.of('grant-used')).toEqual([]);
  });

  it('gives standard output alone when that alone is granted', async () => {
    const run = await runGuest('nothing', kind, {
      policy: { version: 1, stdio: { stdout: true } },
      args: ['x'],
    });
    const got = run.lines.filter((line) => line.endsWith('=1'));
    expect(got).toEqual(['stdout=1']);
    expect(run.lines.length).toBeGreaterThan(10);
    expect(run.of('grant-used').map(({ grant }) => grant)).toEqual(['stdio/stdout']);
  });
});
