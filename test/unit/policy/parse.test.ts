import { describe, expect, test } from 'vitest';
import { ACCESS_SHORT_NAMES, ACCESS_WORDS, normalizePolicy, parsePolicy } from '../../../src/policy/index.ts';
import type { Policy } from '../../../src/policy/index.ts';

const EMPTY = {
  version: 1,
  filesystem: [],
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
    "filesystem": [{ "mount": "/a", "memory": {}, "access": "read", "quota": { "bytes": 1 } }, { "mount": "/b", "host": "b", "access": ["read"] }],
    "clocks": { "wall": { "fixed": "2026-01-01T00:00:00Z" }, "monotonic": { "resolution": 1 } }, "random": { "seed": "s" },
    "environment": { "A": { "from": "host" } }, "stdio": { "stdout": { "bytes": 1 } }, "limits": { "handles": 1 }, "audit": { "level": "uses" } }`);
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
