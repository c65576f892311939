import { describe, expect, test } from 'vitest';
import { compileEndpointMatcher } from '../../../../src/kernel/egress/compile-endpoint.ts';
import { compileHttpMatcher } from '../../../../src/kernel/egress/compile-http.ts';
import { compileNameMatcher } from '../../../../src/kernel/egress/compile-names.ts';
import { parseHttpTarget } from '../../../../src/kernel/egress/http-target.ts';
import { type IpAddress, parseIpAddress } from '../../../../src/policy/address/ip-address.ts';

function address(text: string): IpAddress {
  const parsed = parseIpAddress(text);
  if (parsed === undefined) throw new Error(`no address: ${text}`);
  return parsed;
}

/** Whether a rule is for `METHOD scheme://authority/path`. */
function allows(url: string, request: string): boolean {
  const [, method = '', scheme, authority = '', path = ''] =
    /^(\S+) (https?):\/\/([^/?]*)(.*)$/.exec(request) ?? [];
  const target = parseHttpTarget(method, scheme as 'http', authority, path);
  return target !== undefined && compileHttpMatcher({ methods: ['GET', 'POST'], url }).matches(target);
}

describe('compileHttpMatcher', () => {
  test.each<[url: string, yes: string[], no: string[]]>([
    [
      'https://api.example.com/rates/**',
      [
        'GET https://api.example.com/rates',
        'POST https://API.example.COM.:443/rates/usd?q=1',
        'GET https://api.example.com/x/../rates/%61',
      ],
      [
        'PUT https://api.example.com/rates',
        'get https://api.example.com/rates',
        'GET http://api.example.com/rates',
        'GET https://api.example.com:8443/rates',
        'GET https://api.example.com/ratesx',
        'GET https://api.example.com/rates/../x',
        'GET https://example.com/rates',
        'GET https://x.api.example.com/rates',
        'GET https://api.example.com@evil/rates',
        'GET https://evil/rates?https://api.example.com/rates',
        'GET https://api.example.com/rates/%2e%2e/x',
        'GET https://[::1]/rates',
      ],
    ],
    [
      'http://*.example.com/**',
      ['GET http://a.example.com/', 'GET http://a.b.example.com/x'],
      [
        'GET http://example.com/',
        'GET http://aexample.com/',
        'GET http://a.example.com.evil/',
        'GET http://.example.com/',
      ],
    ],
    [
      'http://127.0.0.1:8080/**',
      [
        'GET http://127.0.0.1:8080/',
        'GET http://0x7f.1:8080/',
        'GET http://2130706433:8080/',
        'GET http://１２７。1:8080/',
      ],
      [
        'GET http://localhost:8080/',
        'GET http://127.0.0.2:8080/',
        'GET http://[::ffff:127.0.0.1]:8080/',
        'GET http://[::1]:8080/',
      ],
    ],
    [
      'http://[10.0.0.0/8]/**',
      ['GET http://10.0.0.1/', 'GET http://10.255.255.255/', 'GET http://0xa.1/'],
      [
        'GET http://11.0.0.0/',
        'GET http://[::ffff:10.0.0.1]/',
        'GET http://[64:ff9b::a00:1]/',
        'GET http://10.example/',
      ],
    ],
    [
      'http://[fd00::/8]/**',
      ['GET http://[fd00::1]/', 'GET http://[FDFF:0::1]/'],
      ['GET http://[fc00::1]/', 'GET http://10.0.0.1/'],
    ],
    [
      'https://localhost/**',
      ['GET https://localhost./'],
      ['GET https://127.0.0.1/', 'GET https://localhost6/'],
    ],
  ])('%s', (url, yes, no) => {
    expect(yes.filter((request) => !allows(url, request))).toEqual([]);
    expect(no.filter((request) => allows(url, request))).toEqual([]);
  });

  test('a name may have public addresses, or those in `addresses` instead', () => {
    const rule = { methods: ['GET'], url: 'https://a/**' };
    const open = compileHttpMatcher(rule);
    const inside = compileHttpMatcher({ ...rule, addresses: ['10.1.0.0/16', 'fd00::/8'] });
    expect(
      ['8.8.8.8', '2606::1', '64:ff9b::8.8.8.8'].map((text) => open.allowsAnswer(address(text))),
    ).toEqual([true, true, true]);
    const special = [
      '127.0.0.1',
      '10.1.0.1',
      '169.254.169.254',
      '::1',
      'fd00::1',
      '::ffff:8.8.8.8',
      '64:ff9b::a00:1',
    ];
    expect(special.filter((text) => open.allowsAnswer(address(text)))).toEqual([]);
    const all = [...special, '8.8.8.8', '10.1.255.255', '10.2.0.0', '::ffff:10.1.0.1', '2606::1'];
    expect(all.filter((text) => inside.allowsAnswer(address(text)))).toEqual([
      '10.1.0.1',
      'fd00::1',
      '10.1.255.255',
    ]);
  });

  test.each<[pattern: string, yes: string[], no: string[]]>([
    ['/', ['/'], ['/a', '//', '/%00']],
    ['/**', ['/', '/a', '/abcdef', '//'], []],
    ['/a', ['/a'], ['/', '/ab', '/a/', '/b']],
    ['/a/**', ['/a', '/a/', '/a/b'], ['/', '/ab', '/b', '/ab/c']],
    ['/abc*', ['/abc', '/abcd'], ['/ab', '/ab/c', '/abd']],
    ['/abcd', ['/abcd'], ['/abcde', '/abce', '/abc']],
    ['/abcdefg', ['/abcdefg'], ['/abcdefh', '/abcdef', '/abcd']],
    ['/*bcd', ['/abcd', '/bcd'], ['/abce']],
    ['//x', ['//x'], ['/x', '//y']],
  ])('the first look at a path leaves nothing out: %s', (pattern, yes, no) => {
    const url = `https://a${pattern}`;
    expect(yes.filter((path) => !allows(url, `GET https://a${path}`))).toEqual([]);
    expect(no.filter((path) => allows(url, `GET https://a${path}`))).toEqual([]);
  });

  test('takes nothing that no policy has', () => {
    expect(() => compileHttpMatcher({ methods: ['GET'], url: 'https://0x7f.1/' })).toThrow(TypeError);
    expect(() =>
      compileHttpMatcher({ methods: ['GET'], url: 'https://a/', addresses: ['10.0.0.1/8'] }),
    ).toThrow(TypeError);
  });
});

