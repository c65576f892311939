import { describe, expect, test } from 'vitest';
import { normalizePolicy, parsePolicy } from '../../../src/policy/index.ts';
import type { Policy, PolicyOptions, PolicyProblem, PolicySource } from '../../../src/policy/index.ts';
import { problemsOf } from './problems-of.ts';

/** Policies by name; each is called by its name. */
function files(policies: Readonly<Record<string, string | object>>): PolicyOptions {
  return {
    file: 'main.jsonc',
    resolve: (name): PolicySource | undefined => {
      const policy = Object.hasOwn(policies, name) ? policies[name] : undefined;
      if (policy === undefined) return undefined;
      return typeof policy === 'string' ? { text: policy, file: name } : { document: policy, file: name };
    },
  };
}

function extending(
  names: readonly string[],
  policies: Readonly<Record<string, string | object>>,
  own: object = {},
): Policy {
  return normalizePolicy({ version: 1, extends: names, ...own }, files(policies));
}

function places(problems: readonly PolicyProblem[]): string[] {
  return problems.map(({ file, pointer, message }) => `${file} ${pointer} ${message.split(':')[0]}`);
}

const rule = (mount: string, id?: string): object => ({
  mount,
  host: 'h',
  access: 'read',
  ...(id === undefined ? {} : { id }),
});

describe('what adds up and what is replaced', () => {
  test('a preset comes first, the policy’s own sections replace its', () => {
    const policy = normalizePolicy({
      version: 1,
      extends: ['preset:command'],
      random: false,
      clocks: { wall: { resolution: '1s' } },
    });
    expect(policy.arguments).toBe(true);
    expect(policy.random).toBe(false);
    // Replaced as a whole: the preset's monotonic clock is gone.
    expect(policy.clocks).toEqual({ wall: { resolution: '1s' }, monotonic: false });
    expect(policy).not.toHaveProperty('extends');
  });

  test('later ones replace earlier ones, rules add up in order', () => {
    const a = { version: 1, filesystem: [rule('/a')], environment: { A: 'a' }, limits: { handles: 1 } };
    const b = { version: 1, filesystem: [rule('/b', 'b')], environment: { B: 'b' } };
    const policy = extending(['a', 'b'], { a, b }, { filesystem: [rule('/c')] });
    expect(policy.filesystem.map(({ id, mount }) => [id, mount])).toEqual([
      ['filesystem/0', '/a'],
      ['b', '/b'],
      ['filesystem/2', '/c'],
    ]);
    expect(policy.environment).toEqual({ B: 'b' });
    expect(policy.limits).toEqual({ handles: 1 });
  });

  test('rules of every section add up, and the network is the later one', () => {
    const url = (path: string): string => `https://a${path}`;
    const request = (path: string, id?: string): object => ({
      methods: ['GET'],
      url: url(path),
      ...(id === undefined ? {} : { id }),
    });
    const a = {
      version: 1,
      http: [request('/1')],
      sockets: [{ protocol: 'tcp', connect: 'a:1' }],
      dns: [{ names: ['a'] }],
      network: 'virtual',
    };
    const b = { version: 1, extends: ['a'], http: [request('/2', 'two')], dns: [{ names: ['b'] }] };
    const policy = extending(
      ['a', 'b'],
      { a, b },
      { http: [request('/3')], sockets: [{ protocol: 'udp', connect: 'a:2' }] },
    );
    expect(policy.http.map((entry) => [entry.id, entry.url])).toEqual([
      ['http/0', url('/1')],
      ['two', url('/2')],
      ['http/2', url('/3')],
    ]);
    expect(policy.sockets.map(({ id, connect }) => [id, connect])).toEqual([
      ['sockets/0', 'a:1'],
      ['sockets/1', 'a:2'],
    ]);
    expect(policy.dns.map(({ id, names }) => [id, ...names])).toEqual([
      ['dns/0', 'a'],
      ['dns/1', 'b'],
    ]);
    expect(policy.network).toBe('virtual');
  });

  test('names, descriptions and $schema are not inherited', () => {
    const policy = extending(['a'], { a: { version: 1, $schema: 's', name: 'a', description: 'd' } });
    expect(Object.keys(policy)).not.toContain('name');
    expect(policy.description).toBeUndefined();
    expect(policy.$schema).toBeUndefined();
  });

  test('what is extended on two ways gives its rules once', () => {
    const policies = {
      base: { version: 1, filesystem: [rule('/base', 'base')] },
      a: { version: 1, extends: ['base'] },
      b: { version: 1, extends: ['base'] },
    };
    expect(extending(['a', 'b'], policies).filesystem.map(({ id }) => id)).toEqual(['base']);
  });

  test('normal forms can be extended: their generated ids are made anew', () => {
    const a = normalizePolicy({ version: 1, filesystem: [rule('/a')] });
    const b = normalizePolicy({ version: 1, filesystem: [rule('/b')] });
    expect(extending(['a', 'b'], { a, b }).filesystem.map(({ id }) => id)).toEqual([
      'filesystem/0',
      'filesystem/1',
    ]);
  });

  test('the resolver hears who extends', () => {
    const calls: (string | undefined)[][] = [];
    normalizePolicy(
      { version: 1, extends: ['a'] },
      {
        file: 'main',
        resolve: (name, from) => {
          calls.push([name, from]);
          return {
            text: name === 'a' ? '{ "version": 1, "extends": ["b"] }' : '{ "version": 1 }',
            file: `/x/${name}`,
          };
        },
      },
    );
    expect(calls).toEqual([
      ['a', 'main'],
      ['b', '/x/a'],
    ]);
  });
});

