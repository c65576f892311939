import { describe, expect, it } from 'vitest';
import { ACCESS_WORDS } from '../../src/policy/index.ts';
import { runGuest, WASI_VERSIONS } from '../support/guest-run.ts';
import { hostTree, type Tree } from '../support/host-tree.ts';

/** Lines whose values are nobody's promise: numbers of descriptors and inodes, times of now. */
const VARYING = /^(open|openat)=\d+$|^(inode|atime|mtime)=/;

describe.each(
  WASI_VERSIONS.flatMap(([version, kind]) =>
    (['memory', 'host'] as const).map((volume) => [version, kind, volume] as const),
  ),
)('WASI %s (%s), descriptors of a %s volume', (_version, kind, volume) => {
  async function run(
    steps: readonly string[],
    tree: Tree = {},
    access: readonly string[] = ACCESS_WORDS,
  ): Promise<readonly string[]> {
    using files = hostTree(volume === 'host' ? tree : {});
    const seed = volume === 'host' ? [] : seedSteps(tree);
    const { lines, exitCode, stderr } = await runGuest('filesystem', kind, {
      grant: {
        filesystem: [
          { id: 'm', mount: '/m', access, ...(volume === 'host' ? { host: 'tree' } : { memory: {} }) },
        ],
      },
      bindings: { directories: { tree: files.path } },
      line: [...seed, ...steps].join(' + '),
    });
    expect([exitCode, stderr]).toEqual([0, '']);
    return lines.filter((line) => !VARYING.test(line)).slice(seed.length);
  }

  it('have a position that reads, writes and seeks move', async () => {
    expect(
      await run(
        [
          'open /m/a rw',
          'fread 3',
          'seek 2 cur',
          'fread 2',
          'seek -1 end',
          'fread 5',
          'fread 5',
          'seek -1 set',
          'seek -100 cur',
          'seek 12 set',
          'fread 1',
          'fwrite Z',
          'pread 20 8',
          'seek 0 cur',
        ],
        { a: '0123456789' },
      ),
    ).toEqual([
      'fread=3',
      'data=012',
      'seek=5',
      'fread=2',
      'data=56',
      'seek=9',
      'fread=1',
      'data=9',
      'fread=0',
      'data=',
      'seek=EINVAL',
      'seek=EINVAL',
      'seek=12',
      'fread=0',
      'data=',
      'fwrite=1',
      'pread=5',
      'data=89\\x00\\x00Z',
      'seek=13',
    ]);
  });

  it('read and write several buffers at once', async () => {
    const lines = await run(['open /m/a rwc', 'writev hello, world', 'seek 0 set', 'readv 3', 'readv 16']);
    // The adapter of 0.2 takes the first buffer that is not empty, and leaves the rest to the next call.
    expect(lines).toEqual(
      kind !== 'component'
        ? ['writev=11', 'seek=0', 'readv=6', 'data=hello,', 'readv=5', 'data=world']
        : ['writev=6', 'seek=0', 'readv=1', 'data=h', 'readv=1', 'data=e'],
    );
  });

  it('pread and pwrite leave the position alone', async () => {
    expect(
      await run(['open /m/a rw', 'pwrite XY 3', 'pread 3 2', 'fread 2', 'pread 5 100'], { a: 'abcdefgh' }),
    ).toEqual(['pwrite=2', 'pread=3', 'data=cXY', 'fread=2', 'data=ab', 'pread=0', 'data=']);
  });

  it('that append write at the end, wherever they stand; the flag can be put on and taken off', async () => {
    expect(
      await run(
        [
          'open /m/a rwa',
          'getflags',
          'seek 0 set',
          'fwrite 3',
          'seek 0 set',
          'setappend 0',
          'getflags',
          'fwrite X',
          'setappend 1',
          'seek 1 set',
          'fwrite 4',
          'seek 0 set',
          'fread 9',
        ],
        { a: '12' },
      ),
    ).toEqual([
      'getflags=0',
      'mode=rw',
      'append=1',
      'seek=0',
      'fwrite=1',
      'seek=0',
      'setappend=0',
      'getflags=0',
      'mode=rw',
      'append=0',
      'fwrite=1',
      'setappend=0',
      'seek=1',
      'fwrite=1',
      'seek=0',
      'fread=4',
      'data=X234',
    ]);
  });

  it('know what they were opened for', async () => {
    expect(
      await run(
        [
          'open /m/a r',
          'getflags',
          'fwrite x',
          'close',
          'open /m/a w',
          'getflags',
          'fread 1',
          'fwrite x',
          'close',
          'fread 1',
        ],
        { a: 'a' },
      ),
    ).toEqual([
      'getflags=0',
      'mode=r',
      'append=0',
      'fwrite=EBADF',
      'close=0',
      'getflags=0',
      'mode=w',
      'append=0',
      'fread=EBADF',
      'fwrite=1',
      'close=0',
      'fread=EBADF',
    ]);
  });

  it('create, exclude, truncate and refuse symlinks as POSIX has it', async () => {
    expect(
      await run(
        [
          'open /m/new rwcx',
          'open /m/new rwcx',
          'open /m/a rwt',
          'fstat',
          'open /m/l rn',
          'open /m/l r',
          'open /m/a rd',
          'open /m/d rd',
          'fread 1',
          'open /m/d w',
          'open /m/none r',
          'open /m/a/b r',
          'open /m/a rws',
          'fdatasync',
          'fsync',
        ],
        { a: 'abc', d: {}, l: '-> a' },
      ),
    ).toEqual([
      'open=EEXIST',
      'fstat=0',
      'type=file',
      'size=0',
      'links=1',
      'open=ELOOP',
      'open=ENOTDIR',
      expect.stringMatching(/^fread=E(ISDIR|BADF)$/),
      'open=EISDIR',
      'open=ENOENT',
      'open=ENOTDIR',
      'fdatasync=0',
      'fsync=0',
    ]);
  });

  it('of directories open what lies below them, and nothing else', async () => {
    expect(
      await run(
        [
          'open /m/d rd',
          'openat f r',
          'fread 9',
          'open /m/d rd',
          'openat e/../f r',
          'fread 9',
          'open /m/d rd',
          'openat ../a r',
          'open /m/d rd',
          'openat e/../../a r',
          'open /m/d rd',
          'openat .. rd',
          'open /m/d rd',
          'openat g rwcx',
          'fwrite new',
          'read /m/d/g',
        ],
        { a: 'outside-d', d: { f: 'in-d', e: {} } },
      ),
    ).toEqual([
      'fread=4',
      'data=in-d',
      'fread=4',
      'data=in-d',
      'openat=EPERM',
      'openat=EPERM',
      'openat=EPERM',
      'fwrite=3',
      'read=3',
      'data=new',
    ]);
  });

  it('outlive the name of their file', async () => {
    expect(
      await run(
        [
          'open /m/a rw',
          'unlink /m/a',
          'fread 9',
          'fwrite more',
          'pread 20 0',
          'fstat',
          'stat /m/a',
          'close',
        ],
        { a: 'kept' },
      ),
    ).toEqual([
      'unlink=0',
      'fread=4',
      'data=kept',
      'fwrite=4',
      'pread=8',
      'data=keptmore',
      'fstat=0',
      'type=file',
      'size=8',
      'links=0',
      'stat=ENOENT',
      'close=0',
    ]);
  });

  it('see through hard links and symlinks what they lead to', async () => {
    expect(
      await run(
        [
          'link /m/a /m/b',
          'symlink a /m/s',
          'append /m/b +',
          'read /m/s',
          'stat /m/s',
          'lstat /m/s',
          'readlink /m/s',
          'readlink /m/a',
          'lutimens /m/s 1 1',
          'utimens /m/s 2 3',
          'unlink /m/a',
          'read /m/b',
          'read /m/s',
        ],
        { a: 'one' },
      ),
    ).toEqual([
      'link=0',
      'symlink=0',
      'append=1',
      'read=4',
      'data=one+',
      'stat=0',
      'type=file',
      'size=4',
      'links=2',
      'lstat=0',
      'type=symlink',
      'size=1',
      'links=1',
      'readlink=1',
      'target=a',
      'readlink=EINVAL',
      'lutimens=0',
      'utimens=0',
      'unlink=0',
      'read=4',
      'data=one+',
      'read=ENOENT',
    ]);
  });

  it('answer access() by what the rule grants', async () => {
    const steps = ['access /m/a r', 'access /m/a w', 'access /m/a f', 'access /m/none f'];
    expect(await run(steps, { a: 'a' })).toEqual(['access=0', 'access=0', 'access=0', 'access=ENOENT']);
  });
});

/** What makes a tree from inside, for volumes that begin empty. */
function seedSteps(tree: Tree, path = '/m'): string[] {
  return Object.entries(tree).flatMap(([name, content]) => {
    const child = `${path}/${name}`;
    if (typeof content !== 'string') return [`mkdir ${child}`, ...seedSteps(content, child)];
    if (content.startsWith('-> ')) return [`symlink ${content.slice(3)} ${child}`];
    return [`write ${child} ${content}`];
  });
}
