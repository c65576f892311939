import { expect, test } from 'vitest';
import { compileHttpMatcher } from '../../../../src/kernel/egress/compile-http.ts';
import { HostIndex } from '../../../../src/kernel/egress/host-index.ts';
import { parseHost } from '../../../../src/policy/address/host.ts';

const HOSTS = [
  'a.test',
  'b.a.test',
  '*.a.test',
  '*.test',
  '10.0.0.1',
  '[10.0.0.0/8]',
  '[2001:db8::1]',
  'test',
];
const rules = HOSTS.map((host) => ({
  host,
  matcher: compileHttpMatcher({ methods: ['GET'], url: `https://${host}/**` }),
}));
const index = new HostIndex(rules);

test.each([
  'a.test',
  'b.a.test',
  'c.b.a.test',
  'a.test.',
  'other.test',
  'test',
  'a.example',
  'xa.test',
  '10.0.0.1',
  '0x0a.1',
  '10.2.3.4',
  '11.0.0.1',
  '[2001:db8::1]',
  '[::ffff:10.0.0.1]',
])('of the rules for %s none is left out', (text) => {
  const host = parseHost(text);
  if (host === undefined) throw new TypeError(text);
  const target = { method: 'GET', scheme: 'https', host, port: 443, path: '/', start: 0 } as const;
  const matching = rules.filter(({ matcher }) => matcher.matches(target)).map((rule) => rule.host);
  const found = index.rulesFor(host);
  expect(
    found
      .filter(({ matcher }) => matcher.matches(target))
      .map((rule) => rule.host)
      .toSorted(),
  ).toEqual(matching.toSorted());
  // A name never meets a rule for addresses, and the other way round.
  expect(found.some((rule) => /^[[0-9]/.test(rule.host))).toBe(typeof host !== 'string');
});

test('a host of many labels is looked up label by label, and no further', () => {
  const host = Array.from({ length: 120 }, () => 'x').join('.');
  expect(index.rulesFor(host)).toEqual([]);
  expect(index.rulesFor(`${host}.a.test`).map((rule) => rule.host)).toEqual(['*.a.test', '*.test']);
});
