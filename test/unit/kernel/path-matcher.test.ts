import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { foldName } from '../../../src/kernel/fold-name.ts';
import { PathMatcher } from '../../../src/kernel/path-matcher.ts';
import type { PathState } from '../../../src/kernel/path-matcher.ts';

type Patterns = readonly string[] | undefined;

function compile(paths: Patterns, except?: Patterns): PathMatcher {
  const matcher = PathMatcher.compile(paths, except);
  if (matcher === undefined) throw new Error('nothing to match');
  return matcher;
}

function walk(matcher: PathMatcher, names: readonly string[]): PathState {
  const state = matcher.newState();
  state.set(matcher.root);
  for (const name of names) matcher.step(state, name, state);
  return state;
}

/** What the patterns say, for a path from the mount; the empty one is the mount itself. */
function say(path: string, paths: Patterns, except?: Patterns): string {
  const matcher = compile(paths, except);
  const state = walk(matcher, path === '' ? [] : path.split('/'));
  return [
    matcher.grants(state) ? 'grants' : '',
    matcher.leads(state) ? 'leads' : '',
    matcher.grantsAll(state) ? 'all' : '',
  ]
    .filter((word) => word !== '')
    .join(' ');
}

describe('paths', () => {
  test.each<[patterns: string[], path: string, expected: string]>([
    [['a'], '', 'leads'],
    [['a'], 'a', 'grants leads'],
    [['a'], 'a/b', ''],
    [['a'], 'ab', ''],
    [['a'], 'A', ''],
    [['a/b'], 'a', 'leads'],
    [['a/b'], 'a/b', 'grants leads'],
    [['drafts/**'], '', 'leads'],
    [['drafts/**'], 'drafts', 'grants leads all'],
    [['drafts/**'], 'drafts/x/y', 'grants leads all'],
    [['drafts/**'], 'draftsx', ''],
    [['**/*.pdf'], '', 'leads'],
    [['**/*.pdf'], 'a.pdf', 'grants leads'],
    [['**/*.pdf'], 'x/y/a.pdf', 'grants leads'],
    [['**/*.pdf'], 'x', 'leads'],
    [['**/*.pdf'], '.pdf', 'grants leads'],
    [['**/*.pdf'], 'a.pdf.txt', 'leads'],
    [['*'], 'a', 'grants leads'],
    [['*'], 'a/b', ''],
    [['*/**'], '', 'leads'],
    [['**/*'], 'a', 'grants leads all'],
    [['**'], '', 'grants leads all'],
    [['a/**/b'], 'a/b', 'grants leads'],
    [['a/**/b'], 'a/x/y/b', 'grants leads'],
    [['a/**/b'], 'a/x/y', 'leads'],
    [['a/**/b'], 'b', ''],
    [['a*b*c'], 'abc', 'grants leads'],
    [['a*b*c'], 'axbxbxc', 'grants leads'],
    [['a*b*c'], 'ac', ''],
    [['ab*ba'], 'aba', ''],
    [['ab*ba'], 'abba', 'grants leads'],
    [['*a*a*'], 'a', ''],
    [['*a*a*'], 'xaxax', 'grants leads'],
    [['a', 'b/c'], 'b', 'leads'],
    [['[a]?{b}.'], '[a]?{b}.', 'grants leads'],
    [['[a]?{b}.'], 'axbx', ''],
    [['__proto__', 'constructor'], 'constructor', 'grants leads'],
    [['a'], 'constructor', ''],
    [['*'], '__proto__', 'grants leads'],
    [['caf\u00e9'], 'cafe\u0301', ''],
    [[], '', 'leads'],
    [[], 'a', ''],
  ])('%j: %j %s', (patterns, path, expected) => {
    expect(say(path, patterns)).toBe(expected);
  });
});

