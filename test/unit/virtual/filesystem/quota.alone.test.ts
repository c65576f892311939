import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { HostVolume } from '../../../../src/ambient/host-volume.ts';
import type { Descriptor } from '../../../../src/virtual/filesystem/descriptor.ts';
import { MemoryVolume } from '../../../../src/virtual/filesystem/memory-volume.ts';
import { DEFAULT_MEMORY_QUOTA, Quota } from '../../../../src/virtual/filesystem/quota.ts';
import { emptyStat } from '../../../../src/virtual/filesystem/volume.ts';
import { Guest, makeVolume, nameOf, TEN, type VolumeUnderTest, VOLUME_KINDS } from './guest.ts';

describe.each(VOLUME_KINDS)('the quota of a %s volume', (kind) => {
  let under: VolumeUnderTest;
  let guest: Guest;

  beforeEach(() => {
    under = makeVolume(kind, { bytes: 1000, files: 5 });
    guest = new Guest([{ path: '/', volume: under.volume }]);
  });
  afterEach(() => {
    guest.filesystem.closeAll();
    under.dispose();
  });

  const used = (): [number, number] => [under.volume.quota?.bytes ?? -1, under.volume.quota?.files ?? -1];

  test('bytes are those that files reach, in whatever way', () => {
    const file = guest.open('file', 'rwc');
    expect(guest.write(file, new Uint8Array(600))).toBe(600);
    expect(used()).toEqual([600, 1]);
    expect(guest.write(file, new Uint8Array(600), 100)).toBe(600);
    expect(guest.append(file, 'x'.repeat(100))).toBe(100);
    expect(used()).toEqual([800, 1]);
    expect(nameOf(guest.filesystem.setSize(file, 1000))).toBe('ok');
    expect(used()).toEqual([1000, 1]);
    expect(nameOf(guest.filesystem.setSize(file, 10))).toBe('ok');
    expect(used()).toEqual([10, 1]);
    expect(guest.opening('file', 'wt')).toBe('file');
    expect(used()).toEqual([0, 1]);
  });

  test('a request that passes it fails as a whole, is on record once, and takes nothing', () => {
    guest.put('file', new Uint8Array(900));
    const file = guest.open('file', 'rw');
    expect(nameOf(guest.write(file, new Uint8Array(101), 900))).toBe('quota');
    expect(nameOf(guest.append(file, 'x'.repeat(101)))).toBe('quota');
    expect(nameOf(guest.filesystem.setSize(file, 1001))).toBe('quota');
    expect(guest.fstat(file).size).toBe(900);
    expect(used()).toEqual([900, 1]);
    expect(guest.refusals.map(({ limit, value, request }) => [limit, value, request.operation])).toEqual([
      ['fs/ quota.bytes', 1000, 'write'],
      ['fs/ quota.bytes', 1000, 'append'],
      ['fs/ quota.bytes', 1000, 'set-size'],
    ]);
    expect(guest.append(file, 'x'.repeat(100))).toBe(100);
  });

  test('one byte far out counts at most a page of a memory volume, and in a host directory what it makes of the file', () => {
    const file = guest.open('file', 'wc');
    expect(nameOf(guest.write(file, 'x', 1000))).toBe('quota');
    expect(nameOf(guest.write(file, 'x', Number.MAX_SAFE_INTEGER - 1))).toBe('quota');
    expect(guest.fstat(file).size).toBe(0);
    if (kind.endsWith('host') || kind === 'checked') {
      // The host keeps whole blocks, and how many is only known afterwards.
      expect(nameOf(guest.write(file, 'x', 8 * 2 ** 30))).toBe('quota');
      expect(guest.write(file, 'x', 999)).toBe(1);
      return;
    }
    expect(guest.write(file, 'x', 8 * 2 ** 30)).toBe(1);
    expect(used()).toEqual([1, 1]);
    expect(nameOf(guest.filesystem.setSize(file, 2 ** 50))).toBe('quota');
    expect(nameOf(guest.filesystem.setSize(file, 0))).toBe('ok');
    expect(nameOf(guest.filesystem.setSize(file, 2 ** 50))).toBe('ok');
    expect(used()).toEqual([0, 1]);
  });

  test('names are counted, of whatever kind', () => {
    expect(guest.put('file', '')).toBe('ok');
    expect(guest.mkdir('dir')).toBe('ok');
    expect(guest.symlink('t', 'link')).toBe('ok');
    expect(guest.link('file', 'again')).toBe('ok');
    expect(guest.mkdir('dir/sub')).toBe('ok');
    expect(used()[1]).toBe(5);
    expect(guest.put('new', '')).toBe('quota');
    expect(guest.opening('new', 'wcx')).toBe('quota');
    expect(guest.mkdir('new')).toBe('quota');
    expect(guest.symlink('t', 'new')).toBe('quota');
    expect(guest.link('file', 'new')).toBe('quota');
    expect(guest.opening('file', 'wc')).toBe('file');
    expect(guest.opening('file', 'wcx')).toBe('exist');
    expect(guest.refusals.map(({ limit, value }) => [limit, value])).toEqual(
      Array.from({ length: 5 }, () => ['fs/ quota.files', 5]),
    );
    expect(guest.list()).toEqual(['again', 'dir', 'file', 'link']);
    expect(guest.rmdir('dir/sub')).toBe('ok');
    expect(guest.rename('file', 'renamed')).toBe('ok');
    expect(used()[1]).toBe(4);
    expect(guest.mkdir('new')).toBe('ok');
  });

  test('bytes come back with the last name and the last descriptor', () => {
    guest.put('file', new Uint8Array(400));
    guest.link('file', 'again');
    const file = guest.open('file', 'rw');
    const second = guest.open('again');
    guest.unlink('file');
    expect(used()).toEqual([400, 1]);
    guest.unlink('again');
    expect(used()).toEqual([400, 0]);
    expect(guest.append(file, 'x'.repeat(100))).toBe(100);
    expect(used()).toEqual([500, 0]);
    guest.filesystem.close(second);
    expect(used()).toEqual([500, 0]);
    guest.filesystem.close(file);
    expect(used()).toEqual([0, 0]);
  });

  test('a file that is renamed over gives its bytes back', () => {
    guest.put('small', new Uint8Array(10));
    guest.put('big', new Uint8Array(500));
    expect(guest.rename('small', 'big')).toBe('ok');
    expect(used()).toEqual([10, 1]);
    guest.put('other', new Uint8Array(300));
    const open = guest.open('other');
    expect(guest.rename('big', 'other')).toBe('ok');
    expect(used()).toEqual([310, 1]);
    guest.filesystem.close(open);
    expect(used()).toEqual([10, 1]);
    guest.link('other', 'same');
    expect(guest.rename('other', 'same')).toBe('ok');
    expect(used()).toEqual([10, 2]);
  });

  test('failed requests take nothing', () => {
    guest.mkdir('dir');
    expect(guest.mkdir('dir')).toBe('exist');
    expect(guest.symlink('t', 'dir')).toBe('exist');
    expect(guest.link('missing', 'new')).toBe('noEntry');
    expect(guest.opening('dir', 'wc')).toBe('isDirectory');
    expect(guest.unlink('dir')).toBe('isDirectory');
    expect(guest.rmdir('missing')).toBe('noEntry');
    expect(used()).toEqual([0, 1]);
  });
});

