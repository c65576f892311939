import { describe, expect, it } from 'vitest';
import {
  type GuestOptions,
  type GuestRun,
  openGuest,
  runGuest,
  WASI_VERSIONS,
} from '../support/guest-run.ts';
import { contents, hostTree } from '../support/host-tree.ts';

const MiB = 1024 * 1024;

/** A mount of a host directory at /m under the rule `m`. */
function host(path: string, access: string | readonly string[], more: object = {}): GuestOptions {
  return {
    grant: { filesystem: [{ id: 'm', mount: '/m', host: 'tree', access, ...more }] },
    bindings: { directories: { tree: path } },
  };
}

function memory(access: string | readonly string[], more: object = {}): GuestOptions {
  return { grant: { filesystem: [{ id: 'm', mount: '/m', memory: {}, access, ...more }] } };
}

/** @returns what a denial on record says: rule, operation, missing access words */
function denials(run: GuestRun): unknown[] {
  return run
    .of('denial')
    .map(({ grant, operation, missing }) => [grant, operation, missing.access?.join('+')]);
}

const LIFE = [
  'mkdir /m/d',
  'write /m/d/a hello',
  'append /m/d/a +world',
  'read /m/d/a',
  'open /m/d/a rw',
  'pwrite J 0',
  'pread 5 0',
  'fstat',
  'ftruncate 3',
  'futimens 5 7.000000009',
  'fsync',
  'close',
  'stat /m/d/a',
  'rename /m/d/a /m/d/b',
  'write /m/d/c third',
  'readdir /m/d',
  'utimens /m/d/c 11 13',
  'truncate /m/d/c 2',
  'read /m/d/c',
  'stat /m/d/a',
  'empty /m/d',
  'rmdir /m/d',
  'readdir /m',
].join(' + ');

const LIVED = [
  'mkdir=0',
  'write=5',
  'append=6',
  'read=11',
  'data=hello+world',
  'pwrite=1',
  'pread=5',
  'data=Jello',
  'fstat=0',
  'type=file',
  'size=11',
  'links=1',
  'ftruncate=0',
  'futimens=0',
  'fsync=0',
  'close=0',
  'stat=0',
  'type=file',
  'size=3',
  'links=1',
  'atime=5.000000000',
  'mtime=7.000000009',
  'rename=0',
  'write=5',
  'readdir=4',
  'entry.b=file',
  'entry.c=file',
  'utimens=0',
  'truncate=0',
  'read=2',
  'data=th',
  'stat=ENOENT',
  'empty=2',
  'rmdir=0',
  'readdir=2',
];

describe.each(WASI_VERSIONS)('WASI %s: a writable mount', (_version, kind) => {
  function checkLife(run: GuestRun): void {
    // Numbers of inodes and descriptors, times of now, and the dots are nobody's promise.
    const varying = /^(inode|open|entry\.\.+)=|^[am]time=(?!5\.000000000|7\.000000009)/;
    expect(run.lines.filter((line) => !varying.test(line))).toEqual(LIVED);
    expect(run.of('denial')).toEqual([]);
    expect(run.of('grant-used').some(({ grant }) => grant === 'm')).toBe(true);
    expect(run.usage).toMatchObject({ fileBytesRead: 18, fileBytesWritten: 17 });
  }

  it('in memory: everything from mkdir to rmdir', async () => {
    checkLife(await runGuest('filesystem', kind, { ...memory('read-write'), line: LIFE }));
  });

  it('of the host: everything from mkdir to rmdir', async () => {
    using tree = hostTree({});
    checkLife(await runGuest('filesystem', kind, { ...host(tree.path, 'read-write'), line: LIFE }));
    expect(contents(tree)).toEqual({});
  });

  it('of the host: what the guest writes is there', async () => {
    using tree = hostTree({ in: { 'a.txt': 'given' } });
    const line = 'read /m/in/a.txt + mkdir /m/out + write /m/out/b.txt made';
    const run = await runGuest('filesystem', kind, { ...host(tree.path, 'read-write'), line });
    expect(run.lines).toEqual(['read=5', 'data=given', 'mkdir=0', 'write=4']);
    expect(contents(tree)).toEqual({ 'in/': '', 'in/a.txt': 'given', 'out/': '', 'out/b.txt': 'made' });
    expect(run.of('instance-opened')[0]?.grants).toContainEqual({
      id: 'm',
      section: 'filesystem',
      summary: expect.objectContaining({ mount: '/m', volume: 'host', host: 'tree' }),
    });
  });

  it('of memory is empty at the start and gone at the end, and nobody shares it', async () => {
    await runGuest('filesystem', kind, { ...memory('read-write'), line: 'write /m/a mine' });
    const run = await runGuest('filesystem', kind, { ...memory('read-write'), line: 'read /m/a' });
    expect(run.lines).toEqual(['read=ENOENT']);
  });

  it('makes no links under "read-write"', async () => {
    using tree = hostTree({ a: 'a' });
    const run = await runGuest('filesystem', kind, {
      ...host(tree.path, 'read-write'),
      line: 'link /m/a /m/b + symlink a /m/c',
    });
    expect(run.lines).toEqual(['link=EPERM', 'symlink=EPERM']);
    expect(denials(run)).toEqual([
      ['m', 'link-at', 'link'],
      ['m', 'symlink-at', 'symlink'],
    ]);
    expect(contents(tree)).toEqual({ a: 'a' });
  });
});

