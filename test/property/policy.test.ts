import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import * as fc from 'fast-check';
import { createScanner } from 'jsonc-parser';
import { expect, test } from 'vitest';
import {
  canonicalPolicy,
  formatBytes,
  formatDuration,
  formatInstant,
  normalizePolicy,
  parseBytes,
  parseDuration,
  parseInstant,
  parsePolicy,
  PolicyError,
  printPolicy,
} from '../../src/policy/index.ts';
import { findTooDeep } from '../../src/policy/depth.ts';
import { normalPattern } from '../../src/policy/patterns.ts';
import { RULE_SECTIONS } from '../../src/policy/rules.ts';
import { policyDocument } from './policy-arbitrary.ts';

const schema = JSON.parse(
  readFileSync(new URL('../../policies/policy.schema.json', import.meta.url), 'utf8'),
) as object;
const isValidBySchema = new Ajv2020({ strict: false }).compile(schema);

/** Takes away that a normal form is known by its identity. */
function copy(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

function check<T>(arbitrary: fc.Arbitrary<T>, predicate: (value: T) => boolean | void): void {
  fc.assert(fc.property(arbitrary, predicate), { numRuns: 300 });
}

/** Every object of a JSON value. */
function objectsOf(value: unknown): Record<string, unknown>[] {
  if (typeof value !== 'object' || value === null) return [];
  const inner = Object.values(value).flatMap(objectsOf);
  return Array.isArray(value) ? inner : [value as Record<string, unknown>, ...inner];
}

/** The same value with the keys of every object in another order. */
function shuffled(value: unknown, seed: number): unknown {
  if (Array.isArray(value)) return value.map((item) => shuffled(item, seed));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, inner]) => [key, shuffled(inner, seed)] as const);
  const turn = entries.length === 0 ? 0 : seed % entries.length;
  return Object.fromEntries([...entries.slice(turn), ...entries.slice(0, turn)].toReversed());
}

test('normalising is idempotent', () => {
  check(policyDocument, (document) => {
    const policy = normalizePolicy(document);
    expect(normalizePolicy(copy(policy))).toEqual(policy);
  });
});

test('a policy printed and parsed again is the same', () => {
  check(policyDocument, (document) => {
    const policy = normalizePolicy(document);
    const again = parsePolicy(printPolicy(policy));
    expect(again).toEqual(policy);
    expect(printPolicy(again)).toBe(printPolicy(policy));
    expect(canonicalPolicy(again)).toBe(canonicalPolicy(policy));
  });
});

test('text and object mean the same', () => {
  check(policyDocument, (document) => {
    expect(parsePolicy(JSON.stringify(document))).toEqual(normalizePolicy(document));
  });
});

test('a normal form is a valid document by the schema', () => {
  check(policyDocument, (document) => {
    expect(isValidBySchema(normalizePolicy(document))).toBe(true);
  });
});

test('unknown keys never pass, wherever they stand', () => {
  const key = fc.oneof(
    fc.string({ minLength: 1 }),
    fc.constantFrom('allow', 'deny', 'constructor', 'toString', 'ID', 'acess'),
  );
  check(fc.tuple(policyDocument, key, fc.nat(), fc.jsonValue()), ([document, unknown, pick, value]) => {
    const changed = copy({ ...document, clocks: { wall: false, ...document.clocks } }) as Record<
      string,
      unknown
    >;
    // Their keys are names of the policy's own.
    const free = new Set(
      objectsOf(changed).flatMap((object) => [object['files'], object['environment'], object['headers']]),
    );
    const places = objectsOf(changed).filter((object) => !free.has(object));
    const place = pick % places.length === 0 ? changed : places[pick % places.length];
    fc.pre(place !== undefined && !Object.hasOwn(place, unknown) && !KNOWN.has(unknown));
    Object.defineProperty(place, unknown, { value, enumerable: true, configurable: true, writable: true });
    expect(() => normalizePolicy(changed)).toThrow(PolicyError);
    expect(() => parsePolicy(JSON.stringify(changed))).toThrow(PolicyError);
  });
});

const KNOWN = new Set(objectsOf(schema).flatMap(({ properties }) => Object.keys(properties ?? {})));

test('what the schema refuses is refused, and says why', () => {
  const anything = fc.tuple(policyDocument, fc.nat(), fc.jsonValue());
  check(anything, ([document, pick, value]) => {
    const changed = copy(document) as Record<string, unknown>;
    const places = objectsOf(changed);
    const place = places[pick % places.length] ?? changed;
    const keys = Object.keys(place);
    const key = keys[pick % keys.length];
    fc.pre(key !== undefined);
    place[key] = value;
    fc.pre(!isValidBySchema(changed));
    try {
      normalizePolicy(changed);
    } catch (error) {
      expect(error).toBeInstanceOf(PolicyError);
      expect((error as PolicyError).problems.length).toBeGreaterThan(0);
      return;
    }
    expect.unreachable(`accepted: ${JSON.stringify(changed)}`);
  });
});

test('the digest depends neither on the order of keys nor on $schema and descriptions', () => {
  check(
    fc.tuple(policyDocument, fc.nat(), fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' })),
    ([document, seed, rule, top]) => {
      // What no name may hold: the line and paragraph separators are no \p{C}.
      const clean = (text: string): string => text.replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, '');
      const described = { ...document, $schema: clean(top), description: clean(top) };
      const sections = RULE_SECTIONS.flatMap((section) => {
        const rules: readonly object[] | undefined = document[section];
        return rules === undefined
          ? []
          : [[section, rules.map((one) => ({ ...one, description: clean(rule) }))]];
      });
      const other = shuffled({ ...described, ...Object.fromEntries(sections) }, seed);
      expect(canonicalPolicy(normalizePolicy(other))).toBe(canonicalPolicy(normalizePolicy(document)));
    },
  );
});

