import { tmpdir } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { parse } from '@bytecodealliance/jco-transpile/wasm-tools';
import { describe, expect, test } from 'vitest';
import { AuditLog } from '../../../src/audit/audit-log.ts';
import type { AuditRecord } from '../../../src/audit/records.ts';
import { Engine } from '../../../src/engine/engine.ts';
import type { Instance } from '../../../src/engine/instance.ts';
import type { InstantiateOptions } from '../../../src/index.ts';

const engine = new Engine({ cache: false });

async function instantiate(
  wat: string,
  options: Partial<InstantiateOptions> = {},
): Promise<{ instance: Instance; audit: AuditLog }> {
  const program = await engine.compile(await parse(wat), { name: 'guest.wasm' });
  const audit = options.audit ?? new AuditLog();
  return { instance: await program.instantiate({ policy: { version: 1 }, ...options, audit }), audit };
}

function closing(audit: AuditLog): AuditRecord | undefined {
  return audit.records.find((record) => record.kind === 'instance-closed');
}

/** Sleeps for `$1` nanoseconds through poll_oneoff: one subscription to the monotonic clock at 0, its event at 64. */
const SLEEP = `
  (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (func $sleep (param $time i64)
    (i32.store (i32.const 16) (i32.const 1))
    (i64.store (i32.const 24) (local.get $time))
    (drop (call $poll (i32.const 0) (i32.const 64) (i32.const 1) (i32.const 128))))`;
const HOUR = '(call $sleep (i64.const 3600000000000))';
const MONOTONIC = { version: 1, clocks: { monotonic: { resolution: '1ms' } } };

describe('run', () => {
  test.each([
    ['returns', '(func (export "_start"))', 0, { kind: 'exit', code: 0 }],
    [
      'exits',
      '(import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32))) (func (export "_start") (call $exit (i32.const 42)))',
      42,
      { kind: 'exit', code: 42 },
    ],
    ['traps', '(func (export "_start") unreachable)', 134, { kind: 'trap', reason: 'unreachable' }],
    [
      'fills its stack',
      '(func $f (export "_start") (call $f))',
      134,
      { kind: 'trap', reason: 'call stack exhausted' },
    ],
    [
      'divides by zero',
      '(func (export "_start") (drop (i32.div_u (i32.const 1) (i32.const 0))))',
      134,
      { kind: 'trap', reason: 'divide by zero' },
    ],
  ])('a command that %s', async (_, body, exitCode, outcome) => {
    const { instance, audit } = await instantiate(`(module ${body})`);
    expect(await instance.run()).toMatchObject({ exitCode, outcome });
    expect(instance.outcome).toEqual(outcome);
    expect(closing(audit)).toMatchObject({ outcome });
    await expect(instance.run()).rejects.toMatchObject({ name: 'InstanceEndedError', outcome });
  });

  test('is refused for what is no command', async () => {
    const { instance } = await instantiate('(module (func (export "f")))');
    await expect(instance.run()).rejects.toMatchObject({ code: 'BW_INSTANCE_NOT_A_COMMAND' });
  });

  test('a host function that fails is no trap: the embedder gets its error, the log a code', async () => {
    const failure = new RangeError('table "customers" not found');
    const { instance, audit } = await instantiate(
      '(module (import "acme" "query" (func $query)) (func (export "_start") (call $query)))',
      {
        imports: {
          acme: {
            query: () => {
              throw failure;
            },
          },
        },
      },
    );
    expect(await instance.run()).toMatchObject({
      exitCode: 125,
      outcome: { kind: 'host-error', error: failure },
    });
    expect(closing(audit)).toMatchObject({ outcome: { kind: 'host-error', code: 'BW_HOST_ERROR' } });
    expect(JSON.stringify(audit.records)).not.toContain('customers');
  });
});

