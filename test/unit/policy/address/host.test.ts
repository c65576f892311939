import { describe, expect, test } from 'vitest';
import {
  formatHost,
  formatHostPattern,
  parseHost,
  parseHostPattern,
} from '../../../../src/policy/address/host.ts';

function normal(text: string): string | undefined {
  const host = parseHost(text);
  return host === undefined ? undefined : formatHost(host);
}

describe('parseHost', () => {
  // CVE-2021-28918, CVE-2023-42282, CVE-2024-29415: all of these are the machine itself.
  test.each([
    '127.0.0.1',
    '127.1',
    '127.0.1',
    '0177.0.0.1',
    '0x7f.1',
    '0X7F.0.0.1',
    '0x7f000001',
    '2130706433',
    '017700000001',
    '１２７.0.0.1',
    '127。0。0。1',
    '127．0．0．1',
    '127｡1',
    '⑫7.1',
    '①②⑦.0.0.1',
    '%31%32%37.0.0.1',
    '127.0.0.1.',
    '0x7f.1.',
  ])('odd-ipv4: %s is 127.0.0.1', (text) => {
    expect(normal(text)).toBe('127.0.0.1');
  });

  test.each([
    ['0', '0.0.0.0'],
    ['0x', '0.0.0.0'],
    ['4294967295', '255.255.255.255'],
    ['[::1]', '[::1]'],
    ['[0:0::FFFF:7F00:1]', '[::ffff:127.0.0.1]'],
    ['[::ffff:127.0.0.1]', '[::ffff:127.0.0.1]'],
    ['[2001:DB8::0:1]', '[2001:db8::1]'],
  ])('%s is %s', (text, expected) => {
    expect(normal(text)).toBe(expected);
  });

  test.each([
    ['example.com', 'example.com'],
    ['EXAMPLE.Com', 'example.com'],
    ['localhost.', 'localhost'],
    ['example.com。', 'example.com'],
    ['bücher.example', 'xn--bcher-kva.example'],
    ['BÜCHER.example', 'xn--bcher-kva.example'],
    ['bu\u0308cher.example', 'xn--bcher-kva.example'],
    ['xn--bcher-kva.example', 'xn--bcher-kva.example'],
    ['straße.de', 'xn--strae-oqa.de'],
    ['ｌｏｃａｌｈｏｓｔ', 'localhost'],
    ['ⓛocalhost', 'localhost'],
    ['local\u00adhost', 'localhost'],
    ['ex%61mple.com', 'example.com'],
    ['_dmarc.a-b.example', '_dmarc.a-b.example'],
    ['1.2.3.com', '1.2.3.com'],
    ['__proto__', '__proto__'],
    ['example%2ecom', 'example.com'],
  ])('trailing-dot, idn: %j is the name %s', (text, expected) => {
    expect(parseHost(text)).toBe(expected);
  });

  test.each([
    '',
    '.',
    '..',
    'a..b',
    '.a',
    'a..',
    'localhost..',
    ' a',
    'a ',
    'a b',
    'a\tb',
    'a\nb',
    'a\r\nb',
    'a\0b',
    '\ufeff a',
    'user@host',
    '@host',
    'user:pass@host',
    'host:80',
    'host:81',
    'host:',
    '127.0.0.1:80',
    '[::1]:80',
    '[::1]:',
    ':80',
    'a/b',
    '/a',
    '//a',
    'a\\b',
    '\\a',
    'a?b',
    'a#b',
    'a?',
    'a#',
    'http://a',
    'a%2fb',
    'a%00b',
    'a%0d%0ab',
    'a%',
    'a%zz',
    'a＠b',
    'a：80',
    'a／b',
    'a＼b',
    'a？b',
    'a＃b',
    'a℀b',
    'a％b',
    'a＿b@',
    '::1',
    '[::1',
    '::1]',
    '[]',
    '[::1%25eth0]',
    '[fe80::1%eth0]',
    '[1.2.3.4]',
    '[example.com]',
    '[::1]x',
    'x[::1]',
    '256.0.0.1',
    '1.2.3.4.5',
    '1.2.3.08',
    '0x100000000',
    '4294967296',
    'a.1',
    'a.0x1',
    '127.0.0.1.1',
    '*',
    '*.a',
    'a*b',
    'a,b',
    "a'b",
    'a(b)',
    'a!b',
    'a$b',
    'a&b',
    'a;b',
    'a=b',
    'a+b',
    'a~b',
    'a|b',
    'a^b',
    'a<b',
    'a"b',
    'a{b}',
    'xn--\u00fc',
    '\u200b',
    'a\u202eb',
    '\ud800',
    `${'a'.repeat(64)}.b`,
    `${'a.'.repeat(127)}b.c`,
  ])('%j is no host', (text) => {
    expect(parseHost(text)).toBeUndefined();
  });

  test('the longest name is 253 characters', () => {
    const name = `${'a.'.repeat(126)}b`;
    expect(name).toHaveLength(253);
    expect(parseHost(name)).toBe(name);
    expect(parseHost(`${name}.`)).toBe(name);
    expect(parseHost(`${name}c`)).toBeUndefined();
  });
});

