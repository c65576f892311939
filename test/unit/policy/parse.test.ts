import { describe, expect, test } from 'vitest';
import { ACCESS_SHORT_NAMES, ACCESS_WORDS, normalizePolicy, parsePolicy } from '../../../src/policy/index.ts';
import type { Policy } from '../../../src/policy/index.ts';

const EMPTY = {
  version: 1,
  filesystem: [],
  http: [],
  sockets: [],
  dns: [],
  clocks: { wall: false, monotonic: false },
  random: false,
  environment: {},
  arguments: false,
  stdio: { stdin: false, stdout: false, stderr: false },
  limits: {},
  audit: { level: 'denials' },
};

function parseRule(properties: string): Policy['filesystem'][number] | undefined {
  return parsePolicy(`{ "version": 1, "filesystem": [{ ${properties} }] }`).filesystem[0];
}

test('an empty policy grants nothing, explicitly', () => {
  expect(parsePolicy('{ "version": 1 }')).toEqual(EMPTY);
});

test('comments and trailing commas are allowed', () => {
  const text = '// a\n{ /* b */ "version": 1, "arguments": true, "extends": ["preset:none",], }\n// c';
  expect(parsePolicy(text)).toEqual({ ...EMPTY, arguments: true });
});

test('an empty section says the same as none', () => {
  const sections = '"filesystem": [], "http": [], "sockets": [], "dns": [], "clocks": {}, "environment": {}';
  expect(
    parsePolicy(`{ "version": 1, ${sections}, "stdio": {}, "limits": {}, "audit": {}, "extends": [] }`),
  ).toEqual(EMPTY);
});

test('names and descriptions stay', () => {
  const document = { $schema: './s.json', version: 1, name: 'n', description: 'two\nlines' };
  expect(normalizePolicy(document)).toEqual({ ...EMPTY, ...document });
});

describe('filesystem', () => {
  test('a whole rule', () => {
    const rule =
      '"id": "out", "description": "d", "mount": "/out/", "host": "./x/../y", "access": ["write", "create"], "quota": { "bytes": "64MiB", "files": 100 }';
    expect(parseRule(rule)).toEqual({
      id: 'out',
      description: 'd',
      mount: '/out',
      host: './x/../y',
      access: ['create', 'write'],
      quota: { bytes: 67_108_864, files: 100 },
    });
  });

  test.each([
    ['/', '/'],
    ['/a', '/a'],
    ['/a/', '/a'],
    ['/a/b c/.d/...', '/a/b c/.d/...'],
  ])('mount %j becomes %j', (mount, normal) => {
    expect(parseRule(`"mount": ${JSON.stringify(mount)}, "memory": {}, "access": "read"`)?.mount).toBe(
      normal,
    );
  });

  test('"read" alone is read and list', () => {
    expect(parseRule('"mount": "/", "memory": {}, "access": "read"')?.access).toEqual(['list', 'read']);
  });

  test('"read-write" is all but link and symlink', () => {
    const access = parseRule('"mount": "/", "memory": {}, "access": "read-write"')?.access ?? [];
    expect(access).toEqual(['append', 'create', 'delete', 'list', 'read', 'rename', 'set-times', 'write']);
    expect(new Set([...access, 'link', 'symlink'])).toEqual(new Set(ACCESS_WORDS));
  });

  test('in a list each word means itself', () => {
    expect(parseRule('"mount": "/", "memory": {}, "access": ["read"]')?.access).toEqual(['read']);
    expect(
      parseRule(`"mount": "/", "memory": {}, "access": ${JSON.stringify(ACCESS_WORDS)}`)?.access,
    ).toEqual(ACCESS_WORDS.toSorted());
  });

  test('a rule without an id gets its position', () => {
    const policy = parsePolicy(
      '{ "version": 1, "filesystem": [{ "mount": "/a", "memory": {}, "access": "read" }, { "id": "b", "mount": "/b", "memory": {}, "access": "read" }, { "mount": "/c", "memory": {}, "access": "read" }] }',
    );
    expect(policy.filesystem.map(({ id }) => id)).toEqual(['filesystem/0', 'b', 'filesystem/2']);
  });

  test('quotas of nothing are quotas', () => {
    const rule = parseRule(
      '"mount": "/", "memory": {}, "access": "read", "quota": { "bytes": 0, "files": -0 }',
    );
    expect(rule?.quota).toStrictEqual({ bytes: 0, files: 0 });
    expect(Object.is(rule?.quota?.files, 0)).toBe(true);
  });
});

