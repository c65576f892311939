import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { HostVolume } from '../../../src/ambient/host-volume.ts';
import { isPlainOnWindows } from '../../../src/ambient/host-volume-windows-names.ts';
import { Guest } from '../virtual/filesystem/guest.ts';

let base: string;
let jail: string;
let guest: Guest;

beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'bailiwick-checked-'));
  jail = join(base, 'jail');
  for (const root of ['jail', 'outside']) {
    mkdirSync(join(base, root, 'a/b'), { recursive: true });
    writeFileSync(join(base, root, 'a/b/file'), root);
  }
  guest = new Guest([{ path: '/', volume: new HostVolume(jail, { confinement: 'checked-paths' }) }]);
});
afterEach(() => {
  guest.filesystem.closeAll();
  rmSync(base, { recursive: true });
});

describe('confinement by checked paths', () => {
  test('follows no symlink, whoever made it', () => {
    const open = guest.open('a', 'rd');
    expect(guest.get('b/file', open)).toBe('jail');
    renameSync(join(jail, 'a'), join(base, 'aside'));
    symlinkSync('../outside/a', join(jail, 'a'));
    expect(guest.get('a/b/file')).toBe('notPermitted');
    expect(guest.put('a/b/file', 'x')).toBe('notPermitted');
    // The open directory is no longer where it was.
    expect(guest.get('b/file', open)).toBe('noEntry');
    expect(guest.put('b/file', 'x', open)).toBe('noEntry');
    expect(readFileSync(join(base, 'outside/a/b/file'), 'utf8')).toBe('outside');
  });

  test('takes no other directory for one that was replaced, and none at all when the root is', () => {
    const open = guest.open('a/b', 'rd');
    renameSync(join(jail, 'a/b'), join(base, 'aside'));
    mkdirSync(join(jail, 'a/b'));
    expect(guest.put('new', 'x', open)).toBe('noEntry');
    renameSync(jail, join(base, 'moved'));
    symlinkSync('outside', jail);
    expect(guest.get('a/b/file')).toBe('noEntry');
  });

  test('goes along with directories that the guest itself renames', () => {
    const open = guest.open('a/b', 'rd');
    expect(guest.rename('a', 'z')).toBe('ok');
    expect(guest.get('file', open)).toBe('jail');
    expect(guest.put('new', 'x', open)).toBe('ok');
    expect(guest.get('z/b/new')).toBe('x');
  });

  test('takes no directory for one that the guest removed, though it may have its inode number', () => {
    for (let round = 0; round < 20; round++) {
      guest.mkdir('c');
      const open = guest.open('c', 'rd');
      expect(guest.rmdir('c')).toBe('ok');
      guest.mkdir('c');
      expect(guest.put('new', 'x', open)).toBe('noEntry');
      expect(guest.rmdir('c')).toBe('ok');
      guest.filesystem.close(open);
    }
  });

  test('appends at the end', () => {
    const file = guest.open('a/b/file', 'w');
    guest.append(file, '+');
    writeFileSync(join(jail, 'a/b/file'), 'host', { flag: 'a' });
    guest.append(file, '+');
    expect(guest.get('a/b/file')).toBe('jail+host+');
  });

  test('is what a system without the other needs, if the embedder says so', () => {
    const supported = vi.spyOn(HostVolume, 'supported').mockReturnValue(false);
    try {
      expect(() => new HostVolume(jail)).toThrow(
        expect.objectContaining({
          code: 'BW_BINDING_UNSUPPORTED',
          hint: expect.stringContaining('checked-paths') as string,
        }),
      );
      new HostVolume(jail, { confinement: 'checked-paths' }).close();
    } finally {
      supported.mockRestore();
    }
  });
});

describe('names on Windows', () => {
  test.each([
    'CON',
    'con',
    'PRN',
    'aux.txt',
    'NUL',
    'nul.tar.gz',
    'COM1',
    'com9.log',
    'LPT\u00b2',
    'COM\u00b9.x',
    'con .txt',
    'CONIN$',
    'file.',
    'file ',
    '...',
    'file:stream',
    'file::$DATA',
    'C:',
    'a\\b',
    '\\\\server',
    'a/b',
    'a<b',
    'a|b',
    'what?',
    '*',
    '"',
    'tab\t',
    'nul\0',
    '',
  ])('%j is special', (name) => expect(isPlainOnWindows(name)).toBe(false));

  test.each([
    'file',
    'console',
    'com',
    'com10',
    'lpt',
    'nul1',
    '.hidden',
    'a.con',
    'a b',
    '\u00b2',
    'x~1',
    'été',
  ])('%j is not', (name) => expect(isPlainOnWindows(name)).toBe(true));
});
