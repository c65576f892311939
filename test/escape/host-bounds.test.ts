/**
 * handle-flood, huge-length: what a guest can make the host hold or allocate by naming a number. Every bound ends in the code or
 * the trap that the version of WASI has for it, is on record once, and a sibling is served afterwards.
 */
import { afterEach, describe, expect, test } from 'vitest';
import {
  AuditLog,
  type AuditRecord,
  Engine,
  type Instance,
  MemorySink,
  type Outcome,
} from '../../src/index.ts';
import { watGuest } from '../guests/index.ts';

const sink = new MemorySink();
const engine = new Engine({ cache: false, audit: new AuditLog([sink]) });

const MIB = 1 << 20;
const HANDLES = 1000;

/** Nothing of these may come to be called. */
const never = (): never => expect.fail('the host took it');
const imports = { 'test:host/calls': { take: never, takeAll: never } };

interface Ended {
  readonly outcome: Outcome | undefined;
  readonly randomBytes: number;
  /** What the export `go` gave, if it came back. */
  readonly result: unknown;
  readonly limits: readonly (readonly [limit: string, value: number])[];
  readonly handlesPeak: number;
  /** Bytes outside of the heap that came meanwhile, the guest's own memory not included. */
  readonly grew: number;
}

async function go(wat: string, policy: object = {}): Promise<Ended> {
  const program = await engine.compile(await watGuest(wat));
  await using instance: Instance = await program.instantiate({
    policy: { version: 1, random: 'secure', stdio: { stdin: true }, ...policy },
    ...(wat.includes('test:host/calls') ? { imports } : {}),
  });
  const before = process.memoryUsage().arrayBuffers;
  const result: unknown = await instance.call('go').catch(() => undefined);
  const grew = process.memoryUsage().arrayBuffers - before;
  const limits = sink.records
    .filter((record): record is AuditRecord & { kind: 'limit' } => record.kind === 'limit')
    .filter((record) => record.instance === instance.id)
    .map(({ limit, value }) => [limit, value] as const);
  const { handlesPeak, randomBytes } = instance.usage();
  return { outcome: instance.outcome, result, limits, handlesPeak, randomBytes, grew };
}

afterEach(async () => {
  const sibling = await engine.compile(await watGuest('(module (func (export "_start")))'));
  const { outcome } = await (await sibling.instantiate({ policy: { version: 1 } })).run();
  expect(outcome, 'of a sibling').toEqual({ kind: 'exit', code: 0 });
});

/** A module of WASI 0.1 whose `go` gives what a function answers. */
const module = (name: string, params: string, call: string): string => `(module
  (import "wasi_snapshot_preview1" "${name}" (func $f (param ${params}) (result i32)))
  (memory (export "memory") 1100)
  (func (export "go") (result i32) ${call}))`;

interface Parts {
  /** Definitions that end in the core function $f. */
  readonly imported: string;
  readonly signature: string;
  /** Body of `go`, which may call $f. */
  readonly body: string;
  /** In pages. */
  readonly memory?: number;
}

/** What makes a component one of WASI 0.3: it uses such a builtin. */
const ASYNC = '(type $stream (stream u8)) (core func (canon stream.new $stream))';

/** A component whose `go` has `body`. @param async it is one of WASI 0.3 */
const component = ({ imported, signature, body, memory = 1 }: Parts, async = false): string => `(component
  ${async ? ASYNC : ''}
  (core module $libc
    (memory (export "memory") ${memory})
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 1024)))
  (core instance $libc (instantiate $libc))
  (alias core export $libc "memory" (core memory $memory))
  ${imported}
  (core module $m
    (import "host" "f" (func $f ${signature}))
    (import "host" "memory" (memory ${memory}))
    (func (export "go") ${body}))
  (core instance $m (instantiate $m (with "host" (instance
    (export "f" (func $f)) (export "memory" (memory $memory))))))
  (func (export "go") (canon lift (core func $m "go"))))`;

