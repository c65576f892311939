import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { normalizePath } from '../../../../src/policy/address/url-path.ts';
import { formatUrlPattern, parseUrlPattern } from '../../../../src/policy/address/url-pattern.ts';

describe('parseUrlPattern', () => {
  test.each([
    ['https://API.example.com/rates/**', 'https://api.example.com/rates/**'],
    ['http://billing.internal:8080/**', 'http://billing.internal:8080/**'],
    ['https://a:443/', 'https://a/'],
    ['http://a:443/', 'http://a:443/'],
    ['http://a:80', 'http://a/'],
    ['https://*.Example.com./x', 'https://*.example.com/x'],
    ['http://bücher.example/é', 'http://xn--bcher-kva.example/%C3%A9'],
    ['http://[::1]:80/', 'http://[::1]/'],
    ['http://[fd00::/8]/**', 'http://[fd00::/8]/**'],
    ['http://[10.0.0.0/8]:8080/**', 'http://[10.0.0.0/8]:8080/**'],
    ['http://10.0.0.1/32/**', 'http://10.0.0.1/32/**'],
    ['http://10.0.0.0/80/**', 'http://10.0.0.0/80/**'],
    ['http://10.0.0.1/8/**', 'http://10.0.0.1/8/**'],
    ['http://a/%7euser/%2f%5C/%3f', 'http://a/~user/%2F%5C/%3F'],
    ['http://a//x/', 'http://a//x/'],
    ['http://a/**/*/x', 'http://a/*/**/x'],
    ['http://a/**/**', 'http://a/**'],
    ['http://a/*.json', 'http://a/*.json'],
    ["http://a/:@!$&'()+,;=", "http://a/:@!$&'()+,;="],
    ['http://a/{id}|"', 'http://a/%7Bid%7D%7C%22'],
  ])('%s is %s', (text, normal) => {
    const url = parseUrlPattern(text);
    expect(url && formatUrlPattern(url)).toBe(normal);
    expect(parseUrlPattern(normal)).toEqual(url);
  });

  test.each([
    '',
    'a',
    'http:',
    'http://',
    'http:///a',
    'ftp://a/',
    'HTTP://a/',
    'ws://a/',
    '//a/',
    'http:/a',
    'http:\\\\a',
    'http://u@a/',
    'http://u:p@a/',
    'http://@a/',
    'http://a?q',
    'http://a/?q',
    'http://a/?',
    'http://a/#f',
    'http://a#',
    'http://a:/',
    'http://a:0/',
    'http://a:65536/',
    'http://a:080/',
    'http://a:*/',
    'http://:80/',
    'http://a:b/',
    'http://127.1/',
    'http://0x7f.1/',
    'http://2130706433/',
    'http://１２７.0.0.1/',
    'http://::1/',
    'http://[10.0.0.1]/',
    'http://*/',
    'http://a*/',
    'http://*.*.a/',
    'http://a b/',
    'http://a/b c',
    'http://a/\t',
    'http://a/\n',
    'http://a/%',
    'http://a/**x',
    'http://a/x**/y',
    'http://a/***',
    'http://a/../x',
    'http://a/x/.',
    'http://a/%2e%2e/x',
    'http://a/..;x/',
    'http://a/b\\c',
    'http://a/%zz',
    'http://a/\ud800',
    `http://a${'/x'.repeat(65)}`,
    // A block without its brackets.
    'http://10.0.0.0/8',
    'http://10.0.0.0/8/**',
    'http://10.0.0.0/8:8080/**',
    'http://192.168.0.0/16/x',
  ])('%j is none', (text) => {
    expect(parseUrlPattern(text)).toBeUndefined();
  });
});

describe('normalizePath', () => {
  test.each([
    ['/', '/'],
    ['/a/b', '/a/b'],
    ['/%61%2D%7e', '/a-~'],
    ['/%c3%a9', '/%C3%A9'],
    ['/é', '/%C3%A9'],
    ['/e\u0301', '/e%CC%81'],
    ['/😀', '/%F0%9F%98%80'],
    ['/./a', '/a'],
    ['/a/.', '/a/'],
    ['/a/..', '/'],
    ['/a/../b', '/b'],
    ['/../../a', '/a'],
    ['/..', '/'],
    ['/a/%2e%2E/b', '/b'],
    ['/a/.%2e/%2e/b/%2E', '/b/'],
    ['/a/.../b', '/a/.../b'],
    ['/.a/..b', '/.a/..b'],
    ['//', '//'],
    ['//a//b', '//a//b'],
    ['/a//../b', '/a/b'],
    ['//..', '/'],
    ['/%2f', '/%2F'],
    ['/a%5cb', '/a%5Cb'],
    ['/..%2f..%2fetc', '/..%2F..%2Fetc'],
    ['/%252e%252e/a', '/%252e%252e/a'],
    ['/%00', '/%00'],
    ['/a;b=c/;', '/a;b=c/;'],
    ['/*', '/*'],
    ['/%2A', '/%2A'],
    ['/"<>[]^`{|}', '/%22%3C%3E%5B%5D%5E%60%7B%7C%7D'],
  ])('%s is %s', (path, normal) => {
    expect(normalizePath(path)).toBe(normal);
    expect(normalizePath(normal)).toBe(normal);
  });

  test.each([
    '',
    'a',
    '*',
    '/%',
    '/%2',
    '/%g0',
    '/%2x',
    '/a b',
    '/a\tb',
    '/a\rb',
    '/a\nb',
    '/a\0',
    '/\x7f',
    '/a\\..\\b',
    '/\ud800',
    '\\a',
    '/a?b',
    '/a#b',
    '/..;/a',
    '/a/..;x=y/b',
    '/.;/a',
    '/%2e%2e;/a',
    '/..%3b/a',
    '/a/..;',
  ])('%j is refused', (path) => {
    expect(normalizePath(path)).toBeUndefined();
  });

  test('URL reads the same path', () => {
    const piece = fc.constantFrom('/', '.', '..', '%2e', '%2E', '%2f', 'a', 'é', '%61', ';', '~', '|');
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const path = normalizePath(`/${pieces.join('')}`);
        if (path === undefined) return;
        expect(normalizePath(new URL(`http://host/${pieces.join('')}`).pathname)).toBe(path);
        expect(normalizePath(path)).toBe(path);
      }),
    );
  });
});
