import { describe, expect, test } from 'vitest';
import { normalizePolicy, parsePolicy, printPolicy } from '../../../src/policy/index.ts';
import type { DnsRule, HttpRule, Policy, SocketsRule } from '../../../src/policy/index.ts';

function http(properties: object): HttpRule | undefined {
  return normalizePolicy({ version: 1, http: [{ methods: ['GET'], url: 'https://a/', ...properties }] })
    .http[0];
}

function sockets(properties: object): SocketsRule | undefined {
  return normalizePolicy({ version: 1, sockets: [{ protocol: 'tcp', ...properties }] }).sockets[0];
}

function dns(names: readonly string[]): DnsRule | undefined {
  return normalizePolicy({ version: 1, dns: [{ names }] }).dns[0];
}

const WHOLE = `{ "version": 1,
  "http": [{ "id": "rates", "description": "d", "methods": ["POST", "GET", "POST"], "url": "https://API.example.com:443/rates/**",
    "addresses": ["fd00::/8", "10.0.0.0/8", "FD00::/8"],
    "headers": { "x-key": { "secret": "KEY" }, "authorization": { "secret": "RATES_TOKEN", "format": "Bearer {}" } },
    "requestHeaders": { "allow": ["content-type", "accept", "x-*"] }, "responseHeaders": { "deny": ["set-cookie"] },
    "timeouts": { "connect": "5000ms", "firstByte": "30s", "betweenBytes": 1000, "total": "60s" },
    "budget": { "requests": "60/min", "requestBytes": "1KiB", "responseBytes": "5MiB", "concurrent": 4 } }],
  "sockets": [{ "id": "db", "protocol": "tcp", "connect": "DB.internal:5432", "addresses": ["10.1.0.0/16"],
      "budget": { "operations": 10, "sentBytes": "1MiB", "receivedBytes": 0, "concurrent": 1 } },
    { "protocol": "udp", "listen": "[::0]:8080-8089" }],
  "dns": [{ "names": ["db.internal", "*.Example.com"], "budget": { "requests": "10/s", "concurrent": 2 } }],
  "network": "virtual" }`;

test('whole rules', () => {
  const policy = parsePolicy(WHOLE);
  expect(policy.http).toEqual([
    {
      id: 'rates',
      description: 'd',
      methods: ['GET', 'POST'],
      url: 'https://api.example.com/rates/**',
      addresses: ['10.0.0.0/8', 'fd00::/8'],
      headers: { authorization: { secret: 'RATES_TOKEN', format: 'Bearer {}' }, 'x-key': { secret: 'KEY' } },
      requestHeaders: { allow: ['accept', 'content-type', 'x-*'] },
      responseHeaders: { deny: ['set-cookie'] },
      timeouts: { connect: '5s', firstByte: '30s', betweenBytes: '1us', total: '1min' },
      budget: { requests: '60/min', requestBytes: 1024, responseBytes: 5_242_880, concurrent: 4 },
    },
  ]);
  expect(policy.sockets).toEqual([
    {
      id: 'db',
      protocol: 'tcp',
      connect: 'db.internal:5432',
      addresses: ['10.1.0.0/16'],
      budget: { operations: 10, sentBytes: 1_048_576, receivedBytes: 0, concurrent: 1 },
    },
    { id: 'sockets/1', protocol: 'udp', listen: '[::]:8080-8089' },
  ]);
  expect(policy.dns).toEqual([
    { id: 'dns/0', names: ['*.example.com', 'db.internal'], budget: { requests: '10/s', concurrent: 2 } },
  ]);
  expect(policy.network).toBe('virtual');
});

test('headers are sorted and inherit nothing', () => {
  const headers = parsePolicy(WHOLE).http[0]?.headers ?? {};
  expect(Object.keys(headers)).toEqual(['authorization', 'x-key']);
  expect(Object.getPrototypeOf(headers)).toBeNull();
  expect(http({ headers: { constructor: { secret: 'A' } } })?.headers).toEqual({
    constructor: { secret: 'A' },
  });
});

test('the normal form is frozen all the way down, and printed and parsed again it is the same', () => {
  const policy = parsePolicy(WHOLE);
  const unfrozen: unknown[] = [];
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    if (!Object.isFrozen(value)) unfrozen.push(value);
    Object.values(value).forEach(visit);
  };
  visit(policy);
  expect(unfrozen).toEqual([]);
  expect(parsePolicy(printPolicy(policy))).toEqual(policy);
});

test('rules without an id get their position in their section', () => {
  const rule = { methods: ['GET'], url: 'https://a/' };
  const policy = normalizePolicy({
    version: 1,
    http: [rule, { ...rule, id: 'b' }, rule],
    dns: [{ names: ['a'] }],
  });
  expect(policy.http.map(({ id }) => id)).toEqual(['http/0', 'b', 'http/2']);
  expect(policy.dns.map(({ id }) => id)).toEqual(['dns/0']);
});

