import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import {
  canonicalPolicy,
  formatProblem,
  normalizePolicy,
  parsePolicy,
  PolicyError,
  printPolicy,
} from '../../../src/policy/index.ts';
import { problemsOf } from './problems-of.ts';

const DOCUMENT = {
  $schema: './s.json',
  version: 1,
  name: 'n',
  description: 'd',
  filesystem: [{ id: 'a', description: 'r', mount: '/a', host: 'h', access: 'read' }],
  environment: { B: 'é', A: '1' },
};

test('the canonical form is RFC 8785, without $schema and descriptions', () => {
  expect(canonicalPolicy(normalizePolicy(DOCUMENT))).toBe(
    '{"arguments":false,"audit":{"level":"denials"},"clocks":{"monotonic":false,"wall":false},"dns":[],"environment":{"A":"1","B":"é"},' +
      '"filesystem":[{"access":["list","read"],"host":"h","id":"a","mount":"/a"}],"http":[],"limits":{},"name":"n","random":false,' +
      '"sockets":[],"stdio":{"stderr":false,"stdin":false,"stdout":false},"version":1}',
  );
});

test('the digest of the empty policy is stable across releases', () => {
  const text = canonicalPolicy(normalizePolicy({ version: 1 }));
  expect(createHash('sha256').update(text).digest('hex')).toBe(
    '5bb7d17d5af8c51233a91b7dd61e15bc29cf0213d18c5358caa14dfa594c2c4f',
  );
});

test.each<[string, object]>([
  ['a rule', { filesystem: [] }],
  ['a name', { name: 'm' }],
  ['a variable', { environment: { A: '2' } }],
  ['a word', { filesystem: [{ ...DOCUMENT.filesystem[0], access: ['read'] }] }],
  ['an id', { filesystem: [{ ...DOCUMENT.filesystem[0], id: 'b' }] }],
])('%s changes the canonical form', (_, change) => {
  expect(canonicalPolicy(normalizePolicy({ ...DOCUMENT, ...change }))).not.toBe(
    canonicalPolicy(normalizePolicy(DOCUMENT)),
  );
});

describe('one meaning has one canonical form', () => {
  const rule = { mount: '/', host: 'h', access: 'read' };
  const memory = { mount: '/', access: 'read' };
  const from = (files: object): object => ({ ...memory, memory: { from: { files } } });
  const form = (filesystem: object): string =>
    canonicalPolicy(normalizePolicy({ version: 1, filesystem: [filesystem] }));

  test.each<[string, object, object]>([
    ['real timestamps', { ...rule, timestamps: 'real' }, rule],
    ['timestamps to the nanosecond', { ...rule, timestamps: { resolution: '1ns' } }, rule],
    [
      'the unit of a resolution',
      { ...rule, timestamps: { resolution: '60s' } },
      { ...rule, timestamps: { resolution: '1min' } },
    ],
    ['a leading zero of an umask', { ...rule, umask: '0027' }, { ...rule, umask: '027' }],
    ['the order of patterns', { ...rule, paths: ['b', 'a'] }, { ...rule, paths: ['a', 'b', 'a'] }],
    ['asterisks side by side', { ...rule, paths: ['**/*/**'] }, { ...rule, paths: ['*/**'] }],
    ['patterns that leave nothing out', { ...rule, paths: ['a', '**'] }, rule],
    ['what is below an exception', { ...rule, except: ['a'] }, { ...rule, except: ['a/**'] }],
    ['what is not concealed', { ...rule, paths: ['a'], conceal: false }, { ...rule, paths: ['a'] }],
    [
      'the unit of a size',
      { ...rule, budget: { readBytes: '1KiB' } },
      { ...rule, budget: { readBytes: 1024 } },
    ],
    ['no files', from({}), { ...memory, memory: {} }],
    ['a directory on the way', from({ a: null, 'a/b': null, 'a/b/c': 'x' }), from({ 'a/b/c': 'x' })],
    ['the order of files', from({ a: 'x', b: 'y' }), from({ b: 'y', a: 'x' })],
  ])('%s', (_, one, other) => {
    expect(form(one)).toBe(form(other));
  });

  test.each<[string, object, object]>([
    ['no timestamps', { ...rule, timestamps: false }, rule],
    [
      'a rate and a number',
      { ...rule, budget: { operations: '1/d' } },
      { ...rule, budget: { operations: 1 } },
    ],
    ['two rates', { ...rule, budget: { operations: '60/min' } }, { ...rule, budget: { operations: '1/s' } }],
    ['an empty directory', from({ a: 'x', b: null }), from({ a: 'x' })],
    ['no patterns', { ...rule, paths: ['*'] }, rule],
    ['image and host', { ...memory, image: 'h' }, rule],
  ])('%s is another meaning', (_, one, other) => {
    expect(form(one)).not.toBe(form(other));
  });
});

