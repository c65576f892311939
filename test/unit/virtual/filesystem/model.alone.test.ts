import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Guest, makeVolume, VOLUME_KINDS, type VolumeKind } from './guest.ts';
import { GuestWorld } from './model-guest.ts';
import { LinuxWorld } from './model-linux.ts';
import { initially, sequence } from './model-steps.ts';
import type { Step, World } from './model-world.ts';
import type { Operation } from './operation-rows.ts';

/** More runs find more: `MODEL_RUNS=2000 npx vitest run …`. */
const NUM_RUNS = Number(process.env['MODEL_RUNS'] ?? 100);

describe.each(VOLUME_KINDS)('a volume of kind %s', (kind) => {
  test('does what Linux does, whatever is asked of it', () => {
    fc.assert(
      fc.property(initially, sequence, (initial, steps) => {
        const open = openFiles();
        const twin = mkdtempSync(join(tmpdir(), 'bailiwick-twin-'));
        mkdirSync(join(twin, 'root'));
        const linux = new LinuxWorld(join(twin, 'root'));
        const under = makeVolume(kind, undefined, (guest) =>
          takeBoth(kind, new GuestWorld(guest), linux, initial),
        );
        const guest = new Guest([{ path: '/', volume: under.volume }]);
        const ours = new GuestWorld(guest);
        try {
          takeBoth(kind, ours, linux, steps);
          expect(ours.tree()).toEqual(linux.tree());
          expect(guest.refusals).toEqual([]);
          ours.close();
          linux.close();
          expect(guest.meter.handles).toBe(0);
        } finally {
          ours.close();
          linux.close();
          guest.filesystem.closeAll();
          under.dispose();
          rmSync(twin, { recursive: true });
        }
        // Not before the volume is closed: it keeps directories that it comes back to.
        expect(openFiles()).toBe(open);
      }),
      { numRuns: NUM_RUNS },
    );
  }, 3_600_000);
});

function takeBoth(kind: VolumeKind, ours: World, linux: LinuxWorld, steps: readonly Step[]): void {
  for (const step of steps) {
    // A directory that is known by its path ends with it; known by a descriptor, it lives until that is closed.
    const ended = kind === 'checked' && linux.holdsRemovedDirectory(step);
    const [our, their] = [ours.take(step), linux.take(step)];
    if (ended && our === 'noEntry') continue;
    if (!mayDiffer(step, our, their)) expect({ step, result: our }).toEqual({ step, result: their });
  }
}

/** Two paths can be wrong at once, in ways of which each names its own first. */
function mayDiffer(step: Step, our: string, their: string): boolean {
  if (our === 'ok' || their === 'ok') return false;
  return step.do === 'same' || (step.do === 'path' && TWO_PATHS.has(step.operation));
}

const TWO_PATHS = new Set<Operation>(['rename', 'link', 'symlink']);

function openFiles(): number {
  return readdirSync('/proc/self/fd').length;
}
