import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Result } from '../../../../shims/canonical-abi/values.ts';
import { HTTP_BUDGET } from '../../../../src/virtual/http/budget.ts';
import { MAX_FIELDS_BYTES } from '../../../../src/virtual/http/fields.ts';
import { GuestTrap } from '../../../../src/virtual/host.ts';
import { bytes, texts } from '../../virtual/http/streams.ts';
import { HttpGuest } from './http-guest.ts';

let guest: HttpGuest;

beforeEach(() => {
  guest = new HttpGuest();
});

afterEach(() => guest.end());

/** @returns the tag of an error, or `ok` */
function tagOf(result: Result<unknown, { readonly tag: string } | undefined>): string {
  return result.tag === 'ok' ? 'ok' : (result.val?.tag ?? 'err');
}

const SIZE_RECORD = ['limited', 'http fields.bytes', 'fields'];

describe('fields', () => {
  test.each([
    ['a name that is no token', 'a:', 'x', 'invalid-syntax'],
    ['an empty name', '', 'x', 'invalid-syntax'],
    ['a line break', 'a', 'x\r\nb: y', 'invalid-syntax'],
    ['a DEL', 'a', '\x7f', 'invalid-syntax'],
    ['a field of the connection', 'HOST', 'x', 'forbidden'],
    ['a tab and other letters', 'a', '\té', 'ok'],
  ])('take %s as WIT has it', (_what, name, value, tag) => {
    const fields = guest.call('[constructor]fields');
    expect(tagOf(guest.call('[method]fields.append', fields, name, bytes(value)))).toBe(tag);
    expect(tagOf(guest.call('[method]fields.set', fields, name, [bytes(value)]))).toBe(tag);
    expect(tagOf(guest.call('[static]fields.from-list', [[name, bytes(value)]]))).toBe(tag);
    expect(guest.call('[method]fields.copy-all', fields)).toHaveLength(tag === 'ok' ? 1 : 0);
    expect(guest.call('[method]fields.has', fields, name)).toBe(tag === 'ok');
    const ofName = name === 'a' ? 'ok' : tag;
    expect(tagOf(guest.call('[method]fields.delete', fields, name))).toBe(ofName);
    expect(tagOf(guest.call('[method]fields.get-and-delete', fields, name))).toBe(ofName);
  });

  test('keep order and the case in which a name came first, and compare without case', () => {
    const fields = guest.fields([
      ['Foo', '1'],
      ['bar', '2'],
      ['FOO', '3'],
    ]);
    expect(guest.call('[method]fields.copy-all', fields)).toEqual([
      ['Foo', bytes('1')],
      ['bar', bytes('2')],
      ['Foo', bytes('3')],
    ]);
    guest.call('[method]fields.append', fields, 'BAR', bytes('4'));
    expect(texts(fields.entries())).toEqual(['Foo: 1', 'bar: 2', 'Foo: 3', 'bar: 4']);
    expect(guest.call('[method]fields.get', fields, 'fOO')).toEqual([bytes('1'), bytes('3')]);
    expect(guest.call('[method]fields.get-and-delete', fields, 'foo')).toEqual({
      tag: 'ok',
      val: [bytes('1'), bytes('3')],
    });
    expect(guest.call('[method]fields.get-and-delete', fields, 'foo')).toEqual({ tag: 'ok', val: [] });
    expect(texts(fields.entries())).toEqual(['bar: 2', 'bar: 4']);
  });

  test('can be changed in a copy, and not in a message', () => {
    const { request } = guest.request('http://a.test/', 'GET', { headers: [['a', '1']] });
    const headers = guest.call('[method]request.get-headers', request);
    expect(tagOf(guest.call('[method]fields.append', headers, 'b', bytes('2')))).toBe('immutable');
    expect(tagOf(guest.call('[method]fields.set', headers, 'a', [bytes('2')]))).toBe('immutable');
    expect(tagOf(guest.call('[method]fields.delete', headers, 'a'))).toBe('immutable');
    expect(tagOf(guest.call('[method]fields.get-and-delete', headers, 'a'))).toBe('immutable');
    const copy = guest.call('[method]fields.clone', headers);
    expect(tagOf(guest.call('[method]fields.append', copy, 'b', bytes('2')))).toBe('ok');
    guest.drop('request', request);
    expect(guest.call('[method]fields.get', headers, 'a')).toEqual([bytes('1')]);
  });

  test('have a bound, each and all together, with the limit on record', () => {
    const fields = guest.call('[constructor]fields');
    expect(
      tagOf(guest.call('[method]fields.set', fields, 'a', [new Uint8Array(MAX_FIELDS_BYTES).fill(97)])),
    ).toBe('size-exceeded');
    expect(guest.records).toEqual([SIZE_RECORD]);
    const half = new Uint8Array(MAX_FIELDS_BYTES / 2).fill(97);
    let made = 0;
    while (tagOf(guest.call('[static]fields.from-list', [['a', half]])) === 'ok') made++;
    expect(made).toBe(Math.floor(HTTP_BUDGET / (half.length + 33)));
    expect(guest.records).toEqual([SIZE_RECORD, SIZE_RECORD]);
  });

  test('that cannot be copied end the guest: WIT has no error there', () => {
    const half = new Uint8Array(MAX_FIELDS_BYTES / 2).fill(97);
    const made = guest.call('[static]fields.from-list', [['a', half]]);
    if (made.tag === 'err' || made.val === undefined) throw new Error('no fields');
    const { val } = made;
    expect(() => {
      for (;;) guest.call('[method]fields.clone', val);
    }).toThrow(GuestTrap);
    expect(guest.records).toEqual([SIZE_RECORD]);
  });
});