describe('call', () => {
  const ADD =
    '(module (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1))) (func (export "die") unreachable))';

  test('gives what the export returns, through `exports` as well', async () => {
    const { instance } = await instantiate(ADD);
    expect(await instance.call('add', 1, 2)).toBe(3);
    expect(await (instance.exports['add'] as (a: number, b: number) => Promise<number>)(3, 4)).toBe(7);
  });

  test('a trap ends the instance, and every further call says so', async () => {
    const { instance, audit } = await instantiate(ADD);
    await expect(instance.call('die')).rejects.toMatchObject({
      code: 'BW_INSTANCE_TRAPPED',
      message: 'The instance has trapped: unreachable.',
    });
    await expect(instance.call('add', 1, 2)).rejects.toMatchObject({ code: 'BW_INSTANCE_TRAPPED' });
    expect(closing(audit)).toMatchObject({ outcome: { kind: 'trap', reason: 'unreachable' } });
  });

  test.each(['nothing', 'memory', 'toString', '__proto__', 'constructor#name', 'add#call'])(
    '%s is no export',
    async (name) => {
      const { instance } = await instantiate(
        `(module (memory (export "memory") 1) ${ADD.slice('(module'.length)}`,
      );
      await expect(instance.call(name)).rejects.toMatchObject({
        code: 'BW_INSTANCE_NO_EXPORT',
        message: `The program exports no function "${name}"; it exports memory, add, die.`,
      });
    },
  );

  test('names are the guest’s: a hash sign in one, or a name of Object.prototype, is a name like others', async () => {
    const { instance } = await instantiate(
      '(module (func (export "a#b") (result i32) (i32.const 1)) (func (export "toString") (result i32) (i32.const 2)) (table (export "t") 1 funcref))',
    );
    expect(await instance.call('a#b')).toBe(1);
    expect(await instance.call('toString')).toBe(2);
    expect(Object.keys(instance.exports)).toEqual(['a#b', 'toString', 't']);
    expect(instance.exports['t']).toBeInstanceOf(WebAssembly.Table);
    expect(Object.getPrototypeOf(instance.exports)).toBeNull();
  });

  test('a call inside a call is refused, and the first one goes on', async () => {
    let inner: Promise<unknown> | undefined;
    const { instance } = await instantiate(
      '(module (import "acme" "again" (func $again)) (func (export "f") (result i32) (call $again) (i32.const 5)))',
      {
        imports: {
          acme: { again: () => void (inner = instance.call('f').catch((error: unknown) => error)) },
        },
      },
    );
    expect(await instance.call('f')).toBe(5);
    expect(await inner).toMatchObject({ code: 'BW_INSTANCE_BUSY' });
    expect(instance.outcome).toBeUndefined();
  });
});

test('a host function that answers a promise is a fault of the host, not a zero', async () => {
  const { instance } = await instantiate(
    '(module (import "acme" "f" (func $f (result i32))) (func (export "_start") (drop (call $f))))',
    { imports: { acme: { f: () => Promise.reject(new Error('later')) } } },
  );
  expect((await instance.run()).outcome).toMatchObject({
    kind: 'host-error',
    error: {
      code: 'BW_IMPORT_ASYNC',
      message: 'acme.f answered a promise; host functions must answer at once.',
    },
  });
});

describe('close', () => {
  test('cancels a guest that waits, and the run says so', async () => {
    const { instance, audit } = await instantiate(`(module ${SLEEP} (func (export "_start") ${HOUR}))`, {
      policy: MONOTONIC,
    });
    const run = instance.run();
    await delay(10);
    await instance.close();
    expect(await run).toMatchObject({ exitCode: 130, outcome: { kind: 'cancelled' } });
    expect(closing(audit)).toMatchObject({ outcome: { kind: 'cancelled' } });
  });

  test.each([
    ['without a deadline', {}],
    ['with a deadline', { deadline: '10s' }],
  ])('by a host function leaves the guest none to call, %s', async (_, limits) => {
    let calls = 0;
    let closed: Promise<void> | undefined;
    const { instance } = await instantiate(
      `(module (import "acme" "f" (func $f))
        (func $try (block $caught (try_table (catch_all $caught) (call $f))))
        (func (export "_start") (call $try) (call $try) (call $f)))`,
      {
        policy: { version: 1, limits },
        imports: {
          acme: {
            f: () => {
              calls++;
              closed = instance.close();
            },
          },
        },
      },
    );
    expect(await instance.run()).toMatchObject({ outcome: { kind: 'cancelled' } });
    await closed;
    expect(calls).toBe(1);
  });

  test('takes every grant back', async () => {
    const { instance } = await instantiate('(module)', {
      policy: { version: 1, random: 'secure', arguments: true },
    });
    expect(instance.grants.map((grant) => grant.revoked)).toEqual([false, false]);
    await instance.close();
    expect(instance.grants.map((grant) => grant.revoked)).toEqual([true, true]);
  });

  test('an idle instance has ended well; closing again changes nothing', async () => {
    const { instance, audit } = await instantiate('(module (func (export "f")))');
    await instance.close();
    await instance[Symbol.asyncDispose]();
    expect(audit.records.map((record) => record.kind)).toEqual(['instance-opened', 'instance-closed']);
    expect(closing(audit)).toMatchObject({ outcome: { kind: 'exit', code: 0 } });
    await expect(instance.call('f')).rejects.toMatchObject({ code: 'BW_INSTANCE_ENDED' });
  });
});

