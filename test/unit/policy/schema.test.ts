import { readFile } from 'node:fs/promises';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { ACCESS_WORDS, AUDIT_LEVELS, normalizePolicy } from '../../../src/policy/index.ts';

interface Schema {
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, Schema>>;
  readonly title?: string;
  readonly description?: string;
  readonly examples?: readonly unknown[];
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly additionalProperties?: Schema | boolean;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Readonly<Record<string, unknown>>[];
}

const file = new URL('../../../policies/policy.schema.json', import.meta.url);
const schema = JSON.parse(await readFile(file, 'utf8')) as Schema;
const ajv = new Ajv2020({ strict: true, strictRequired: false, allErrors: true });
ajv.addSchema(schema, 'policy');

/** Every schema with its JSON pointer. */
function* schemas(at: Schema, pointer: string): Generator<[pointer: string, schema: Schema]> {
  yield [pointer, at];
  for (const keyword of ['properties', '$defs'] as const) {
    for (const [name, sub] of Object.entries(at[keyword] ?? {}))
      yield* schemas(sub, `${pointer}/${keyword}/${name}`);
  }
  for (const [index, sub] of (at.anyOf ?? []).entries()) yield* schemas(sub, `${pointer}/anyOf/${index}`);
  for (const keyword of ['items', 'additionalProperties'] as const) {
    const sub = at[keyword];
    if (typeof sub === 'object') yield* schemas(sub, `${pointer}/${keyword}`);
  }
}

const all = [...schemas(schema, '')];
const properties = all.filter(([pointer]) => /\/properties\/[^/]+$/.test(pointer));

test('it is a JSON Schema', () => {
  expect(ajv.validateSchema(schema)).toBe(true);
});

describe('editors', () => {
  test.each(properties)('%s explains itself', (_, { title, description, examples }) => {
    expect(title).toMatch(/^\S.*[^.]$/);
    expect(description).toMatch(/[.]$/);
    expect(examples?.length).toBeGreaterThan(0);
  });

  test.each(properties)('examples of %s are valid', (pointer, { examples }) => {
    const validate = ajv.getSchema(`policy#${pointer}`);
    for (const example of examples ?? []) {
      expect(
        validate?.(example),
        `${JSON.stringify(example)}: ${ajv.errorsText(validate?.errors ?? null)}`,
      ).toBe(true);
    }
  });

  test.each(schema.examples ?? [])('the example %j is a policy', (example) => {
    expect(normalizePolicy(example).version).toBe(1);
  });
});

describe('what the error messages build on', () => {
  const objects = all.filter(([, { properties: keys }]) => keys !== undefined);

  test.each(objects)('%s knows its keys', (_, { type, additionalProperties }) => {
    expect(type).toBe('object');
    expect(additionalProperties).toBe(false);
  });

  test.each(all.filter(([pointer]) => /^\/\$defs\/[^/]+$/.test(pointer)))(
    '%s says what is expected',
    (_, { description }) => {
      expect(description).toMatch(/[^.]$/);
    },
  );

  test.each(all.filter(([, { anyOf }]) => anyOf !== undefined))(
    'alternatives of %s differ in type and stand in a definition',
    (pointer, { anyOf = [] }) => {
      expect(pointer).toMatch(/^\/\$defs\/[^/]+$/);
      const types = anyOf.map(({ type, const: constant }) => type ?? typeof constant);
      expect(new Set(types).size).toBe(types.length);
      expect(anyOf.every(({ $ref }) => $ref === undefined)).toBe(true);
    },
  );

  test.each(all.filter(([, { oneOf }]) => oneOf !== undefined))(
    'oneOf of %s means exactly one of these keys',
    (_, { oneOf = [], properties: keys = {} }) => {
      for (const alternative of oneOf) {
        expect(Object.keys(alternative)).toEqual(['required']);
        expect(Object.keys(keys)).toContain((alternative['required'] as string[])[0]);
      }
    },
  );
});

test('its words are those of the types', () => {
  const access = schema.$defs?.['access']?.anyOf?.[1]?.items?.enum;
  expect(access).toEqual(ACCESS_WORDS);
  expect(schema.$defs?.['audit']?.properties?.['level']?.enum).toEqual(AUDIT_LEVELS);
});