describe('urls', () => {
  test.each([
    ['https://a', 'https://a/'],
    ['http://a:80/', 'http://a/'],
    ['https://a:80/', 'https://a:80/'],
    ['https://EXAMPLE.com./X', 'https://example.com/X'],
    ['https://bücher.example/ä', 'https://xn--bcher-kva.example/%C3%A4'],
    ['https://a/%7euser/%2f%2F', 'https://a/~user/%2F%2F'],
    ['https://a/**/**', 'https://a/**'],
    ['https://a/users/@me', 'https://a/users/@me'],
    ['https://*.example.com/**', 'https://*.example.com/**'],
    ['http://[0:0:0:0:0:0:0:1]:8080/', 'http://[::1]:8080/'],
    ['http://[10.0.0.0/8]:8080/**', 'http://[10.0.0.0/8]:8080/**'],
    ['http://[10.0.0.1/32]/', 'http://10.0.0.1/'],
    ['http://[FD00::/8]/', 'http://[fd00::/8]/'],
    ['http://[fd00::1/128]/', 'http://[fd00::1]/'],
  ])('%s becomes %s', (url, normal) => {
    expect(http({ url })?.url).toBe(normal);
    expect(http({ url: normal })?.url).toBe(normal);
  });

  test('the longest one has a normal form that is valid again', () => {
    const url = `https://a/${'é'.repeat(681)}`;
    const normal = http({ url })?.url ?? '';
    expect(normal).toHaveLength(4096);
    expect(http({ url: normal })?.url).toBe(normal);
  });
});

describe('endpoints', () => {
  test.each([
    ['DB.Internal.:5432', 'db.internal:5432'],
    ['*.Internal:1-65535', '*.internal:1-65535'],
    ['db:80-80', 'db:80'],
    ['10.0.0.0/8:5432', '10.0.0.0/8:5432'],
    ['10.0.0.9/32:5432', '10.0.0.9:5432'],
    ['[FD00::/8]:80', '[fd00::/8]:80'],
    ['[::1/128]:80', '[::1]:80'],
    ['bücher.example:80', 'xn--bcher-kva.example:80'],
  ])('%s becomes %s', (connect, normal) => {
    expect(sockets({ connect })?.connect).toBe(normal);
    expect(sockets({ connect: normal })?.connect).toBe(normal);
  });

  test.each(['127.0.0.1:80', '0.0.0.0:8080-8089', '[::]:80', '127.0.0.0/8:80', '[fd00::/8]:80'])(
    'a program can listen on %s',
    (listen) => {
      expect(sockets({ listen })?.listen).toBe(listen);
    },
  );
});

test.each([
  [
    ['b', 'A', 'a.'],
    ['a', 'b'],
  ],
  [
    ['*.Example.com', 'example.com'],
    ['*.example.com', 'example.com'],
  ],
  [['bücher.example'], ['xn--bcher-kva.example']],
])('names %j become %j', (names, normal) => {
  expect(dns(names)?.names).toEqual(normal);
});

describe('what says nothing is left out', () => {
  test('a format that is the secret alone', () => {
    expect(http({ headers: { a: { secret: 'A', format: '{}' } } })?.headers).toEqual({ a: { secret: 'A' } });
  });

  test('no headers', () => {
    expect(http({ headers: {} })).not.toHaveProperty('headers');
  });

  test('a filter that lets everything through', () => {
    const all = { allow: ['a', '*'] };
    const rule = http({ requestHeaders: all, responseHeaders: all });
    expect(rule).not.toHaveProperty('requestHeaders');
    expect(rule).not.toHaveProperty('responseHeaders');
  });

  test('but not one that lets nothing through', () => {
    const none = { deny: ['a', '*'] };
    expect(http({ requestHeaders: none, responseHeaders: none })).toMatchObject({
      requestHeaders: { deny: ['*'] },
      responseHeaders: { deny: ['*'] },
    });
  });
});

test.each(['te', 'expect', 'trailer', 'x-*', 'h*'])('a program may be let send %s', (name) => {
  expect(http({ requestHeaders: { allow: [name] } })?.requestHeaders).toEqual({ allow: [name] });
});

test('the length of a body may be kept from a program', () => {
  const filter = { deny: ['content-length'] };
  expect(http({ responseHeaders: filter })?.responseHeaders).toEqual(filter);
});

test('a secret may go over plain http: inside a house that is a usual thing', () => {
  const rule = http({ url: 'http://billing.internal/', headers: { authorization: { secret: 'A' } } });
  expect(rule?.headers).toEqual({ authorization: { secret: 'A' } });
});

test('addresses mean nothing on a virtual network, and stay: the policy may be for both', () => {
  const document = { version: 1, sockets: [{ protocol: 'tcp', connect: 'db:1', addresses: ['10.0.0.0/8'] }] };
  const policy: Policy = normalizePolicy({ ...document, network: 'virtual' });
  expect(policy.sockets).toEqual(normalizePolicy(document).sockets);
});
