import { describe, expect, test } from 'vitest';
import { PathMatcher } from '../../../../src/kernel/path-matcher.ts';
import { emptyStat } from '../../../../src/virtual/filesystem/volume.ts';
import { Guest, makeVolume, nameOf } from './guest.ts';

/** What one rule leaves out, and what of it is there in one of two worlds. */
const RULES = [
  {
    except: ['drafts/**', '**/secret/**', 'docs/hid*/**', 'sealed/**'],
    fill: (guest: Guest): void => {
      for (const directory of ['docs/hidden', 'drafts/secret', 'sealed']) guest.mkdir(directory);
      for (const file of ['secret', 'docs/hidden/x', 'docs/secret', 'drafts/x', 'sealed/k'])
        guest.put(file, 's');
      guest.symlink('nowhere', 'docs/hid2');
      guest.symlink('../docs', 'drafts/l');
    },
  },
  {
    paths: ['docs/**', '*', 'a/b/c', 'a/b/secret'],
    except: ['drafts/**', '**/secret/**', 'docs/hid*/**', 'sealed/**'],
    fill: (guest: Guest): void => {
      for (const directory of ['docs/hidden', 'a/b/secret']) guest.mkdir(directory);
      for (const file of ['secret', 'a/b/d', 'a/x', 'drafts/x', 'sealed']) guest.put(file, 's');
      guest.symlink('b', 'a/y');
    },
  },
  {
    paths: ['**/*.pdf'],
    except: ['drafts/**'],
    fill: (guest: Guest): void => {
      for (const file of ['secret', 'docs/secret', 'drafts/x', 'sealed', 'a/x']) guest.put(file, 's');
    },
  },
];

const PATHS = [
  ['.', 'docs', 'docs/', 'a', 'a/b', 'a/b/c', 'docs/f', 'docs/f/', 'docs/new', 'new', 'docs/g.pdf', 'g.pdf'],
  ['secret', 'secret/..', 'secret/../docs', 'docs/secret', 'docs/secret/', 'docs/secret/../f', 'docs/SECRET'],
  [
    'docs/hidden',
    'docs/hidden/',
    'docs/hidden/x',
    'docs/hidden/../f',
    'docs/hid2',
    'docs/hid2/',
    'docs/hid2/z',
  ],
  ['drafts', 'drafts/', 'drafts/x', 'drafts/x/y', 'drafts/x/../../docs', 'drafts/../docs', 'DRAFTS/x'],
  ['drafts/secret', 'drafts/l', 'drafts/l/', 'drafts/l/f', 'sealed', 'sealed/', 'sealed/k', 'sealed/../docs'],
  ['a/x', 'a/x/', 'a/x/../b', 'a/y', 'a/y/c', 'a/b/d', 'a/b/secret', 'a/b/../x', 'link', 'link/', 'link/x'],
].flat();
const HOW = ['r', 'rd', 'w', 'wc', 'wcx', 'wct', 't', 'rn', 'rdn', 'c', 'cx', 'ct', 'wn', 'rwcn'];

interface Step {
  readonly operation: number;
  readonly path: string;
  readonly toPath: string;
  readonly how: string;
  readonly follow: boolean;
}

/** Steps that are the same in every run. */
function* steps(seed: number, count: number): Generator<Step> {
  let state = seed * 7919 + 13;
  const below = (bound: number): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fff_ffff;
    return (state >>> 8) % bound;
  };
  const one = (list: readonly string[]): string => list[below(list.length)] ?? '';
  for (let i = 0; i < count; i++)
    yield {
      operation: below(ACTIONS.length),
      path: one(PATHS),
      toPath: one(PATHS),
      how: one(HOW),
      follow: below(2) === 1,
    };
}

const ACTIONS: readonly ((guest: Guest, step: Step) => string)[] = [
  (guest, { path, how }) => guest.opening(path, how),
  (guest, { path, follow }) => {
    const out = emptyStat();
    const status = guest.filesystem.statAt(guest.root, follow, path, out);
    return status === 0 ? `${out.type} ${out.linkCount} ${out.size}` : nameOf(status);
  },
  (guest, { path }) => guest.unlink(path),
  (guest, { path }) => guest.mkdir(path),
  (guest, { path, toPath }) => guest.rename(path, toPath),
  (guest, { path, toPath }) => guest.link(path, toPath),
  (guest, { path, toPath }) => guest.symlink(path, toPath),
  (guest, { path }) => guest.readlink(path),
  (guest, { path, follow }) => guest.times(path, 1n, 2n, follow),
  (guest, { path }) => guest.put(path, 'text'),
  (guest, { path }) => guest.get(path),
  (guest, { path }) => {
    const directory = guest.tryOpen(path, 'rd');
    if (typeof directory === 'number') return nameOf(directory);
    const entries = guest.filesystem.readDirectory(directory);
    guest.filesystem.close(directory);
    return typeof entries === 'number'
      ? nameOf(entries)
      : entries.map(({ name, type }) => `${name} ${type}`).join();
  },
];

/**
 * Two worlds that differ only in what the rule leaves out: a guest that could tell them apart would learn of it. So every
 * answer and every record must be the same in both. To remove a directory is left out: as on Linux it is refused as long
 * as anything is in it.
 */
describe.each(['memory', 'host', 'overlay'] as const)('on a %s volume', (kind) => {
  describe.each([true, false])('with conceal %s', (conceal) => {
    test.each(RULES)('rule %# does not show what it leaves out', ({ fill, ...rule }) => {
      for (let seed = 0; seed < 6; seed++) {
        const worlds = [fill, undefined].map((hidden) => {
          const under = makeVolume(kind, undefined, (maker) => {
            for (const directory of ['docs', 'drafts', 'a', 'a/b']) maker.mkdir(directory);
            for (const file of ['docs/f', 'docs/g.pdf', 'g.pdf', 'a/b/c']) maker.put(file, file);
            hidden?.(maker);
          });
          const paths = PathMatcher.compile(rule.paths, rule.except);
          return {
            under,
            guest: new Guest([{ path: '/', volume: under.volume, rules: { paths, conceal } }]),
          };
        });
        for (const step of steps(seed, 300)) {
          const [there, absent] = worlds.map(({ guest }) => {
            const before = guest.refusals.length;
            return { answer: ACTIONS[step.operation]?.(guest, step), records: guest.refusals.slice(before) };
          });
          expect(there, JSON.stringify(step)).toEqual(absent);
        }
        for (const { guest, under } of worlds) {
          guest.filesystem.closeAll();
          under.dispose();
        }
      }
    });
  });
});
