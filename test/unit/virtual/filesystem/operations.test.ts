import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { build, buildTwin, treeOf } from './fixture-tree.ts';
import { Guest, makeVolume, type VolumeUnderTest } from './guest.ts';
import { onLinux } from './linux.ts';
import { OURS, SAME_AS_LINUX } from './operation-rows.ts';
import { perform } from './perform.ts';

const KINDS = [
  ['memory', ''],
  ['host', ''],
  ['checked', ''],
  ['overlay', ', all of it in the upper layer'],
  ['overlay', ', all of it in the lower layer'],
  ['overlay on host', ', all of it in the upper layer'],
  ['overlay on host', ', all of it in the lower layer'],
] as const;

describe.each(KINDS)('on a volume of kind %s%s', (kind, where) => {
  let under: VolumeUnderTest;
  let guest: Guest;

  beforeEach(() => {
    const inLower = where.includes('lower');
    under = makeVolume(kind, undefined, inLower ? build : undefined);
    guest = new Guest([{ path: '/', volume: under.volume }]);
    if (!inLower) build(guest);
  });
  afterEach(() => {
    guest.filesystem.closeAll();
    under.dispose();
  });

  test.each([...SAME_AS_LINUX, ...OURS])('%s %j: %s', (operation, args, expected) => {
    expect(perform(guest, operation, args)).toBe(expected);
  });

  test.each(SAME_AS_LINUX)('%s %j leaves what Linux leaves', (operation, args, expected) => {
    const directory = mkdtempSync(join(tmpdir(), 'bailiwick-twin-'));
    try {
      const inside = join(directory, 'a/b/c/d/e');
      buildTwin(inside);
      expect(onLinux(inside, operation, args)).toBe(expected);
      perform(guest, operation, args);
      expect(guest.tree()).toEqual(treeOf(inside));
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  test('every operation on the outside is on record, once, and changes nothing', () => {
    const before = guest.tree();
    const escapes = OURS.filter(([, , result]) => result === 'notPermitted');
    for (const [operation, args] of escapes) {
      if (args[0] === '.') continue;
      const recorded = guest.refusals.length;
      perform(guest, operation, args);
      expect(guest.refusals.slice(recorded), `${operation} ${args.join(' ')}`).toMatchObject([
        { kind: 'denied', grant: undefined },
      ]);
    }
    expect(guest.tree()).toEqual(before);
  });
});