describe('a deadline', () => {
  const late = { ...MONOTONIC, limits: { deadline: '50ms' } };
  const limit = { kind: 'limit', limit: 'limits.deadline', value: 50_000_000 };

  test.each([
    ['computes', '(func (export "_start") (loop (br 0)))'],
    ['waits', `${SLEEP} (func (export "_start") ${HOUR})`],
  ])('ends a command that %s', async (_, body) => {
    const { instance, audit } = await instantiate(`(module ${body})`, { policy: late });
    const { exitCode, outcome, usage } = await instance.run();
    expect({ exitCode, outcome }).toEqual({ exitCode: 124, outcome: limit });
    expect(usage.wallTime).toBeGreaterThan(49e6);
    expect(closing(audit)).toMatchObject({ outcome: limit });
  });

  test('ends an instance that nobody calls', async () => {
    const { instance, audit } = await instantiate('(module (func (export "f")))', { policy: late });
    await delay(100);
    expect(closing(audit)).toMatchObject({ outcome: limit });
    await expect(instance.call('f')).rejects.toMatchObject({ code: 'BW_INSTANCE_LIMIT' });
  });

  test.each([
    ['computes in its start function', '(func $f (loop (br 0))) (start $f)'],
    ['computes in _initialize', '(func (export "_initialize") (loop (br 0)))'],
    ['waits in _initialize', `${SLEEP} (func (export "_initialize") ${HOUR})`],
  ])('ends a program that %s', async (_, body) => {
    const audit = new AuditLog();
    await expect(instantiate(`(module ${body})`, { policy: late, audit })).rejects.toMatchObject({
      code: 'BW_INSTANCE_LIMIT',
    });
    expect(closing(audit)).toMatchObject({ outcome: limit });
  });
});

describe('a program that does not start', () => {
  test.each([
    [
      'traps',
      '(func $f unreachable) (start $f)',
      'BW_INSTANCE_TRAPPED',
      { kind: 'trap', reason: 'unreachable' },
    ],
    [
      'exits',
      '(import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32))) (func (export "_initialize") (call $exit (i32.const 3)))',
      'BW_INSTANCE_ENDED',
      { kind: 'exit', code: 3 },
    ],
    [
      'lacks an import',
      '(import "env" "f" (func))',
      'BW_LINK_MISSING_IMPORTS',
      { kind: 'denied-at-start', code: 'BW_LINK_MISSING_IMPORTS' },
    ],
    [
      'is given an import of another type',
      '(import "acme" "f" (memory 1))',
      'BW_INSTANCE_START',
      { kind: 'denied-at-start', code: 'BW_INSTANCE_START' },
    ],
    [
      'needs more memory than it may have',
      '(memory 2)',
      'BW_LIMIT_MEMORY',
      { kind: 'denied-at-start', code: 'BW_LIMIT_MEMORY' },
    ],
  ])('because it %s: the embedder gets an error, the log how it ended', async (_, body, code, outcome) => {
    const audit = new AuditLog();
    const options = {
      audit,
      policy: { version: 1, limits: { memory: '64KiB' } },
      imports: { acme: { f: () => undefined } },
    };
    await expect(instantiate(`(module ${body})`, options)).rejects.toMatchObject({ code });
    expect(audit.records).toMatchObject([{ kind: 'instance-opened' }, { kind: 'instance-closed', outcome }]);
  });
});