describe('compileEndpointMatcher', () => {
  test('an address or block is decided by itself', () => {
    const one = compileEndpointMatcher('10.0.0.9:8125', undefined);
    expect(one.name).toBeUndefined();
    expect([8124, 8125, 8126].map((port) => one.hasPort(port))).toEqual([false, true, false]);
    expect(
      ['10.0.0.9', '10.0.0.8', '::ffff:10.0.0.9'].map((text) => one.allowsLiteral(address(text))),
    ).toEqual([true, false, false]);
    expect(one.matchesName('10.0.0.9')).toBe(false);
    const block = compileEndpointMatcher('[fd00::/8]:1-9', undefined);
    expect([0, 1, 9, 10].map((port) => block.hasPort(port))).toEqual([false, true, true, false]);
    expect(['fd00::1', 'fe80::1', '10.0.0.1'].map((text) => block.allowsLiteral(address(text)))).toEqual([
      true,
      false,
      false,
    ]);
    expect(compileEndpointMatcher('0.0.0.0/0:53', undefined).allowsLiteral(address('::1'))).toBe(false);
  });

  test('a name is never an address', () => {
    const name = compileEndpointMatcher('DB.internal:5432', ['10.1.0.0/16']);
    expect(name.name).toBe('db.internal');
    expect(name.matchesName('db.internal')).toBe(true);
    expect(name.matchesName('x.db.internal')).toBe(false);
    expect(name.allowsLiteral(address('10.1.0.1'))).toBe(false);
    expect(['10.1.0.1', '10.2.0.1', '8.8.8.8'].map((text) => name.allowsAnswer(address(text)))).toEqual([
      true,
      false,
      false,
    ]);
    const names = compileEndpointMatcher('*.example.com:443', undefined);
    expect(names.name).toBeUndefined();
    expect(
      ['a.example.com', 'a.b.example.com', 'example.com', 'aexample.com'].map((text) =>
        names.matchesName(text),
      ),
    ).toEqual([true, true, false, false]);
    expect(names.allowsAnswer(address('8.8.8.8'))).toBe(true);
    expect(names.allowsAnswer(address('127.0.0.1'))).toBe(false);
  });

  test('takes nothing that no policy has', () => {
    expect(() => compileEndpointMatcher('a', undefined)).toThrow(TypeError);
  });
});

test('compileNameMatcher', () => {
  const matcher = compileNameMatcher(['*.Example.com', 'db.internal', 'bücher.example', '__proto__']);
  const yes = ['a.example.com', 'a.b.example.com', 'db.internal', 'xn--bcher-kva.example', '__proto__'];
  const no = [
    'example.com',
    '.example.com',
    'aexample.com',
    'x.db.internal',
    'internal',
    'constructor',
    '',
    'DB.internal',
  ];
  expect(yes.filter((name) => !matcher.matches(name))).toEqual([]);
  expect(no.filter((name) => matcher.matches(name))).toEqual([]);
  expect(compileNameMatcher([]).matches('a')).toBe(false);
  expect(() => compileNameMatcher(['10.0.0.0/8'])).toThrow(TypeError);
  expect(() => compileNameMatcher(['127.0.0.1'])).toThrow(TypeError);
});