describe('relative host paths count from the file that they stand in', () => {
  const host = (names: string[], policies: Record<string, string | object>): string | undefined =>
    extending(names, policies).filesystem[0]?.host;
  const literal = (path: string): object => ({
    version: 1,
    filesystem: [{ mount: '/a', host: path, access: 'read' }],
  });

  test.each([
    ['./base.jsonc', './data', './data'],
    ['../shared/base.jsonc', './data', '../shared/data'],
    ['../shared/base.jsonc', '../data', '../shared/../data'],
    ['/etc/base.jsonc', './data', '/etc/data'],
    ['../shared/base.jsonc', '/data', '/data'],
    ['../shared/base.jsonc', 'data', 'data'],
  ])('in %s, %s is %s', (file, path, expected) => {
    expect(host([file], { [file]: literal(path) })).toBe(expected);
  });

  const SOURCES = {
    image: { mount: '/a', image: './x', access: 'read' },
    'memory/from/host': { mount: '/a', memory: { from: { host: './x' } }, access: 'read' },
    'memory/from/image': { mount: '/a', memory: { from: { image: './x' } }, access: 'read' },
    'overlay/lower/host': {
      mount: '/a',
      overlay: { lower: { host: './x' }, upper: { memory: {} } },
      access: 'read',
    },
    'overlay/lower/image': {
      mount: '/a',
      overlay: { lower: { image: './x' }, upper: { memory: {} } },
      access: 'read',
    },
    'overlay/lower/memory/from/image': {
      mount: '/a',
      overlay: { lower: { memory: { from: { image: './x' } } }, upper: { memory: {} } },
      access: 'read',
    },
    'overlay/upper/host': {
      mount: '/a',
      overlay: { lower: { image: 'app' }, upper: { host: './x' } },
      access: 'read',
    },
  };

  test.each(Object.entries(SOURCES))('at %s, too', (place, rule) => {
    const base = { version: 1, filesystem: [rule] };
    const [moved] = extending(['../shared/base.jsonc'], { '../shared/base.jsonc': base }).filesystem;
    const at = (value: unknown, key: string): unknown => (value as Record<string, unknown>)[key];
    expect(place.split('/').reduce(at, moved as unknown)).toBe('../shared/x');
    expect(places(problemsOf({ version: 1, extends: ['base'] }, files({ base })))).toEqual([
      `base /filesystem/0/${place} a relative host path in a policy that is not extended by its path`,
    ]);
  });

  test('files and links that only look like one stay', () => {
    const content = { host: './x', image: { symlink: './x' }, 'overlay/lower/host': './x' };
    const rule = { mount: '/a', memory: { from: { files: content } }, access: 'read' };
    const base = { version: 1, filesystem: [rule] };
    const [kept] = extending(['../shared/base.jsonc'], { '../shared/base.jsonc': base }).filesystem;
    expect({ ...kept?.memory?.from?.files }).toEqual(content);
  });

  test('through several files', () => {
    const policies = {
      '../a/x.jsonc': { version: 1, extends: ['./b/y.jsonc'] },
      './b/y.jsonc': literal('./data'),
    };
    expect(host(['../a/x.jsonc'], policies)).toBe('../a/b/data');
  });

  test('in a policy that is known by name, nobody knows from where', () => {
    expect(places(problemsOf({ version: 1, extends: ['base'] }, files({ base: literal('./data') })))).toEqual(
      ['base /filesystem/0/host a relative host path in a policy that is not extended by its path'],
    );
    expect(host(['base'], { base: literal('/data') })).toBe('/data');
  });
});