describe('memory that is held', () => {
  test('stays near what is counted when files shrink', async () => {
    const volume = new MemoryVolume({ now: () => TEN, quota: new Quota({ bytes: 8 << 20, files: 200 }) });
    const guest = new Guest([{ path: '/', volume }]);
    const before = process.memoryUsage().arrayBuffers;
    const block = new Uint8Array(4 << 20);
    for (let i = 0; i < 100; i++) {
      const file = guest.open(`file${i}`, 'rwc');
      expect(guest.write(file, block)).toBe(block.length);
      expect(nameOf(guest.filesystem.setSize(file, 1))).toBe('ok');
      guest.filesystem.close(file);
    }
    expect(volume.quota.bytes).toBe(100);
    // Each would hold 4 MiB if shrinking kept the memory. What is not yet collected counts here too.
    await expect.poll(() => held(before), { timeout: 20_000 }).toBeLessThan(64 << 20);
    expect(guest.list()).toHaveLength(100);
  });

  test('is bounded without a quota in the policy', () => {
    const volume = new MemoryVolume({ now: () => TEN });
    const guest = new Guest([{ path: '/', volume }]);
    const file = guest.open('file', 'wc');
    const mebibyte = new Uint8Array(1 << 20);
    for (let i = 0; i < 64; i++) expect(guest.write(file, mebibyte, i << 20)).toBe(mebibyte.length);
    expect(nameOf(guest.write(file, 'x', DEFAULT_MEMORY_QUOTA.bytes))).toBe('quota');
    expect(volume.quota.bytes).toBe(DEFAULT_MEMORY_QUOTA.bytes);
    expect(volume.quota.limits).toEqual({ bytes: 67_108_864, files: 10_000, directories: Infinity });
  });

  test('stays near what is counted when many files have one byte far out', async () => {
    const volume = new MemoryVolume({ now: () => TEN });
    const guest = new Guest([{ path: '/', volume }]);
    collectGarbage();
    const before = process.memoryUsage().arrayBuffers;
    for (let i = 0; i < 5000; i++) {
      const file = guest.open(`file${i}`, 'wc');
      expect(guest.write(file, 'x', i * 65_536)).toBe(1);
      guest.filesystem.close(file);
    }
    expect(volume.quota.bytes).toBe(5000);
    // Whole pages would be 327 MB.
    await expect.poll(() => held(before), { timeout: 20_000 }).toBeLessThan(4 << 20);
  });
});