const LOWER = '(memory (core memory $libc "memory")) (realloc (core func $libc "realloc"))';

/** Calls $f for ever, and forgets the handles that it gives. */
const forever = (args: string): string => `(loop $next (drop (call $f ${args})) (br $next))`;

const POLL = `(import "wasi:io/poll@0.2.6" (instance $poll
    (export "pollable" (type $p (sub resource)))
    (export "poll" (func (param "in" (list (borrow $p))) (result (list u32))))))
  (alias export $poll "pollable" (type $pollable))`;

const FLOODS: Readonly<Record<string, Parts>> = {
  pollables: {
    imported: `${POLL}
      (import "wasi:clocks/monotonic-clock@0.2.6" (instance $clock
        (alias outer 1 $pollable (type $outer))
        (export "pollable" (type $p (eq $outer)))
        (export "subscribe-duration" (func (param "when" u64) (result (own $p))))))
      (core func $f (canon lower (func $clock "subscribe-duration")))`,
    signature: '(param i64) (result i32)',
    body: forever('(i64.const 1)'),
  },
  'input streams': {
    imported: `(import "wasi:io/streams@0.2.6" (instance $streams (export "input-stream" (type (sub resource)))))
      (alias export $streams "input-stream" (type $stream))
      (import "wasi:cli/stdin@0.2.6" (instance $stdin
        (alias outer 1 $stream (type $outer))
        (export "input-stream" (type $s (eq $outer)))
        (export "get-stdin" (func (result (own $s))))))
      (core func $f (canon lower (func $stdin "get-stdin")))`,
    signature: '(result i32)',
    body: forever(''),
  },
  fields: {
    imported: `(import "wasi:http/types@0.2.6" (instance $http
        (export "fields" (type $fields (sub resource)))
        (export "[constructor]fields" (func (result (own $fields))))))
      (core func $f (canon lower (func $http "[constructor]fields")))`,
    signature: '(result i32)',
    body: forever(''),
  },
};

describe('handle-flood: the limit of handles ends it', () => {
  test.each(Object.entries(FLOODS))('%s of WASI 0.2', async (_kind, parts) => {
    const { outcome, limits, handlesPeak } = await go(component(parts), { limits: { handles: HANDLES } });
    expect(outcome).toEqual({ kind: 'trap', reason: 'too many handles' });
    expect(limits).toEqual([['limits.handles', HANDLES]]);
    expect(handlesPeak).toBe(HANDLES);
  });

  test('a list of more pollables than there can be is not looked at (WASI 0.2)', async () => {
    const { outcome, limits } = await go(
      component({
        imported: `${POLL} (core func $f (canon lower (func $poll "poll") ${LOWER}))`,
        signature: '(param i32 i32 i32)',
        body: `(call $f (i32.const 0) (i32.const ${HANDLES + 1}) (i32.const 0))`,
      }),
      { limits: { handles: HANDLES } },
    );
    expect(outcome).toMatchObject({ kind: 'trap', reason: expect.stringContaining('pollables') });
    expect(limits).toEqual([['limits.handles', HANDLES]]);
  });

  test('nor one of more subscriptions than a poll of WASI 0.1 takes', async () => {
    const call = '(call $f (i32.const 0) (i32.const 4194304) (i32.const 65537) (i32.const 0))';
    const { result, limits } = await go(module('poll_oneoff', 'i32 i32 i32 i32', call));
    expect(result).toBe(INVAL);
    expect(limits).toEqual([['subscriptions of a poll', 65_536]]);
  });
});

const INVAL = 28;
const RANDOM_LIMIT = [['random bytes of a call', 64 * MIB]];

const random = (version: string, length: string): Parts => ({
  imported: `(import "wasi:random/random@${version}" (instance $random
      (export "get-random-bytes" (func (param "${version === '0.3.0' ? 'max-len' : 'len'}" u64) (result (list u8))))))
    (core func $f (canon lower (func $random "get-random-bytes") ${LOWER}))`,
  signature: '(param i64 i32)',
  body: `(call $f (i64.const ${length}) (i32.const 8))`,
  memory: 32,
});

