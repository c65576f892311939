import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { normalizePolicy } from '../../../src/policy/index.ts';
import type { PolicyDocument } from '../../../src/policy/index.ts';
import { problemsOf } from './problems-of.ts';

describe('policies that are objects', () => {
  test('problems have pointers and no lines', () => {
    expect(
      problemsOf({ version: 1, filesystem: [{ mount: 'a', host: 'a', access: 'read' }] }, { file: 'tenant' }),
    ).toEqual([
      {
        message: 'wrong mount: found "a", expected an absolute guest path',
        file: 'tenant',
        line: undefined,
        column: undefined,
        pointer: '/filesystem/0/mount',
        found: '"a"',
        expected: 'an absolute guest path',
        hint: 'did you mean "/a"?',
      },
    ]);
  });

  test('the typed form is accepted as it stands', () => {
    const document: PolicyDocument = {
      version: 1,
      extends: ['preset:command'],
      filesystem: [{ mount: '/data', host: 'data', access: ['read'], quota: { bytes: '1MiB' } }],
      clocks: { wall: { resolution: 1_000_000 } },
      limits: { deadline: '5s' },
    };
    expect(normalizePolicy(document).filesystem[0]?.quota).toEqual({ bytes: 1_048_576 });
  });

  test('the typed form has every word of a filesystem rule', () => {
    const bounds = {
      quota: { bytes: '1MiB', directories: 1 },
      budget: { operations: '1/s', readBytes: '1KiB' },
    };
    const document: PolicyDocument = {
      version: 1,
      filesystem: [
        {
          mount: '/a',
          host: 'a',
          access: 'read',
          paths: ['*'],
          except: ['b'],
          conceal: true,
          ...bounds,
          umask: '077',
        },
        { mount: '/b', image: 'b', access: 'read', timestamps: { resolution: 1_000_000_000 } },
        {
          mount: '/c',
          memory: { from: { files: { d: null, e: { base64: '' } } } },
          access: 'read',
          timestamps: 'real',
        },
        { mount: '/d', overlay: { lower: { image: 'b' }, upper: { memory: {} } }, access: 'read-write' },
      ],
      limits: { filesystem: bounds },
    };
    const policy = normalizePolicy(document);
    expect(policy.filesystem.map(({ timestamps }) => timestamps)).toEqual([
      undefined,
      { resolution: '1s' },
      undefined,
      undefined,
    ]);
    const again: PolicyDocument = policy;
    expect(normalizePolicy({ ...again })).toEqual(policy);
  });

  test('the typed form has every word of the rules of the network', () => {
    const document: PolicyDocument = {
      version: 1,
      http: [
        {
          methods: ['GET'],
          url: 'https://a/**',
          addresses: ['10.0.0.0/8'],
          headers: { authorization: { secret: 'TOKEN', format: 'Bearer {}' } },
          requestHeaders: { allow: ['accept'] },
          responseHeaders: { deny: ['set-cookie'] },
          timeouts: { connect: '1s', firstByte: 1_000_000_000, betweenBytes: '1s', total: '1min' },
          budget: { requests: '1/s', requestBytes: '1KiB', responseBytes: 1024, concurrent: 1 },
        },
      ],
      sockets: [
        {
          protocol: 'tcp',
          connect: 'db:5432',
          budget: { operations: 1, sentBytes: '1KiB', receivedBytes: 1, concurrent: 1 },
        },
        { protocol: 'udp', listen: '127.0.0.1:53' },
      ],
      dns: [{ names: ['db'], budget: { requests: '1/s' } }],
      network: 'virtual',
    };
    const policy = normalizePolicy(document);
    expect(policy.http[0]?.timeouts?.firstByte).toBe('1s');
    const again: PolicyDocument = policy;
    expect(normalizePolicy({ ...again })).toEqual(policy);
  });

  test('a normal form has the typed form, too', () => {
    const document: PolicyDocument = normalizePolicy({ version: 1, extends: ['preset:command'] });
    expect(normalizePolicy({ ...document })).toEqual(document);
  });

  test('objects of another realm and without a prototype are plain', () => {
    expect(
      normalizePolicy(runInNewContext('({ version: 1, environment: { A: "x" }, extends: [] })')).environment[
        'A'
      ],
    ).toBe('x');
    const bare = Object.assign(Object.create(null) as object, { version: 1, arguments: true });
    expect(normalizePolicy(bare).arguments).toBe(true);
  });

  test('later changes to the document change nothing', () => {
    const rule = { mount: '/a', host: 'a', access: ['read'] };
    const policy = normalizePolicy({ version: 1, filesystem: [rule] });
    rule.host = '/etc';
    rule.access.push('write');
    expect(policy.filesystem[0]).toEqual({ id: 'filesystem/0', mount: '/a', host: 'a', access: ['read'] });
  });

  test('every property is read once: what was checked is what counts', () => {
    let reads = 0;
    const rule = {
      mount: '/a',
      access: 'read',
      get host(): string {
        return ++reads === 1 ? 'a' : '/etc';
      },
    };
    expect(normalizePolicy({ version: 1, filesystem: [rule] }).filesystem[0]?.host).toBe('a');
    expect(reads).toBe(1);
  });

  test('inherited properties are not the document’s', () => {
    const inherited = Object.create(
      Object.create(null, { arguments: { value: true, enumerable: true } }) as object,
    ) as { version: number };
    inherited.version = 1;
    expect(normalizePolicy(inherited).arguments).toBe(false);
  });

  test('a polluted Object.prototype adds nothing', () => {
    const prototype = Object.prototype as { arguments?: boolean; quota?: object };
    prototype.arguments = true;
    prototype.quota = { bytes: 1 };
    try {
      const policy = normalizePolicy({
        version: 1,
        filesystem: [{ mount: '/a', memory: {}, access: 'read' }],
      });
      expect(Object.hasOwn(policy, 'arguments') && policy.arguments).toBe(false);
      expect(Object.hasOwn(policy.filesystem[0] ?? {}, 'quota')).toBe(false);
    } finally {
      delete prototype.arguments;
      delete prototype.quota;
    }
  });
});

