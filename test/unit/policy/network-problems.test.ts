import { describe, expect, test } from 'vitest';
import { normalizePolicy } from '../../../src/policy/index.ts';
import { Fields } from '../../../src/virtual/http/fields.ts';
import { HttpBudget } from '../../../src/virtual/http/budget.ts';
import { check, problemsOf } from './problems-of.ts';
import type { ProblemCase } from './problems-of.ts';

function section(name: string, rule: string): string {
  return `{ "version": 1, "${name}": [{ ${rule} }] }`;
}

/** Cases about one value of a rule: text of the value, message, and perhaps a hint. */
type Values = Readonly<Record<string, readonly [value: string, message: RegExp, hint?: string | RegExp]>>;

function checkValues(values: Values, pointer: string, text: (value: string) => string): void {
  const cases = Object.entries(values).map(([name, [value, message, hint]]): [string, ProblemCase] => [
    name,
    { text: text(`¦${JSON.stringify(value)}`), pointer, message, ...(hint === undefined ? {} : { hint }) },
  ]);
  check(Object.fromEntries(cases));
}

const HOST = /expected a name, `\*\.` and a name, an address, or a CIDR block$/;

describe('url', () => {
  checkValues(
    {
      'without a scheme': [
        'api.example.com/x',
        /starts with `https:\/\/`/,
        'did you mean "https://api.example.com/x"?',
      ],
      'with a scheme in capitals': ['HTTPS://a/', /starts with `https:\/\/`/, 'did you mean "https://a/"?'],
      'of another scheme': ['wss://a/', /^wrong URL: found "wss:\/\/a\/", expected a URL that starts with/],
      'with a user, whose password no error shows': [
        'https://me:hunter2@a/',
        /^wrong URL: found "https:\/\/\*\*\*@a\/", expected a URL without a user$/,
        /they belong in `headers`/,
      ],
      'with a query': ['https://a/?q=1', /without a query$/, /not compared/],
      'with a fragment': ['https://a/#f', /without a fragment$/],
      'without a host': ['https:///x', /expected a host$/],
      'with port 0': ['https://a:0/', /expected a port from 1 to 65535$/, /has one port/],
      'with a port past the last': ['https://a:65536/', /expected a port from 1 to 65535$/, /has one port/],
      'with any port': ['https://a:*/', /expected a port from 1 to 65535$/, /has one port/],
      'of any host': ['https://*/', HOST, /name the hosts/],
      'with * in the middle of a host': [
        'https://a.*.b/',
        /`\*` only as the first label$/,
        'did you mean "*.b"?',
      ],
      'with * as a part of a label': [
        'https://a*.b/',
        /`\*` only as the first label$/,
        'did you mean "*.b"?',
      ],
      'with two of them': ['https://*.*.b/', /`\*` only as the first label$/, /one or more labels/],
      'with *. before an address': ['https://*.10.0.0.1/', /`\*\.` and a name$/],
      'with an empty label': ['https://a..b/', HOST],
      'with a dot at the beginning': ['https://.example.com/', HOST, 'did you mean "*.example.com"?'],
      'with a space in the host': ['https://a b/', HOST],
      'with an encoded host': ['https://%61/', /a name without `%`$/, /zone/],
      'with an address that has three parts': [
        'http://127.1/',
        /four decimal numbers without leading zeros$/,
      ],
      'with a hexadecimal address': ['http://0x7f.1/', /four decimal numbers without leading zeros$/],
      'with an octal address': ['http://0177.0.0.1/', /four decimal numbers without leading zeros$/],
      'with an address that is one number': ['http://2130706433/', /four decimal numbers/],
      'with IPv6 outside of brackets': ['http://::1/', /IPv6 in brackets$/, 'did you mean "http://[::1]/"?'],
      'with a zone': ['http://[fe80::1%25eth0]/', /expected an IPv6 address$/],
      'with a block outside of brackets': [
        'http://10.0.0.0/8',
        /a CIDR block in brackets$/,
        'did you mean "http://[10.0.0.0/8]"?',
      ],
      'with a block with a port outside of brackets': [
        'http://10.0.0.0/8:8080/**',
        /a CIDR block in brackets$/,
        'did you mean "http://[10.0.0.0/8]:8080/**"?',
      ],
      'with a block that has bits past its prefix': [
        'http://[10.0.0.1/8]/',
        /no bits past the prefix$/,
        'did you mean "10.0.0.0/8"?',
      ],
      'with ** as a part of a component': [
        'https://a/x/b**/c',
        /`\*\*` only as a whole component of the path$/,
        'did you mean "https://a/x/b*/c"?',
      ],
      'with two dots': ['https://a/x/../y', /a path without `\.` and `\.\.`$/],
      'with encoded dots': ['https://a/%2E%2e/y', /a path without `\.` and `\.\.`$/],
      'with % alone': ['https://a/100%', /two hexadecimal digits after `%`$/],
      'with a backslash': ['https://a/b\\c', /without spaces and backslashes$/],
      'with a space': ['https://a/b c', /without spaces and backslashes$/],
      'of too many components': [`https://a/${'b/'.repeat(64)}`, /at most 64 components$/],
      'too long when it is encoded': [
        `https://a/${'é'.repeat(700)}`,
        /at most 4096 characters, percent-encoded$/,
      ],
      'that is empty': ['', /starts with/],
    },
    '/http/0/url',
    (url) => section('http', `"methods": ["GET"], "url": ${url}`),
  );
});

