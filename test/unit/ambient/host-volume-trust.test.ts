import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { HostVolume } from '../../../src/ambient/host-volume.ts';
import type { Descriptor } from '../../../src/virtual/filesystem/descriptor.ts';
import { emptyStat } from '../../../src/virtual/filesystem/volume.ts';
import { Guest } from '../virtual/filesystem/guest.ts';

const LONG = 60_000;

let base: string;
let jail: string;
let guest: Guest;

const file = 'a/b/file';
const onHost = (path: string): string => join(jail, path);
const sizeOf = (path: string): number | string =>
  guest.type(path) === 'noEntry' ? 'absent' : guest.statOf(path).size;

function start(trustFor: number): void {
  guest = new Guest([{ path: '/', volume: new HostVolume(jail, { trustFor }) }]);
  guest.type(file);
  expect(sizeOf(file)).toBe(6);
}

/** Puts a directory whose file has another size where the guest's was. */
function replace(): void {
  renameSync(onHost('a/b'), onHost('aside'));
  mkdirSync(onHost('a/b'));
  writeFileSync(onHost(file), 'another one');
}

beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'bailiwick-trust-'));
  jail = join(base, 'jail');
  mkdirSync(onHost('a/b'), { recursive: true });
  mkdirSync(join(base, 'outside'));
  writeFileSync(onHost(file), 'inside');
  writeFileSync(onHost('flag'), 'flag');
  writeFileSync(join(base, 'outside/file'), 'OUTSIDE');
});
afterEach(() => {
  guest.filesystem.closeAll();
  rmSync(base, { recursive: true, force: true });
});

describe('a directory that was asked about just now', () => {
  test('is not asked about again in the same turn, and is what it was, never what took its place', async () => {
    start(LONG);
    renameSync(onHost('a/b'), join(base, 'moved'));
    symlinkSync(join(base, 'outside'), onHost('a/b'));
    expect(sizeOf(file)).toBe(6);
    await Promise.resolve();
    expect(guest.type(file)).toBe('notPermitted');
    expect(guest.put(file, 'x')).toBe('notPermitted');
  });

  test('is asked about again once its time is over', () => {
    start(1);
    replace();
    const since = performance.now();
    while (performance.now() < since + 2);
    expect(sizeOf(file)).toBe(11);
  });

  test('is asked about each time where nothing is to be trusted', () => {
    start(0);
    replace();
    expect(sizeOf(file)).toBe(11);
  });

  let flag: Descriptor;
  test.each<[string, () => unknown]>([
    ['a file elsewhere', () => guest.type('flag')],
    ['a directory elsewhere', () => guest.type('aside/file')],
    ['what an open file holds', () => guest.read(flag)],
    ['how large an open file is', () => guest.filesystem.stat(flag, emptyStat())],
    ['a listing', () => guest.list()],
    ['a directory of another volume', () => lookInto(jail)],
  ])('is asked about again after a look at %s', (_what, look) => {
    start(LONG);
    flag = guest.open('flag');
    expect(sizeOf(file)).toBe(6);
    replace();
    look();
    expect(sizeOf(file)).toBe(11);
  });

  test('is not found where the guest has moved or removed it', () => {
    start(LONG);
    expect(guest.rename('a/b', 'elsewhere')).toBe('ok');
    expect(sizeOf(file)).toBe('absent');
    guest.mkdir('a/b');
    guest.put(file, 'new');
    expect(sizeOf(file)).toBe(3);
    guest.unlink(file);
    expect(guest.rmdir('a/b')).toBe('ok');
    expect(guest.put(file, 'x')).toBe('noEntry');
    expect(guest.mkdir('a/b')).toBe('ok');
    expect(guest.put(file, 'made again')).toBe('ok');
    expect(sizeOf(file)).toBe(10);
  });

  test('is not used after its volume is closed', () => {
    start(LONG);
    const { filesystem } = guest;
    filesystem.closeAll();
    expect(guest.type(file)).toBe('badDescriptor');
    start(LONG);
  });
});

function lookInto(directory: string): void {
  const another = new Guest([{ path: '/', volume: new HostVolume(directory) }]);
  another.type('aside/file');
  another.filesystem.closeAll();
}
