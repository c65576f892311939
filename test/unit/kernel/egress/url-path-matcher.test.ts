import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { UrlPathMatcher } from '../../../../src/kernel/egress/url-path-matcher.ts';
import { parsePathPattern } from '../../../../src/policy/address/url-path.ts';

function matches(pattern: string, path: string): boolean {
  const normal = parsePathPattern(pattern);
  if (normal === undefined) throw new Error(`no pattern: ${pattern}`);
  return new UrlPathMatcher(normal).matches(path);
}

describe('UrlPathMatcher', () => {
  test.each<[pattern: string, yes: string[], no: string[]]>([
    ['/', ['/'], ['/a', '//']],
    ['/a', ['/a'], ['/', '/a/', '/A', '/ab', '/b', '//a', '/a/b']],
    ['/a/', ['/a/'], ['/a', '/a//', '/a/b']],
    ['/**', ['/', '/a', '/a/', '/a/b//c'], []],
    ['/*', ['/', '/a', '/a.b'], ['/a/', '/a/b', '//']],
    ['/a/**', ['/a', '/a/', '/a/b', '/a/b/c/'], ['/', '/ab', '/A/b', '//a/b']],
    ['/a/*', ['/a/', '/a/b'], ['/a', '/a/b/', '/a/b/c']],
    ['/**/a', ['/a', '/x/a', '//a'], ['/a/', '/ab', '/x/a/y']],
    ['/a/**/b', ['/a/b', '/a/x/y/b', '/a//b'], ['/a', '/b', '/ab', '/a/b/', '/a/x']],
    ['/a/**/a', ['/a/a', '/a/b/a'], ['/a']],
    ['/a/**/b/**/c', ['/a/b/c', '/a/x/b/y/c', '/a/b/b/c'], ['/a/c', '/a/c/b', '/a/b', '/a/x/c']],
    ['/**/a/b/**', ['/a/b', '/a/a/b', '/x/a/b/c'], ['/a/x/b', '/a', '/b']],
    ['/**/a/*/c/**', ['/a/a/b/c', '/a/b/a/b/c'], ['/a/b/b/c']],
    ['/*.json', ['/.json', '/a.json', '/a.json.json'], ['/a.json/', '/a/b.json', '/ajson']],
    ['/v*/x', ['/v/x', '/v1/x'], ['/x', '/w1/x', '/v1/y/x']],
    ['/a*b*c', ['/abc', '/axbxc', '/abbcc'], ['/ac', '/ab', '/acb']],
    ['/ab*ba', ['/abba', '/abxba'], ['/aba']],
    ['/*a*a*', ['/aa', '/xaxax'], ['/a', '/x/aa']],
    ['/(a)[b]+.', ['/(a)%5Bb%5D+.'], ['/aab']],
    ['/constructor', ['/constructor'], ['/__proto__']],
  ])('%s', (pattern, yes, no) => {
    expect(yes.filter((path) => !matches(pattern, path))).toEqual([]);
    expect(no.filter((path) => matches(pattern, path))).toEqual([]);
  });

  test.each<[pattern: string, yes: string[], no: string[]]>([
    [
      '/public/**',
      ['/public/%41', '/public/%252F'],
      ['/public/..%2Fadmin', '/public/a/..%5Cb', '/public/%2F/x'],
    ],
    ['/**', ['/%2E'], ['/%2F', '/a/%5C']],
    ['/*', [], ['/%2F', '/a%2Fb', '/%5C']],
    ['/a*', ['/a%20'], ['/a%2F']],
    ['/*2F', ['/2F', '/x2F'], ['/%2F']],
    ['/**/x', ['/a/x'], ['/%2F/x', '/x/%2F/x']],
    ['/x/**/y/**', ['/x/y'], ['/x/%2F/y', '/x/y/%2F', '/x/y/%2F/y']],
    [
      '/projects/a%2fb/**',
      ['/projects/a%2Fb', '/projects/a%2Fb/c'],
      ['/projects/a/b', '/projects/a%2Fb/%2F'],
    ],
    ['/*%2F*', ['/%2F', '/a%2Fb'], ['/a%2Fb%2Fc', '/a%5Cb', '/a/b']],
    ['/**/a%2Fb/**', ['/x/a%2Fb/y'], ['/a%2Fb/a%2Fb', '/x%2Fy/a%2Fb']],
    ['/**/c/*%2F*/**', ['/c/c/a%2Fb', '/x/c/a%2Fb/y'], ['/c/a%2Fb/c/a%2Fb', '/c/x']],
  ])('an encoded slash is matched by itself alone: %s', (pattern, yes, no) => {
    expect(yes.filter((path) => !matches(pattern, path))).toEqual([]);
    expect(no.filter((path) => matches(pattern, path))).toEqual([]);
  });

  test('agrees with an expression that tries everything', () => {
    const component = fc.constantFrom('**', '*', 'a', 'b', 'a*', '*b', '*a*', '%2F', '*%2F*', 'a%2Fb', '');
    const name = fc.constantFrom('a', 'b', 'ab', 'ba', 'aab', '%2F', 'a%2Fb', '%41', '');
    fc.assert(
      fc.property(
        fc.array(component, { minLength: 1, maxLength: 6 }),
        fc.array(name, { minLength: 1, maxLength: 7 }),
        (components, names) => {
          const path = `/${names.join('/')}`;
          expect(matches(`/${components.join('/')}`, path)).toBe(expressionOf(components).test(path));
        },
      ),
      { numRuns: 5000 },
    );
  });

  test('a long path is no way to keep the host busy', () => {
    const matcher = new UrlPathMatcher(`/**${'/a/*/**'.repeat(20)}/b`);
    const start = performance.now();
    expect(matcher.matches('/a'.repeat(30_000))).toBe(false);
    expect(new UrlPathMatcher('/*a*a*a*a*a*a*a*b').matches(`/${'a'.repeat(60_000)}`)).toBe(false);
    expect(performance.now() - start).toBeLessThan(1000);
  });
});

/** `*` and `**` take anything but what decodes to a slash or backslash. */
function expressionOf(components: readonly string[]): RegExp {
  const run = '(?:(?!%2F|%5C)[^/])*';
  const parts = components.map((component) => {
    if (component === '**') return `(?:/${run})*`;
    // A run may not end in the middle of an encoded slash either.
    return `/(?:${component
      .split('*')
      .map((piece) => RegExp.escape(piece))
      .join(run)})(?=/|$)`;
  });
  return new RegExp(`^${parts.join('')}$`);
}
