import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { HostVolume } from '../../../src/ambient/host-volume.ts';
import type { VolumeDirectory } from '../../../src/virtual/filesystem/volume.ts';
import { Guest, nameOf, permitOf } from '../virtual/filesystem/guest.ts';

let base: string;
let jail: string;
let guest: Guest;

const file = 'a/b/c/file';
const count = (): number => readdirSync('/proc/self/fd').length;
const onHost = (path: string): string => join(jail, path);

function makeTree(root: string, content: string): void {
  mkdirSync(join(root, 'a/b/c'), { recursive: true });
  writeFileSync(join(root, file), content);
}

beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'bailiwick-kept-'));
  jail = join(base, 'jail');
  makeTree(jail, 'inside');
  makeTree(join(base, 'outside'), 'OUTSIDE');
  guest = new Guest([{ path: '/', volume: new HostVolume(jail) }]);
  expect(guest.get(file)).toBe('inside');
});
afterEach(() => {
  guest.filesystem.closeAll();
  rmSync(base, { recursive: true, force: true });
});

describe('a directory that is kept open', () => {
  test('is used again without a descriptor more', () => {
    const before = count();
    const opened = guest.open(file);
    expect(count()).toBe(before + 1);
    guest.filesystem.close(opened);
    expect(count()).toBe(before);
  });

  test.each(['a', 'a/b', 'a/b/c'])('is given up when %s is moved out', (name) => {
    renameSync(onHost(name), join(base, 'moved'));
    expect(guest.get(file)).toBe('noEntry');
    expect(guest.put('a/b/c/new', 'x')).toBe('noEntry');
    expect(guest.mkdir('a/b/c/new')).toBe('noEntry');
    renameSync(join(base, 'moved'), onHost(name));
    expect(guest.get(file)).toBe('inside');
    expect(existsSync(onHost('a/b/c/new'))).toBe(false);
  });

  test.each(['a', 'a/b', 'a/b/c'])('is given up when %s becomes a symlink to the outside', (name) => {
    renameSync(onHost(name), join(base, 'moved'));
    symlinkSync(join(base, 'outside', name), onHost(name));
    expect(guest.get(file)).toBe('notPermitted');
    expect(guest.put(file, 'x')).toBe('notPermitted');
    expect(readFileSync(join(base, 'outside', file), 'utf8')).toBe('OUTSIDE');
  });

  test.each(['a', 'a/b', 'a/b/c'])('is given up when %s is replaced', (name) => {
    renameSync(onHost(name), onHost('aside'));
    makeTree(jail, 'another');
    expect(guest.get(file)).toBe('another');
    expect(guest.rename('a', 'aside/moved')).toBe('ok');
    expect(guest.get(file)).toBe('noEntry');
  });

  test('is given up when it is deleted, and made again', () => {
    guest.unlink(file);
    guest.rmdir('a/b/c');
    expect(guest.put(file, 'x')).toBe('noEntry');
    guest.mkdir('a/b/c');
    expect(guest.put(file, 'again')).toBe('ok');
    expect(readFileSync(onHost(file), 'utf8')).toBe('again');
  });

  test('is not taken for one whose name says that it is deleted', () => {
    const odd = 'a/b/c (deleted)';
    mkdirSync(onHost(odd));
    expect(guest.put(`${odd}/file`, 'odd')).toBe('ok');
    rmSync(onHost('a/b/c'), { recursive: true });
    expect(guest.get(file)).toBe('noEntry');
    expect(guest.get(`${odd}/file`)).toBe('odd');
    renameSync(onHost(odd), onHost('a/b/c'));
    rmSync(onHost('a/b/c'), { recursive: true });
    mkdirSync(onHost(odd));
    writeFileSync(onHost(`${odd}/file`), 'new');
    expect(guest.get(`${odd}/file`)).toBe('new');
  });

  test.each(['new\nline', 'back\\slash', '\\040', 'tab\t', '\u{1f600}', '\uFFFD'])(
    'may be called %j',
    (name) => {
      mkdirSync(onHost(`${name}/${name}`), { recursive: true });
      const path = `${name}/${name}/file`;
      expect(guest.put(path, 'one')).toBe('ok');
      expect(guest.get(path)).toBe('one');
      renameSync(onHost(name), onHost('aside'));
      expect(guest.get(path)).toBe('noEntry');
    },
  );

  test('is not taken for one whose name is not UTF-8', () => {
    mkdirSync(onHost('odd\uFFFD'));
    expect(guest.put('odd\uFFFD/file', 'x')).toBe('ok');
    const bytes = Buffer.concat([Buffer.from(onHost('odd')), Buffer.of(0xff)]);
    renameSync(onHost('odd\uFFFD'), bytes);
    expect(guest.get('odd\uFFFD/file')).toBe('noEntry');
    renameSync(bytes, onHost('odd'));
  });

  test('follows a root that is moved, and nothing that is put where it was', () => {
    renameSync(jail, join(base, 'moved'));
    makeTree(jail, 'another');
    expect(guest.get(file)).toBe('inside');
    expect(guest.get(file)).toBe('inside');
    const before = count();
    expect(guest.opening(file)).toBe('file');
    expect(count()).toBe(before);
  });

  test('outlives none of its handles, and they do not outlive their volume', () => {
    const volume = new HostVolume(jail);
    const permit = permitOf(guest);
    const root = volume.openRoot(permit) as VolumeDirectory;
    const first = root.openDescendant?.(permit, 'a/b/c') as VolumeDirectory;
    const second = root.openDescendant?.(permit, 'a/b/c') as VolumeDirectory;
    first.close();
    first.close();
    expect(typeof second.openFile(permit, 'file', 1)).toBe('object');
    // Given up by the volume, held by the guest.
    renameSync(onHost('a/b/c'), onHost('moved'));
    expect(root.openDescendant?.(permit, 'a/b/c')).toBeUndefined();
    expect(typeof second.openFile(permit, 'file', 1)).toBe('object');
    volume.close();
    expect(nameOf(second.openFile(permit, 'file', 1) as number)).toBe('badDescriptor');
    expect(root.openDescendant?.(permit, 'moved')).toBeUndefined();
  });

  test('is one of few', () => {
    const before = count();
    for (let i = 0; i < 200; i++) {
      mkdirSync(onHost(`many/${i}`), { recursive: true });
      expect(guest.put(`many/${i}/file`, String(i))).toBe('ok');
    }
    expect(count() - before).toBeLessThanOrEqual(64);
    for (let i = 0; i < 200; i++) expect(guest.get(`many/${i}/file`)).toBe(String(i));
    guest.filesystem.closeAll();
    expect(count()).toBeLessThan(before);
  });
});