describe('methods', () => {
  checkValues(
    {
      'in lower case': [
        'get',
        /^wrong method: found "get", expected an HTTP method, upper-case$/,
        'did you mean "GET"?',
      ],
      any: ['*', /expected an HTTP method/, /name the methods/],
      CONNECT: ['CONNECT', /a method other than CONNECT$/, /`sockets`/],
      'CONNECT in lower case': ['connect', /a method other than CONNECT$/, /`sockets`/],
      'with a space': ['GET /', /^wrong value: .* expected an HTTP method, upper-case$/],
      'with a part that is any': ['P*', /^wrong value: .* expected an HTTP method, upper-case$/],
    },
    '/http/0/methods/0',
    (method) => section('http', `"methods": [${method}], "url": "https://a/"`),
  );
  check({
    none: {
      text: section('http', '"methods": ¦[], "url": "https://a/"'),
      pointer: '/http/0/methods',
      message: /found an empty array, expected at least one element$/,
    },
    'one that is no text': {
      text: section('http', '"methods": [¦1], "url": "https://a/"'),
      pointer: '/http/0/methods/0',
      message: /found 1, expected an HTTP method, upper-case$/,
    },
    'not there': {
      text: '{ "version": 1, "http": [¦{ "url": "https://a/" }] }',
      pointer: '/http/0',
      message: /^missing key: expected `methods`$/,
    },
  });
});

describe('headers from secrets', () => {
  const http = (headers: string): string =>
    section('http', `"methods": ["GET"], "url": "https://a/", "headers": { ${headers} }`);
  const ABOUT =
    /^wrong header: .* expected a header that is not about the connection or the length of the body$/;
  check(
    Object.fromEntries(
      [
        'connection',
        'host',
        'content-length',
        'transfer-encoding',
        'proxy-authorization',
        'upgrade',
        'expect',
        'te',
        'trailer',
        'Host',
      ].map((name) => [
        name,
        { text: http(`¦"${name}": { "secret": "A" }`), pointer: `/http/0/headers/${name}`, message: ABOUT },
      ]),
    ),
  );
  check({
    'in capitals': {
      text: http('¦"Authorization": { "secret": "A" }'),
      pointer: '/http/0/headers/Authorization',
      message: /expected a lower-case header name$/,
      hint: 'did you mean "authorization"?',
    },
    'that is no name': {
      text: http('¦"a b": { "secret": "A" }'),
      pointer: '/http/0/headers/a b',
      message: /expected a lower-case header name$/,
    },
    __proto__: {
      text: http('¦"__proto__": { "secret": "A" }'),
      pointer: '/http/0/headers/__proto__',
      message: /^forbidden key/,
    },
    'with a value in the policy': {
      text: http('"a": ¦"hunter2"'),
      pointer: '/http/0/headers/a',
      message: /expected an object with `secret`, and perhaps `format`$/,
    },
    'of no secret': {
      text: http('"a": ¦{ "format": "{}" }'),
      pointer: '/http/0/headers/a',
      message: /^missing key: expected `secret`$/,
    },
    'of a secret whose name is none': {
      text: http('"a": { "secret": ¦"A B" }'),
      pointer: '/http/0/headers/a/secret',
      message: /expected a name: 1 to 64/,
    },
    'in a format without a place': {
      text: http('"a": { "secret": "A", "format": ¦"Bearer" }'),
      pointer: '/http/0/headers/a/format',
      message: /^wrong format: found "Bearer", expected `{}` exactly once, where the secret stands$/,
      hint: 'did you mean "Bearer {}"?',
    },
    'in a format of two places': {
      text: http('"a": { "secret": "A", "format": ¦"{}:{}" }'),
      pointer: '/http/0/headers/a/format',
      message: /`{}` exactly once/,
    },
    'in a format with a space around it': {
      text: http('"a": { "secret": "A", "format": ¦"Bearer {} " }'),
      pointer: '/http/0/headers/a/format',
      message: /no space at its beginning and end$/,
      hint: 'did you mean "Bearer {}"?',
    },
    'in a format with a line end': {
      text: http('"a": { "secret": "A", "format": ¦"{}\\r\\nx: y" }'),
      pointer: '/http/0/headers/a/format',
      message: /^control character/,
    },
    'in a format that is not ASCII': {
      text: http('"a": { "secret": "A", "format": ¦"é {}" }'),
      pointer: '/http/0/headers/a/format',
      message: /^wrong value: found "é {}"/,
    },
  });
});