describe('huge-length: random bytes', () => {
  test('of WASI 0.1: an errno past 64 MiB', async () => {
    const { result, limits, grew } = await go(
      module('random_get', 'i32 i32', `(call $f (i32.const 0) (i32.const ${64 * MIB + 1}))`),
    );
    expect(result).toBe(INVAL);
    expect(limits).toEqual(RANDOM_LIMIT);
    expect(grew).toBeLessThan(8 * MIB);
  });

  test.each([`${64 * MIB + 1}`, '0xffffffff', '0x7fffffffffffffff', '-1'])(
    'of WASI 0.2: a trap past 64 MiB, and nothing is allocated (%s)',
    async (length) => {
      const { outcome, limits, grew } = await go(component(random('0.2.6', length)));
      expect(outcome).toMatchObject({ kind: 'trap', reason: expect.stringContaining('random bytes') });
      expect(limits).toEqual(RANDOM_LIMIT);
      expect(grew).toBeLessThan(8 * MIB);
    },
  );

  test.each([`${64 * MIB + 1}`, '0x7fffffffffffffff', '-1'])(
    'of WASI 0.3: a mebibyte, whatever was asked for (%s)',
    async (length) => {
      const { outcome, limits, randomBytes, grew } = await go(component(random('0.3.0', length), true));
      expect([outcome, randomBytes]).toEqual([undefined, MIB]);
      expect(limits).toEqual([]);
      expect(grew).toBeLessThan(8 * MIB);
    },
  );
});

const PAGES = 300;
const TAKE = `(import "test:host/calls" (instance $calls (export "take" (func (param "text" string)))))
  (core func $f (canon lower (func $calls "take") ${LOWER}))`;

/** Makes ten thousand strings, each of them the same mebibyte of zeros, and gives where their list is and its length. */
const FLOOD = `(local $i i32)
  (loop $next
    (i32.store (i32.add (i32.mul (local.get $i) (i32.const 8)) (i32.const 4)) (i32.const ${MIB}))
    (local.set $i (i32.add (local.get $i) (i32.const 1)))
    (br_if $next (i32.lt_u (local.get $i) (i32.const 10000))))`;

const TAKE_ALL = (type: string, encoding = ''): string => `(import "test:host/calls" (instance $calls
    (export "take-all" (func (param "values" (list ${type}))))))
  (core func $f (canon lower (func $calls "take-all") ${LOWER} ${encoding}))`;

const VALUE_LIMIT = [['bytes of a value', 16 * MIB]];
const CALL_LIMIT = [['bytes of the values of a call', 128 * MIB]];
const TOO_LONG = { kind: 'trap', reason: 'a string or list is longer than 16 MiB' };
const TOO_MUCH = { kind: 'trap', reason: expect.stringContaining('more than 128 MiB') };