describe('two mounts of one host directory', () => {
  let directory: string;
  let guest: Guest;
  let second: Descriptor;
  const [one, other] = [new Quota({ bytes: 1 << 20 }), new Quota({ bytes: 1 << 20 })];

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'bailiwick-quota-'));
    guest = new Guest([
      { path: '/one', volume: new HostVolume(directory, { quota: one }) },
      { path: '/other', volume: new HostVolume(directory, { quota: other }) },
    ]);
    second = guest.preopen(1);
  });
  afterEach(() => {
    guest.filesystem.closeAll();
    rmSync(directory, { recursive: true });
  });

  const sum = (): number => one.bytes + other.bytes;
  const look = (): string => nameOf(guest.filesystem.statAt(second, false, 'file', emptyStat()));

  test('give back together what they took, also when the host uses the number of a file again', () => {
    for (let i = 0; i < 5; i++) {
      expect([guest.put('file', new Uint8Array(50_000)), look(), guest.unlink('file')]).toEqual(
        Array(3).fill('ok'),
      );
      expect([guest.put('new', '', second), guest.unlink('new', second), sum()]).toEqual(['ok', 'ok', 0]);
    }
  });

  test('give back what is freed, whatever one of them remembers of the file', () => {
    for (let i = 0; i < 5; i++) {
      expect([guest.put('file', new Uint8Array(50_000)), look(), guest.put('file', '')]).toEqual(
        Array(3).fill('ok'),
      );
      expect([guest.unlink('file', second), sum()]).toEqual(['ok', 0]);
    }
  });

  test('count what is open through one of them when its name goes through the other', () => {
    expect(guest.put('file', new Uint8Array(50_000))).toBe('ok');
    const open = guest.open('file', 'r', second);
    expect([guest.unlink('file'), sum()]).toEqual(['ok', 50_000]);
    guest.filesystem.close(open);
    expect(sum()).toBe(0);
  });
});

/** Bytes of buffers more than before. V8 gives them back on a thread of its own, some time after the collection. */
function held(before: number): number {
  collectGarbage();
  return process.memoryUsage().arrayBuffers - before;
}

function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
}