describe('volumes, patterns and bounds', () => {
  const VOLUME = '"mount": "/", "access": "read"';

  test('a whole rule', () => {
    const rule = `"mount": "/", "access": "read-write", "overlay": { "upper": { "host": "out" }, "lower": { "image": "./app.tar" } },
      "paths": ["b/**", "a"], "except": ["b/drafts"], "conceal": true, "timestamps": { "resolution": "60s" }, "umask": "0077",
      "quota": { "bytes": "1MiB", "directories": 1, "depth": 2, "nameLength": 3, "pathLength": 4, "descriptors": 5 },
      "budget": { "operations": "60/min", "readBytes": "1KiB", "writeBytes": 0 }`;
    expect(parseRule(rule)).toStrictEqual({
      id: 'filesystem/0',
      mount: '/',
      access: ['append', 'create', 'delete', 'list', 'read', 'rename', 'set-times', 'write'],
      overlay: { lower: { image: './app.tar' }, upper: { host: 'out' } },
      paths: ['a', 'b/**'],
      except: ['b/drafts/**'],
      conceal: true,
      quota: { bytes: 1_048_576, directories: 1, depth: 2, nameLength: 3, pathLength: 4, descriptors: 5 },
      budget: { operations: '60/min', readBytes: 1024, writeBytes: 0 },
      timestamps: { resolution: '1min' },
      umask: '077',
    });
  });

  test.each([
    [
      ['b', 'a', 'b'],
      ['a', 'b'],
    ],
    [['a/**/**/b'], ['a/**/b']],
    [['**/*'], ['*/**']],
    [['a/**/*/**/*/b'], ['a/*/*/**/b']],
    [['**/*.pdf'], ['**/*.pdf']],
    [['a', '**'], undefined],
    [['**/**'], undefined],
  ])('paths %j become %j', (paths, normal) => {
    expect(parseRule(`${VOLUME}, "memory": {}, "paths": ${JSON.stringify(paths)}`)?.paths).toEqual(normal);
  });

  test.each([
    [['secrets'], ['secrets/**']],
    [['secrets/**', 'secrets'], ['secrets/**']],
    [['**/*.key'], ['**/*.key/**']],
    [['*'], ['*/**']],
    [['**'], ['**']],
  ])('an exception covers what is below: %j becomes %j', (except, normal) => {
    expect(parseRule(`${VOLUME}, "memory": {}, "except": ${JSON.stringify(except)}`)?.except).toEqual(normal);
  });

  test('the longest patterns have a normal form that is valid again', () => {
    const longest = [Array(64).fill('a').join('/'), 'x'.repeat(4000)];
    const patterns = [...longest, ...longest.map((pattern) => `${pattern}/**`)];
    const document = {
      version: 1,
      filesystem: [{ mount: '/', memory: {}, access: 'read', paths: patterns, except: patterns }],
    };
    const policy = normalizePolicy(document);
    expect(policy.filesystem[0]?.except).toHaveLength(2);
    expect(normalizePolicy({ ...policy })).toEqual(policy);
  });

  test.each([
    ['"real"', undefined],
    ['{ "resolution": 1 }', undefined],
    ['{ "resolution": "1000ms" }', { resolution: '1s' }],
    ['{ "fixed": "2026-01-01T01:00:00+01:00" }', { fixed: '2026-01-01T00:00:00Z' }],
    ['false', false],
  ])('timestamps %s become %j', (timestamps, normal) => {
    expect(parseRule(`${VOLUME}, "memory": {}, "timestamps": ${timestamps}`)?.timestamps).toEqual(normal);
  });

  test('not concealing is what holds without the word', () => {
    expect(parseRule(`${VOLUME}, "memory": {}, "conceal": false`)).not.toHaveProperty('conceal');
  });

  test.each([
    ['{ "from": { "files": {} } }', {}],
    ['{ "from": { "host": "seed" } }', { from: { host: 'seed' } }],
    ['{ "from": { "image": "/a.zip" } }', { from: { image: '/a.zip' } }],
  ])('memory %s becomes %j', (memory, normal) => {
    expect(parseRule(`${VOLUME}, "memory": ${memory}`)?.memory).toEqual(normal);
  });

  test('no files on top of an overlay are no content', () => {
    const overlay = '{ "lower": { "image": "a" }, "upper": { "memory": { "from": { "files": {} } } } }';
    expect(parseRule(`${VOLUME}, "overlay": ${overlay}`)?.overlay?.upper).toEqual({ memory: {} });
  });

  test('files keep what they hold, and inherit nothing', () => {
    const files = {
      'a/b': 'line\n\u0007',
      a: null,
      'c/d/e': { base64: 'AAEC' },
      empty: null,
      link: { symlink: '../a' },
      constructor: 'x',
    };
    const read = parseRule(`${VOLUME}, "memory": { "from": { "files": ${JSON.stringify(files)} } }`)?.memory;
    const { a: _, ...rest } = files;
    expect({ ...read?.from?.files }).toEqual(rest);
    expect(read?.from?.files?.['toString']).toBeUndefined();
  });

  test('bounds of all mounts', () => {
    const bounds =
      '{ "quota": { "bytes": "1KiB", "files": 7 }, "budget": { "operations": 9, "readBytes": "1B" } }';
    expect(parsePolicy(`{ "version": 1, "limits": { "filesystem": ${bounds} } }`).limits).toEqual({
      filesystem: { quota: { bytes: 1024, files: 7 }, budget: { operations: 9, readBytes: 1 } },
    });
  });
});