describe('paths through it', () => {
  test('are relative to any directory, wherever that is moved', () => {
    const below = guest.open('a', 'rd');
    expect(guest.get('b/c/file', below)).toBe('inside');
    renameSync(onHost('a'), join(base, 'moved'));
    makeTree(jail, 'another');
    expect(guest.get('b/c/file', below)).toBe('inside');
    expect(guest.get(file)).toBe('another');
    expect(guest.get('../outside/a/b/c/file', below)).toBe('notPermitted');
  });

  test('that end in a symlink with `..` come by every directory on the way', () => {
    symlinkSync('../../top', onHost('a/b/c/up'));
    symlinkSync('../../../../outside/a/b/c/file', onHost('a/b/c/out'));
    symlinkSync('../c/../../b/c/file', onHost('a/b/c/round'));
    symlinkSync('file', onHost('a/b/c/same'));
    writeFileSync(onHost('a/top'), 'top');
    for (let i = 0; i < 2; i++) {
      expect(guest.get('a/b/c/up')).toBe('top');
      expect(guest.get('a/b/c/round')).toBe('inside');
      expect(guest.get('a/b/c/same')).toBe('inside');
      expect(guest.get('a/b/c/out')).toBe('notPermitted');
      expect(guest.type('a/b/c/out')).toBe('notPermitted');
      expect(guest.type('a/b/c/up', false)).toBe('symbolicLink');
    }
    expect(guest.refusals.every(({ kind, grant }) => kind === 'denied' && grant === undefined)).toBe(true);
  });

  test('with a symlink on the way fail and succeed as they do name by name', () => {
    symlinkSync('b', onHost('a/link'));
    symlinkSync('../outside', onHost('out'));
    expect(guest.get('a/link/c/file')).toBe('inside');
    expect(guest.get('out/a/b/c/file')).toBe('notPermitted');
    expect(guest.get('a/b/c/file/x')).toBe('notDirectory');
    expect(guest.get('a/missing/c/file')).toBe('noEntry');
    expect(guest.opening(`${'n'.repeat(256)}/x`)).toBe('nameTooLong');
    expect(guest.opening(`${'n/'.repeat(2048)}x`)).toBe('nameTooLong');
  });
});