describe.each([
  ['0.2', false],
  ['0.3', true],
])('huge-length: what a guest of WASI %s hands to the embedder', (_version, async) => {
  test('a string has at most 16 MiB', async () => {
    const { outcome, limits, grew } = await go(
      component(
        {
          imported: TAKE,
          signature: '(param i32 i32)',
          body: `(call $f (i32.const 0) (i32.const ${16 * MIB + 1}))`,
          memory: PAGES,
        },
        async,
      ),
    );
    expect(outcome).toMatchObject(TOO_LONG);
    expect(limits).toEqual(VALUE_LIMIT);
    expect(grew).toBeLessThan(8 * MIB);
  });

  test.each([
    ['u8', 16 * MIB + 1],
    ['u64', 2 * MIB + 1],
    ['bool', 16 * MIB + 1],
    ['string', 2 * MIB + 1],
    ['(list u8)', 2 * MIB + 1],
  ])('a list of %s has at most 16 MiB', async (type, length) => {
    const { outcome, limits, grew } = await go(
      component(
        {
          imported: TAKE_ALL(type),
          signature: '(param i32 i32)',
          body: `(call $f (i32.const 0) (i32.const ${length}))`,
          memory: PAGES,
        },
        async,
      ),
    );
    expect(outcome).toMatchObject(TOO_LONG);
    expect(limits).toEqual(VALUE_LIMIT);
    expect(grew).toBeLessThan(8 * MIB);
  });

  test.each([
    ['string', ''],
    ['string', 'string-encoding=utf16'],
    ['(list u8)', ''],
    ['(list (tuple u8 u8))', ''],
    ['(list s16)', ''],
  ])(
    'all values of a call have at most 128 MiB, however often they are the same bytes (%s %s)',
    async (type, encoding) => {
      const { outcome, limits } = await go(
        component(
          {
            imported: TAKE_ALL(type, encoding),
            signature: '(param i32 i32)',
            body: `${FLOOD} (call $f (i32.const 0) (i32.const 10000))`,
            memory: PAGES,
          },
          async,
        ),
      );
      expect(outcome).toMatchObject(TOO_MUCH);
      expect(limits).toEqual(CALL_LIMIT);
    },
  );

  test('so has what an export gives', async () => {
    const { outcome, limits } = await go(giving('(list string)', `${FLOOD} ${gives(0, 10_000)}`, async));
    expect(outcome).toMatchObject(TOO_MUCH);
    expect(limits).toEqual(CALL_LIMIT);
  });

  test('one value that an export gives has at most 16 MiB', async () => {
    const { outcome, limits } = await go(giving('string', gives(0, 16 * MIB + 1), async));
    expect(outcome).toMatchObject(TOO_LONG);
    expect(limits).toEqual(VALUE_LIMIT);
  });

  test('large values pass, and no call spends what another may take', async () => {
    const text = await go(giving('string', gives(0, 16 * MIB), async));
    expect([text.outcome, text.limits, (text.result as string).length]).toEqual([undefined, [], 16 * MIB]);
    const list = await go(
      giving('(list string)', `${FLOOD.replace('10000', '100')} ${gives(0, 100)}`, async),
    );
    expect([list.outcome, list.limits]).toEqual([undefined, []]);
    expect((list.result as string[]).map((each) => each.length)).toEqual(Array<number>(100).fill(MIB));
    await expectTaken(
      component(
        {
          imported: TAKE_ALL('string'),
          signature: '(param i32 i32)',
          body: `${FLOOD.replace('10000', '100')}
            (call $f (i32.const 0) (i32.const 100))
            (call $f (i32.const 0) (i32.const 100))`,
          memory: PAGES,
        },
        async,
      ),
      [100, 100],
    );
  });
});

/** Leaves a pointer and a length where a result that does not fit into the stack is, and gives where. */
const gives = (
  pointer: number,
  length: number,
): string => `(i32.store (i32.const 262144) (i32.const ${pointer}))
  (i32.store (i32.const 262148) (i32.const ${length}))
  (i32.const 262144)`;

/** A component whose `go` gives a value of `type`. @param async it is one of WASI 0.3 */
const giving = (type: string, body: string, async: boolean): string => `(component
  ${async ? ASYNC : ''}
  (core module $m
    (memory (export "memory") ${PAGES})
    (func (export "go") (result i32) ${body}))
  (core instance $m (instantiate $m))
  (func (export "go") (result ${type})
    (canon lift (core func $m "go") (memory (core memory $m "memory")))))`;

/** What calls of `take-all` give the embedder. @param lengths of their lists */
async function expectTaken(wat: string, lengths: readonly number[]): Promise<void> {
  const taken: number[] = [];
  const takeAll = (values: readonly unknown[]): void => void taken.push(values.length);
  const program = await engine.compile(await watGuest(wat));
  await using instance = await program.instantiate({
    policy: { version: 1 },
    imports: { 'test:host/calls': { takeAll } },
  });
  await instance.call('go');
  expect(taken).toEqual(lengths);
}