describe('values that are not JSON', () => {
  class Rules {
    readonly 0 = {};
  }

  test.each<[string, unknown, string, RegExp, string?]>([
    [
      'undefined',
      { version: 1, limits: { memory: undefined } },
      '/limits/memory',
      /^not JSON: found undefined, expected a JSON value$/,
      'leave the key out',
    ],
    ['a bigint', { version: 1, limits: { memory: 1n } }, '/limits/memory', /^not JSON: found 1/],
    ['a function', { version: 1, arguments: () => true }, '/arguments', /^not JSON: found a function/],
    ['a symbol', { version: 1, random: Symbol('x') }, '/random', /^not JSON: found Symbol\(x\)/],
    [
      'a Map',
      { version: 1, environment: new Map() },
      '/environment',
      /^not JSON: found an object of a class/,
    ],
    [
      'a class',
      { version: 1, filesystem: new Rules() },
      '/filesystem',
      /^not JSON: found an object of a class/,
    ],
    ['a boxed boolean', { version: 1, arguments: Object(true) }, '/arguments', /^not JSON/],
    [
      'NaN',
      { version: 1, limits: { handles: Number.NaN } },
      '/limits/handles',
      /found NaN, expected an integer/,
    ],
    [
      'a hole',
      { version: 1, extends: Array(1) },
      '/extends/0',
      /^not JSON: found undefined/,
      'leave the key out',
    ],
    [
      'a key that is a symbol',
      { version: 1, [Symbol('s')]: 1 },
      '',
      /^a symbol is no key: found "Symbol\(s\)"$/,
    ],
    [
      '__proto__',
      JSON.parse('{ "version": 1, "__proto__": { "arguments": true } }'),
      '/__proto__',
      /^forbidden key/,
    ],
  ])('%s', (_, document, pointer, message, hint) => {
    const problems = problemsOf(document);
    expect(problems.map((problem) => problem.pointer)).toEqual([pointer]);
    expect(problems[0]?.message).toMatch(message);
    expect(problems[0]?.hint).toBe(hint);
  });

  test('an accessor’s hidden key is no way in', () => {
    const document = Object.defineProperty({ version: 1 }, 'hidden', { value: 1, enumerable: false });
    expect(problemsOf(document)[0]).toMatchObject({ pointer: '/hidden', hint: undefined });
  });

  test('65 levels are nested too deep, 64 are not', () => {
    const nest = (levels: number): unknown => (levels === 0 ? 1 : [nest(levels - 1)]);
    // Wrong for another reason as well.
    expect(problemsOf(nest(64)).map(({ message }) => message)).toEqual([
      'wrong value: found an array, expected an object',
    ]);
    expect(problemsOf(nest(65)).map(({ message }) => message)).toContain(
      'nested too deep: expected at most 64 arrays and objects within each other',
    );
  });

  test('a cycle is nested too deep', () => {
    const document: Record<string, unknown> = { version: 1 };
    document['self'] = document;
    expect(problemsOf(document).some(({ message }) => message.startsWith('nested too deep'))).toBe(true);
  });

  test.each([
    ['a wide array', { version: 1, extends: Array.from({ length: 2_000_000 }, () => '') }],
    ['an array that says it is long', { version: 1, extends: Array(4_294_967_295) }],
    ['a long string', { version: 1, description: 'x'.repeat(1 << 21) }],
  ])('%s is too large', (_, document) => {
    expect(problemsOf(document).at(-1)).toMatchObject({
      message: expect.stringContaining('the policy is too large'),
    });
  });

  test.each([null, undefined, 1, 'text', [], () => 0])('%s is no policy', (document) => {
    expect(() => normalizePolicy(document)).toThrow(expect.objectContaining({ code: 'BW_POLICY_INVALID' }));
  });
});
