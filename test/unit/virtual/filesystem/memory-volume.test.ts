import { describe, expect, test } from 'vitest';
import { Quota } from '../../../../src/virtual/filesystem/quota.ts';
import { MemoryVolume } from '../../../../src/virtual/filesystem/memory-volume.ts';
import { Guest } from './guest.ts';

function guestOf(options: Partial<ConstructorParameters<typeof MemoryVolume>[0]> = {}): Guest {
  return new Guest([{ path: '/', volume: new MemoryVolume({ now: () => 0n, ...options }) }]);
}

describe('timestamps', () => {
  test('are those of the given clock, whatever the real time is', () => {
    let now = 100n;
    const guest = guestOf({ now: () => now });
    guest.mkdir('dir');
    guest.put('dir/file', 'x');
    now = 200n;
    const file = guest.open('dir/file', 'rw');
    expect(guest.fstat(file)).toMatchObject({ accessed: 100n, modified: 100n, changed: 100n });
    guest.read(file);
    expect(guest.fstat(file)).toMatchObject({ accessed: 100n, modified: 100n, changed: 100n });
    guest.append(file, 'y');
    expect(guest.fstat(file)).toMatchObject({ accessed: 100n, modified: 200n, changed: 200n });
    expect(guest.statOf('dir')).toMatchObject({ modified: 100n });
    now = 300n;
    guest.times('dir/file', 1n, 2n);
    expect(guest.fstat(file)).toMatchObject({ accessed: 1n, modified: 2n, changed: 300n });
    now = 400n;
    guest.rename('dir/file', 'moved');
    expect(guest.statOf('dir')).toMatchObject({ modified: 400n, changed: 400n });
    expect(guest.statOf('.')).toMatchObject({ modified: 400n });
    expect(guest.fstat(file)).toMatchObject({ modified: 2n, changed: 400n });
  });
});

describe('inode numbers', () => {
  test('count up in the order of creation and are not used again', () => {
    const guest = guestOf();
    guest.put('a', '');
    guest.put('b', '');
    const [root, a, b] = ['.', 'a', 'b'].map((path) => guest.statOf(path).inode);
    expect([root, a, b]).toEqual([1n, 2n, 3n]);
    guest.unlink('b');
    guest.put('c', '');
    expect(guest.statOf('c').inode).toBe(4n);
  });

  test('two volumes have the same, so that they tell nothing of each other', () => {
    const [first, second] = [guestOf(), guestOf()];
    first.put('x', '');
    second.put('y', '');
    expect(first.statOf('x').inode).toBe(second.statOf('y').inode);
  });
});

describe('initial content', () => {
  test('is there, with its directories, and does not count', () => {
    const volume = new MemoryVolume({
      now: () => 0n,
      content: { 'a/b/text.txt': 'grün', bytes: Uint8Array.of(1, 2, 3), 'empty/dir/': null },
    });
    const guest = new Guest([{ path: '/', volume }]);
    expect(guest.tree()).toEqual({
      'a/': '',
      'a/b/': '',
      'a/b/text.txt': '= grün',
      bytes: '= \u0001\u0002\u0003',
      'empty/': '',
      'empty/dir/': '',
    });
    expect(volume.quota).toMatchObject({ bytes: 0, files: 0 });
  });

  test('is copied', () => {
    const bytes = Uint8Array.of(65);
    const guest = guestOf({ content: { file: bytes } });
    bytes[0] = 66;
    expect(guest.get('file')).toBe('A');
  });
});

describe('contents', () => {
  test('never show what was there before', () => {
    const guest = guestOf();
    const file = guest.open('file', 'rwc');
    guest.write(file, 'secret '.repeat(1000));
    for (const size of [6000, 10, 3, 0]) {
      guest.filesystem.setSize(file, size);
      guest.filesystem.setSize(file, 7000);
      expect(guest.read(file, 7000, size)).toBe('\0'.repeat(7000 - size));
    }
    guest.filesystem.setSize(file, 0);
    // Shrunk by so little that the memory is kept.
    guest.write(file, 's'.repeat(100));
    guest.append(file, 's'.repeat(80));
    guest.filesystem.setSize(file, 120);
    guest.write(file, 'x', 190);
    expect(guest.read(file, 200, 120)).toBe(`${'\0'.repeat(70)}x`);
    guest.filesystem.setSize(file, 0);
    guest.write(file, 'x', 5000);
    expect(guest.read(file, 5000)).toBe('\0'.repeat(5000));
  });

  test('a directory of ten thousand levels is no trouble', () => {
    const guest = guestOf({ quota: new Quota({ bytes: 1000, files: 10_000 }) });
    let at = guest.root;
    for (let i = 0; i < 9_999; i++) {
      expect(guest.mkdir('d', at)).toBe('ok');
      const next = guest.open('d', 'rd', at);
      guest.filesystem.close(at);
      at = next;
    }
    expect(guest.put('bottom', 'x', at)).toBe('ok');
    expect(guest.get('bottom', at)).toBe('x');
  });

  test('names that mean something to objects are names', () => {
    const guest = guestOf();
    const names = [
      '__proto__',
      'constructor',
      'toString',
      'hasOwnProperty',
      '...',
      '. ',
      ' ',
      '\\',
      'a\\..\\b',
      '-',
      '\u202e',
    ];
    for (const name of names) expect(guest.put(name, name)).toBe('ok');
    for (const name of names) expect(guest.get(name)).toBe(name);
    expect(guest.list()).toEqual(names.toSorted());
  });
});