describe('except', () => {
  test.each<[paths: Patterns, except: string[], path: string, expected: string]>([
    [undefined, ['drafts/**'], '', 'grants leads'],
    [undefined, ['drafts/**'], 'drafts', ''],
    [undefined, ['drafts/**'], 'drafts/x', ''],
    [undefined, ['drafts/**'], 'other', 'grants leads all'],
    [undefined, ['drafts/**'], 'other/drafts', 'grants leads all'],
    [undefined, ['**/*.key'], 'other', 'grants leads'],
    [undefined, ['a/*/c'], 'a', 'grants leads'],
    [undefined, ['a/*/c'], 'a/b', 'grants leads'],
    [undefined, ['a/*/c'], 'a/b/c', 'leads'],
    [undefined, ['a/*/c'], 'a/b/d', 'grants leads all'],
    [undefined, ['**'], '', 'leads'],
    [undefined, ['**'], 'a', ''],
    [['out/**'], ['out/drafts/**'], 'out', 'grants leads'],
    [['out/**'], ['out/drafts/**'], 'out/drafts', ''],
    [['out/**'], ['out/drafts/**'], 'out/final', 'grants leads all'],
    [['**/*.pdf'], ['drafts/**'], 'drafts/a.pdf', ''],
  ])('%j except %j: %j %s', (paths, except, path, expected) => {
    expect(say(path, paths, except)).toBe(expected);
  });

  test.each([
    ['drafts', 'DRAFTS'],
    ['Drafts', 'drafts'],
    ['DRAFTS*', 'draftsman'],
    ['caf\u00e9', 'cafe\u0301'],
    ['cafe\u0301', 'CAF\u00c9'],
    ['caf\u00e9*', 'CAFE\u0301S'],
    ['stra\u00dfe', 'STRASSE'],
    ['stra\u00dfe', 'STRA\u1e9eE'],
    ['k', '\u212a'],
    ['files', '\ufb01les'],
    ['secret', '\u017fecret'],
    ['\u03b1\u03c3*', '\u0391\u03a3\u0391'],
    ['\u03b1\u03c2', '\u0391\u03a3'],
    ['id', '\u0131d'],
    ['\u0130d', 'i\u0307d'],
    ['.git', '.g\u200cit'],
    ['heart', 'he\ufe0fart'],
    ['\uac00', '\u1100\u1161'],
    // A mark that another one moves away in its normal form: it matches as it is.
    ['a\u0301*', 'a\u0301\u0323'],
  ])('%j is denied as %j too', (pattern, alias) => {
    expect(say(alias, undefined, [pattern])).not.toContain('grants');
  });

  test('aliases in a directory on the way are denied as well', () => {
    expect(say('DRAFTS/x', undefined, ['drafts/**'])).toBe('');
    expect(say('other', undefined, ['drafts/**'])).toContain('grants');
  });
});

test('without patterns there is nothing to match', () => {
  expect(PathMatcher.compile(undefined, undefined)).toBeUndefined();
  expect(PathMatcher.compile(undefined, [])).toBeUndefined();
});

describe('folding of names', () => {
  // What has a meaning, and what is set aside to be ignored.
  const isUsed = /^(?:\P{C}|\p{Cf}|\p{Default_Ignorable_Code_Point})$/u;
  const points = Array.from({ length: 0x110000 }, (_, point) => point).filter((point) =>
    isUsed.test(String.fromCodePoint(point)),
  );

  test('every character, its cases and its normal forms have one form, and that is its own', () => {
    const wrong = points.filter((point) => {
      const character = String.fromCodePoint(point);
      const folded = foldName(character);
      return [
        character.toLowerCase(),
        character.toUpperCase(),
        character.normalize('NFC'),
        character.normalize('NFD'),
        folded,
      ].some((form) => foldName(form) !== folded);
    });
    expect(wrong).toEqual([]);
  });

  test('what Unicode ignores in names is ignored, and nothing else', () => {
    const isIgnorable = /^\p{Default_Ignorable_Code_Point}$/u;
    const wrong = points.filter((point) => {
      const character = String.fromCodePoint(point);
      return isIgnorable.test(character) !== (foldName(`a${character}b`) === 'ab');
    });
    expect(wrong).toEqual([]);
  });

  test('no character becomes one that is special in a path', () => {
    const wrong = points.filter((point) => {
      const folded = foldName(String.fromCodePoint(point));
      return point > 0x7f && ['/', '*', '.', '\0'].some((special) => folded.includes(special));
    });
    expect(wrong).toEqual([]);
  });

  test('ASCII without capitals is returned as it is', () => {
    expect(foldName('report-2026.pdf')).toBe('report-2026.pdf');
  });
});

/** The obvious reading of the language, slow and recursive. */
function matchesPath(pattern: readonly string[], path: readonly string[]): boolean {
  const [component, ...rest] = pattern;
  const [name, ...below] = path;
  if (component === undefined) return name === undefined;
  if (component === '**')
    return matchesPath(rest, path) || (name !== undefined && matchesPath(pattern, below));
  return name !== undefined && matchesName(component, name) && matchesPath(rest, below);
}