test('what no guest may set, no policy may: neither as its own nor as the guest’s', () => {
  const words = [
    'connection',
    'host',
    'http2-settings',
    'keep-alive',
    'proxy-authenticate',
    'proxy-authorization',
  ];
  for (const name of [...words, 'proxy-connection', 'transfer-encoding', 'upgrade', 'x-free']) {
    const fields = new Fields(new HttpBudget());
    const isFree = fields.set(name, [new Uint8Array([0x61])]) !== 'forbidden';
    const rule = { methods: ['GET'], url: 'https://a/' };
    const policies = [
      { ...rule, headers: { [name]: { secret: 'A' } } },
      { ...rule, requestHeaders: { allow: [name] } },
      { ...rule, responseHeaders: { allow: [name] } },
    ].map((http) => ({ version: 1, http: [http] }));
    for (const policy of policies) {
      if (isFree) expect(() => normalizePolicy(policy)).not.toThrow();
      else expect(problemsOf(policy)).toHaveLength(1);
    }
    expect(isFree).toBe(name === 'x-free');
  }
});

describe('header filters', () => {
  const filter = (properties: string): string =>
    section(
      'http',
      `"methods": ["GET"], "url": "https://a/", "headers": { "x-key": { "secret": "A" } }, ${properties}`,
    );
  check({
    'both kinds': {
      text: filter('"requestHeaders": ¦{ "allow": ["a"], "deny": ["b"] }'),
      pointer: '/http/0/requestHeaders',
      message: /found `allow` and `deny`, expected exactly one of `allow` and `deny`$/,
    },
    neither: {
      text: filter('"responseHeaders": ¦{}'),
      pointer: '/http/0/responseHeaders',
      message: /found none of them, expected exactly one of `allow` and `deny`$/,
    },
    'a list that is not in an object': {
      text: filter('"responseHeaders": ¦["a"]'),
      pointer: '/http/0/responseHeaders',
      message: /found an array, expected an object with exactly one of `allow`, `deny`$/,
    },
    'no names': {
      text: filter('"requestHeaders": { "allow": ¦[] }'),
      pointer: '/http/0/requestHeaders/allow',
      message: /found an empty array, expected at least one element$/,
    },
    'a name in capitals': {
      text: filter('"requestHeaders": { "deny": [¦"Cookie"] }'),
      pointer: '/http/0/requestHeaders/deny/0',
      message: /^wrong header name: found "Cookie", expected a lower-case header name$/,
      hint: 'did you mean "cookie"?',
    },
    'a name with a space': {
      text: filter('"requestHeaders": { "deny": ["a", ¦"a b"] }'),
      pointer: '/http/0/requestHeaders/deny/1',
      message: /expected a lower-case header name, or the beginning of one and `\*`$/,
    },
    '* that is not at the end': {
      text: filter('"responseHeaders": { "allow": [¦"x-*-id"] }'),
      pointer: '/http/0/responseHeaders/allow/0',
      message: /expected `\*` only at the end$/,
    },
    'what the host sets': {
      text: filter('"requestHeaders": { "allow": [¦"host"] }'),
      pointer: '/http/0/requestHeaders/allow/0',
      message: /expected a header that a program may send$/,
      hint: /the host keeps it to itself/,
    },
    'the length of a body, which is the host’s to send': {
      text: filter('"requestHeaders": { "deny": [¦"content-length"] }'),
      pointer: '/http/0/requestHeaders/deny/0',
      message: /expected a header that a program may send$/,
      hint: /the host keeps it to itself/,
    },
    'what no program sees': {
      text: filter('"responseHeaders": { "deny": [¦"transfer-encoding"] }'),
      pointer: '/http/0/responseHeaders/deny/0',
      message: /expected a header that a program may see$/,
      hint: /the host keeps it to itself/,
    },
    'what the rule itself adds': {
      text: filter('"requestHeaders": { "allow": [¦"x-key"] }'),
      pointer: '/http/0/requestHeaders/allow/0',
      message: /expected a header that the program sends$/,
      hint: 'it is one of `headers`',
    },
  });
});