describe('one meaning of a rule of the network has one canonical form', () => {
  const http = { methods: ['GET', 'POST'], url: 'https://example.com/a' };
  const tcp = { protocol: 'tcp', connect: 'db.internal:5432' };
  const form = (section: string, rule: object): string =>
    canonicalPolicy(normalizePolicy({ version: 1, [section]: [rule] }));

  test.each<[string, string, object, object]>([
    ['the order of methods', 'http', { ...http, methods: ['POST', 'GET', 'POST'] }, http],
    ['a port that the scheme means', 'http', { ...http, url: 'https://EXAMPLE.com.:443/a' }, http],
    ['what need not be encoded', 'http', { ...http, url: 'https://example.com/%61' }, http],
    [
      'the unit of a timeout',
      'http',
      { ...http, timeouts: { total: '60s' } },
      { ...http, timeouts: { total: '1min' } },
    ],
    ['a format of the secret alone', 'http', secret('{}'), secret(undefined)],
    ['a filter that lets all through', 'http', { ...http, responseHeaders: { allow: ['*'] } }, http],
    ['a description', 'http', { ...http, description: 'd' }, http],
    [
      'the order of addresses',
      'sockets',
      { ...tcp, addresses: ['FD00::/8', '10.0.0.0/8'] },
      { ...tcp, addresses: ['10.0.0.0/8', 'fd00::/8', '10.0.0.0/8'] },
    ],
    [
      'a block of one address',
      'sockets',
      { ...tcp, connect: '10.0.0.1/32:1-1' },
      { ...tcp, connect: '10.0.0.1:1' },
    ],
    ['a description of sockets', 'sockets', { ...tcp, description: 'd' }, tcp],
    ['the order of names', 'dns', { names: ['b', 'A.'], description: 'd' }, { names: ['a', 'b'] }],
  ])('%s', (_, section, one, other) => {
    expect(form(section, one)).toBe(form(section, other));
  });

  test.each<[string, string, object, object]>([
    ['a path in capitals', 'http', { ...http, url: 'https://example.com/A' }, http],
    [
      'an encoded slash',
      'http',
      { ...http, url: 'https://example.com/a%2Fb' },
      { ...http, url: 'https://example.com/a/b' },
    ],
    ['no addresses', 'sockets', { ...tcp, addresses: ['0.0.0.0/0', '::/0'] }, tcp],
    ['names below a name', 'dns', { names: ['*.a'] }, { names: ['a'] }],
    ['another secret', 'http', secret(undefined), { ...http, headers: { authorization: { secret: 'B' } } }],
  ])('%s is another meaning', (_, section, one, other) => {
    expect(form(section, one)).not.toBe(form(section, other));
  });

  test('a virtual network is another meaning', () => {
    expect(canonicalPolicy(normalizePolicy({ version: 1, network: 'virtual' }))).not.toBe(
      canonicalPolicy(normalizePolicy({ version: 1 })),
    );
  });

  function secret(format: string | undefined): object {
    const header = { secret: 'A', ...(format === undefined ? {} : { format }) };
    return { ...http, headers: { authorization: header } };
  }
});

test('a variable that is called toJSON is data', () => {
  const policy = normalizePolicy({ version: 1, environment: { toJSON: 'x' } });
  expect(canonicalPolicy(policy)).toContain('"toJSON":"x"');
  expect(parsePolicy(printPolicy(policy))).toEqual(policy);
});

test('printing shows no control characters and loses none', () => {
  const policy = normalizePolicy({ version: 1, environment: { A: 'a\u001b[31m\u009b\u202e\n\u2028' } });
  const text = printPolicy(policy);
  expect(text).toContain('"a\\u001b[31m\\u009b\\u202e\\n\\u2028"');
  expect(text.endsWith('}\n')).toBe(true);
  expect(parsePolicy(text)).toEqual(policy);
});

test('a problem is printed with what is known of its place', () => {
  const [problem] = problemsOf('{ "version": 1,\n "acess": 1 }', { file: 'p.jsonc' });
  expect(problem && formatProblem(problem)).toMatch(
    /^p\.jsonc:2:2: \/acess: unknown key: found "acess", expected one of/,
  );
  const [known] = problemsOf({ version: 1, arguments: 1 });
  expect(known && formatProblem(known)).toBe('/arguments: wrong value: found 1, expected true or false');
  const [root] = problemsOf('{', { file: 'a\u001bb' });
  expect(root && formatProblem(root)).toBe(
    'a\\u001bb:1:2: not JSON: found the end of the text, expected `}`',
  );
});

test('what a policy contains cannot forge lines of an error', () => {
  const [problem] = problemsOf({ version: 1, 'x\n\u001b[2J': 1 });
  expect(problem && formatProblem(problem).split('\n')).toHaveLength(1);
  expect(problem && formatProblem(problem)).toContain('/x\\u000a\\u001b[2J');
});

test('the error lists the problems and has them all', () => {
  const keys = Object.fromEntries(Array.from({ length: 60 }, (_, index) => [`unknown${index}`, 1]));
  const error = new PolicyError(problemsOf({ version: 1, ...keys }));
  expect(error).toMatchObject({ name: 'PolicyError', code: 'BW_POLICY_INVALID' });
  expect(error.problems).toHaveLength(60);
  expect(error.message.split('\n')).toHaveLength(52);
  expect(error.message).toMatch(/^The policy has 60 problems:\n[^]*\nand 10 more$/);
});