describe('every word is enforced', () => {
  /** A whole policy with every word of the language. */
  const rule = { mount: '/a', access: 'read' };
  const enforced = {
    $schema: 's',
    name: 'n',
    description: 'd',
    extends: [],
    filesystem: [
      {
        ...rule,
        id: 'a',
        description: 'd',
        host: 'h',
        paths: ['a'],
        except: ['b'],
        conceal: true,
        quota: {
          bytes: 1,
          files: 1,
          directories: 1,
          depth: 1,
          nameLength: 1,
          pathLength: 1,
          descriptors: 1,
        },
        budget: { operations: '1/s', readBytes: 1, writeBytes: 1 },
        timestamps: { resolution: '1s' },
        umask: '077',
      },
      {
        ...rule,
        mount: '/b',
        memory: {
          from: { files: { text: 'hello', bytes: { base64: 'AAEC' }, link: { symlink: 'text' }, dir: null } },
        },
        timestamps: { fixed: '2026-01-01T00:00:00Z' },
      },
      { ...rule, mount: '/c', memory: { from: { image: 'i' } }, timestamps: false },
      { ...rule, mount: '/d', memory: { from: { host: 'h' } } },
      { ...rule, mount: '/e', overlay: { lower: { image: 'i' }, upper: { host: 'h' } } },
      { ...rule, mount: '/f', overlay: { lower: { host: 'h' }, upper: { memory: {} } } },
      { ...rule, mount: '/g', image: 'i' },
    ],
    http: [
      {
        id: 'rates',
        description: 'd',
        methods: ['GET'],
        url: 'https://api.example.com/rates/**',
        addresses: ['10.0.0.0/8'],
        headers: { authorization: { secret: 'RATES_TOKEN', format: 'Bearer {}' } },
        requestHeaders: { allow: ['accept'] },
        responseHeaders: { deny: ['set-cookie'] },
        timeouts: { connect: 1, firstByte: 1, betweenBytes: 1, total: 1 },
        budget: { requests: '60/min', requestBytes: 1, responseBytes: 1, concurrent: 1 },
      },
      {
        methods: ['GET', 'POST'],
        url: 'http://[10.0.0.0/8]:8080/**',
        requestHeaders: { deny: ['cookie'] },
        responseHeaders: { allow: ['content-type'] },
      },
    ],
    sockets: [
      {
        id: 'db',
        description: 'd',
        protocol: 'tcp',
        connect: 'db.internal:5432',
        addresses: ['10.1.0.0/16', 'fd00::/8'],
        budget: { operations: '10/s', sentBytes: 1, receivedBytes: 1, concurrent: 1 },
      },
      { protocol: 'udp', connect: '10.0.0.9:8125' },
      { protocol: 'tcp', listen: '127.0.0.1:8080-8089' },
    ],
    dns: [
      {
        id: 'lookup',
        description: 'd',
        names: ['*.example.com', 'db.internal'],
        budget: { requests: '10/s', concurrent: 1 },
      },
    ],
    network: 'virtual',
    clocks: { wall: { resolution: 1 }, monotonic: { fixed: '2026-01-01T00:00:00Z' } },
    random: { seed: 's' },
    environment: { A: { from: 'host' } },
    arguments: true,
    stdio: { stdin: true, stdout: { bytes: 1 }, stderr: true },
    limits: {
      memory: 1,
      fuel: 1,
      cpu: 1,
      slice: '5ms',
      weight: 1,
      deadline: 1,
      handles: 1,
      tables: 1,
      instances: 1,
      filesystem: { quota: { bytes: 1 }, budget: { operations: 1 } },
    },
    audit: { level: 'uses' },
  };

  /** Every key, at any depth, but for those of arrays. */
  const words = (value: unknown): string[] => {
    if (typeof value !== 'object' || value === null) return [];
    if (Array.isArray(value)) return value.flatMap(words);
    return Object.entries(value).flatMap(([key, sub]) => [key, ...words(sub)]);
  };

  test.each([
    'filesystem',
    'http',
    'sockets',
    'dns',
    'clocks',
    'random',
    'environment',
    'arguments',
    'stdio',
    'limits',
    'audit',
  ] as const)('%s comes through the normal form word by word', (section) => {
    const policy = normalizePolicy({ version: 1, ...enforced });
    expect(new Set(words(policy[section]))).toEqual(new Set(words(enforced[section])));
  });

  test('rule by rule, each word stays where it is', () => {
    const policy = normalizePolicy({ version: 1, ...enforced });
    for (const section of ['filesystem', 'http', 'sockets', 'dns'] as const) {
      expect(policy[section].map((entry) => words(entry).toSorted())).toEqual(
        enforced[section].map((entry) => words({ id: '', ...entry }).toSorted()),
      );
    }
    expect(policy.network).toBe('virtual');
  });

  test('there are no other words', () => {
    const known = new Set([
      ...Object.keys(enforced),
      ...words([enforced.filesystem, enforced.http, enforced.sockets, enforced.dns]),
      ...words(enforced.limits),
      'version',
    ]);
    const places = [
      'filesystemRule',
      'memory',
      'memoryOrigin',
      'overlay',
      'layer',
      'quota',
      'filesystemBudget',
      'httpRule',
      'header',
      'headerFilter',
      'httpTimeouts',
      'httpBudget',
      'socketsRule',
      'socketsBudget',
      'dnsRule',
      'dnsBudget',
      'limits',
      'filesystemLimits',
    ].map((definition) => schema.$defs?.[definition]);
    const alternatives = ['fileContent', 'timestamps'].flatMap((name) => schema.$defs?.[name]?.anyOf ?? []);
    const written = [schema, ...places, ...alternatives].flatMap((place) =>
      Object.keys(place?.properties ?? {}),
    );
    expect(written.filter((word) => !known.has(word))).toEqual([]);
  });
});
