import { expect, test } from 'vitest';
import { metadataHash } from '../../../../src/virtual/filesystem/metadata-hash.ts';
import { emptyStat, type Stat } from '../../../../src/virtual/filesystem/volume.ts';

const hashOf = (stat: Partial<Stat>): bigint[] => [...metadataHash({ ...emptyStat(), ...stat })];

const STAT = { inode: 7n, size: 100, modified: 1_700_000_000_000_000_000n, accessed: 5n, changed: 6n };

test('stays as long as inode, size and modification do, whatever else there is', () => {
  expect(hashOf(STAT)).toEqual(hashOf({ ...STAT, accessed: 9n, changed: 9n, linkCount: 3 }));
});

test('its lower half is the inode, which guests show as st_ino', () => {
  expect(hashOf(STAT)[0]).toBe(7n);
  expect(hashOf({ ...STAT, size: 5 })[0]).toBe(7n);
});

test('changes with each bit of size and modification', () => {
  const seen = new Set([hashOf(STAT)[1]]);
  for (let bit = 0; bit < 53; bit++) {
    const size = Number(BigInt(STAT.size) ^ (1n << BigInt(bit)));
    seen.add(hashOf({ ...STAT, size })[1]);
  }
  for (let bit = 0n; bit < 64n; bit++)
    seen.add(hashOf({ ...STAT, modified: STAT.modified ^ (1n << bit) })[1]);
  expect(seen.size).toBe(1 + 53 + 64);
});

test('takes times before 1970 and past 2554', () => {
  const [before, past] = [-1n, 2n ** 64n].map((modified) => hashOf({ ...STAT, modified }));
  expect(before).not.toEqual(past);
});
