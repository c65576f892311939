import * as fc from 'fast-check';
import { ACCESS_WORDS, AUDIT_LEVELS } from '../../src/policy/index.ts';
import type { PolicyDocument } from '../../src/policy/index.ts';
import { hasControl } from '../../src/policy/text.ts';

type Json = Record<string, unknown>;

const word = fc.stringMatching(/^[a-z0-9._-]{1,12}$/);
const text = fc.string({ unit: 'grapheme', maxLength: 20 });
const size = fc.oneof(
  fc.maxSafeNat(),
  fc
    .tuple(fc.nat(8_000_000), fc.constantFrom('B', 'kB', 'KiB', 'MB', 'MiB', 'GB', 'GiB'))
    .map(([count, unit]) => `${count}${unit}`),
);
const duration = fc.oneof(
  fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
  fc
    .tuple(fc.integer({ min: 1, max: 100_000 }), fc.constantFrom('ns', 'us', 'ms', 's', 'min', 'h', 'd'))
    .map(([count, unit]) => `${count}${unit}`),
);
const instant = fc
  .tuple(
    fc.date({ min: new Date(0), max: new Date('2554-01-01T00:00:00Z'), noInvalidDate: true }),
    fc.nat(999_999),
    fc.constantFrom('Z', 'z', '+00:00', '-00:00'),
  )
  .map(
    ([date, micros, zone]) => `${date.toISOString().slice(0, -1)}${String(micros).padStart(6, '0')}${zone}`,
  );
const component = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 8 })
  .filter((name) => !/[/*]/.test(name) && name !== '.' && name !== '..' && !hasControl(name));
/** Never one that JavaScript would take for a position, which would change the order of keys. */
const plainName = component.map((name) => `n${name}`);
const host = fc.oneof(
  fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,8}$/),
  fc.tuple(fc.constantFrom('/', './', '../'), component).map((parts) => parts.join('')),
);

/** Without the keys whose value came out undefined. */
function sometimes<T extends Json>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<Json> {
  return fc.record(model, { requiredKeys: [] });
}

/** {@link sometimes}, but with one key at least. */
function some<T extends Json>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<Json> {
  return sometimes(model).filter((object) => Object.keys(object).length > 0);
}

const quota = some({
  bytes: size,
  files: fc.nat(),
  directories: fc.maxSafeNat(),
  depth: fc.integer({ min: 1 }),
  nameLength: fc.integer({ min: 1, max: 255 }),
  pathLength: fc.integer({ min: 1, max: 4096 }),
  descriptors: fc.nat(),
});
const rate = fc
  .tuple(fc.integer({ min: 1 }), fc.constantFrom('s', 'min', 'h', 'd'))
  .map(([count, unit]) => `${count}/${unit}`);
const budget = some({ operations: fc.oneof(rate, fc.maxSafeNat()), readBytes: size, writeBytes: size });
const access = fc.oneof(
  fc.constantFrom('read', 'read-write'),
  fc
    .subarray([...ACCESS_WORDS], { minLength: 1 })
    .chain((words) => fc.shuffledSubarray(words, { minLength: words.length })),
);
const pattern = fc
  .array(fc.oneof(component, fc.constantFrom('*', '**', '*.pdf', 'a*b*')), { minLength: 1, maxLength: 5 })
  .map((components) => components.join('/'));
const patterns = fc.array(pattern, { minLength: 1, maxLength: 5 });
const timestamps = fc.oneof(
  fc.constantFrom('real', false),
  fc.record({ resolution: duration }),
  fc.record({ fixed: instant }),
);

