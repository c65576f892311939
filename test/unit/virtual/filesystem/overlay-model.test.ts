import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { applyChanges } from '../../../../src/virtual/filesystem/overlay-apply.ts';
import { OverlayVolume } from '../../../../src/virtual/filesystem/overlay-volume.ts';
import type { Volume, VolumeDirectory } from '../../../../src/virtual/filesystem/volume.ts';
import { Guest, makeVolume, permitOf } from './guest.ts';
import { GuestWorld } from './model-guest.ts';
import { initially, sequence } from './model-steps.ts';

const NUM_RUNS = Number(process.env['MODEL_RUNS'] ?? 100);

test('whatever a guest does, the layers alone show the same again, and so does a copy that takes the changes', () => {
  fc.assert(
    fc.property(initially, sequence, (initial, steps) => {
      const fill = (at: Guest): void => {
        for (const step of initial) new GuestWorld(at).take(step);
      };
      const [lower, upper, copy] = [
        makeVolume('memory', undefined, fill),
        makeVolume('memory'),
        makeVolume('memory', undefined, fill),
      ];
      const before = treeOf(lower.volume);
      const volume = new OverlayVolume({ lower: lower.volume, upper: upper.volume });
      const guest = new Guest([{ path: '/', volume }]);
      const world = new GuestWorld(guest);
      for (const step of steps) world.take(step);
      world.close();
      const after = treeOf(volume);
      expect(treeOf(lower.volume)).toEqual(before);
      const again = new OverlayVolume({ lower: lower.volume, upper: upper.volume });
      expect(treeOf(again)).toEqual(after);
      const [from, to] = [again.openRoot(permitOf(guest)), copy.volume.openRoot(permitOf(guest))];
      applyChanges(
        again.changes(permitOf(guest)),
        from as VolumeDirectory,
        to as VolumeDirectory,
        permitOf(guest),
      );
      expect(withoutLinks(treeOf(copy.volume))).toEqual(withoutLinks(after));
      const same = new OverlayVolume({ lower: copy.volume, upper: makeVolume('memory').volume });
      expect(same.changes(permitOf(guest))).toEqual([]);
    }),
    { numRuns: NUM_RUNS },
  );
}, 3_600_000);

function treeOf(volume: Volume): Record<string, string> {
  return new GuestWorld(new Guest([{ path: '/', volume }])).tree();
}

/** Names of one file become files of their own in the copy. */
function withoutLinks(tree: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(tree).map(([path, text]) => [
      path,
      path.endsWith('/') ? text : text.replace(/ links \d+/, ''),
    ]),
  );
}