function undescribed(rule: { readonly description?: string }): object {
  const { description: _, ...rest } = rule;
  return rest;
}

test('the digest tells different normal forms apart', () => {
  const bare = (document: object): object => {
    const { $schema: _, description: __, ...policy } = normalizePolicy(document);
    const rules = RULE_SECTIONS.map((section) => [section, policy[section].map(undescribed)] as const);
    return { ...policy, ...Object.fromEntries(rules) };
  };
  check(fc.tuple(policyDocument, policyDocument), ([a, b]) => {
    const same = canonicalPolicy(normalizePolicy(a)) === canonicalPolicy(normalizePolicy(b));
    let equal = true;
    try {
      expect(bare(a)).toEqual(bare(b));
    } catch {
      equal = false;
    }
    expect(same).toBe(equal);
  });
});

test('text of any kind is either a policy or a PolicyError', () => {
  const piece = fc.constantFrom(
    '{',
    '}',
    '[',
    ']',
    ':',
    ',',
    '"version"',
    '"filesystem"',
    '"\\u',
    '"',
    '1',
    '-',
    'true',
    'null',
    '//',
    '/*',
    '*/',
    '\n',
    '\\',
    '\ud800',
    '\u0000',
  );
  check(
    fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(piece).map((pieces) => pieces.join('')),
    ),
    (text) => {
      try {
        parsePolicy(text);
      } catch (error) {
        expect(error).toBeInstanceOf(PolicyError);
      }
    },
  );
});

test('any value is either a policy or a PolicyError', () => {
  check(
    fc.anything({
      withBigInt: true,
      withDate: true,
      withMap: true,
      withSet: true,
      withNullPrototype: true,
      withSparseArray: true,
      withTypedArray: true,
    }),
    (value) => {
      expect(() => normalizePolicy(value)).toThrow(PolicyError);
    },
  );
});

test('depth is counted as the parser counts it', () => {
  const piece = fc.constantFrom(
    '[',
    '{',
    '[[[[[[[[',
    '{{{{{{{{',
    ']',
    '}',
    '"',
    '\\',
    '\\"',
    '/',
    '//',
    '/*',
    '*/',
    '*',
    '\n',
    '\r',
    ' ',
    'x',
    '1',
    'é',
  );
  fc.assert(
    fc.property(
      fc.array(piece, { minLength: 20, maxLength: 120 }).map((pieces) => pieces.join('')),
      (text) => {
        const scanner = createScanner(text, true);
        let depth = 0;
        let expected = -1;
        for (let token: number = scanner.scan(); token !== 17 && expected === -1; token = scanner.scan()) {
          if (token === 1 || token === 3) {
            if (++depth > 64) expected = scanner.getTokenOffset();
          } else if (token === 2 || token === 4) depth--;
        }
        expect(findTooDeep(text)).toBe(expected);
      },
    ),
    { numRuns: 3000 },
  );
});

test('sizes, durations and instants are read back as they are written', () => {
  check(fc.maxSafeNat(), (bytes) => parseBytes(formatBytes(bytes)) === bytes);
  check(fc.bigInt({ min: 1n, max: 2n ** 64n - 1n }), (time) => parseDuration(formatDuration(time)) === time);
  check(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (time) => parseInstant(formatInstant(time)) === time);
});

test('the order of patterns and of files, and directories on the way, mean nothing', () => {
  const rule = { mount: '/', memory: {}, access: 'read-write' };
  const digest = (properties: object): string =>
    canonicalPolicy(normalizePolicy({ version: 1, filesystem: [{ ...rule, ...properties }] }));
  const names = fc.uniqueArray(fc.stringMatching(/^[a-z*]{1,3}$/), { minLength: 1, maxLength: 6 });
  const list = names
    .map((patterns) => patterns.filter((pattern) => !pattern.includes('**')))
    .filter((patterns) => patterns.length > 0)
    .chain((patterns) =>
      fc.tuple(fc.constant(patterns), fc.shuffledSubarray(patterns, { minLength: patterns.length })),
    );
  check(list, ([written, shuffledList]) => {
    const doubled = [...shuffledList, ...written];
    expect(digest({ paths: doubled, except: doubled })).toBe(digest({ paths: written, except: written }));
    const tree = (entries: readonly string[], rest: object): object => ({
      memory: {
        from: { files: { ...Object.fromEntries(entries.map((name) => [`d/${name}`, name])), ...rest } },
      },
    });
    expect(digest(tree(shuffledList, { d: null }))).toBe(digest(tree(written, {})));
  });
});

test('the normal form of a pattern means what the pattern means', () => {
  const component = fc.constantFrom('*', '**', 'a', 'b*');
  const pattern = fc.array(component, { minLength: 1, maxLength: 6 }).map((parts) => parts.join('/'));
  check(fc.tuple(pattern, fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 6 })), ([written, path]) => {
    expect(matches(normalPattern(written).split('/'), path)).toBe(matches(written.split('/'), path));
    expect(normalPattern(normalPattern(written))).toBe(normalPattern(written));
  });
});

function matches(pattern: readonly string[], path: readonly string[]): boolean {
  const [component, ...rest] = pattern;
  const [name, ...below] = path;
  if (component === undefined) return name === undefined;
  if (component === '**') return matches(rest, path) || (name !== undefined && matches(pattern, below));
  if (name === undefined) return false;
  const fits = component === '*' || component === name || (component === 'b*' && name.startsWith('b'));
  return fits && matches(rest, below);
}
