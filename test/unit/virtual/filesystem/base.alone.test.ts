import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { ImageBuilder } from '../../../../src/virtual/filesystem/image-builder.ts';
import { imageOfFiles } from '../../../../src/virtual/filesystem/image-files.ts';
import type { Image } from '../../../../src/virtual/filesystem/image.ts';
import { ImageVolume } from '../../../../src/virtual/filesystem/image-volume.ts';
import { MemoryVolume } from '../../../../src/virtual/filesystem/memory-volume.ts';
import { PAGE_BYTES } from '../../../../src/virtual/filesystem/memory-pages.ts';
import { Quota } from '../../../../src/virtual/filesystem/quota.ts';
import { Guest, nameOf } from './guest.ts';

const FILES = {
  'a/one': 'first',
  'a/two': 'second',
  'b/c/deep': 'deep',
  link: { symlink: 'a/one' },
  'e/': null,
};
const TREE = {
  'a/': '',
  'a/one': '= first',
  'a/two': '= second',
  'b/': '',
  'b/c/': '',
  'b/c/deep': '= deep',
  'e/': '',
  link: '-> a/one',
};

function linkedImage(): Image {
  const builder = new ImageBuilder();
  const file = builder.addFile('d/x', Buffer.from('shared'), 5n);
  builder.addName('y', file);
  return builder.finish();
}

function over(base: Image, quota: Quota = new Quota()): Guest {
  return new Guest([{ path: '/', volume: new MemoryVolume({ now: () => 9n, base, quota }) }]);
}

describe('an image as a volume', () => {
  const image = imageOfFiles(FILES, { modified: 3n });
  const guest = new Guest([{ path: '/', volume: new ImageVolume(image) }]);

  test('shows what is in it', () => {
    expect(guest.tree()).toEqual(TREE);
    expect(guest.get('link')).toBe('first');
    expect(guest.statOf('a/two')).toMatchObject({ size: 6, modified: 3n, accessed: 3n, linkCount: 1 });
    expect(guest.statOf('b').linkCount).toBe(3);
    expect(image).toMatchObject({ bytes: 15, files: 8, directories: 4, lastInode: 9 });
  });

  test('inode numbers are unique and the same in every volume', () => {
    const paths = ['.', 'a', 'a/one', 'a/two', 'b', 'b/c', 'b/c/deep', 'e'];
    const twin = new Guest([{ path: '/', volume: new ImageVolume(image) }]);
    const numbers = paths.map((path) => guest.statOf(path).inode);
    expect(new Set(numbers).size).toBe(paths.length);
    expect(paths.map((path) => twin.statOf(path).inode)).toEqual(numbers);
  });

  test('every change is refused as to a read-only file system', () => {
    const before = guest.tree();
    expect(guest.put('new', 'x')).toBe('readOnly');
    expect(guest.opening('a/one', 'w')).toBe('readOnly');
    expect(guest.opening('a/one', 'rt')).toBe('readOnly');
    expect(guest.mkdir('new')).toBe('readOnly');
    expect(guest.unlink('a/one')).toBe('readOnly');
    expect(guest.rmdir('e')).toBe('readOnly');
    expect(guest.rename('a/one', 'x')).toBe('readOnly');
    expect(guest.link('a/one', 'x')).toBe('readOnly');
    expect(guest.symlink('a', 'x')).toBe('readOnly');
    expect(guest.times('a/one', 1n, 1n)).toBe('readOnly');
    expect(guest.opening('missing')).toBe('noEntry');
    expect(guest.tree()).toEqual(before);
  });
});

