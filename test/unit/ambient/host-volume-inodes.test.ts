import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import type { BigIntStats, Stats } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { HostInodes, isExact } from '../../../src/ambient/host-volume-inodes.ts';

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
  inodes.share(stats('open')).opens++;
  for (let i = 0; i < 9; i++) expect(inodes.of(stats(`f${i}`)).number).toBe(BigInt(i + 2));
  for (let i = 0; i < 9; i++) expect(inodes.of(stats(`f${i}`)).number).toBe(BigInt(i + 2));
  // One more: the oldest that nobody has open goes.
  expect(inodes.of(stats('more')).number).toBe(11n);
  expect(inodes.of(stats('open')).number).toBe(1n);
  expect(inodes.of(stats('f1')).number).toBe(3n);
  expect(inodes.of(stats('f0')).number).toBe(12n);
});

test('a file is the same however it was looked at, and another one on each device and beyond 2^53', () => {
  const inodes = new HostInodes();
  const exact = stats('file');
  const { number } = inodes.of(exact);
  expect(inodes.of(statSync(join(directory, 'file'))).number).toBe(number);
  const big = 2n ** 53n;
  const others = [
    { ...exact, dev: exact.dev + 1n },
    { ...exact, ino: big },
    { ...exact, ino: big + 1n },
    { ...exact, dev: exact.dev + 1n, ino: big + 1n },
  ];
  const seen = new Set([exact, ...others].map((each) => inodes.of(like(each)).number));
  expect(seen.size).toBe(5);
  for (const each of others) expect(seen.has(inodes.of(like(each)).number)).toBe(true);
});

test('a number of the host that a double cannot hold is not taken from one', () => {
  const rounded = (ino: bigint): Stats => Object.assign(statSync(directory), { ino: Number(ino) });
  expect(isExact(rounded(2n ** 53n - 1n))).toBe(true);
  expect(isExact(rounded(2n ** 53n + 1n))).toBe(false);
});

/** Spreading lost the methods. */
function like(fields: object): BigIntStats {
  return Object.assign(statSync(directory, { bigint: true }), fields);
}
