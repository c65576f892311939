import { describe, expect, it } from 'vitest';
import { type GuestKind, openGuest, runGuest, WASI_VERSIONS } from '../support/guest-run.ts';
import { watGuest } from './index.ts';

describe.each(WASI_VERSIONS)('WASI %s: arguments', (_version, kind) => {
  it('reach the guest as they are, the program first', async () => {
    const args = ['arguments', 'two words', '', 'ünïcode ✓', '-x=y'];
    const run = await runGuest('process', kind, { args });
    expect(run.lines).toEqual(['arg.0=two words', 'arg.1=', 'arg.2=ünïcode ✓', 'arg.3=-x=y']);
    expect(run.exitCode).toBe(0);
    expect(run.of('grant-used')).toContainEqual(
      expect.objectContaining({ grant: 'arguments', operation: 'get-arguments', subject: 'arguments' }),
    );
  });

  it('begin with the name that the embedder gives, not with a path of the host', async () => {
    const run = await runGuest('process', kind, { name: 'renamed', line: 'no-such-subtest' });
    expect(run.exitCode).toBe(codeOf(kind, 64));
    expect(run.stderr).toBe('no such subtest: no-such-subtest\n');
  });

  it('stay away without a grant, from the guest and from the log', async () => {
    const run = await runGuest('process', kind, { grant: { arguments: false }, line: 'secret-word another' });
    expect(run.value('argc')).toBe('0');
    expect(JSON.stringify(run.records)).not.toContain('secret-word');
    expect(run.of('denial')).toEqual([]);
  });

  it('can be taken back before the guest asks', async () => {
    const { instance, run } = await openGuest('process', kind, { line: 'environment' });
    instance.revoke('arguments');
    const result = await run();
    expect(result.value('argc')).toBe('0');
    expect(result.of('denial')).toEqual([
      expect.objectContaining({ grant: 'arguments', reason: 'revoked', operation: 'get-arguments' }),
    ]);
    expect(result.of('grant-revoked')).toEqual([expect.objectContaining({ grant: 'arguments' })]);
  });
});

describe.each(WASI_VERSIONS)('WASI %s: environment', (_version, kind) => {
  it('holds what the policy says, in its order, and nothing of the host', async () => {
    const run = await runGuest('process', kind, {
      grant: { environment: { ZED: 'last letter', HOME: '/home/guest', EMPTY: '' } },
      line: 'environment',
    });
    expect(run.lines).toEqual(['env.ZED=last letter', 'env.HOME=/home/guest', 'env.EMPTY=']);
    expect(run.of('instance-opened')[0]?.grants).toContainEqual({
      id: 'environment',
      section: 'environment',
      summary: { names: ['ZED', 'HOME', 'EMPTY'] },
    });
  });

  it('takes values from the embedder where the policy says so; one that is not there stays away', async () => {
    const run = await runGuest('process', kind, {
      grant: { environment: { TOKEN: { from: 'host' }, GONE: { from: 'host' } } },
      bindings: { environment: { TOKEN: 'v4lue-of-token', GONE: undefined, OTHER: 'never-granted' } },
      line: 'environment',
    });
    expect(run.lines).toEqual(['env.TOKEN=v4lue-of-token']);
  });

  it('is empty without a grant', async () => {
    process.env['BAILIWICK_TEST_VARIABLE'] = 'of the host';
    const run = await runGuest('process', kind, { line: 'variable BAILIWICK_TEST_VARIABLE' });
    expect(run.value('value')).toBe('(unset)');
    expect((await runGuest('process', kind, { line: 'environment' })).lines).toEqual([]);
  });

  it('keeps names that mean something to JavaScript apart from its objects', async () => {
    const environment = JSON.parse('{"constructor":"a","toString":"b","hasOwnProperty":"c"}') as object;
    const run = await runGuest('process', kind, { grant: { environment }, line: 'environment' });
    expect(run.lines).toEqual(['env.constructor=a', 'env.toString=b', 'env.hasOwnProperty=c']);
    const other = await runGuest('process', kind, { line: 'variable constructor' });
    expect(other.value('value')).toBe('(unset)');
  });

  it('can be taken back before the guest asks', async () => {
    const { instance, run } = await openGuest('process', kind, {
      grant: { environment: { LANG: 'C.UTF-8' } },
      line: 'environment',
    });
    instance.revoke('environment');
    const result = await run();
    expect(result.lines).toEqual([]);
    expect(result.of('denial')).toEqual([
      expect.objectContaining({ grant: 'environment', reason: 'revoked' }),
    ]);
  });
});

/** `exit` of wasi:cli 0.2.0 knows success and failure; 0.1 knows numbers, and so does `exit-with-code` of 0.3. */
function codeOf(kind: GuestKind, code: number): number {
  return kind !== 'component' || code === 0 ? code : 1;
}

describe.each(WASI_VERSIONS)('WASI %s: the way out', (_version, kind) => {
  for (const code of [0, 1, 3, 255]) {
    for (const way of ['return', 'exit', '_Exit']) {
      it(`${way} ${code}`, async () => {
        const run = await runGuest('process', kind, { line: `leave ${way} ${code}` });
        expect(run.outcome).toEqual({ kind: 'exit', code: codeOf(kind, code) });
        expect(run.exitCode).toBe(codeOf(kind, code));
        // Buffered output is not lost, whichever way the guest goes.
        expect(run.stdout).toBe('leaving=now\n');
      });
    }
  }

  it('abort() is a trap', async () => {
    const run = await runGuest('process', kind, { line: 'leave abort' });
    expect(run.outcome.kind).toBe('trap');
    expect(run.exitCode).toBe(134);
    expect(run.stdout).toBe('leaving=now\n');
  });
});

describe('the exit codes of WASI 0.1', () => {
  it('are 32 bits wide, and the guest never runs past proc_exit', async () => {
    const exits = await watGuest(`(module
      (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
      (memory (export "memory") 1)
      (func (export "_start") (call $exit (i32.const -1)) (unreachable)))`);
    const run = await runGuest(exits, 'module');
    expect(run.outcome).toEqual({ kind: 'exit', code: 4_294_967_295 });
  });
});
