import { beforeEach, describe, expect, test } from 'vitest';
import { ACCESS_WORDS } from '../../../../src/policy/index.ts';
import { MemoryVolume } from '../../../../src/virtual/filesystem/memory-volume.ts';
import { Guest, nameOf, TEN } from './guest.ts';

const memory = (content: Record<string, string>): MemoryVolume =>
  new MemoryVolume({ now: () => TEN, content });

/** The root mount has directories of its own under the paths of the other mounts; nobody may ever see into them. */
describe('a path belongs to the mount with the longest matching guest path', () => {
  let guest: Guest;

  beforeEach(() => {
    guest = new Guest([
      {
        path: '/',
        volume: memory({ top: 'root', 'data/file': 'covered', 'a/plain': 'a', 'database/x': 'no mount' }),
        access: ACCESS_WORDS,
      },
      { path: '/data', volume: memory({ file: 'data', 'sub/deep': 'deep' }), access: ['read', 'list'] },
      { path: '/data/sub', volume: memory({ deep: 'covers', 'own/er': 'own' }), access: ACCESS_WORDS },
      { path: '/a/b', volume: memory({ file: 'ab' }), access: ['read', 'list', 'create', 'write'] },
      { path: '/far/away', volume: memory({ file: 'far' }), access: ACCESS_WORDS },
    ]);
  });

  test.each([
    ['top', 'root'],
    ['data/file', 'data'],
    ['./data/./file', 'data'],
    ['data//file', 'data'],
    ['a/../data/file', 'data'],
    ['data/sub/deep', 'covers'],
    ['data/sub/own/er', 'own'],
    ['data/sub/own/../deep', 'covers'],
    ['a/plain', 'a'],
    ['a/b/file', 'ab'],
    ['database/x', 'no mount'],
    ['data', 'isDirectory'],
    ['data/missing', 'noEntry'],
    // Where nothing of the enclosing volume leads to it, a mount is reached by its own preopen only.
    ['far/away/file', 'noEntry'],
  ])('%s: %s', (path, content) => {
    expect(guest.get(path)).toBe(content);
  });

  test('through a directory that was opened on the way', () => {
    expect(guest.get('b/file', guest.open('a'))).toBe('ab');
    expect(guest.get('sub/deep', guest.open('data'))).toBe('covers');
    expect(guest.get('deep', guest.open('data/sub/'))).toBe('covers');
    expect(guest.get('sub/deep', guest.preopen(1))).toBe('covers');
    expect(guest.get('file', guest.preopen(4))).toBe('far');
  });

  test('through symlinks, and back out of a mount not even to the enclosing one', () => {
    expect(guest.symlink('data/sub', 'short')).toBe('ok');
    expect(guest.get('short/deep')).toBe('covers');
    expect(guest.opening('data/..')).toBe('notPermitted');
    expect(guest.opening('data/../top')).toBe('notPermitted');
    expect(guest.opening('data/sub/../file')).toBe('notPermitted');
    expect(guest.refusals).toHaveLength(3);
  });

  test('under the rights of its own mount', () => {
    expect(guest.put('data/new', 'x')).toBe('readOnly');
    expect(guest.put('data/sub/new', 'x')).toBe('ok');
    expect(guest.unlink('a/b/file')).toBe('notPermitted');
    expect(guest.refusals).toMatchObject([
      { kind: 'denied', grant: 'fs/data', request: { subject: 'data/new' } },
      { kind: 'denied', grant: 'fs/a/b', request: { subject: 'a/b/file' } },
    ]);
  });

  test('under them also when a symlink of the enclosing mount leads there', () => {
    guest.symlink('data/file', 'alias');
    guest.symlink('data', 'directory');
    const before = guest.statOf('data/file');
    expect(guest.opening('alias', 'wt')).toBe('readOnly');
    expect(guest.opening('alias', 't')).toBe('readOnly');
    expect(guest.put('directory/new', 'x')).toBe('readOnly');
    expect(guest.times('alias', 1n, 2n)).toBe('readOnly');
    expect(guest.times('directory', 1n, 2n)).toBe('readOnly');
    expect(guest.statOf('alias')).toEqual(before);
    expect(guest.get('alias')).toBe('data');
    expect(guest.refusals).toHaveLength(5);
    expect(new Set(guest.refusals.map(({ grant }) => grant))).toEqual(new Set(['fs/data']));
  });

  test('looking through a symlink needs what looking at the mount itself needs', () => {
    const blind = new Guest([
      { path: '/', volume: memory({ top: 'root' }), access: ACCESS_WORDS },
      { path: '/drop', volume: memory({ secret: 'content' }), access: ['create'] },
    ]);
    expect(blind.symlink('drop/secret', 'alias')).toBe('ok');
    expect(blind.symlink('drop/missing', 'dangling')).toBe('ok');
    expect([blind.type('drop/secret'), blind.type('alias')]).toEqual(['notPermitted', 'notPermitted']);
    expect([blind.type('drop/missing'), blind.type('dangling')]).toEqual(['notPermitted', 'notPermitted']);
  });

  test('also when the enclosing mount has been taken back', () => {
    guest.guard.revoke(guest.grants[0] ?? expect.fail());
    expect(guest.get('data/file')).toBe('notPermitted');
    expect(guest.get('file', guest.preopen(1))).toBe('data');
    expect(guest.refusals).toMatchObject([{ grant: 'fs/', request: { subject: 'data/file' } }]);
  });

  test('an enclosing mount does not make up for one that has been taken back', () => {
    guest.guard.revoke(guest.grants[1] ?? expect.fail());
    expect(guest.get('data/file')).toBe('notPermitted');
    expect(guest.get('file', guest.preopen(1))).toBe('notPermitted');
    expect(guest.refusals).toMatchObject([
      { grant: 'fs/data', request: { subject: 'data/file' } },
      { grant: 'fs/data', request: { subject: 'file' } },
    ]);
  });

  test('mount points are listed, and what they cover is not', () => {
    expect(guest.list()).toEqual(['a', 'data', 'database', 'top']);
    expect(guest.list('data')).toEqual(['file', 'sub']);
    expect(guest.list('a')).toEqual(['b', 'plain']);
    const entries = guest.filesystem.readDirectory(guest.preopen(1));
    if (typeof entries === 'number') throw new Error(nameOf(entries));
    for (const { name, inode } of entries)
      expect([0n, guest.statOf(`data/${name}`).inode], name).toContain(inode);
  });

  test('a mount point stays where it is, and so does what leads to it', () => {
    expect(guest.unlink('data/sub')).toBe('isDirectory');
    expect(guest.rmdir('data/sub')).toBe('invalid');
    expect(guest.rename('data/sub', 'elsewhere')).toBe('crossDevice');
    expect(guest.mkdir('data/sub')).toBe('exist');
    expect(guest.rmdir('a')).toBe('busy');
    expect(guest.rename('a', 'elsewhere')).toBe('busy');
    expect(guest.rename('top', 'a')).toBe('busy');
    expect(guest.rename('database', 'data/sub')).toBe('crossDevice');
    expect(guest.get('a/b/file')).toBe('ab');
  });

  test('nothing moves from one mount to another', () => {
    expect(guest.rename('top', 'data/sub/top')).toBe('crossDevice');
    expect(guest.link('top', 'data/sub/top')).toBe('crossDevice');
    expect(guest.rename('data/sub/deep', 'data/sub/own/deep')).toBe('ok');
    expect(nameOf(guest.filesystem.renameAt(guest.root, 'top', guest.preopen(2), 'top'))).toBe('crossDevice');
    expect(guest.get('top')).toBe('root');
  });

  test('inode numbers are unique among mounts', () => {
    const paths = ['.', 'top', 'data', 'data/file', 'data/sub', 'data/sub/deep', 'a/b', 'a/b/file'];
    const inodes = new Set(paths.map((path) => guest.statOf(path).inode));
    expect(inodes.size).toBe(paths.length);
    expect(guest.fstat(guest.preopen(1)).inode).toBe(guest.statOf('data').inode);
  });
});
