import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { build, buildTwin, treeOf } from './fixture-tree.ts';
import { Guest, makeVolume, type VolumeUnderTest } from './guest.ts';
import { onLinux } from './linux.ts';
import { type Operation, OURS, SAME_AS_LINUX } from './operation-rows.ts';
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

interface AfterOperation {
  readonly result: string;
  readonly tree: Record<string, string>;
}

/** Linux does each of them once, for all kinds of volumes. */
const done = new Map<string, AfterOperation>();

function linuxAfter(operation: Operation, args: readonly string[]): AfterOperation {
  const key = JSON.stringify([operation, args]);
  const known = done.get(key);
  if (known !== undefined) return known;
  const directory = mkdtempSync(join(tmpdir(), 'bailiwick-twin-'));
  try {
    const inside = join(directory, 'a/b/c/d/e');
    buildTwin(inside);
    const result = onLinux(inside, operation, args);
    const after = { result, tree: treeOf(inside) };
    done.set(key, after);
    return after;
  } finally {
    rmSync(directory, { recursive: true });
  }
}

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

  test.each(OURS)('%s %j: %s', (operation, args, expected) => {
    expect(perform(guest, operation, args)).toBe(expected);
  });

  test.each(SAME_AS_LINUX)('%s %j: %s, and leaves what Linux leaves', (operation, args, expected) => {
    const linux = linuxAfter(operation, args);
    expect(linux.result).toBe(expected);
    expect(perform(guest, operation, args)).toBe(expected);
    expect(guest.tree()).toEqual(linux.tree);
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