describe('what cannot be extended', () => {
  test('a preset that does not exist', () => {
    const [problem] = problemsOf('{ "version": 1,\n  "extends": ["preset:comand"] }');
    expect(problem).toMatchObject({
      line: 2,
      column: 15,
      pointer: '/extends/0',
      found: '"preset:comand"',
      hint: 'did you mean "preset:command"?',
    });
    expect(problem?.expected).toMatch(
      /^one of the presets "preset:command", "preset:deterministic", "preset:none", or/,
    );
  });

  test('a preset is never asked of the resolver', () => {
    expect(() =>
      normalizePolicy(
        { version: 1, extends: ['preset:x'] },
        { resolve: () => ({ text: '{ "version": 1 }' }) },
      ),
    ).toThrow(/no such policy/);
  });

  test('a name that nobody knows', () => {
    expect(
      problemsOf({ version: 1, extends: ['base', 'command'] }).map(({ pointer, hint }) => [pointer, hint]),
    ).toEqual([
      ['/extends/0', undefined],
      ['/extends/1', 'did you mean "preset:command"?'],
    ]);
  });

  test('names that are no names', () => {
    expect(problemsOf({ version: 1, extends: [1, ''] }).map(({ pointer }) => pointer)).toContain(
      '/extends/0',
    );
    expect(problemsOf({ version: 1, extends: 'preset:command' })[0]).toMatchObject({
      pointer: '/extends',
      expected: 'an array',
    });
  });

  test('problems of an extended file have its name and places', () => {
    const options = files({ './base.jsonc': '{\n  "version": 1,\n  "argumens": true\n}' });
    expect(problemsOf('{ "version": 1, "extends": ["./base.jsonc"], "x": 1 }', options)).toMatchObject([
      { file: 'main.jsonc', line: 1, pointer: '/x' },
      { file: './base.jsonc', line: 3, column: 3, pointer: '/argumens' },
    ]);
  });

  test('rules of two files on one mount', () => {
    const options = files({
      a: '{ "version": 1,\n "filesystem": [{ "mount": "/a", "host": "h", "access": "read" }] }',
    });
    const main =
      '{ "version": 1, "extends": ["a"], "filesystem": [{ "mount": "/a/", "host": "h", "access": "read" }] }';
    expect(problemsOf(main, options)).toMatchObject([
      { file: 'main.jsonc', pointer: '/filesystem/0/mount', hint: 'the other one is at a:2:28' },
    ]);
  });

  test('rules of two files and sections with one id', () => {
    const options = files({ a: '{ "version": 1,\n "dns": [{ "id": "x", "names": ["a"] }] }' });
    const main = `{ "version": 1, "extends": ["a"], "http": [{ "id": "x", "methods": ["GET"], "url": "https://a/" }] }`;
    expect(problemsOf(main, options)).toMatchObject([
      { file: 'main.jsonc', pointer: '/http/0/id', hint: 'the other one is at a:2:18' },
    ]);
  });

  test.each<[string, Record<string, object>, string]>([
    ['itself', { 'main.jsonc': { version: 1 } }, 'main.jsonc'],
    ['a circle', { a: { version: 1, extends: ['b'] }, b: { version: 1, extends: ['a'] } }, 'a'],
  ])('a cycle: %s', (_, policies, name) => {
    const problems = problemsOf({ version: 1, extends: [name] }, files(policies));
    expect(problems).toHaveLength(1);
    expect(problems[0]?.message).toMatch(/^a cycle of `extends`: "main\.jsonc" → /);
  });

  const chain = (length: number): Record<string, object> =>
    Object.fromEntries(
      Array.from({ length }, (_, i) => [
        `p${i + 1}`,
        { version: 1, ...(i + 1 < length ? { extends: [`p${i + 2}`] } : { arguments: true }) },
      ]),
    );

  test('16 levels are allowed, 17 are not', () => {
    expect(extending(['p1'], chain(16)).arguments).toBe(true);
    expect(places(problemsOf({ version: 1, extends: ['p1'] }, files(chain(17))))).toEqual([
      'p16 /extends/0 `extends` goes too deep',
    ]);
  });

  test('a short way to a file does not hide that another one is too long', () => {
    const policies = { ...chain(16), long: { version: 1, extends: ['p1'] } };
    expect(places(problemsOf({ version: 1, extends: ['p1', 'long'] }, files(policies)))).toEqual([
      'long /extends/0 `extends` goes too deep',
    ]);
  });

  test('many ways through many files cost no more than the files', () => {
    const layers = Object.fromEntries(
      Array.from({ length: 16 }, (_, i) => [
        `l${i}`,
        { version: 1, extends: i === 0 ? [] : Array.from({ length: 16 }, () => `l${i - 1}`) },
      ]),
    );
    expect(extending(['l15'], layers).arguments).toBe(false);
  });

  test('an error of the resolver is the caller’s', () => {
    const resolve = (): never => {
      throw new RangeError('mine');
    };
    expect(() => parsePolicy('{ "version": 1, "extends": ["x"] }', { resolve })).toThrow(RangeError);
  });
});