function matchesName(component: string, name: string): boolean {
  if (component === '') return name === '';
  if (component.startsWith('*'))
    return matchesName(component.slice(1), name) || (name !== '' && matchesName(component, name.slice(1)));
  return name !== '' && component[0] === name[0] && matchesName(component.slice(1), name.slice(1));
}

function isGranted(paths: Patterns, except: Patterns, path: readonly string[]): boolean {
  const matches = (pattern: string): boolean => matchesPath(pattern.split('/'), path);
  const denies = (pattern: string): boolean =>
    matches(pattern) ||
    matchesPath(
      pattern.toLowerCase().split('/'),
      path.map((name) => name.toLowerCase()),
    );
  return (paths?.some(matches) ?? true) && !(except?.some(denies) ?? false);
}

// Few letters, so that patterns and paths meet.
const component = fc.oneof(
  { weight: 2, arbitrary: fc.constantFrom('a', 'b', 'A', '*', '**') },
  fc
    .array(fc.constantFrom('a', 'b', 'B', '*'), { minLength: 1, maxLength: 5 })
    .map((parts) => parts.join('').replaceAll(/\*+/g, '*')),
);
const pattern = fc.array(component, { minLength: 1, maxLength: 5 }).map((parts) => parts.join('/'));
const patterns = fc.option(fc.array(pattern, { minLength: 1, maxLength: 12 }), { nil: undefined });
const name = fc.oneof(
  fc.constantFrom('a', 'b', 'A', 'ab', 'ba'),
  fc.array(fc.constantFrom('a', 'b', 'B'), { minLength: 1, maxLength: 5 }).map((parts) => parts.join('')),
);
const names = fc.array(name, { maxLength: 6 });
const rule = fc
  .tuple(patterns, patterns)
  .filter(([paths, except]) => paths !== undefined || except !== undefined);

describe('any patterns and paths', () => {
  const check = <T>(arbitrary: fc.Arbitrary<T>, property: (value: T) => void): void => {
    fc.assert(fc.property(arbitrary, property), { numRuns: 3000 });
  };

  test('it grants what the obvious reading grants', () => {
    check(fc.tuple(rule, names), ([[paths, except], path]) => {
      const matcher = compile(paths, except);
      expect(matcher.grants(walk(matcher, path))).toBe(isGranted(paths, except, path));
    });
  });

  test('every directory on the way to what is granted leads', () => {
    check(fc.tuple(rule, names), ([[paths, except], path]) => {
      const matcher = compile(paths, except);
      fc.pre(matcher.grants(walk(matcher, path)));
      const way = path.map((_, length) => matcher.leads(walk(matcher, path.slice(0, length))));
      expect(way).toEqual(path.map(() => true));
      expect(matcher.leads(walk(matcher, path))).toBe(true);
    });
  });

  test('below what is granted with everything, everything is', () => {
    check(fc.tuple(rule, names, names), ([[paths, except], path, below]) => {
      const matcher = compile(paths, except);
      fc.pre(matcher.grantsAll(walk(matcher, path)));
      const state = walk(matcher, [...path, ...below]);
      expect([matcher.grants(state), matcher.grantsAll(state)]).toEqual([true, true]);
    });
  });

  test('a step changes nothing but its target, and may be made in place', () => {
    check(fc.tuple(rule, names, name), ([[paths, except], path, last]) => {
      const matcher = compile(paths, except);
      const from = walk(matcher, path);
      const before = from.slice();
      const into = matcher.newState().fill(0xffffffff);
      matcher.step(from, last, into);
      expect(from).toEqual(before);
      matcher.step(from, last, from);
      expect(from).toEqual(into);
    });
  });
});

describe('cost', () => {
  test('a pattern made to be tried again and again is not', () => {
    const matcher = compile([`${'a*'.repeat(2000)}b`, `${'*a'.repeat(100)}*b*c`]);
    const state = matcher.newState();
    const start = performance.now();
    for (let i = 0; i < 1000; i++) matcher.step(matcher.root, 'a'.repeat(255), state);
    expect(matcher.grants(state)).toBe(false);
    expect(performance.now() - start).toBeLessThan(500);
  });

  test('`**` after `**` is no more work for a deep path', () => {
    const matcher = compile([`${'**/a/'.repeat(31)}b`, `${'**/*/'.repeat(31)}b`]);
    const start = performance.now();
    const state = walk(matcher, Array<string>(10_000).fill('a'));
    expect(matcher.grants(state)).toBe(false);
    expect(matcher.leads(state)).toBe(true);
    expect(performance.now() - start).toBeLessThan(500);
  });
});