/** Files at most two deep: some name each other as directories, none as files. */
const files = fc
  .dictionary(
    plainName.filter((key) => key !== '__proto__'),
    fc.oneof(
      text,
      fc.constant(null),
      fc.uint8Array({ maxLength: 9 }).map((bytes) => ({ base64: Buffer.from(bytes).toString('base64') })),
      plainName.map((symlink) => ({ symlink })),
      fc
        .dictionary(plainName, fc.oneof(text, fc.constant(null)), { maxKeys: 3 })
        .map((inside) => ({ inside })),
    ),
    { maxKeys: 5 },
  )
  .map((tree) =>
    Object.fromEntries(
      Object.entries(tree).flatMap(([at, content]): [string, unknown][] => {
        if (content === null || typeof content !== 'object' || !('inside' in content)) return [[at, content]];
        return [
          [at, null],
          ...Object.entries(content.inside).map(([below, x]): [string, unknown] => [`${at}/${below}`, x]),
        ];
      }),
    ),
  );
const from = fc.oneof(fc.record({ files }), fc.record({ host }), fc.record({ image: host }));
const memory = fc.oneof(fc.constant({}), fc.record({ from }));
const lower = fc.oneof(fc.record({ host }), fc.record({ image: host }), fc.record({ memory }));
const upperMemory = fc.record({ lower, upper: fc.constant({ memory: {} }) });
const upperHost = fc.record({ lower, upper: fc.record({ host }) });
const umask = fc
  .tuple(fc.constantFrom('', '0'), fc.stringMatching(/^[0-7]{3}$/))
  .map((parts) => parts.join(''));

const volume = fc.oneof(
  fc.tuple(fc.record({ host, access }), sometimes({ umask })),
  fc.tuple(fc.record({ overlay: upperHost, access }), sometimes({ umask })),
  fc.tuple(fc.record({ memory, access })),
  fc.tuple(fc.record({ overlay: upperMemory, access })),
  fc.tuple(fc.record({ image: host, access: fc.constantFrom('read', ['read'], ['list', 'read']) })),
);

const rule = fc
  .tuple(
    sometimes({ description: text, quota, budget, timestamps }),
    fc.oneof(
      sometimes({ paths: patterns, except: patterns }),
      // One that leaves something out, so that there is something to conceal.
      fc.record({ paths: fc.option(patterns, { nil: ['**'] }), except: patterns, conceal: fc.boolean() }),
    ),
    volume,
  )
  .map(([bounds, selection, parts]): object => Object.assign({}, bounds, selection, ...parts) as object);

const label = fc.oneof(
  fc.stringMatching(/^[A-Za-z0-9]([A-Za-z0-9-]{0,6}[A-Za-z0-9])?$/).filter((text) => !/^..--/.test(text)),
  fc.constantFrom('bücher', 'Ελλάς', '例え', 'a_b'),
);
/** The last label is not a number: it would make an address of the name. */
const hostName = fc
  .tuple(
    fc.array(label, { maxLength: 3 }),
    fc.constantFrom('internal', 'COM', 'example', 'ß'),
    fc.constantFrom('', '.'),
  )
  .map(([labels, last, dot]) => `${[...labels, last].join('.')}${dot}`);
const namePattern = fc.tuple(fc.constantFrom('', '', '*.'), hostName).map((parts) => parts.join(''));

/** A block, and its first address: bits past the prefix are 0. */
function block(bits: 32 | 128): fc.Arbitrary<{ readonly address: string; readonly block: string }> {
  return fc
    .tuple(fc.bigInt({ min: 0n, max: (1n << BigInt(bits)) - 1n }), fc.integer({ min: 0, max: bits }))
    .map(([number, prefix]) => {
      const free = BigInt(bits - prefix);
      const first = (number >> free) << free;
      const address = bits === 32 ? dotted(first) : groups(first);
      return { address, block: `${address}/${prefix}` };
    });
}

function dotted(number: bigint): string {
  return [24n, 16n, 8n, 0n].map((shift) => (number >> shift) & 255n).join('.');
}

function groups(number: bigint): string {
  const hex = number.toString(16).padStart(32, '0');
  return Array.from({ length: 8 }, (_, index) => hex.slice(index * 4, index * 4 + 4)).join(':');
}

