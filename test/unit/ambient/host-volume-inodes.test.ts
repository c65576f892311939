import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import type { BigIntStats } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { HostInodes } from '../../../src/ambient/host-volume-inodes.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'bailiwick-inodes-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

function stats(name: string): BigIntStats {
  const path = join(directory, name);
  writeFileSync(path, '', { flag: 'a' });
  return statSync(path, { bigint: true });
}

test('numbers are kept for as many files as are remembered, and for those that are open', () => {
  const inodes = new HostInodes(10);
  inodes.of(stats('open')).opens++;
  for (let i = 0; i < 9; i++) expect(inodes.of(stats(`f${i}`)).number).toBe(BigInt(i + 2));
  for (let i = 0; i < 9; i++) expect(inodes.of(stats(`f${i}`)).number).toBe(BigInt(i + 2));
  // One more: the oldest that nobody has open goes.
  expect(inodes.of(stats('more')).number).toBe(11n);
  expect(inodes.of(stats('open')).number).toBe(1n);
  expect(inodes.of(stats('f1')).number).toBe(3n);
  expect(inodes.of(stats('f0')).number).toBe(12n);
});