describe('timeouts and budgets', () => {
  const http = (properties: string): string =>
    section('http', `"methods": ["GET"], "url": "https://a/", ${properties}`);
  check({
    'no timeout': {
      text: http('"timeouts": ¦{}'),
      pointer: '/http/0/timeouts',
      message: /expected at least one of `connect`, `firstByte`, `betweenBytes` and `total`$/,
    },
    'a timeout without a unit': {
      text: http('"timeouts": { "firstByte": ¦"5" }'),
      pointer: '/http/0/timeouts/firstByte',
      message: /expected a duration/,
      hint: /add a unit/,
    },
    'an unknown timeout': {
      text: http('"timeouts": { ¦"read": "5s" }'),
      pointer: '/http/0/timeouts/read',
      message:
        /^unknown key: found "read", expected one of `connect`, `firstByte`, `betweenBytes` or `total`$/,
    },
    'a rate of an unknown unit': {
      text: http('"budget": { "requests": ¦"60/m" }'),
      pointer: '/http/0/budget/requests',
      message: /expected a rate such as "60\/min", or an integer$/,
    },
    'a broken size': {
      text: http('"budget": { "responseBytes": ¦"5 MB" }'),
      pointer: '/http/0/budget/responseBytes',
      message: /expected a size/,
      hint: 'did you mean "5MB"?',
    },
    'none at one time': {
      text: http('"budget": { "concurrent": ¦0 }'),
      pointer: '/http/0/budget/concurrent',
      message: /expected an integer of at least 1$/,
    },
    'a budget of another section': {
      text: http('"budget": { ¦"operations": 1 }'),
      pointer: '/http/0/budget/operations',
      message: /^unknown key/,
    },
    'a broken size of sockets': {
      text: section('sockets', '"protocol": "tcp", "connect": "a:1", "budget": { "sentBytes": ¦"1G" }'),
      pointer: '/sockets/0/budget/sentBytes',
      message: /expected a size/,
      hint: 'did you mean "1GiB"?',
    },
    'a budget of nothing for lookups': {
      text: section('dns', '"names": ["a"], "budget": ¦{}'),
      pointer: '/dns/0/budget',
      message: /expected at least one of `requests` and `concurrent`$/,
    },
  });
});

