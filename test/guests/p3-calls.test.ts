/** Functions of WASI 0.3 by the guest `calls`: with [async-lower], and those that no libc calls. */
import { Readable } from 'node:stream';
import { beforeAll, describe, expect, it } from 'vitest';
import { ACCESS_WORDS } from '../../src/policy/index.ts';
import { type GuestOptions, type GuestRun, runGuest } from '../support/guest-run.ts';
import { hostTree } from '../support/host-tree.ts';
import { hostMount } from '../support/mounts.ts';
import { p3Guest } from './p3.ts';

const LIFTS = [
  ['without async', []],
  ['with async and a stack of its own', ['-DLIFT_STACKFUL']],
] as const;

describe.each(LIFTS)('run, lifted %s', (_, flags) => {
  // The build takes its time where it is the first.
  beforeAll(() => p3Guest('calls', flags), 120_000);

  const calls = async (line: string, options: GuestOptions = {}): Promise<GuestRun> =>
    runGuest(await p3Guest('calls', flags), 'p3', { ...options, line });

  const onFiles = async (line: string, access: readonly string[] = ACCESS_WORDS): Promise<GuestRun> => {
    using tree = hostTree({ file: 'hello', link: '-> file', dir: {} });
    const { grant, ...bound } = hostMount(tree.path, access);
    return await calls(line, { ...bound, grant: { ...grant } });
  };

  it('opens and asks', async () => {
    const { lines, of } = await onFiles(
      'open /m/file rw + stat + get-flags + get-type + advise + sync + same /m/link + hash /m/file + stat-at /m/none',
    );
    expect(lines).toEqual([
      'open=ok',
      'stat=ok',
      'size=5',
      'get-flags=ok',
      'flags=3',
      'get-type=ok',
      'type=5',
      'advise=ok',
      'sync=ok',
      'sync-data=ok',
      'open=ok',
      'same=1',
      'same-sync=1',
      'hash=ok',
      'hash-at=ok',
      'equal=1',
      'stat-at=no-entry',
    ]);
    expect(of('denial')).toEqual([]);
  });

  const CHANGES =
    'set-size 2 + append xyz + set-times 7 + set-times-at /m/file + mkdir /m/new + rmdir /m/new + symlink file /m/s + readlink /m/s + link /m/file /m/l + rename /m/l /m/r + unlink /m/r';

  it('changes', async () => {
    const { lines } = await onFiles(`open /m/file rw + ${CHANGES} + stat + open /m/dir d + leave-directory`);
    expect(lines).toEqual([
      'open=ok',
      'set-size=ok',
      'append=ok',
      'taken=3',
      'set-times=ok',
      'set-times-at=ok',
      'mkdir=ok',
      'rmdir=ok',
      'symlink=ok',
      'readlink=ok',
      'target=file',
      'link=ok',
      'rename=ok',
      'unlink=ok',
      'stat=ok',
      'size=5',
      'open=ok',
      'leave-directory=ok',
    ]);
  });

  it('changes nothing where it may only read, and all of it is on record', async () => {
    const run = await onFiles(`open /m/file r + ${CHANGES}`, ['read', 'list']);
    const changes = run.lines.slice(1).filter((line) => !line.startsWith('readlink'));
    expect(changes.filter((line) => !/=(read-only|bad-descriptor|no-entry)$/.test(line))).toEqual([]);
    expect(run.of('denial').length).toBeGreaterThan(6);
  });

  it('has what the policy gives it of its surroundings', async () => {
    const { lines } = await calls('environment + cwd + terminals', { grant: { environment: { A: 'x=y' } } });
    expect(lines).toEqual(['A=x=y', 'variables=1', 'cwd=none', 'stdin=0', 'stdout=0', 'stderr=0']);
  });

  it('has clocks and randomness as far as they are granted', async () => {
    const clocks = { wall: { fixed: '2026-01-02T03:04:05Z' }, monotonic: { resolution: '1ms' } };
    const granted = await calls('clocks + random 8', { grant: { clocks, random: { seed: 'bailiwick' } } });
    expect(granted.lines.slice(0, 2)).toEqual(['seconds=1767323045', 'nanoseconds=0']);
    expect(granted.value('monotonic-resolution')).toBe('1000000');
    expect([granted.value('bytes'), granted.value('insecure-bytes')]).toEqual(['8', '8']);
    expect(Number(granted.value('u64'))).toBeGreaterThan(0);
    const again = await calls('random 8', { grant: { random: { seed: 'bailiwick' } } });
    expect(again.lines).toEqual(granted.lines.slice(5));
    const denied = await calls('random 8');
    expect(denied.outcome.kind).toBe('trap');
    expect(denied.of('denial')).toHaveLength(1);
  });

  it('is in UTC wherever the host is', async () => {
    expect((await calls('timezone')).lines).toEqual(['id=UTC', 'offset=0', 'debug=UTC']);
  });

  it('waits, and gives up what it waits for', async () => {
    const grant = { clocks: { monotonic: { resolution: '1ms' } } };
    const { lines } = await calls('wait 5 + poll + task + cancel-wait 60000', { grant });
    expect(lines).toEqual([
      'waited=1',
      'empty=0',
      'event=1',
      'state=2',
      'context=1718',
      'cancelled=4',
      'cancelled-async=4',
      'early=1',
    ]);
  });

  it('gives up a read that nothing answers', async () => {
    const stdin = new Readable({ read: () => undefined });
    const { lines } = await calls('cancel-read', { stdin });
    expect(lines).toEqual(['blocked=1', 'cancelled=2', 'ended=0', 'error=0']);
  });

  it.each([
    ['exit 33', 33],
    ['fail', 1],
    ['succeed', 0],
    ['unknown', 1],
  ])('%s: exit code %i', async (line, code) => {
    expect((await calls(line)).exitCode).toBe(code);
  });
});