describe('a request', () => {
  test('is a GET for nothing, at first', () => {
    const { request } = guest.request('');
    guest.call('[method]request.set-scheme', request, undefined);
    guest.call('[method]request.set-authority', request, undefined);
    guest.call('[method]request.set-path-with-query', request, undefined);
    expect([
      guest.call('[method]request.get-method', request),
      guest.call('[method]request.get-scheme', request),
      guest.call('[method]request.get-authority', request),
      guest.call('[method]request.get-path-with-query', request),
      guest.call('[method]request.get-options', request),
    ]).toEqual([{ tag: 'get' }, undefined, undefined, undefined, undefined]);
  });

  test.each([
    ['GET', { tag: 'get' }],
    ['PATCH', { tag: 'patch' }],
    ['coucou', { tag: 'other', val: 'coucou' }],
  ])('has the method %s', (val, expected) => {
    const { request } = guest.request('');
    expect(tagOf(guest.call('[method]request.set-method', request, { tag: 'other', val }))).toBe('ok');
    for (const bad of ['', 'a b', 'é', 'a'.repeat(100)])
      expect(tagOf(guest.call('[method]request.set-method', request, { tag: 'other', val: bad }))).toBe(
        'err',
      );
    expect(guest.call('[method]request.get-method', request)).toEqual(expected);
  });

  test.each([
    ['http', { tag: 'HTTP' }],
    ['HTTPS', { tag: 'HTTPS' }],
    ['Gopher', { tag: 'other', val: 'Gopher' }],
    ['1a', undefined],
    ['', undefined],
  ])('takes the scheme %j as %j', (val, expected) => {
    const { request } = guest.request('');
    guest.call('[method]request.set-scheme', request, undefined);
    const set = guest.call('[method]request.set-scheme', request, { tag: 'other', val });
    expect(tagOf(set)).toBe(expected === undefined ? 'err' : 'ok');
    expect(guest.call('[method]request.get-scheme', request)).toEqual(expected);
  });

  test.each([
    ['a.test:80', true],
    ['[::1]:80', true],
    ['user:pass%20@localhost:80', true],
    ['::', false],
    [':@', false],
    ['@@', false],
    ['@:', false],
    ['', false],
    ['a/b', false],
    ['localhost:what', false],
    ['a'.repeat(2000), false],
  ])('takes the authority %.40j: %j', (authority, ok) => {
    const { request } = guest.request('');
    guest.call('[method]request.set-authority', request, undefined);
    expect(tagOf(guest.call('[method]request.set-authority', request, authority))).toBe(ok ? 'ok' : 'err');
    expect(guest.call('[method]request.get-authority', request)).toBe(ok ? authority : undefined);
  });

  test.each([
    ['/a/../b?c=/?', '/a/../b?c=/?'],
    ['a/b', 'a/b'],
    ['?foo', '?foo'],
    ['', '/'],
    ['/é', '/é'],
    ['/a#b', undefined],
    ['/a b', undefined],
    ['/a\nb', undefined],
    ['/`', undefined],
    [`/${'a'.repeat(9000)}`, undefined],
  ])('takes the path %.40j as %j', (path, expected) => {
    const { request } = guest.request('http://a.test');
    guest.call('[method]request.set-path-with-query', request, undefined);
    const set = guest.call('[method]request.set-path-with-query', request, path);
    expect(tagOf(set)).toBe(expected === undefined ? 'err' : 'ok');
    expect(guest.call('[method]request.get-path-with-query', request)).toBe(expected);
  });

  test('has options that nobody can change any more, but copy', () => {
    const options = guest.call('[constructor]request-options');
    expect(tagOf(guest.call('[method]request-options.set-connect-timeout', options, 5n))).toBe('ok');
    const [request] = guest.call(
      '[static]request.new',
      guest.fields(),
      undefined,
      guest.request('').trailers,
      options,
    );
    const given = guest.call('[method]request.get-options', request);
    if (given === undefined) throw new Error('no options');
    expect(guest.call('[method]request-options.get-connect-timeout', given)).toBe(5n);
    for (const name of ['connect', 'first-byte', 'between-bytes'] as const)
      expect(tagOf(guest.call(`[method]request-options.set-${name}-timeout`, given, undefined))).toBe(
        'immutable',
      );
    const copy = guest.call('[method]request-options.clone', given);
    expect(tagOf(guest.call('[method]request-options.set-connect-timeout', copy, undefined))).toBe('ok');
    expect(guest.call('[method]request-options.get-connect-timeout', copy)).toBeUndefined();
    expect(guest.call('[method]request-options.get-connect-timeout', given)).toBe(5n);
  });
});

test('a response takes every status that there is', () => {
  const { response } = guest.response(200);
  for (const status of [100, 200, 306, 418, 599])
    expect(tagOf(guest.call('[method]response.set-status-code', response, status))).toBe('ok');
  for (const status of [0, 99, 600, 65_535])
    expect(tagOf(guest.call('[method]response.set-status-code', response, status))).toBe('err');
  expect(guest.call('[method]response.get-status-code', response)).toBe(599);
});

test('every handle is counted, and given back', () => {
  const { request } = guest.request('http://a.test/', 'POST', { contents: 'text' });
  const { response } = guest.response(200, { contents: 'text' });
  const headers = [
    guest.call('[method]request.get-headers', request),
    guest.call('[method]response.get-headers', response),
  ];
  const options = guest.call('[constructor]request-options');
  expect(guest.handles).toBe(5);
  for (const fields of headers) guest.drop('fields', fields);
  guest.drop('request', request);
  guest.drop('response', response);
  guest.drop('request-options', options);
  expect(guest.handles).toBe(0);
  expect(guest.context.httpBudget.left).toBe(HTTP_BUDGET);
});