describe('connect', () => {
  const PORTS = /expected a port from 1 to 65535, or a range such as "8000-8099"$/;
  checkValues(
    {
      'without a port': [
        'db',
        /^wrong endpoint: found "db", expected a host and a port$/,
        'add the port: "db:PORT"',
      ],
      'IPv6 without a port': ['::1', /expected a host and a port$/, /"\[ADDRESS\]:PORT"/],
      'with a name and no more': ['a b', /expected a host and a port such as "db.internal:5432"$/],
      'with port 0': ['db:0', PORTS],
      'with a port past the last': ['db:65536', PORTS],
      'with a port of leading zeros': ['db:080', PORTS],
      'with any port': ['db:*', PORTS, 'did you mean "db:1-65535"?'],
      'with an empty port': ['db:', PORTS],
      'with a reversed range': ['db:9-8', /expected a range that rises$/, 'did you mean "db:8-9"?'],
      'with a list of ports': ['db:1,2', PORTS],
      'with a scheme': ['tcp://db:1', /a host and a port, without a scheme$/, /`http` rules/],
      'with a user': ['postgres:hunter2@db:5432', /found "\*\*\*@db:5432", expected a host without a user$/],
      'of any host': ['*:443', HOST, /name the hosts/],
      'without a host': [':443', /expected a host$/],
      'with IPv6 outside of brackets': ['fd00::/8:80', /IPv6 in brackets$/, 'did you mean "[fd00::/8]:80"?'],
      'with bits past a prefix': ['10.0.0.1/8:80', /no bits past the prefix$/, 'did you mean "10.0.0.0/8"?'],
      'with a path': ['db/x:80', /expected a CIDR block/],
      'with a short address': ['127.1:80', /four decimal numbers/],
    },
    '/sockets/0/connect',
    (connect) => section('sockets', `"protocol": "tcp", "connect": ${connect}`),
  );
});

describe('listen', () => {
  const OWN = /expected an address or a CIDR block of this host, and a port$/;
  checkValues(
    {
      'on a name': ['db.internal:80', OWN],
      'on names': ['*.internal:80', OWN],
      'on localhost': ['localhost:80', OWN, 'did you mean "127.0.0.1:80"?'],
      'on all addresses': ['*:80', OWN, 'did you mean "0.0.0.0:80"?'],
      'on port 0': ['127.0.0.1:0', /expected a port from 1 to 65535/, /the first free one of a range/],
      'on a range from 0': ['127.0.0.1:0-80', /expected a port from 1 to 65535/, /the first free one/],
      'without an address': [':80', /expected a host$/],
    },
    '/sockets/0/listen',
    (listen) => section('sockets', `"protocol": "tcp", "listen": ${listen}`),
  );
  check({
    'and connect': {
      text: '{ "version": 1, "sockets": [¦{ "protocol": "tcp", "listen": "127.0.0.1:1", "connect": "a:1" }] }',
      pointer: '/sockets/0',
      message: /found `connect` and `listen`, expected exactly one of `connect` and `listen`$/,
    },
    'nor connect': {
      text: '{ "version": 1, "sockets": [¦{ "protocol": "tcp" }] }',
      pointer: '/sockets/0',
      message: /found none of them, expected exactly one of `connect` and `listen`$/,
    },
    'of an unknown protocol': {
      text: section('sockets', '"protocol": ¦"tpc", "listen": "127.0.0.1:1"'),
      pointer: '/sockets/0/protocol',
      message: /expected "tcp", "udp"$/,
      hint: 'did you mean "tcp"?',
    },
  });
});

describe('addresses', () => {
  checkValues(
    {
      'of one address': ['10.0.0.1', /expected a CIDR block/, 'did you mean "10.0.0.1/32"?'],
      'of one IPv6 address': ['fd00::1', /expected a CIDR block/, 'did you mean "fd00::1/128"?'],
      'with bits past the prefix': [
        '10.1.2.3/12',
        /^wrong CIDR block: found "10.1.2.3\/12", expected no bits past the prefix$/,
        'did you mean "10.0.0.0/12"?',
      ],
      'with IPv6 bits past the prefix': ['fdff::1/7', /no bits past the prefix$/, 'did you mean "fc00::/7"?'],
      'with too long a prefix': ['10.0.0.0/33', /expected a prefix of 0 to 32 bits$/],
      'with too long a prefix of IPv6': ['fd00::/129', /expected a prefix of 0 to 128 bits$/],
      'with a prefix of leading zeros': [
        '10.0.0.0/08',
        /without leading zeros$/,
        'did you mean "10.0.0.0/8"?',
      ],
      'with a mask': ['10.0.0.0/255.0.0.0', /expected a prefix of 0 to 32 bits$/],
      'of a name': ['db.internal/8', /expected a CIDR block/],
      'of a short address': ['10/8', /expected a CIDR block/],
      'of a range': ['10.0.0.1-10.0.0.9', /expected a CIDR block/],
    },
    '/sockets/0/addresses/0',
    (block) => section('sockets', `"protocol": "tcp", "connect": "a:1", "addresses": [${block}]`),
  );
  const NOTHING = {
    message: /^`addresses` means nothing beside an address: expected a name beside it$/,
    hint: 'leave it out',
  };
  check({
    none: {
      text: section('http', '"methods": ["GET"], "url": "https://a/", "addresses": ¦[]'),
      pointer: '/http/0/addresses',
      message: /expected at least one element$/,
    },
    'beside an address in a URL': {
      text: section('http', '"methods": ["GET"], "url": "http://10.0.0.1/", ¦"addresses": ["10.0.0.0/8"]'),
      pointer: '/http/0/addresses',
      ...NOTHING,
    },
    'beside a block': {
      text: section('sockets', '"protocol": "tcp", "connect": "10.0.0.0/8:1", ¦"addresses": ["10.0.0.0/8"]'),
      pointer: '/sockets/0/addresses',
      ...NOTHING,
    },
    'beside listen': {
      text: section('sockets', '"protocol": "tcp", "listen": "127.0.0.1:1", ¦"addresses": ["127.0.0.0/8"]'),
      pointer: '/sockets/0/addresses',
      ...NOTHING,
    },
  });
});