describe('a log that fails', () => {
  function failingAfter(count: number): { audit: AuditLog; lines: string[] } {
    const lines: string[] = [];
    const write = (_: AuditRecord, line: () => string): void => {
      if (lines.length >= count) throw new Error('disk full');
      lines.push(line());
    };
    return { lines, audit: new AuditLog([{ write }]) };
  }

  test('at the opening: the program does not start', async () => {
    let entered = false;
    const { audit } = failingAfter(0);
    const imports = { acme: { f: () => void (entered = true) } };
    const start = instantiate('(module (import "acme" "f" (func $f)) (start $f))', { audit, imports });
    await expect(start).rejects.toMatchObject({ code: 'BW_AUDIT_WRITE' });
    expect(entered).toBe(false);
  });

  test('at the opening: an instance that was never opened is not closed either', async () => {
    const kinds: string[] = [];
    let full = true;
    const write = ({ kind }: AuditRecord): void => {
      if (full) {
        full = false;
        throw new Error('disk full for a moment');
      }
      kinds.push(kind);
    };
    await expect(instantiate('(module)', { audit: new AuditLog([{ write }]) })).rejects.toMatchObject({
      code: 'BW_AUDIT_WRITE',
    });
    expect(kinds).toEqual([]);
  });

  test('at a first use: the use is denied', async () => {
    const wat = `(module (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32))) (memory (export "memory") 1)
      (func (export "f") (result i32) (call $random (i32.const 0) (i32.const 8))))`;
    const granted = { policy: { version: 1, random: 'secure' } };
    expect(await (await instantiate(wat, granted)).instance.call('f')).toBe(0);
    expect(
      await (await instantiate(wat, { ...granted, audit: failingAfter(1).audit })).instance.call('f'),
    ).not.toBe(0);
  });

  test('at the end: who runs the instance is told, once', async () => {
    const { instance } = await instantiate('(module (func (export "_start")))', {
      audit: failingAfter(1).audit,
    });
    await expect(instance.run()).rejects.toMatchObject({ code: 'BW_AUDIT_WRITE' });
    await expect(instance.close()).resolves.toBeUndefined();
  });

  test('when a deadline ends an idle instance: the host lives, and who closes the instance is told', async () => {
    const policy = { version: 1, limits: { deadline: '10ms' } };
    const { instance } = await instantiate('(module (func (export "f")))', {
      audit: failingAfter(1).audit,
      policy,
    });
    await delay(50);
    expect(instance.outcome).toMatchObject({ kind: 'limit' });
    await expect(instance.close()).rejects.toMatchObject({ code: 'BW_AUDIT_WRITE' });
  });
});

test('revoking is on record, and takes effect while the instance runs', async () => {
  const { instance, audit } = await instantiate(
    `(module (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32))) (memory (export "memory") 1)
      (func (export "f") (result i32) (call $random (i32.const 0) (i32.const 8))))`,
    { policy: { version: 1, random: 'secure' } },
  );
  expect(await instance.call('f')).toBe(0);
  instance.revoke('random');
  expect(await instance.call('f')).not.toBe(0);
  expect(() => instance.revoke('rndom')).toThrow(
    expect.objectContaining({
      code: 'BW_GRANT_UNKNOWN',
      message: 'The instance has no grant "rndom"; it has random.',
    }),
  );
  await instance.close();
  expect(audit.records).toMatchObject([
    { kind: 'instance-opened', grants: [{ id: 'random', section: 'random', summary: { kind: 'secure' } }] },
    { kind: 'grant-used', grant: 'random', operation: 'random' },
    { kind: 'grant-revoked', grant: 'random' },
    { kind: 'denial', grant: 'random', reason: 'revoked' },
    {
      kind: 'instance-closed',
      uses: { random: 1 },
      usage: { randomBytes: 8, memory: 65_536 },
      denials: { total: 1, distinct: 1 },
    },
  ]);
});

test('the log names neither paths of the host nor values of variables', async () => {
  const { instance, audit } = await instantiate('(module (func (export "_start")))', {
    tenant: 'acme',
    args: ['--password=hunter2'],
    policy: {
      version: 1,
      filesystem: [
        { id: 'bound', mount: '/a', host: 'data', access: 'read' },
        { id: 'literal', mount: '/b', host: tmpdir(), access: 'read' },
      ],
      environment: { FROM_HOST: { from: 'host' }, LITERAL: 'literal-secret' },
      arguments: true,
      random: { seed: 'seed-secret' },
    },
    bindings: {
      directories: { data: tmpdir() },
      hostPaths: { relativeTo: '/' },
      environment: { FROM_HOST: 'host-secret' },
    },
  });
  await instance.run();
  expect(audit.records).toMatchObject([
    {
      kind: 'instance-opened',
      tenant: 'acme',
      grants: [
        { id: 'arguments', summary: { count: 2 } },
        { id: 'environment', summary: { names: ['FROM_HOST', 'LITERAL'] } },
        { id: 'bound', summary: { mount: '/a', volume: 'host', host: 'data' } },
        { id: 'literal', summary: { mount: '/b', volume: 'host' } },
        { id: 'random', summary: { kind: 'seeded' } },
      ],
    },
    { kind: 'instance-closed' },
  ]);
  const text = JSON.stringify(audit.records);
  for (const secret of [tmpdir(), 'host-secret', 'literal-secret', 'seed-secret', 'hunter2'])
    expect(text).not.toContain(secret);
});