/** Every way to change something, each on a file of its own. */
const CHANGES = [
  'write /m/write x',
  'append /m/append x',
  'open /m/open rw',
  'write /m/new x',
  'mkdir /m/made',
  'unlink /m/unlink',
  'rmdir /m/rmdir',
  'rename /m/rename /m/renamed',
  'link /m/link /m/linked',
  'symlink link /m/symlinked',
  'utimens /m/utimens 1 1',
  'truncate /m/truncate 0',
];
const TREE = {
  write: 'write',
  append: 'append',
  open: 'open',
  unlink: 'unlink',
  rmdir: {},
  rename: 'rename',
  link: 'link',
  utimens: 'utimens',
  truncate: 'truncate',
};

describe.each(WASI_VERSIONS)('WASI %s: a read-only mount', (_version, kind) => {
  it('of the host: reading works, every change is EROFS, and the host stays as it was', async () => {
    using tree = hostTree(TREE);
    const before = tree.snapshot();
    const line = [
      'read /m/write',
      'readdir /m/rmdir',
      ...CHANGES,
      'open /m/write r',
      'futimens 1 1',
      'fsync',
    ].join(' + ');
    const run = await runGuest('filesystem', kind, { ...host(tree.path, 'read'), line });
    expect(run.lines.slice(0, 3)).toEqual(['read=5', 'data=write', 'readdir=2']);
    const codes = run.lines.slice(5, 5 + CHANGES.length).map((each) => each.split('=')[1]);
    expect(codes).toEqual(CHANGES.map(() => 'EROFS'));
    expect(run.lines).toContain('futimens=EROFS');
    expect(run.lines).toContain('fsync=0');
    expect(tree.snapshot()).toEqual(before);
    expect(run.of('denial')).toHaveLength(CHANGES.length + 1);
    for (const denial of run.of('denial'))
      expect(denial).toMatchObject({ grant: 'm', reason: 'not-granted' });
    expect(denials(run)).toContainEqual(['m', 'rename-at', 'rename']);
  });

  it('in memory: nothing can be made', async () => {
    const run = await runGuest('filesystem', kind, {
      ...memory('read'),
      line: 'write /m/a x + mkdir /m/d + readdir /m',
    });
    expect(run.lines.slice(0, 3)).toEqual(['write=EROFS', 'mkdir=EROFS', 'readdir=2']);
  });
});

describe.each(WASI_VERSIONS)('WASI %s: one access word', (_version, kind) => {
  /** What each word alone lets through of {@link CHANGES} and of reading; the rest is refused. */
  const allowed: Readonly<Record<string, readonly string[]>> = {
    read: ['read', 'stat'],
    list: ['readdir', 'stat'],
    create: ['mkdir'],
    write: ['write', 'append', 'truncate'],
    append: ['append'],
    delete: ['unlink', 'rmdir'],
    rename: ['rename'],
    link: ['link'],
    symlink: ['symlink'],
    'set-times': ['utimens'],
  };
  const operations = [
    'read /m/write',
    'readdir /m',
    'stat /m/write',
    ...CHANGES.filter((each) => !/^open|new/.test(each)),
  ];

  it.each(Object.keys(allowed))('%s allows what it says and nothing else', async (word) => {
    using tree = hostTree(TREE);
    const run = await runGuest('filesystem', kind, {
      ...host(tree.path, [word]),
      line: operations.join(' + '),
    });
    const results = operations.map((each) => each.split(' ')[0] ?? '').map((name) => [name, run.value(name)]);
    const through = results.filter(([, result]) => /^\d+$/.test(result ?? '')).map(([name]) => name);
    expect(new Set(through)).toEqual(new Set(allowed[word]));
    const refused = new Set(
      results.map(([, result]) => result).filter((result) => !/^\d+$/.test(result ?? '')),
    );
    // A mount that changes nothing is a read-only file system; any other says "not permitted".
    expect(refused).toEqual(new Set(word === 'read' || word === 'list' ? ['EPERM', 'EROFS'] : ['EPERM']));
    expect(run.of('denial')).toHaveLength(results.length - through.length);
    expect(new Set(run.of('denial').map(({ grant }) => grant))).toEqual(new Set(['m']));
  });

  it('create and write make files', async () => {
    using tree = hostTree({});
    const run = await runGuest('filesystem', kind, {
      ...host(tree.path, ['create', 'write']),
      line: 'write /m/new made + read /m/new + readdir /m',
    });
    expect(run.lines).toEqual(['write=4', 'read=EPERM', 'readdir=EPERM']);
    expect(contents(tree)).toEqual({ new: 'made' });
  });

  it('create and append make logs: nothing that stands there can be overwritten', async () => {
    using tree = hostTree({ log: 'one' });
    const run = await runGuest('filesystem', kind, {
      ...host(tree.path, ['create', 'append']),
      line: 'append /m/log two + append /m/new first + write /m/log gone + open /m/log wa + pwrite XX 0',
    });
    expect(run.lines.slice(0, 3)).toEqual(['append=3', 'append=5', 'write=EPERM']);
    expect(contents(tree)['log']).toMatch(/^onetwo/);
    expect(contents(tree)['new']).toBe('first');
  });
});