describe('a memory volume over an image', () => {
  const image = imageOfFiles(FILES, { modified: 3n });

  test('changes are its own, and the image stays', () => {
    const [guest, twin] = [over(image), over(image)];
    expect(guest.put('a/one', 'changed')).toBe('ok');
    expect(guest.unlink('a/two')).toBe('ok');
    expect(guest.rename('b', 'moved')).toBe('ok');
    expect(guest.rename('moved/c/deep', 'a/two')).toBe('ok');
    expect(guest.rmdir('e')).toBe('ok');
    expect(guest.mkdir('e')).toBe('ok');
    expect(guest.tree()).toEqual({
      'a/': '',
      'a/one': '= changed',
      'a/two': '= deep',
      'e/': '',
      link: '-> a/one',
      'moved/': '',
      'moved/c/': '',
    });
    expect(guest.rmdir('moved/c')).toBe('ok');
    expect(guest.rmdir('moved')).toBe('ok');
    expect(guest.statOf('.').linkCount).toBe(4);
    expect(twin.tree()).toEqual(TREE);
  });

  test('the quota counts what is added or changed, and nothing of the base', () => {
    const quota = new Quota();
    const guest = over(imageOfFiles({ big: 'x'.repeat(3 * PAGE_BYTES), small: 'abc', 'd/f': '' }), quota);
    const used = (): number[] => [quota.bytes, quota.files, quota.directories];
    guest.tree();
    expect(used()).toEqual([0, 0, 0]);
    const big = guest.open('big', 'rw');
    guest.write(big, 'y', PAGE_BYTES + 1);
    expect(used()).toEqual([PAGE_BYTES, 0, 0]);
    expect(guest.read(big, 3, PAGE_BYTES)).toBe('xyx');
    guest.filesystem.setSize(big, 2);
    expect(used()).toEqual([0, 0, 0]);
    guest.filesystem.setSize(big, 4);
    expect(guest.read(big, 9)).toBe('xx\0\0');
    guest.unlink('small');
    guest.unlink('d/f');
    guest.rmdir('d');
    expect(used()).toEqual([0, 0, 0]);
    guest.put('small', 'abcd');
    guest.mkdir('d');
    expect(used()).toEqual([4, 2, 1]);
    guest.unlink('small');
    guest.rmdir('d');
    expect(used()).toEqual([0, 0, 0]);
  });

  test('two names of one file of the base stay one', () => {
    const guest = over(linkedImage());
    expect(guest.statOf('y')).toMatchObject({ linkCount: 2, size: 6 });
    guest.put('d/x', 'new');
    expect(guest.get('y')).toBe('new');
    expect(guest.statOf('y').inode).toBe(guest.statOf('d/x').inode);
    guest.unlink('y');
    expect(guest.statOf('d/x').linkCount).toBe(1);
    expect(guest.link('d/x', 'z')).toBe('ok');
    expect(guest.statOf('z')).toMatchObject({ linkCount: 2, size: 3 });
  });

  test('an open file of the base outlives its name, and one opened twice is one', () => {
    const guest = over(image);
    const reader = guest.open('a/one');
    const writer = guest.open('a/one', 'rw');
    guest.write(writer, 'F');
    expect(guest.read(reader)).toBe('First');
    guest.filesystem.close(writer);
    guest.unlink('a/one');
    expect(guest.read(reader)).toBe('First');
    expect(guest.opening('a/one')).toBe('noEntry');
    guest.filesystem.close(reader);
    expect(guest.opening('a/one')).toBe('noEntry');
  });

  test('times set through a closed descriptor stay', () => {
    const guest = over(image);
    expect(guest.times('a/one', 1n, 2n)).toBe('ok');
    expect(guest.opening('a/one')).toBe('file');
    expect(guest.statOf('a/one')).toMatchObject({ accessed: 1n, modified: 2n, changed: 9n });
    expect(nameOf(0)).toBe('ok');
  });
});

test('200 volumes over 2,000 files of 20 MiB hold what they changed', () => {
  const files = Object.fromEntries(
    Array.from({ length: 2000 }, (_, i) => [`d${i % 40}/f${i}`, new Uint8Array(10_486).fill(i)]),
  );
  const image = imageOfFiles(files);
  expect(image).toMatchObject({ bytes: 20_972_000, files: 2040 });
  const before = held();
  const guests = Array.from({ length: 200 }, () => {
    const guest = over(image);
    for (let i = 0; i < 40; i++) expect(guest.list(`d${i}`)).toHaveLength(50);
    for (let i = 0; i < 2000; i += 10) guest.get(`d${i % 40}/f${i}`);
    expect(guest.put('d1/f1', 'changed')).toBe('ok');
    guest.records.length = 0;
    return guest;
  });
  const each = (held() - before) / guests.length;
  console.log(`held by each volume: ${Math.round(each)} bytes`);
  // Copies of the names alone would be some 600 kB, of the content 21 MB.
  expect(each).toBeLessThan(60_000);
}, 60_000);

function held(): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}
