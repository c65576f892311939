import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { HostVolume } from '../../../src/ambient/host-volume.ts';
import { Quota } from '../../../src/virtual/filesystem/quota.ts';
import { Guest, nameOf } from '../virtual/filesystem/guest.ts';

const MIB = 1 << 20;
/** What one byte in a hole may cost: the block that it lies in. */
const BLOCK = 4096;

let directory: string;
let quota: Quota;
let guest: Guest;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'bailiwick-quota-'));
  quota = new Quota({ bytes: MIB });
  guest = new Guest([{ path: '/', volume: new HostVolume(directory, { quota }) }]);
});
afterEach(() => {
  guest.filesystem.closeAll();
  rmSync(directory, { recursive: true });
});

/** As the host sees it. */
function usedOnHost(name: string): number {
  const { size, blocks } = statSync(join(directory, name));
  return Math.min(size, blocks * 512);
}

test('a hole costs nothing, and what is written into it what the host keeps of it', () => {
  const file = guest.open('file', 'rwc');
  expect(nameOf(guest.filesystem.setSize(file, 2 ** 40))).toBe('ok');
  expect(quota.bytes).toBe(0);
  expect(guest.write(file, 'x', 2 ** 39)).toBe(1);
  expect(quota.bytes).toBe(usedOnHost('file'));
  expect(quota.bytes).toBeLessThanOrEqual(BLOCK);
  expect(guest.write(file, new Uint8Array(10 * BLOCK), 0)).toBe(10 * BLOCK);
  expect(quota.bytes).toBe(usedOnHost('file'));
  // Written over once more, it costs nothing more.
  expect(guest.write(file, new Uint8Array(10 * BLOCK), 0)).toBe(10 * BLOCK);
  expect(quota.bytes).toBe(usedOnHost('file'));
  expect(nameOf(guest.filesystem.setSize(file, 5 * BLOCK))).toBe('ok');
  expect(quota.bytes).toBe(5 * BLOCK);
  guest.unlink('file');
  guest.filesystem.close(file);
  expect(quota.bytes).toBe(0);
});

test('a write far beyond the end costs what the host keeps of it', () => {
  const file = guest.open('file', 'rwc');
  expect(guest.write(file, 'x'.repeat(10), 0)).toBe(10);
  expect(guest.write(file, 'x', 2 ** 35)).toBe(1);
  expect(quota.bytes).toBe(usedOnHost('file'));
  expect(quota.bytes).toBeLessThanOrEqual(2 * BLOCK);
  expect(guest.append(file, 'tail')).toBe(4);
  expect(quota.bytes).toBeLessThanOrEqual(2 * BLOCK + 4);
  guest.opening('file', 'wt');
  expect(quota.bytes).toBe(0);
});

test('holes cannot be filled beyond the quota', () => {
  const file = guest.open('file', 'rwc');
  guest.filesystem.setSize(file, 64 * MIB);
  const piece = new Uint8Array(64 * 1024);
  let written = 0;
  for (let at = 0; at < 64 * MIB; at += 2 * piece.length) {
    const count = guest.write(file, piece, at);
    if (count < 0) {
      expect(nameOf(count)).toBe('quota');
      break;
    }
    written += count;
  }
  expect(written).toBeGreaterThan(MIB - 2 * piece.length);
  expect(usedOnHost('file')).toBeLessThanOrEqual(MIB);
  expect(quota.bytes).toBe(usedOnHost('file'));
  expect(nameOf(guest.write(file, piece, 63 * MIB))).toBe('quota');
  guest.unlink('file');
  guest.filesystem.close(file);
  expect(quota.bytes).toBe(0);
});

test('what was there before and is deleted may be written again, and is not given back twice', () => {
  writeFileSync(join(directory, 'old'), new Uint8Array(1000));
  const file = guest.open('old', 'rw');
  guest.append(file, 'x'.repeat(500));
  expect(quota.bytes).toBe(500);
  guest.unlink('old');
  guest.filesystem.close(file);
  expect(quota.bytes).toBe(-1000);
});

test('a short or failed write costs no more than it wrote', () => {
  const file = guest.open('file', 'rwc');
  // No file system has files as large, and the host says so.
  expect(['fileTooLarge', 'invalid', 'quota']).toContain(
    nameOf(guest.write(file, new Uint8Array(10), Number.MAX_SAFE_INTEGER - 10)),
  );
  expect(quota.bytes).toBe(0);
});
