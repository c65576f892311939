import { ErrorCode } from '../../../../src/virtual/error-code.ts';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Descriptor, DescriptorFlags } from '../../../../src/virtual/filesystem/descriptor.ts';
import { Guest, makeVolume, nameOf, type VolumeUnderTest, VOLUME_KINDS } from './guest.ts';

const { read: READ, write: WRITE, mutateDirectory: MUTATE } = DescriptorFlags;

describe.each(VOLUME_KINDS)('descriptors on a %s volume', (kind) => {
  let under: VolumeUnderTest;
  let guest: Guest;

  beforeEach(() => {
    under = makeVolume(kind);
    guest = new Guest([{ path: '/', volume: under.volume }], { handles: 4 });
    guest.put('file', 'hello');
    guest.mkdir('dir');
  });
  afterEach(() => {
    guest.filesystem.closeAll();
    under.dispose();
  });

  test.each([
    // As the tests of WASI 0.3 have them.
    ['.', '', READ],
    ['.', 'm', READ | MUTATE],
    ['dir', 'rm', READ | MUTATE],
    ['file', '', READ],
    ['file', 'r', READ],
    ['file', 'w', WRITE],
    ['file', 'rw', READ | WRITE],
    ['file', 'rm', READ],
    ['file', 'x', READ],
    ['new', 'cx', READ | WRITE],
    ['new', 'rcx', READ | WRITE],
    ['new', 'wcx', WRITE],
    ['file', 't', READ | WRITE],
  ])('open %s (%s) gives flags %i', (path, how, flags) => {
    expect(guest.open(path, how).flags).toBe(flags);
  });

  test('the preopen may be read and changed', () => {
    expect(guest.root.flags).toBe(READ | MUTATE);
    expect(guest.filesystem.preopens.map(({ path }) => path)).toEqual(['/']);
  });

  test('a file is read and written only as it was opened', () => {
    const reader = guest.open('file', 'r');
    const writer = guest.open('file', 'w');
    expect(nameOf(guest.write(reader, 'x'))).toBe('badDescriptor');
    expect(nameOf(guest.append(reader, 'x'))).toBe('badDescriptor');
    expect(nameOf(guest.filesystem.setSize(reader, 0))).toBe('badDescriptor');
    expect(guest.read(writer)).toBe('badDescriptor');
    expect(guest.write(writer, 'J')).toBe(1);
    expect(guest.read(reader)).toBe('Jello');
    expect(guest.refusals).toEqual([]);
  });

  test('a directory is no file, and a file no directory', () => {
    const directory = guest.open('dir');
    expect(guest.read(directory)).toBe('isDirectory');
    expect(nameOf(guest.write(directory, 'x'))).toBe('isDirectory');
    expect(nameOf(guest.filesystem.setSize(directory, 0))).toBe('isDirectory');
    const file = guest.open('file', 'rw');
    expect(guest.opening('x', 'r', file)).toBe('notDirectory');
    expect(guest.mkdir('x', file)).toBe('notDirectory');
    expect(guest.filesystem.readDirectory(file)).toBe(25);
  });

  test('positions and sizes that are no exact numbers are invalid', () => {
    const file = guest.open('file', 'rw');
    for (const position of [-1, 2 ** 53, 2 ** 64, Infinity, Number.NaN]) {
      expect(guest.read(file, 1, position)).toBe('invalid');
      expect(nameOf(guest.write(file, 'x', position))).toBe('invalid');
      expect(nameOf(guest.filesystem.setSize(file, position))).toBe('invalid');
    }
    expect(guest.read(file, 1, 2 ** 40)).toBe('');
    expect(guest.get('file')).toBe('hello');
  });

  test('reads and writes at positions, past the end, and nothing at all', () => {
    const file = guest.open('file', 'rw');
    expect(guest.read(file, 2, 3)).toBe('lo');
    expect(guest.read(file, 9, 4)).toBe('o');
    expect(guest.read(file, 9, 5)).toBe('');
    expect(guest.write(file, '', 100)).toBe(0);
    expect(guest.fstat(file).size).toBe(5);
    expect(guest.write(file, '!', 7)).toBe(1);
    expect(guest.read(file)).toBe('hello\0\0!');
    expect(guest.append(file, '?')).toBe(1);
    expect(guest.read(file, 9, 7)).toBe('!?');
    expect(nameOf(guest.filesystem.setSize(file, 2))).toBe('ok');
    expect(nameOf(guest.filesystem.setSize(file, 4))).toBe('ok');
    expect(guest.read(file)).toBe('he\0\0');
  });

  test('a part of a buffer is read into and written from', () => {
    const file = guest.open('file', 'rw');
    const buffer = Buffer.from('abcdefgh');
    expect(guest.filesystem.read(file, buffer, 2, 3, 1)).toBe(3);
    expect(buffer.toString()).toBe('abellfgh');
    expect(guest.filesystem.write(file, buffer, 6, 2, 0)).toBe(2);
    expect(guest.get('file')).toBe('ghllo');
  });

  test('a file without a name lives until it is closed', () => {
    const file = guest.open('file', 'rw');
    expect(guest.unlink('file')).toBe('ok');
    expect(guest.write(file, 'still', 0)).toBe(5);
    expect(guest.read(file)).toBe('still');
    expect(guest.fstat(file).linkCount).toBe(0);
    expect(guest.get('file')).toBe('noEntry');
    expect(guest.put('file', 'new')).toBe('ok');
    expect(guest.read(file)).toBe('still');
  });

  test('nothing can be made in a directory without a name', () => {
    const directory = guest.open('dir');
    expect(guest.rmdir('dir')).toBe('ok');
    expect(guest.opening('x', 'wc', directory)).toBe('noEntry');
    expect(guest.mkdir('x', directory)).toBe('noEntry');
    // What is held by its path is gone with its name.
    const gone = kind === 'checked' ? ErrorCode.noEntry : [];
    expect(guest.filesystem.readDirectory(directory)).toEqual(gone);
    expect(guest.rename('file', 'x', directory)).toBe('noEntry');
    expect(guest.get('file')).toBe('hello');
  });

  test('a path leads no higher than the descriptor that it is relative to', () => {
    const directory = guest.open('dir');
    guest.mkdir('dir/sub');
    expect(guest.opening('../file', 'r', directory)).toBe('notPermitted');
    expect(guest.opening('sub/../../file', 'r', directory)).toBe('notPermitted');
    expect(guest.opening('sub/..', 'r', directory)).toBe('directory');
    // A symlink that stays inside the mount leads out of the descriptor all the same.
    expect(guest.symlink('../file', 'dir/up')).toBe('ok');
    expect(guest.opening('up', 'r', directory)).toBe('notPermitted');
    expect(guest.get('dir/up')).toBe('hello');
  });

  test('a directory stays open where it is moved to', () => {
    const directory = guest.open('dir');
    expect(guest.rename('dir', 'moved')).toBe('ok');
    expect(guest.put('in', 'x', directory)).toBe('ok');
    expect(guest.get('moved/in')).toBe('x');
  });

  test('handles are counted, bounded, and given back once', () => {
    const open = [1, 2, 3, 4].map(() => guest.open('file'));
    expect(guest.opening('file')).toBe('tooManyHandles');
    expect(guest.opening('new', 'wc')).toBe('tooManyHandles');
    expect(guest.type('new')).toBe('noEntry');
    expect(
      guest.refusals.map(({ kind, limit, value, request }) => [kind, limit, value, request.subject]),
    ).toEqual([
      ['limited', 'limits.handles', 4, 'file'],
      ['limited', 'limits.handles', 4, 'new'],
    ]);
    const [first] = open;
    guest.filesystem.close(first as Descriptor);
    guest.filesystem.close(first as Descriptor);
    expect(guest.meter.handles).toBe(3);
    expect(guest.opening('missing')).toBe('noEntry');
    expect(guest.opening('file')).toBe('file');
    guest.filesystem.close(guest.root);
    expect(guest.meter.handles).toBe(3);
    guest.filesystem.closeAll();
    expect(guest.meter.handles).toBe(0);
  });

  test('a closed descriptor does nothing', () => {
    const file = guest.open('file', 'rw');
    const directory = guest.open('dir');
    guest.filesystem.close(file);
    guest.filesystem.close(directory);
    expect(guest.read(file)).toBe('badDescriptor');
    expect(nameOf(guest.write(file, 'x'))).toBe('badDescriptor');
    expect(nameOf(guest.filesystem.setTimes(file, 1n, 1n))).toBe('badDescriptor');
    expect(nameOf(guest.filesystem.sync(file, true))).toBe('badDescriptor');
    expect(guest.opening('x', 'r', directory)).toBe('badDescriptor');
    expect(nameOf(guest.filesystem.readDirectory(directory) as number)).toBe('badDescriptor');
  });

  test('what was read and written is counted', () => {
    const file = guest.open('file', 'rw');
    guest.read(file);
    guest.append(file, '12');
    guest.write(file, '345');
    expect(guest.meter).toMatchObject({ fileBytesRead: 5, fileBytesWritten: 5 + 2 + 3 });
  });

  test('stat tells size, links and an inode number of its own', () => {
    guest.link('file', 'again');
    const file = guest.statOf('file');
    expect(file).toMatchObject({ size: 5, linkCount: 2 });
    expect(guest.statOf('again')).toEqual(file);
    expect(guest.statOf('dir').inode).not.toBe(file.inode);
    expect(file.inode).toBeLessThan(10n);
    expect(guest.fstat(guest.root)).toEqual(guest.statOf('.'));
  });

  test('times are set exactly, one by one, and on a symlink itself', () => {
    guest.symlink('file', 'link');
    const before = guest.statOf('link', false);
    expect(guest.times('file', 1_700_000_000_123_456_789n, undefined)).toBe('ok');
    expect(guest.times('link', undefined, 1_600_000_000_000_000_001n)).toBe('ok');
    expect(guest.statOf('file')).toMatchObject({
      accessed: 1_700_000_000_123_456_789n,
      modified: 1_600_000_000_000_000_001n,
    });
    expect(guest.statOf('link', false).modified).toBe(before.modified);
    expect(guest.times('link', 7n, 8n, false)).toBe('ok');
    expect(guest.statOf('link', false)).toMatchObject({ accessed: 7n, modified: 8n });
    expect(guest.statOf('file').modified).toBe(1_600_000_000_000_000_001n);
    expect(guest.times('dir/', 5n, 6n)).toBe('ok');
    expect(guest.statOf('dir')).toMatchObject({ accessed: 5n, modified: 6n });
    const file = guest.open('file', 'rw');
    expect(nameOf(guest.filesystem.setTimes(file, undefined, 99n))).toBe('ok');
    expect(guest.fstat(file).modified).toBe(99n);
    guest.write(file, 'x');
    expect(guest.fstat(file).modified).toBeGreaterThan(99n);
  });

  test('synchronising is accepted everywhere', () => {
    const file = guest.open('file');
    for (const dataOnly of [true, false]) {
      expect(nameOf(guest.filesystem.sync(file, dataOnly))).toBe('ok');
      expect(nameOf(guest.filesystem.sync(guest.root, dataOnly))).toBe('ok');
    }
    const synced = guest.filesystem.openAt(
      guest.root,
      false,
      'file',
      0,
      WRITE | DescriptorFlags.fileIntegritySync,
    );
    expect(guest.write(synced as Descriptor, 'x')).toBe(1);
  });
});
