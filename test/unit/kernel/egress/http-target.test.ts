import { describe, expect, test } from 'vitest';
import {
  authorityOf,
  describeTarget,
  parseHttpTarget,
  pathOf,
} from '../../../../src/kernel/egress/http-target.ts';

function read(authority: string, path: string, scheme: 'http' | 'https' = 'https'): string | undefined {
  const target = parseHttpTarget('GET', scheme, authority, path);
  return target && `${authorityOf(target)} ${pathOf(target)}`;
}

test.each([
  ['API.example.com', '/a?b', 'api.example.com /a?b'],
  ['api.example.com.:443', '', 'api.example.com /'],
  ['a:80', '?q', 'a:80 /?q'],
  ['a:00443', '/', 'a /'],
  ['0x7f.1:8443', '/', '127.0.0.1:8443 /'],
  ['[::FFFF:7f00:1]:444', '/', '[::ffff:127.0.0.1]:444 /'],
  ['[::1]', '//x', '[::1] //x'],
  ['bücher.example', '/é?é', 'xn--bcher-kva.example /%C3%A9?%C3%A9'],
  // A query is nobody's to change: nothing is decided on it, and programs sign theirs.
  ['a', '/x?a=%61&b=/../?{}|^\\%', 'a /x?a=%61&b=/../?{}|^\\%'],
  ['a', '/public/../admin', 'a /admin'],
  ['a', '/%2e%2e/%2f', 'a /%2F'],
])('%s%s is %s', (authority, path, expected) => {
  expect(read(authority, path)).toBe(expected);
});

describe('userinfo, crlf-injection and other forms that could be read in two ways', () => {
  test.each([
    '',
    'user@host',
    'user:pass@host',
    'allowed.example@evil.example',
    '@host',
    'a:',
    'a:0',
    'a:65536',
    'a:-1',
    'a:80:80',
    '::1',
    '::1:80',
    '[::1]80',
    '[::1',
    'a b',
    'a\r\nhost: b',
    'a\0',
    'a/b',
    'a?b',
    'a#b',
    'a\\b',
    'a:8 0',
    'a:１',
  ])('authority %j is refused', (authority) => {
    expect(read(authority, '/')).toBeUndefined();
  });

  test.each([
    'a',
    '*',
    'http://b/',
    '/a b',
    '/a\r\nhost: b',
    '/a\n',
    '/\0',
    '/a#b',
    '/a?b#c',
    '/?a b',
    '/?a\r\nb',
    '/?\0',
    '/%',
    '/a\\b',
    '/a/..;/b',
    '/\ud800',
    '/?\ud800',
    '#',
    '?\n',
  ])('path %j is refused', (path) => {
    expect(read('a', path)).toBeUndefined();
  });
});

test('the log names a request without its query', () => {
  const target = parseHttpTarget('POST', 'http', 'A:8080', '/x/./y?token=secret');
  expect(target && describeTarget(target)).toBe('POST http://a:8080/x/y');
});