describe('single-valued sections', () => {
  test.each([
    ['{ "resolution": "1000us" }', { resolution: '1ms' }],
    ['{ "resolution": 1 }', { resolution: '1ns' }],
    ['{ "fixed": "2026-01-01T01:00:00.500+01:00" }', { fixed: '2026-01-01T00:00:00.5Z' }],
    ['{ "virtual": "2026-01-01t00:00:00z" }', { virtual: '2026-01-01T00:00:00Z' }],
    ['false', false],
  ])('clock %s', (text, clock) => {
    expect(
      parsePolicy(`{ "version": 1, "clocks": { "wall": ${text}, "monotonic": ${text} } }`).clocks,
    ).toEqual({ wall: clock, monotonic: clock });
  });

  test.each(['secure', { seed: 'a\nb' }, false])('random %j', (random) => {
    expect(normalizePolicy({ version: 1, random }).random).toEqual(random);
  });

  test('variables keep their order and inherit nothing', () => {
    const { environment } = parsePolicy(
      '{ "version": 1, "environment": { "Z": "1\\n", "A": { "from": "host" }, "toString": "", "constructor": "c" } }',
    );
    expect(Object.entries(environment)).toEqual([
      ['Z', '1\n'],
      ['A', { from: 'host' }],
      ['toString', ''],
      ['constructor', 'c'],
    ]);
    expect(Object.getPrototypeOf(environment)).toBeNull();
  });

  test('standard streams', () => {
    const { stdio } = parsePolicy(
      '{ "version": 1, "stdio": { "stdin": true, "stdout": { "bytes": "1KiB" }, "stderr": true } }',
    );
    expect(stdio).toEqual({ stdin: true, stdout: { bytes: 1024 }, stderr: true });
  });

  test('limits', () => {
    const { limits } = parsePolicy(
      '{ "version": 1, "limits": { "memory": "64MiB", "deadline": "5000ms", "handles": 1000 } }',
    );
    expect(limits).toEqual({ memory: 67_108_864, deadline: '5s', handles: 1000 });
  });
});

test('a normal form is frozen all the way down', () => {
  const policy = parsePolicy(`{ "version": 1, "name": "n",
    "filesystem": [{ "mount": "/a", "memory": {}, "access": "read", "quota": { "bytes": 1 } }, { "mount": "/b", "host": "b", "access": ["read"] },
      { "mount": "/c", "access": "read", "memory": { "from": { "files": { "a": { "base64": "" }, "b": { "symlink": "a" } } } }, "paths": ["a"], "except": ["b"],
        "budget": { "readBytes": 1 }, "timestamps": { "resolution": "1s" } },
      { "mount": "/d", "access": "read", "overlay": { "lower": { "memory": { "from": { "host": "h" } } }, "upper": { "memory": {} } } }],
    "clocks": { "wall": { "fixed": "2026-01-01T00:00:00Z" }, "monotonic": { "resolution": 1 } }, "random": { "seed": "s" },
    "environment": { "A": { "from": "host" } }, "stdio": { "stdout": { "bytes": 1 } }, "limits": { "handles": 1, "filesystem": { "quota": { "bytes": 1 }, "budget": { "readBytes": 1 } } }, "audit": { "level": "uses" } }`);
  const unfrozen: unknown[] = [];
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    if (!Object.isFrozen(value)) unfrozen.push(value);
    Object.values(value).forEach(visit);
  };
  visit(policy);
  visit(parsePolicy('{ "version": 1 }'));
  visit(ACCESS_SHORT_NAMES);
  expect(unfrozen).toEqual([]);
});

test('a normal form given again is the same object', () => {
  const policy = parsePolicy('{ "version": 1, "arguments": true }');
  expect(normalizePolicy(policy)).toBe(policy);
});

test('an object that only looks like a normal form is checked', () => {
  const policy = normalizePolicy({ version: 1 });
  expect(normalizePolicy({ ...policy })).not.toBe(policy);
  expect(() => normalizePolicy({ ...policy, random: true })).toThrow(/found true/);
});