const v4 = block(32);
const v6 = block(128);
const cidr = fc.oneof(v4, v6).map((one) => one.block);
const addresses = fc.array(cidr, { minLength: 1, maxLength: 3 });
/** Hosts that have addresses of their own, as they stand in a URL and in an endpoint. */
const literalOfUrl = fc.oneof(
  v4.map(({ address }) => address),
  fc.oneof(v4, v6).map((one) => `[${one.block}]`),
  v6.map(({ address }) => `[${address}]`),
);
const literalOfEndpoint = fc.oneof(
  v4.map(({ address }) => address),
  v4.map((one) => one.block),
  v6.map(({ address }) => `[${address}]`),
  v6.map((one) => `[${one.block}]`),
);
const port = fc.integer({ min: 1, max: 65_535 });
const ports = fc.oneof(
  port.map(String),
  fc.tuple(port, port).map(([a, b]) => `${Math.min(a, b)}-${Math.max(a, b)}`),
);
const urlComponent = fc.oneof(
  fc.constantFrom('*', '**', 'a', 'b*c', '', '%2f', '%7e', 'ä', '..a', ';x', '@me', '%c3%A4'),
  fc.stringMatching(/^[A-Za-z0-9._~!$&'()+,;=:@-]{1,8}$/).filter((text) => !/^\.{1,2}(;|$)/.test(text)),
);
const urlPath = fc.oneof(
  fc.constant(''),
  // No number first: after an address it would look like a block without its brackets.
  fc.array(urlComponent, { maxLength: 4 }).map((parts) => ['', 'x', ...parts].join('/')),
);
const scheme = fc.constantFrom('http', 'https');
const optionalPort = fc
  .option(port, { nil: undefined })
  .map((number) => (number === undefined ? '' : `:${number}`));

function url(host: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc
    .tuple(scheme, host, optionalPort, urlPath)
    .map(([word, name, colon, path]) => `${word}://${name}${colon}${path}`);
}

const token = fc.stringMatching(/^[a-z][a-z0-9-]{0,8}$/);
const fieldName = token.map((text) => `x-${text}`);
const fieldPattern = fc.oneof(
  fieldName,
  token.map((text) => `x-${text}*`),
  fc.constantFrom('*', 'accept', 'te'),
);
const fieldPatterns = fc.array(fieldPattern, { minLength: 1, maxLength: 4 });
const fieldFilter = fc.oneof(fc.record({ allow: fieldPatterns }), fc.record({ deny: fieldPatterns }));
const secretHeaders = fc.dictionary(
  // Never a name of a filter.
  token.map((text) => `s-${text}`),
  fc.oneof(
    fc.record({ secret: fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,8}$/) }),
    fc.record({
      secret: fc.constant('KEY'),
      format: fc.constantFrom('{}', 'Bearer {}', '{"key":{}}', 'a{b{}c}'),
    }),
  ),
  { maxKeys: 3 },
);
const concurrent = fc.integer({ min: 1 });
const count = fc.oneof(rate, fc.maxSafeNat());
const timeouts = some({ connect: duration, firstByte: duration, betweenBytes: duration, total: duration });

const httpRule = fc
  .tuple(
    fc.record({ methods: fc.array(fc.constantFrom('GET', 'POST', 'M-SEARCH', 'PATCH'), { minLength: 1 }) }),
    fc.oneof(
      fc.record({ url: url(literalOfUrl) }),
      fc.record({ url: url(namePattern) }),
      fc.record({ url: url(namePattern), addresses }),
    ),
    sometimes({
      description: text,
      headers: secretHeaders,
      requestHeaders: fieldFilter,
      responseHeaders: fieldFilter,
      timeouts,
      budget: some({ requests: count, requestBytes: size, responseBytes: size, concurrent }),
    }),
  )
  .map((parts): object => Object.assign({}, ...parts) as object);

function endpoint(host: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc.tuple(host, ports).map((parts) => parts.join(':'));
}

const socketsRule = fc
  .tuple(
    fc.record({ protocol: fc.constantFrom('tcp', 'udp') }),
    fc.oneof(
      fc.record({ connect: endpoint(literalOfEndpoint) }),
      fc.record({ connect: endpoint(namePattern) }),
      fc.record({ connect: endpoint(namePattern), addresses }),
      fc.record({ listen: endpoint(literalOfEndpoint) }),
    ),
    sometimes({
      description: text,
      budget: some({ operations: count, sentBytes: size, receivedBytes: size, concurrent }),
    }),
  )
  .map((parts): object => Object.assign({}, ...parts) as object);

