import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Guest, makeVolume, VOLUME_KINDS } from './guest.ts';
import { GuestWorld } from './model-guest.ts';
import { LinuxWorld } from './model-linux.ts';
import { SECONDS, SLOTS, type Step, type World } from './model-world.ts';
import type { Operation } from './operation-rows.ts';

/** More runs find more: `MODEL_RUNS=2000 npx vitest run …`. */
const NUM_RUNS = Number(process.env['MODEL_RUNS'] ?? 100);

/** Paths over few names, so that operations meet; no `..`, which Linux would follow out of the tree. */
const names = (count: number): fc.Arbitrary<string> =>
  fc
    .array(fc.constantFrom('a', 'a', 'a', 'b', 'b', 'b', 'c', '.'), { minLength: count, maxLength: count })
    .map((list) => list.join('/'));
const path = fc.oneof(
  { weight: 6, arbitrary: names(1) },
  { weight: 6, arbitrary: names(2) },
  { weight: 3, arbitrary: names(3) },
  { weight: 1, arbitrary: names(4) },
  { weight: 1, arbitrary: names(2).map((text) => `${text}/`) },
);
const name = fc.constantFrom('a', 'b', 'c');
const target = fc.array(name, { minLength: 1, maxLength: 2 }).map((list) => list.join('/'));
const text = fc.constantFrom('x', 'yy', 'content', 'z'.repeat(100));
const seconds = fc.constantFrom(...SECONDS);
const slot = fc.nat({ max: SLOTS - 1 });
const position = fc.nat({ max: 12 });

function onPath(operation: Operation, ...args: fc.Arbitrary<string>[]): fc.Arbitrary<Step> {
  return fc.tuple(...args).map((values) => ({ do: 'path', operation, args: values }));
}

const building: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: onPath('mkdir', path) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('put' as const), path, text }) },
  { weight: 2, arbitrary: onPath('symlink', target, path) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('times' as const), path, seconds }) },
);

const changing: fc.Arbitrary<Step> = fc.oneof(
  building,
  onPath('rmdir', path),
  onPath('unlink', path),
  onPath('rename', path, path),
  onPath('rename', path, path),
  onPath('link', path, path),
  onPath('stat', path),
  onPath('lstat', path),
  onPath('list', path),
  onPath('open', path, fc.constantFrom('r', 'rn', 'rd', 'w', 'wc', 'wcx', 'rc', 'rwct', 'wcn')),
  fc.record({ do: fc.constant('details' as const), path }),
  fc.record({ do: fc.constant('same' as const), path, other: path }),
);

const holding: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('hold' as const),
      slot,
      path,
      how: fc.constantFrom('r', 'rw', 'w', 'rwc', 'rwct', 'wc', 'rd'),
    }),
  },
  fc.record({ do: fc.constant('read' as const), slot, position, length: fc.integer({ min: 1, max: 12 }) }),
  fc.record({ do: fc.constant('write' as const), slot, position, text }),
  fc.record({ do: fc.constant('append' as const), slot, text }),
  fc.record({ do: fc.constant('resize' as const), slot, size: position }),
  fc.record({ do: fc.constant('heldTimes' as const), slot, seconds }),
  fc.record({ do: fc.constant('heldDetails' as const), slot }),
  fc.record({ do: fc.constant('heldSame' as const), slot, path }),
  fc.record({ do: fc.constantFrom('heldList' as const, 'heldList' as const, 'release' as const), slot }),
  fc.record({
    do: fc.constant('within' as const),
    slot,
    operation: fc.constantFrom('mkdir' as const, 'rmdir' as const, 'unlink' as const, 'create' as const),
    name,
  }),
);

// Of the lengths given, not of those that fast-check would find small enough.
const initially = fc.array(building, { maxLength: 15, size: 'max' });
const sequence = fc.array(fc.oneof(changing, changing, holding), { maxLength: 40, size: 'max' });

describe.each(VOLUME_KINDS)('a volume of kind %s', (kind) => {
  test('does what Linux does, whatever is asked of it', () => {
    fc.assert(
      fc.property(initially, sequence, (initial, steps) => {
        const twin = mkdtempSync(join(tmpdir(), 'bailiwick-twin-'));
        mkdirSync(join(twin, 'root'));
        const linux = new LinuxWorld(join(twin, 'root'));
        const under = makeVolume(kind, undefined, (guest) => takeBoth(new GuestWorld(guest), linux, initial));
        const guest = new Guest([{ path: '/', volume: under.volume }]);
        const ours = new GuestWorld(guest);
        try {
          guest.type('.');
          const open = openFiles();
          takeBoth(ours, linux, steps);
          expect(ours.tree()).toEqual(linux.tree());
          expect(guest.refusals).toEqual([]);
          ours.close();
          linux.close();
          expect(guest.meter.handles).toBe(0);
          // The preopen is closed as well, but an overlay keeps its two roots.
          expect(openFiles()).toBeLessThanOrEqual(open);
        } finally {
          ours.close();
          linux.close();
          guest.filesystem.closeAll();
          under.dispose();
          rmSync(twin, { recursive: true });
        }
      }),
      { numRuns: NUM_RUNS },
    );
  }, 3_600_000);
});

function takeBoth(ours: World, linux: World, steps: readonly Step[]): void {
  for (const step of steps) {
    const [our, their] = [ours.take(step), linux.take(step)];
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
