import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { treeOf } from './fixture-tree.ts';
import { Guest, makeVolume } from './guest.ts';
import { onLinux } from './linux.ts';
import type { Operation } from './operation-rows.ts';
import { perform } from './perform.ts';

/** Paths over few names, so that operations meet; no `..`, which Linux would follow out of the tree. */
const path = fc
  .tuple(
    fc.array(fc.constantFrom('a', 'b', 'c', '.'), { minLength: 1, maxLength: 4 }),
    fc.constantFrom('', '', '', '/'),
  )
  .map(([names, slash]) => names.join('/') + slash);
const target = fc
  .array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 2 })
  .map((names) => names.join('/'));

const TWO_PATHS = new Set<Operation>(['rename', 'link', 'symlink']);

type Step = readonly [Operation, readonly string[]];

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.tuple(fc.constant('mkdir' as const), fc.tuple(path)),
  fc.tuple(fc.constant('rmdir' as const), fc.tuple(path)),
  fc.tuple(fc.constant('unlink' as const), fc.tuple(path)),
  fc.tuple(fc.constant('rename' as const), fc.tuple(path, path)),
  fc.tuple(fc.constant('link' as const), fc.tuple(path, path)),
  fc.tuple(fc.constant('symlink' as const), fc.tuple(target, path)),
  fc.tuple(fc.constant('stat' as const), fc.tuple(path)),
  fc.tuple(fc.constant('lstat' as const), fc.tuple(path)),
  fc.tuple(fc.constant('list' as const), fc.tuple(path)),
  fc.tuple(
    fc.constant('open' as const),
    fc.tuple(path, fc.constantFrom('r', 'rn', 'rd', 'w', 'wc', 'wcx', 'rc', 'rwct', 'wcn')),
  ),
);

describe.each(['memory', 'host', 'checked'] as const)('a %s volume', (kind) => {
  test('does what Linux does, whatever is asked of it', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
        const twin = mkdtempSync(join(tmpdir(), 'bailiwick-twin-'));
        const under = makeVolume(kind);
        const guest = new Guest([{ path: '/', volume: under.volume }]);
        try {
          mkdirSync(join(twin, 'root'));
          for (const [operation, args] of steps) {
            const ours = perform(guest, operation, args);
            const linux = onLinux(join(twin, 'root'), operation, args);
            // Two paths can be wrong at once, in ways of which each names its own first.
            const either = TWO_PATHS.has(operation) && ours !== 'ok' && linux !== 'ok';
            if (!either) expect([operation, ...args, ours]).toEqual([operation, ...args, linux]);
          }
          expect(guest.tree()).toEqual(treeOf(join(twin, 'root')));
          expect(guest.meter.handles).toBe(0);
          expect(guest.refusals).toEqual([]);
        } finally {
          guest.filesystem.closeAll();
          under.dispose();
          rmSync(twin, { recursive: true });
        }
      }),
      { numRuns: 150 },
    );
  });
});