const dnsRule = fc
  .tuple(
    fc.record({ names: fc.array(namePattern, { minLength: 1, maxLength: 4 }) }),
    sometimes({ description: text, budget: some({ requests: count, concurrent }) }),
  )
  .map((parts): object => Object.assign({}, ...parts) as object);

/** Rules of a section; some have an id, which is longer than those of the file system, and so none of them. */
function section(name: string, rule: fc.Arbitrary<object>): fc.Arbitrary<object[]> {
  return fc
    .array(fc.tuple(rule, fc.boolean()), { maxLength: 3 })
    .map((rules) =>
      rules.map(([one, named], index) => (named ? { id: `the-rule-of-${name}-${index}`, ...one } : one)),
    );
}

/** Rules with mounts and ids that do not collide. */
const filesystem = fc
  .tuple(
    fc.array(rule, { maxLength: 5 }),
    fc.uniqueArray(
      fc.array(component, { maxLength: 3 }).map((parts) => `/${parts.join('/')}`),
      { minLength: 5, maxLength: 5 },
    ),
    fc.uniqueArray(word, { minLength: 5, maxLength: 5 }),
    fc.array(fc.constantFrom('', '/'), { minLength: 5, maxLength: 5 }),
    fc.array(fc.boolean(), { minLength: 5, maxLength: 5 }),
  )
  .map(([rules, mounts, ids, slashes, named]) =>
    rules.map((properties, index) => ({
      ...properties,
      mount: mounts[index] === '/' ? '/' : `${mounts[index]}${slashes[index]}`,
      ...(named[index] === true ? { id: ids[index] } : {}),
    })),
  );

const clock = fc.oneof(
  fc.record({ resolution: duration }),
  fc.record({ fixed: instant }),
  fc.record({ virtual: instant }),
  fc.constant(false),
);
const output = fc.oneof(fc.boolean(), fc.record({ bytes: size }));
const name = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 8 })
  .filter((key) => !key.includes('=') && !hasControl(key) && key !== '__proto__');
const value = fc.oneof(
  text.filter((variable) => !variable.includes('\0')),
  fc.constant({ from: 'host' }),
);

/** Any policy document that is valid on its own. */
export const policyDocument: fc.Arbitrary<PolicyDocument> = fc.record(
  {
    version: fc.constant(1 as const),
    $schema: fc.constant('./policy.schema.json'),
    name: component,
    description: text,
    extends: fc.subarray(['preset:none', 'preset:command', 'preset:deterministic']),
    filesystem,
    http: section('http', httpRule),
    sockets: section('sockets', socketsRule),
    dns: section('dns', dnsRule),
    network: fc.constant('virtual' as const),
    clocks: sometimes({ wall: clock, monotonic: clock }),
    random: fc.oneof(
      fc.constantFrom('secure', false),
      fc.record({ seed: fc.string({ unit: 'grapheme', minLength: 1 }) }),
    ),
    environment: fc.dictionary(name, value, { maxKeys: 5 }),
    arguments: fc.boolean(),
    stdio: sometimes({ stdin: fc.boolean(), stdout: output, stderr: output }),
    limits: sometimes({
      memory: size,
      fuel: fc.integer({ min: 1 }),
      cpu: duration,
      slice: fc.integer({ min: 1, max: 1000 }).map((count) => `${count}ms`),
      weight: fc.integer({ min: 1, max: 1000 }),
      deadline: duration,
      handles: fc.integer({ min: 1 }),
      tables: fc.integer({ min: 0, max: 1_000_000 }),
      instances: fc.integer({ min: 1 }),
      filesystem: some({ quota, budget }),
    }),
    audit: sometimes({ level: fc.constantFrom(...AUDIT_LEVELS) }),
  },
  { requiredKeys: ['version'] },
) as fc.Arbitrary<object> as fc.Arbitrary<PolicyDocument>;