describe('huge-length: a path of WASI 0.2', () => {
  test('a string of more than a mebibyte is not decoded', async () => {
    const { outcome, limits, grew } = await go(
      component({
        imported: `(import "wasi:http/types@0.2.6" (instance $http
            (export "fields" (type $fields (sub resource)))
            (export "[method]fields.has" (func (param "self" (borrow $fields)) (param "name" string) (result bool)))
            (export "[constructor]fields" (func (result (own $fields))))))
          (core func $new (canon lower (func $http "[constructor]fields")))
          (core func $has (canon lower (func $http "[method]fields.has") ${LOWER}))
          (core module $both
            (import "host" "new" (func $new (result i32)))
            (import "host" "has" (func $has (param i32 i32 i32) (result i32)))
            (func (export "f") (param i32 i32) (drop (call $has (call $new) (local.get 0) (local.get 1)))))
          (core instance $both (instantiate $both (with "host" (instance
            (export "new" (func $new)) (export "has" (func $has))))))
          (alias core export $both "f" (core func $f))`,
        signature: '(param i32 i32)',
        body: `(call $f (i32.const 0) (i32.const ${MIB + 1}))`,
        memory: PAGES,
      }),
    );
    expect(outcome).toMatchObject({ kind: 'trap', reason: 'a string is longer than 1 MiB' });
    expect(limits).toEqual([['bytes of a value', MIB]]);
    expect(grew).toBeLessThan(8 * MIB);
  });
});

/** Appends the same field for ever, until that fails. @param more cases of `header-error` that 0.2 does not have */
const appendForever = (version: string, more: string): Parts => ({
  imported: `(import "wasi:http/types@${version}" (instance $http
      (export "fields" (type $fields (sub resource)))
      (type $cases (variant (case "invalid-syntax") (case "forbidden") (case "immutable") ${more}))
      (export "header-error" (type $error (eq $cases)))
      (export "[constructor]fields" (func (result (own $fields))))
      (export "[method]fields.append" (func
        (param "self" (borrow $fields)) (param "name" string) (param "value" (list u8)) (result (result (error $error)))))))
    (core func $new (canon lower (func $http "[constructor]fields")))
    (core func $append (canon lower (func $http "[method]fields.append") ${LOWER}))
    (core module $both
      (import "host" "memory" (memory 1))
      (import "host" "new" (func $new (result i32)))
      (import "host" "append" (func $append (param i32 i32 i32 i32 i32 i32)))
      (func (export "f") (local $self i32)
        (local.set $self (call $new))
        (i32.store8 (i32.const 0) (i32.const 0x78))
        (loop $next
          (call $append (local.get $self) (i32.const 0) (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 64))
          (br_if $next (i32.eqz (i32.load8_u (i32.const 64)))))))
    (core instance $both (instantiate $both (with "host" (instance
      (export "memory" (memory $memory)) (export "new" (func $new)) (export "append" (func $append))))))
    (alias core export $both "f" (core func $f))`,
  signature: '',
  body: '(call $f)',
});

describe('too-many-fields: 128 KiB of them, names and values and 32 bytes each', () => {
  const limit = [['http fields.bytes', 128 << 10]];

  test('of WASI 0.2, which has no error for it: a trap', async () => {
    const { outcome, limits } = await go(component(appendForever('0.2.6', '')));
    expect(outcome).toMatchObject({ kind: 'trap', reason: expect.stringContaining('fields') });
    expect(limits).toEqual(limit);
  });

  test('of WASI 0.3: an error', async () => {
    const more = '(case "size-exceeded") (case "other" (option string))';
    const { outcome, limits } = await go(component(appendForever('0.3.0', more), true));
    expect([outcome, limits]).toEqual([undefined, limit]);
  });
});