describe('parseHostPattern', () => {
  test.each<[text: string, kind: string, plain: string, endpoint: string, url: string]>([
    ['Example.COM.', 'name', 'example.com', 'example.com', 'example.com'],
    ['bücher.example', 'name', 'xn--bcher-kva.example', 'xn--bcher-kva.example', 'xn--bcher-kva.example'],
    ['*.Example.com', 'subdomains', '*.example.com', '*.example.com', '*.example.com'],
    ['*.com', 'subdomains', '*.com', '*.com', '*.com'],
    ['10.0.0.1', 'address', '10.0.0.1', '10.0.0.1', '10.0.0.1'],
    ['[FD00::0]', 'address', 'fd00::', '[fd00::]', '[fd00::]'],
    ['::1', 'address', '::1', '[::1]', '[::1]'],
    ['10.0.0.0/8', 'block', '10.0.0.0/8', '10.0.0.0/8', '[10.0.0.0/8]'],
    ['[10.0.0.0/8]', 'block', '10.0.0.0/8', '10.0.0.0/8', '[10.0.0.0/8]'],
    ['fd00::/8', 'block', 'fd00::/8', '[fd00::/8]', '[fd00::/8]'],
    ['[fd00::/8]', 'block', 'fd00::/8', '[fd00::/8]', '[fd00::/8]'],
  ])('%s is a %s', (text, kind, ...expected) => {
    const pattern = parseHostPattern(text);
    if (pattern === undefined) throw new Error('it is none');
    expect(pattern.kind).toBe(kind);
    const formats = (['plain', 'endpoint', 'url'] as const).map((context) =>
      formatHostPattern(pattern, context),
    );
    expect(formats).toEqual(expected);
    for (const format of formats) expect(parseHostPattern(format)).toEqual(pattern);
  });

  test.each([
    '',
    '*',
    '*.',
    '*.*.a',
    '*a.b',
    'a.*.b',
    '**.a',
    '*.1.2.3.4',
    '*.[::1]',
    '*.10.0.0.0/8',
    '.a',
    'a..b',
    '*..a',
    '0x7f.1',
    '127.1',
    '2130706433',
    '0177.0.0.1',
    '１２７.0.0.1',
    '127。0。0。1',
    '127.0.0.1.',
    '0',
    '%31.2.3.4',
    'ex%61mple.com',
    '[10.0.0.1]',
    '[a]',
    '[::1',
    '::1]',
    '[::1]:80',
    'a:80',
    'u@a',
    'a/b',
    '10.0.0.1/8',
    '10.0.0.0/33',
    'fe80::1%1',
    'a b',
  ])('%j is none', (text) => {
    expect(parseHostPattern(text)).toBeUndefined();
  });
});
