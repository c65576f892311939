import * as fc from 'fast-check';
import { SECONDS, SLOTS, type Step } from './model-world.ts';
import type { Operation } from './operation-rows.ts';

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
export const initially: fc.Arbitrary<Step[]> = fc.array(building, { maxLength: 15, size: 'max' });
export const sequence: fc.Arbitrary<Step[]> = fc.array(fc.oneof(changing, changing, holding), {
  maxLength: 40,
  size: 'max',
});