describe.each(WASI_VERSIONS)('WASI %s: quota', (_version, kind) => {
  it('in memory: bytes', async () => {
    const quota = { quota: { bytes: '100KiB' } };
    const line =
      'fill /m/a 1000000 + unlink /m/a + fill /m/b 50000 + open /m/b rw + pwrite x 50000000000 + ftruncate 9000000000000';
    const run = await runGuest('filesystem', kind, { ...memory('read-write', quota), line });
    expect(run.value('fill')).toBe('0');
    expect(run.value('stopped')).toBe('EDQUOT');
    expect(Number(run.value('written'))).toBeLessThanOrEqual(102_400);
    expect(run.lines).toContain('written=50000');
    expect(run.value('pwrite')).toBe('EDQUOT');
    expect(run.value('ftruncate')).toBe('EDQUOT');
    expect(run.of('limit')).toEqual([expect.objectContaining({ limit: 'm quota.bytes', value: 102_400 })]);
    expect(run.of('denial')).toEqual([]);
  });

  it('in memory: files, and what is deleted may be made again', async () => {
    const quota = { quota: { files: 10 } };
    const line = 'many /m 50 + mkdir /m/d + unlink /m/f0 + mkdir /m/d + write /m/one-more x';
    const run = await runGuest('filesystem', kind, { ...memory('read-write', quota), line });
    expect(run.lines).toEqual([
      'stopped=EDQUOT',
      'many=10',
      'mkdir=EDQUOT',
      'unlink=0',
      'mkdir=0',
      'write=EDQUOT',
    ]);
    expect(run.of('limit')).toEqual([expect.objectContaining({ limit: 'm quota.files', value: 10 })]);
  });

  it('in memory: a mount without a quota is bounded as well', async () => {
    const run = await runGuest('filesystem', kind, {
      ...memory('read-write'),
      line: `fill /m/a ${100 * MiB}`,
    });
    expect(run.value('stopped')).toBe('EDQUOT');
    expect(run.usage.fileBytesWritten).toBeLessThanOrEqual(64 * MiB);
    expect(run.of('limit')).toEqual([expect.objectContaining({ limit: 'm quota.bytes', value: 64 * MiB })]);
  });

  it('of the host: what was there does not count, what the guest adds does', async () => {
    using tree = hostTree({ old: 'x'.repeat(200_000) });
    const quota = { quota: { bytes: '100KiB', files: 5 } };
    const line = 'fill /m/a 1000000 + many /m 50';
    const run = await runGuest('filesystem', kind, { ...host(tree.path, 'read-write', quota), line });
    expect(run.lines.filter((each) => each.startsWith('stopped'))).toEqual([
      'stopped=EDQUOT',
      'stopped=EDQUOT',
    ]);
    const after = contents(tree);
    expect(Object.keys(after).length).toBe(1 + 5);
    expect(after['a']?.length).toBeLessThanOrEqual(102_400);
    expect(after['old']).toHaveLength(200_000);
    expect(run.of('limit').map(({ limit }) => limit)).toEqual(['m quota.bytes', 'm quota.files']);
  });
});

