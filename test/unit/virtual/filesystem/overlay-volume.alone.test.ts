import { readdirSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { MemoryVolume } from '../../../../src/virtual/filesystem/memory-volume.ts';
import { applyChanges } from '../../../../src/virtual/filesystem/overlay-apply.ts';
import { OverlayVolume } from '../../../../src/virtual/filesystem/overlay-volume.ts';
import { Quota, type QuotaLimits } from '../../../../src/virtual/filesystem/quota.ts';
import { readTree } from '../../../../src/virtual/filesystem/read-tree.ts';
import {
  emptyStat,
  FileType,
  type Volume,
  type VolumeDirectory,
} from '../../../../src/virtual/filesystem/volume.ts';
import { Guest, makeVolume, nameOf, permitOf, TEN, type VolumeUnderTest } from './guest.ts';

function fill(guest: Guest): void {
  guest.mkdir('dir');
  guest.mkdir('dir/sub');
  guest.put('dir/inner', 'inner');
  guest.put('dir/sub/deep', 'deep');
  guest.put('file', 'hello');
  guest.symlink('file', 'link');
  for (const path of ['dir/sub/deep', 'dir/sub', 'dir/inner', 'dir', 'file', '.']) guest.times(path, 5n, 7n);
}

describe.each(['memory', 'host'] as const)('an overlay of %s volumes', (kind) => {
  let lower: VolumeUnderTest;
  let upper: VolumeUnderTest;
  let volume: OverlayVolume;
  let guest: Guest;
  let before: string[];

  function open(limits?: Partial<QuotaLimits>, content = fill): void {
    lower = makeVolume(kind, undefined, content);
    upper = makeVolume(kind, limits);
    volume = new OverlayVolume({ lower: lower.volume, upper: upper.volume });
    guest = new Guest([{ path: '/', volume }]);
    before = told(lower.volume, guest);
  }

  function reopen(limits?: Partial<QuotaLimits>, content?: (guest: Guest) => void): void {
    guest.filesystem.closeAll();
    lower.dispose();
    upper.dispose();
    open(limits, content);
  }

  beforeEach(() => open());
  afterEach(() => {
    expect(told(lower.volume, guest)).toEqual(before);
    guest.filesystem.closeAll();
    lower.dispose();
    upper.dispose();
  });

  test('keeps what is removed as a whiteout', () => {
    expect(guest.unlink('file')).toBe('ok');
    expect(guest.unlink('dir/inner')).toBe('ok');
    expect(guest.unlink('link')).toBe('ok');
    expect(names(upper.volume, guest)).toEqual(['.wh.file', '.wh.link', 'dir', 'dir/.wh.inner']);
    expect(guest.put('file', 'new')).toBe('ok');
    expect(guest.unlink('dir/sub/deep')).toBe('ok');
    expect(guest.rmdir('dir/sub')).toBe('ok');
    expect(guest.rmdir('dir')).toBe('ok');
    expect(names(upper.volume, guest)).toEqual(['.wh.dir', '.wh.link', 'file']);
  });

  test('makes a directory opaque that takes the place of one', () => {
    guest.unlink('dir/inner');
    guest.unlink('dir/sub/deep');
    guest.rmdir('dir/sub');
    guest.rmdir('dir');
    expect(guest.mkdir('dir')).toBe('ok');
    expect(guest.list('dir')).toEqual([]);
    expect(names(upper.volume, guest)).toEqual(['dir', 'dir/.wh..wh..opq']);
    expect(guest.rmdir('dir')).toBe('ok');
    expect(guest.put('dir', 'a file')).toBe('ok');
    expect(names(upper.volume, guest)).toEqual(['dir']);
  });

  test('renames a directory of the lower volume with all that is in it', () => {
    const held = guest.open('dir/sub/deep', 'rw');
    const directory = guest.open('dir/sub', 'rd');
    const inode = guest.statOf('dir').inode;
    expect(guest.rename('dir', 'moved')).toBe('ok');
    expect(names(upper.volume, guest)).toEqual([
      '.wh.dir',
      'moved',
      'moved/inner',
      'moved/sub',
      'moved/sub/deep',
    ]);
    expect(guest.statOf('moved')).toMatchObject({ inode, modified: 7n, linkCount: 3 });
    expect(guest.statOf('moved/sub').modified).toBe(7n);
    guest.append(held, '!');
    expect(guest.get('moved/sub/deep')).toBe('deep!');
    expect(guest.put('more', 'x', directory)).toBe('ok');
    expect(guest.list('moved/sub')).toEqual(['deep', 'more']);
    expect(guest.mkdir('dir')).toBe('ok');
    expect(guest.rename('moved', 'dir')).toBe('ok');
    expect(names(upper.volume, guest)).toContain('dir/.wh..wh..opq');
    expect(guest.list('dir')).toEqual(['inner', 'sub']);
  });

  test('gives what is copied up the number and the times that it had', () => {
    const [deep, sub] = [guest.statOf('dir/sub/deep'), guest.statOf('dir/sub')];
    const link = guest.statOf('link', false);
    const file = guest.open('dir/sub/deep', 'rw');
    guest.write(file, 'D');
    expect(guest.fstat(file)).toMatchObject({ inode: deep.inode, size: 4, linkCount: 1 });
    expect(guest.rename('dir/sub/deep', 'dir/sub/renamed')).toBe('ok');
    expect(guest.rename('dir/sub', 'sub')).toBe('ok');
    expect(guest.rename('link', 'sub/link')).toBe('ok');
    expect(guest.statOf('sub').inode).toBe(sub.inode);
    expect(guest.statOf('sub/renamed').inode).toBe(deep.inode);
    expect(guest.statOf('sub/link', false)).toMatchObject({ inode: link.inode, modified: link.modified });
    expect(guest.statOf('file')).toMatchObject({ modified: 7n });
    expect(guest.times('file', undefined, 8n)).toBe('ok');
    expect(guest.statOf('file').modified).toBe(8n);
    expect(guest.statOf('dir').modified).not.toBe(7n);
  });

  test('shows and takes no name of a marker, of neither volume', () => {
    guest.unlink('file');
    for (const volumeOf of [lower.volume, upper.volume]) {
      const raw = new Guest([{ path: '/', volume: volumeOf }]);
      raw.put('.wh.hidden', 'x');
      raw.filesystem.close(raw.root);
    }
    before = told(lower.volume, guest);
    expect(guest.list()).toEqual(['dir', 'link']);
    for (const name of ['.wh.file', '.wh.hidden', '.wh.', '.wh..wh..opq']) {
      expect(guest.type(name)).toBe('noEntry');
      expect(guest.opening(name)).toBe('noEntry');
      expect(guest.unlink(name)).toBe('noEntry');
      expect(guest.rmdir(name)).toBe('noEntry');
      expect(guest.readlink(name)).toBe('noEntry');
      expect(guest.rename(name, 'x')).toBe('noEntry');
      expect(guest.link(name, 'x')).toBe('noEntry');
      expect(guest.times(name, 1n, 1n)).toBe('noEntry');
      expect(guest.opening(`${name}/x`)).toBe('noEntry');
      expect(guest.opening(name, 'wc')).toBe('notPermitted');
      expect(guest.opening(name, 'wcx')).toBe('notPermitted');
      expect(guest.mkdir(name)).toBe('notPermitted');
      expect(guest.symlink('t', name)).toBe('notPermitted');
      expect(guest.rename('link', name)).toBe('notPermitted');
      expect(guest.link('link', name)).toBe('notPermitted');
    }
  });

  test('can be opened again from its layers, without what a crash left half done', () => {
    guest.unlink('dir/inner');
    guest.put('dir/sub/deep', 'changed');
    guest.rename('file', 'renamed');
    const tree = guest.tree();
    const raw = new Guest([{ path: '/', volume: upper.volume }]);
    raw.put('dir/.wh..wh.tmp.1', 'half');
    raw.filesystem.close(raw.root);
    const again = new Guest([
      { path: '/', volume: new OverlayVolume({ lower: lower.volume, upper: upper.volume }) },
    ]);
    expect(again.tree()).toEqual(tree);
    expect(names(upper.volume, guest)).not.toContain('dir/.wh..wh.tmp.1');
  });

  test('a removed directory lives on for those who hold it', () => {
    reopen(undefined, (at) => {
      at.mkdir('low');
      at.mkdir('raised');
      at.times('low', 5n, 7n);
    });
    guest.times('raised', 5n, 7n);
    guest.times('.', 5n, 7n);
    const stat = emptyStat();
    for (const name of ['low', 'raised']) {
      const { inode } = guest.statOf(name);
      const held = guest.open(name, 'rmd');
      expect(guest.rmdir(name)).toBe('ok');
      guest.times('.', 5n, 7n);
      expect(guest.filesystem.setTimes(held, 8n, undefined)).toBe(0);
      expect(guest.filesystem.stat(held, stat)).toBe(0);
      expect(stat).toMatchObject({ inode, linkCount: 0, accessed: 8n, modified: 7n });
      expect(guest.filesystem.setTimes(held, undefined, 9n)).toBe(0);
      expect(guest.filesystem.stat(held, stat)).toBe(0);
      expect(stat).toMatchObject({ inode, linkCount: 0, accessed: 8n, modified: 9n });
      expect(guest.filesystem.readDirectory(held)).toEqual([]);
      expect(guest.mkdir('inside', held)).toBe('noEntry');
      guest.filesystem.close(held);
      // Nobody else sees what was done to it.
      expect(guest.statOf('.').modified).toBe(7n);
    }
    expect(names(upper.volume, guest)).toEqual(['.wh.low', '.wh.raised']);
  });

  test('opens nothing that it does not close', () => {
    guest.type('.');
    const open = readdirSync('/proc/self/fd').length;
    const held = [guest.open('dir/sub/deep', 'rw'), guest.open('dir/sub', 'rd'), guest.open('file', 'r')];
    guest.write(held[0] as (typeof held)[0], 'x');
    guest.rename('dir', 'moved');
    guest.unlink('moved/sub/deep');
    guest.rmdir('moved/sub');
    guest.put('file', 'y');
    guest.rename('missing', 'x');
    guest.tree();
    volume.changes(permitOf(guest));
    for (const descriptor of held) guest.filesystem.close(descriptor);
    expect(readdirSync('/proc/self/fd')).toHaveLength(open);
  });

  test('lists its changes, and carries them out', () => {
    guest.put('file', 'changed');
    guest.unlink('dir/inner');
    guest.put('dir/new', 'new');
    guest.rename('dir/sub', 'sub');
    guest.unlink('link');
    guest.mkdir('link');
    guest.symlink('../file', 'link/up');
    const changes = volume.changes(permitOf(guest));
    expect(changes.map(({ kind, path, type }) => `${kind} ${path} ${type}`)).toEqual([
      `removed dir/inner ${FileType.regularFile}`,
      `added dir/new ${FileType.regularFile}`,
      `removed dir/sub ${FileType.directory}`,
      `modified file ${FileType.regularFile}`,
      `removed link ${FileType.symbolicLink}`,
      `added link ${FileType.directory}`,
      `added link/up ${FileType.symbolicLink}`,
      `added sub ${FileType.directory}`,
      `added sub/deep ${FileType.regularFile}`,
    ]);
    const target = makeVolume(kind, undefined, fill);
    const [from, to] = [volume, target.volume].map(
      (each) => each.openRoot(permitOf(guest)) as VolumeDirectory,
    ) as [VolumeDirectory, VolumeDirectory];
    applyChanges(changes, from, to, permitOf(guest));
    expect(told(target.volume, guest)).toEqual(told(volume, guest));
    // Once more, as after a crash.
    applyChanges(
      changes.filter(({ path }) => !path.startsWith('link')),
      from,
      to,
      permitOf(guest),
    );
    expect(told(target.volume, guest)).toEqual(told(volume, guest));
    from.close();
    to.close();
    target.dispose();
  });

  test('does not call a change what left everything as it was', () => {
    expect(volume.changes(permitOf(guest))).toEqual([]);
    const file = guest.open('file', 'rw');
    guest.write(file, 'hello');
    guest.times('file', 5n, 7n);
    guest.rename('dir', 'moved');
    guest.rename('moved', 'dir');
    guest.times('.', 5n, 7n);
    expect(volume.changes(permitOf(guest))).toEqual([]);
    guest.times('dir/sub', undefined, 9n);
    guest.write(file, 'HELLO');
    guest.times('file', 5n, 7n);
    expect(volume.changes(permitOf(guest)).map(({ kind, path }) => `${kind} ${path}`)).toEqual([
      'modified dir/sub',
      'modified file',
    ]);
  });

  test('a file of several names falls apart when one of them is changed', () => {
    reopen(undefined, (at) => {
      at.put('one', 'content');
      at.link('one', 'two');
    });
    expect(guest.statOf('one')).toMatchObject({ linkCount: 2, inode: guest.statOf('two').inode });
    expect(guest.rename('one', 'two')).toBe('ok');
    expect(guest.list()).toEqual(['one', 'two']);
    expect(guest.put('one', 'other')).toBe('ok');
    expect([guest.get('one'), guest.get('two')]).toEqual(['other', 'content']);
    expect(guest.statOf('two').linkCount).toBe(1);
    expect(guest.statOf('one').linkCount).toBe(1);
    expect(guest.statOf('one').inode).not.toBe(guest.statOf('two').inode);
  });

  describe('what a quota refuses', () => {
    const refused = (limits: Partial<QuotaLimits>, act: () => string): void => {
      reopen(limits);
      guest.type('.');
      const held = guest.open('dir/sub/deep', 'rw');
      const tree = guest.tree();
      const stat = guest.statOf('dir/sub/deep');
      expect(act()).toBe('quota');
      expect(guest.tree()).toEqual(tree);
      expect(guest.statOf('dir/sub/deep')).toEqual({
        ...stat,
        accessed: guest.statOf('dir/sub/deep').accessed,
      });
      expect(guest.read(held)).toBe('deep');
      expect(names(upper.volume, guest)).toEqual([]);
      expect(volume.quota).toMatchObject({ bytes: 0, files: 0, directories: 0 });
      guest.filesystem.close(held);
    };

    test.each([0, 1, 2, 3])('a copy without room for a name (%i)', (files) => {
      if (files < 3) refused({ files }, () => guest.put('dir/sub/deep', 'x'));
      refused({ files }, () => guest.rename('dir/sub/deep', 'dir/new'));
      refused({ files }, () => guest.link('dir/sub/deep', 'dir/new'));
      refused({ files }, () => guest.rename('dir', 'moved'));
    });

    test.each([0, 3, 8])('a copy without room for its bytes (%i)', (bytes) => {
      if (bytes < 4) {
        refused({ bytes }, () => guest.times('dir/sub/deep', 1n, 1n));
        refused({ bytes }, () => nameOf(guest.append(guest.open('dir/sub/deep', 'w'), 'x')));
        refused({ bytes }, () => guest.rename('dir/sub/deep', 'x'));
        refused({ bytes }, () => guest.link('dir/sub/deep', 'x'));
      }
      // Five of one file fit, the four of the other do not any more.
      refused({ bytes }, () => guest.rename('dir', 'moved'));
    });

    test('a whiteout', () => {
      refused({ files: 0 }, () => guest.unlink('file'));
      refused({ files: 2 }, () => guest.unlink('dir/sub/deep'));
    });
  });
});

test('a large file is copied in parts, and holes stay holes', () => {
  const now = (): bigint => TEN;
  const quota = new Quota({ bytes: 8 << 20, files: 10 });
  const bytes = Buffer.alloc((3 << 20) + 17);
  bytes.write('start');
  bytes.write('end', bytes.length - 3);
  const lower = new MemoryVolume({ now, content: { large: bytes } });
  const guest = new Guest([
    { path: '/', volume: new OverlayVolume({ lower, upper: new MemoryVolume({ now, quota }) }) },
  ]);
  const file = guest.open('large', 'rw');
  expect(guest.write(file, 'START')).toBe(5);
  const copy = Buffer.alloc(bytes.length + 1);
  expect(guest.filesystem.read(file, copy, 0, copy.length, 0)).toBe(bytes.length);
  bytes.write('START');
  expect(copy.subarray(0, bytes.length).equals(bytes)).toBe(true);
});

/** Names in a layer, markers included. */
function names(volume: Volume, guest: Guest): string[] {
  return withRoot(volume, guest, (root) => [...readTree(root, permitOf(guest))].map(({ path }) => path));
}

/** Everything in a volume but access times. */
function told(volume: Volume, guest: Guest): string[] {
  return withRoot(volume, guest, (root) =>
    [...toldOf(root, guest)].filter((line) => !line.startsWith('.wh.')),
  );
}

function* toldOf(root: VolumeDirectory, guest: Guest): Generator<string> {
  const bytes = Buffer.alloc(100);
  for (const { path, stat, file, target } of readTree(root, permitOf(guest))) {
    const content = file && bytes.toString('utf8', 0, file.read(permitOf(guest), bytes, 0, 100, 0));
    const time = target === undefined ? stat.modified : '';
    yield `${path} ${content ?? target ?? '/'} ${time} ${stat.type}`;
  }
}

function withRoot<Result>(volume: Volume, guest: Guest, act: (root: VolumeDirectory) => Result): Result {
  const root = volume.openRoot(permitOf(guest)) as VolumeDirectory;
  try {
    return act(root);
  } finally {
    root.close();
  }
}
