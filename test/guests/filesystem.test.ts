import { describe, expect, it } from 'vitest';
import { type GuestRun, runGuest, WASI_VERSIONS } from '../support/guest-run.ts';
import { contents, hostTree } from '../support/host-tree.ts';
import { hostMount, memoryMount } from '../support/mounts.ts';

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
    checkLife(await runGuest('filesystem', kind, { ...memoryMount('read-write'), line: LIFE }));
  });

  it('of the host: everything from mkdir to rmdir', async () => {
    using tree = hostTree({});
    checkLife(await runGuest('filesystem', kind, { ...hostMount(tree.path, 'read-write'), line: LIFE }));
    expect(contents(tree)).toEqual({});
  });

  it('of the host: what the guest writes is there', async () => {
    using tree = hostTree({ in: { 'a.txt': 'given' } });
    const line = 'read /m/in/a.txt + mkdir /m/out + write /m/out/b.txt made';
    const run = await runGuest('filesystem', kind, { ...hostMount(tree.path, 'read-write'), line });
    expect(run.lines).toEqual(['read=5', 'data=given', 'mkdir=0', 'write=4']);
    expect(contents(tree)).toEqual({ 'in/': '', 'in/a.txt': 'given', 'out/': '', 'out/b.txt': 'made' });
    expect(run.of('instance-opened')[0]?.grants).toContainEqual({
      id: 'm',
      section: 'filesystem',
      summary: expect.objectContaining({ mount: '/m', volume: 'host', host: 'tree' }),
    });
  });

  it('of memory is empty at the start and gone at the end, and nobody shares it', async () => {
    await runGuest('filesystem', kind, { ...memoryMount('read-write'), line: 'write /m/a mine' });
    const run = await runGuest('filesystem', kind, { ...memoryMount('read-write'), line: 'read /m/a' });
    expect(run.lines).toEqual(['read=ENOENT']);
  });

  it('makes no links under "read-write"', async () => {
    using tree = hostTree({ a: 'a' });
    const run = await runGuest('filesystem', kind, {
      ...hostMount(tree.path, 'read-write'),
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
    const run = await runGuest('filesystem', kind, { ...hostMount(tree.path, 'read'), line });
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
      ...memoryMount('read'),
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
      ...hostMount(tree.path, [word]),
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
      ...hostMount(tree.path, ['create', 'write']),
      line: 'write /m/new made + read /m/new + readdir /m',
    });
    expect(run.lines).toEqual(['write=4', 'read=EPERM', 'readdir=EPERM']);
    expect(contents(tree)).toEqual({ new: 'made' });
  });

  it('create and append make logs: nothing that stands there can be overwritten', async () => {
    using tree = hostTree({ log: 'one' });
    const run = await runGuest('filesystem', kind, {
      ...hostMount(tree.path, ['create', 'append']),
      line: 'append /m/log two + append /m/new first + write /m/log gone + open /m/log wa + pwrite XX 0',
    });
    expect(run.lines.slice(0, 3)).toEqual(['append=3', 'append=5', 'write=EPERM']);
    expect(contents(tree)['log']).toMatch(/^onetwo/);
    expect(contents(tree)['new']).toBe('first');
  });
});