describe.each(WASI_VERSIONS)('WASI %s: several mounts', (_version, kind) => {
  it('each keeps to its own rule', async () => {
    using tree = hostTree({ a: 'given' });
    const run = await runGuest('filesystem', kind, {
      grant: {
        filesystem: [
          { id: 'in', mount: '/in', host: 'tree', access: 'read' },
          { id: 'out', mount: '/out', memory: {}, access: 'read-write' },
        ],
      },
      bindings: { directories: { tree: tree.path } },
      line: 'read /in/a + write /in/b x + write /out/b y + read /out/b + rename /in/a /out/a + rename /out/b /in/b + read /other/a',
    });
    expect(run.lines.slice(0, 5)).toEqual(['read=5', 'data=given', 'write=EROFS', 'write=1', 'read=1']);
    expect(run.lines.slice(6, 8)).toEqual(['rename=EROFS', 'rename=EROFS']);
    expect(run.lines.at(-1)).toMatch(/^read=(ENOENT|ENOTCAPABLE|EBADF)$/);
    expect(contents(tree)).toEqual({ a: 'given' });
  });

  it('a rename across mounts is EXDEV, whatever is granted', async () => {
    const rule = { memory: {}, access: ['read', 'list', 'create', 'write', 'delete', 'rename', 'link'] };
    const run = await runGuest('filesystem', kind, {
      grant: {
        filesystem: [
          { ...rule, mount: '/a' },
          { ...rule, mount: '/b' },
        ],
      },
      line: 'write /a/f x + rename /a/f /b/f + link /a/f /b/f + read /a/f + read /b/f',
    });
    expect(run.lines).toEqual(['write=1', 'rename=EXDEV', 'link=EXDEV', 'read=1', 'data=x', 'read=ENOENT']);
  });

  it('one below the other: the deeper one covers what lies under it, and its rule decides', async () => {
    using tree = hostTree({ inner: 'of the host' });
    const run = await runGuest('filesystem', kind, {
      grant: {
        filesystem: [
          { id: 'outer', mount: '/m', memory: {}, access: 'read-write' },
          { id: 'inner', mount: '/m/sub', host: 'tree', access: 'read' },
        ],
      },
      bindings: { directories: { tree: tree.path } },
      line: 'read /m/sub/inner + write /m/sub/new x + readdir /m + rmdir /m/sub + rename /m/sub /m/gone + write /m/own y + rename /m/own /m/sub/own',
    });
    expect(run.lines.slice(0, 3)).toEqual(['read=11', 'data=of the host', 'write=EROFS']);
    expect(run.lines).toContain('entry.sub=directory');
    expect(run.value('rmdir')).toMatch(/^(EBUSY|EROFS|EINVAL)$/);
    expect(run.lines.filter((each) => each.startsWith('rename='))).toEqual([
      expect.stringMatching(/^rename=(EBUSY|EROFS|EXDEV)$/),
      expect.stringMatching(/^rename=(EROFS|EXDEV)$/),
    ]);
    expect(contents(tree)).toEqual({ inner: 'of the host' });
  });
});

describe.each(WASI_VERSIONS)('WASI %s: a mount that is taken back', (_version, kind) => {
  it('stops what is open, and leaves the other mounts alone', async () => {
    using tree = hostTree({ a: 'secret', b: 'other' });
    const go = Promise.withResolvers<void>();
    async function* stdin(): AsyncGenerator<string> {
      await go.promise;
      yield '!';
    }
    const steps =
      'open /m/a rw + pread 6 0 + wait + pread 6 0 + pwrite X 0 + fstat + ftruncate 0 + futimens 1 1 + fsync + read /m/b + stat /m/b + readdir /m + close + write /t/x fine';
    const { instance, run, stdout } = await openGuest('filesystem', kind, {
      grant: {
        filesystem: [
          { id: 'm', mount: '/m', host: 'tree', access: 'read-write' },
          { id: 't', mount: '/t', memory: {}, access: 'read-write' },
        ],
      },
      bindings: { directories: { tree: tree.path } },
      stdin: stdin(),
      line: steps,
    });
    const before = tree.snapshot();
    const running = run();
    while (!stdout.text().includes('waiting')) await new Promise((tick) => setTimeout(tick, 1));
    instance.revoke('m');
    go.resolve();
    const result = await running;
    expect(result.lines.slice(1)).toEqual([
      'pread=6',
      'data=secret',
      'waiting',
      'wait=1',
      ...['pread', 'pwrite', 'fstat', 'ftruncate', 'futimens', 'fsync', 'read', 'stat', 'readdir'].map(
        (name) => `${name}=EPERM`,
      ),
      'close=0',
      'write=4',
    ]);
    expect(tree.snapshot()).toEqual(before);
    expect(result.of('grant-revoked')).toEqual([expect.objectContaining({ grant: 'm' })]);
    expect(result.of('denial').length).toBeGreaterThanOrEqual(9);
    for (const denial of result.of('denial')) expect(denial).toMatchObject({ grant: 'm', reason: 'revoked' });
  });
});