describe('names of lookups', () => {
  const NAME = /^wrong name: .* expected a name, or `\*\.` and a name$/;
  checkValues(
    {
      'an address': ['10.0.0.1', NAME, 'an address needs no lookup'],
      'an IPv6 address': ['::1', NAME, 'an address needs no lookup'],
      'a block': ['10.0.0.0/8', NAME, 'an address needs no lookup'],
      any: ['*', NAME, /name the hosts/],
      '* in the middle': ['a.*.b', NAME, 'did you mean "*.b"?'],
      'with a scheme': ['https://a', NAME, /without a scheme/],
      'with a port': ['a:53', NAME, /without a port/],
      'with an empty label': ['a..b', NAME],
      'with a dot at the beginning': ['.a', NAME, 'did you mean "*.a"?'],
      'with a long label': [`${'a'.repeat(64)}.b`, NAME],
      empty: ['', NAME],
    },
    '/dns/0/names/0',
    (name) => section('dns', `"names": [${name}]`),
  );
  check({
    none: {
      text: section('dns', '"names": ¦[]'),
      pointer: '/dns/0/names',
      message: /expected at least one element$/,
    },
  });
});

describe('network', () => {
  check({
    'another one': {
      text: '{ "version": 1, "network": ¦"host" }',
      pointer: '/network',
      message: /^wrong value: found "host", expected "virtual"$/,
    },
    'that is true': {
      text: '{ "version": 1, "network": ¦true }',
      pointer: '/network',
      message: /found true, expected "virtual"$/,
    },
  });
});

describe('ids', () => {
  test('are unique over all sections', () => {
    const problems = problemsOf(
      `{ "version": 1,
        "filesystem": [{ "id": "a", "mount": "/", "memory": {}, "access": "read" }],
        "http": [{ "id": "a", "methods": ["GET"], "url": "https://a/" }],
        "sockets": [{ "id": "b", "protocol": "tcp", "connect": "a:1" }],
        "dns": [{ "id": "b", "names": ["a"] }] }`,
      { file: 'p.jsonc' },
    );
    expect(problems).toMatchObject([
      { pointer: '/http/0/id', found: '"a"', hint: 'the other one is at p.jsonc:2:32' },
      { pointer: '/dns/0/id', found: '"b"', hint: 'the other one is at p.jsonc:4:29' },
    ]);
  });

  check({
    'a generated one of another section': {
      text: section('http', '"id": ¦"sockets/0", "methods": ["GET"], "url": "https://a/"'),
      pointer: '/http/0/id',
      message: /^wrong identifier: .* or "http\/0" for a rule without a name at this position$/,
    },
    'a generated one of another position': {
      text: section('dns', '"id": ¦"dns/1", "names": ["a"]'),
      pointer: '/dns/0/id',
      message: /or "dns\/0" for a rule without a name/,
    },
  });
});

test('every problem of a rule comes at once', () => {
  const problems = problemsOf(
    '{ "version": 1, "http": [5, { "methods": ["get"], "url": "https://a/?q", "budget": { "requests": "x" } }] }',
  );
  expect(problems.map(({ pointer }) => pointer)).toEqual([
    '/http/0',
    '/http/1/methods/0',
    '/http/1/url',
    '/http/1/budget/requests',
  ]);
});
