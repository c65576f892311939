import { readdirSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readTree } from '../../../../src/virtual/filesystem/read-tree.ts';
import type { VolumeDirectory, VolumeFile } from '../../../../src/virtual/filesystem/volume.ts';
import { build } from './fixture-tree.ts';
import { Guest, makeVolume, permitOf, type VolumeUnderTest, VOLUME_KINDS } from './guest.ts';

describe.each(VOLUME_KINDS)('the tree of a %s volume', (kind) => {
  let under: VolumeUnderTest;
  let guest: Guest;
  let root: VolumeDirectory;

  beforeEach(() => {
    under = makeVolume(kind);
    guest = new Guest([{ path: '/', volume: under.volume }]);
    build(guest);
    root = under.volume.openRoot(permitOf(guest)) as VolumeDirectory;
  });
  afterEach(() => {
    guest.filesystem.closeAll();
    under.dispose();
  });

  test('is told in order, directories first, with contents and targets', () => {
    const told: string[] = [];
    for (const { path, file, target } of readTree(root, permitOf(guest))) {
      if (file !== undefined) told.push(`${path} = ${contentOf(guest, file)}`);
      else told.push(target === undefined ? `${path}/` : `${path} -> ${target}`);
    }
    expect(told).toEqual([
      'absolute -> /etc/hostname',
      'chain -> link',
      'dangling -> nowhere',
      'dir/',
      'dir/back -> ../file',
      'dir/inner = inner',
      'dir/sub/',
      'dirlink -> dir',
      'empty/',
      'emptylink -> empty',
      'file = hello',
      'full/',
      'full/child/',
      'link -> file',
      'loop -> loop',
      'other = other',
      'out -> ../../../../etc/hostname',
      'up -> ..',
    ]);
  });

  test('shows hard links as one inode, sizes and times', () => {
    guest.link('file', 'dir/again');
    guest.times('file', 1n, 2n);
    const inodes = new Map<string, bigint>();
    for (const { path, stat } of readTree(root, permitOf(guest))) {
      inodes.set(path, stat.inode);
      if (path === 'file') expect(stat).toMatchObject({ size: 5, linkCount: 2, modified: 2n });
    }
    expect(inodes.get('dir/again')).toBe(inodes.get('file'));
    expect(inodes.get('other')).not.toBe(inodes.get('file'));
  });

  test('may be left, or change, at any time: nothing stays open', () => {
    // Opens the preopen, which stays open, and on a host `dir`, which is kept to come back to.
    guest.type('dir/inner');
    const before = readdirSync('/proc/self/fd').length;
    for (const { path } of readTree(root, permitOf(guest))) {
      if (path === 'dir/inner') break;
    }
    const seen: string[] = [];
    for (const { path } of readTree(root, permitOf(guest))) {
      seen.push(path);
      if (path === 'dir') guest.unlink('dir/inner');
      if (path === 'empty') guest.rmdir('empty');
      if (path === 'file') guest.unlink('other');
    }
    expect(seen).not.toContain('dir/inner');
    expect(seen).not.toContain('other');
    expect(readdirSync('/proc/self/fd')).toHaveLength(before);
  });
});

test('what cannot be read is an error that tells where', () => {
  const under = makeVolume('host');
  const guest = new Guest([{ path: '/', volume: under.volume }]);
  const root = under.volume.openRoot(permitOf(guest)) as VolumeDirectory;
  root.close();
  expect(() => [...readTree(root, permitOf(guest))]).toThrow(
    expect.objectContaining({ name: 'VolumeError', code: 'BW_VOLUME_READ' }),
  );
  under.dispose();
});

test('a tree of ten thousand levels is no trouble', () => {
  const { volume } = makeVolume('memory');
  const guest = new Guest([{ path: '/', volume }]);
  let at = guest.root;
  for (let i = 0; i < 9_000; i++) {
    guest.mkdir('d', at);
    const next = guest.open('d', 'rd', at);
    guest.filesystem.close(at);
    at = next;
  }
  const root = volume.openRoot(permitOf(guest)) as VolumeDirectory;
  expect([...readTree(root, permitOf(guest))]).toHaveLength(9_000);
});

function contentOf(guest: Guest, file: VolumeFile): string {
  const bytes = Buffer.alloc(100);
  return bytes.toString('utf8', 0, file.read(permitOf(guest), bytes, 0, 100, 0));
}
