import { beforeAll, describe, expect, it } from 'vitest';
import { AuditLog, type Instance, LinkError, type Program } from '../../src/index.ts';
import { engine } from '../support/guest-run.ts';
import { watGuest } from './index.ts';

const POLICY = { version: 1 } as const;

/** A reactor of WASI 0.1: `_initialize` sets what `get` tells. */
const REACTOR = `(module
  (import "acme:kv/store" "get" (func $get (param i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1)
  (global $ready (mut i32) (i32.const 0))
  (func (export "_initialize") (global.set $ready (i32.add (global.get $ready) (i32.const 1))))
  (func (export "initialised") (result i32) (global.get $ready))
  (func (export "twice") (param i32) (result i32) (i32.mul (i32.const 2) (call $get (local.get 0))))
  (func (export "divide") (param i32 i32) (result i32) (i32.div_s (local.get 0) (local.get 1)))
  (func (export "leave") (param i32) (call $exit (local.get 0)))
  (func (export "spin") (loop $again (br $again))))`;

/** The same as a component, as far as a component can. */
const COMPONENT = `(component
  (import "acme:kv/store" (instance $store (export "get" (func (param "key" s32) (result s32)))))
  (core func $get (canon lower (func $store "get")))
  (core module $m
    (import "acme:kv/store" "get" (func $get (param i32) (result i32)))
    (func (export "twice") (param i32) (result i32) (i32.mul (i32.const 2) (call $get (local.get 0))))
    (func (export "divide") (param i32 i32) (result i32) (i32.div_s (local.get 0) (local.get 1)))
    (func (export "spin") (loop $again (br $again))))
  (core instance $i (instantiate $m (with "acme:kv/store" (instance (export "get" (func $get))))))
  (func (export "twice") (param "x" s32) (result s32) (canon lift (core func $i "twice")))
  (func (export "divide") (param "a" s32) (param "b" s32) (result s32) (canon lift (core func $i "divide")))
  (func (export "spin") (canon lift (core func $i "spin"))))`;

const get = (key: number): number => key + 1;
const imports = { 'acme:kv/store': { get } };

describe.each([
  ['0.1', REACTOR],
  ['0.2', COMPONENT],
])('WASI %s: functions of the embedder', (_version, text) => {
  let program: Program;
  beforeAll(async () => {
    program = await engine.compile(await watGuest(text), { name: 'library.wasm' });
  });
  const open = (options: object = {}): Promise<Instance> =>
    program.instantiate({ policy: POLICY, imports, ...options });

  it('are called with what the guest gives, and what they return arrives', async () => {
    await using instance = await open();
    expect(await instance.call('twice', 20)).toBe(42);
    const { twice } = instance.exports as { twice: (x: number) => Promise<number> };
    expect(await twice(-1)).toBe(0);
  });

  it('stay with their instance', async () => {
    await using one = await open();
    await using other = await open({ imports: { 'acme:kv/store': { get: () => 100 } } });
    expect([await one.call('twice', 1), await other.call('twice', 1)]).toEqual([4, 200]);
  });

  it.each([
    ['nothing', {}],
    ['another interface', { 'acme:kv/other': { get } }],
    ['another function', { 'acme:kv/store': { set: get } }],
    ['a function by inheritance', { 'acme:kv/store': Object.create({ get }) as object }],
  ])('that are missing are an error at the start: %s', async (_what, given) => {
    const audit = new AuditLog();
    const failure = await open({ imports: given, audit }).then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(failure).toBeInstanceOf(LinkError);
    const { code, missing, message } = failure as LinkError;
    expect(code).toBe('BW_LINK_MISSING_IMPORTS');
    expect(missing).toEqual([expect.stringMatching(/^acme:kv\/store/)]);
    expect(message).toContain(missing[0] ?? '-');
    expect(audit.records.at(-1)).toMatchObject({
      kind: 'instance-closed',
      outcome: { kind: 'denied-at-start', code: 'BW_LINK_MISSING_IMPORTS' },
    });
  });

  it('that throw end the instance with an error of the host, whose message stays out of the log', async () => {
    const audit = new AuditLog();
    const broken = (): never => {
      throw new Error('cannot reach db.internal with hunter2');
    };
    const instance = await open({ imports: { 'acme:kv/store': { get: broken } }, audit });
    await expect(instance.call('twice', 1)).rejects.toThrow(
      expect.objectContaining({
        code: 'BW_HOST_ERROR',
        cause: expect.objectContaining({ message: 'cannot reach db.internal with hunter2' }),
      }),
    );
    expect(instance.outcome?.kind).toBe('host-error');
    expect(JSON.stringify(audit.records)).not.toContain('hunter2');
    expect(audit.records.at(-1)).toMatchObject({ outcome: { kind: 'host-error', code: 'BW_HOST_ERROR' } });
    await expect(instance.call('divide', 1, 1)).rejects.toThrow(
      expect.objectContaining({ code: 'BW_HOST_ERROR' }),
    );
  });
});

describe.each([
  ['0.1', REACTOR],
  ['0.2', COMPONENT],
])('WASI %s: calls into an instance', (_version, text) => {
  let program: Program;
  beforeAll(async () => {
    program = await engine.compile(await watGuest(text), { name: 'library.wasm' });
  });
  const open = (options: object = {}): Promise<Instance> =>
    program.instantiate({ policy: POLICY, imports, ...options });

  it('keep what the guest keeps between them', async () => {
    await using instance = await open();
    for (const x of [1, 2, 3]) expect(await instance.call('twice', x)).toBe(2 * (x + 1));
    expect(await instance.call('divide', 7, 2)).toBe(3);
    expect(instance.outcome).toBeUndefined();
  });

  it('end with a trap, once and for all', async () => {
    const audit = new AuditLog();
    const instance = await open({ audit });
    await expect(instance.call('divide', 1, 0)).rejects.toThrow(
      expect.objectContaining({
        code: 'BW_INSTANCE_TRAPPED',
        message: expect.stringContaining('divide by zero'),
      }),
    );
    expect(instance.outcome).toEqual({ kind: 'trap', reason: expect.stringContaining('divide by zero') });
    await expect(instance.call('twice', 1)).rejects.toThrow(
      expect.objectContaining({ code: 'BW_INSTANCE_TRAPPED' }),
    );
    expect(audit.records.filter(({ kind }) => kind === 'instance-closed')).toHaveLength(1);
  });

  it('end at the deadline of the instance', async () => {
    const instance = await open({ policy: { version: 1, limits: { deadline: '100ms' } } });
    await expect(instance.call('spin')).rejects.toThrow(
      expect.objectContaining({ code: 'BW_INSTANCE_LIMIT' }),
    );
    await expect(instance.call('twice', 1)).rejects.toThrow(
      expect.objectContaining({ code: 'BW_INSTANCE_LIMIT' }),
    );
  });

  it('are refused once it is closed', async () => {
    const instance = await open();
    await instance.close();
    await expect(instance.call('twice', 1)).rejects.toThrow(
      expect.objectContaining({ code: 'BW_INSTANCE_ENDED' }),
    );
  });

  it('name what there is when there is no such export', async () => {
    await using instance = await open();
    for (const name of ['thrice', 'constructor', '__proto__', 'toString', 'twice#x', '']) {
      await expect(instance.call(name)).rejects.toThrow(
        expect.objectContaining({ code: 'BW_INSTANCE_NO_EXPORT', message: expect.stringContaining('twice') }),
      );
    }
    await expect(instance.run()).rejects.toThrow(
      expect.objectContaining({ code: 'BW_INSTANCE_NOT_A_COMMAND' }),
    );
    expect(instance.outcome).toBeUndefined();
  });
});

describe('a reactor of WASI 0.1', () => {
  it('is initialised once, before the first call', async () => {
    const program = await engine.compile(await watGuest(REACTOR));
    await using instance = await program.instantiate({ policy: POLICY, imports });
    expect(await instance.call('initialised')).toBe(1);
    expect(await instance.call('initialised')).toBe(1);
  });

  it('that exits in a call has ended', async () => {
    const program = await engine.compile(await watGuest(REACTOR));
    const instance = await program.instantiate({ policy: POLICY, imports });
    await expect(instance.call('leave', 7)).rejects.toThrow(
      expect.objectContaining({ code: 'BW_INSTANCE_ENDED', message: expect.stringContaining('7') }),
    );
    expect(instance.outcome).toEqual({ kind: 'exit', code: 7 });
    await expect(instance.call('initialised')).rejects.toThrow(
      expect.objectContaining({ code: 'BW_INSTANCE_ENDED' }),
    );
  });

  it.each([
    ['traps', '(unreachable)', 'BW_INSTANCE_TRAPPED'],
    ['exits', '(call $exit (i32.const 3))', 'BW_INSTANCE_ENDED'],
    ['loops', '(loop $again (br $again))', 'BW_INSTANCE_LIMIT'],
  ])('that %s while it is initialised is no instance', async (_what, body, code) => {
    const program = await engine.compile(
      await watGuest(`(module
        (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
        (memory (export "memory") 1)
        (func (export "_initialize") ${body}))`),
    );
    const audit = new AuditLog();
    await expect(
      program.instantiate({ policy: { version: 1, limits: { deadline: '100ms' } }, audit }),
    ).rejects.toThrow(expect.objectContaining({ code }));
    expect(audit.records.map(({ kind }) => kind).filter((kind) => kind !== 'limit')).toEqual([
      'instance-opened',
      'instance-closed',
    ]);
  });

  it('that does so in a start function is none either', async () => {
    const program = await engine.compile(
      await watGuest(
        `(module (memory (export "memory") 1) (func $start (loop $again (br $again))) (start $start))`,
      ),
    );
    await expect(
      program.instantiate({ policy: { version: 1, limits: { deadline: '100ms' } } }),
    ).rejects.toThrow(expect.objectContaining({ code: 'BW_INSTANCE_LIMIT' }));
  });
});

describe('a start function', () => {
  it('cannot wait: that is a trap, and no instance', async () => {
    const program = await engine.compile(
      await watGuest(`(module
        (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))
        (memory (export "memory") 1)
        (data (i32.const 16) "\\01\\00\\00\\00") (data (i32.const 24) "\\00\\e1\\f5\\05")
        (func $start (drop (call $poll (i32.const 0) (i32.const 64) (i32.const 1) (i32.const 128))))
        (start $start))`),
    );
    const policy = { version: 1, clocks: { monotonic: { resolution: '1ms' } } };
    await expect(program.instantiate({ policy })).rejects.toThrow(
      expect.objectContaining({ code: 'BW_INSTANCE_TRAPPED' }),
    );
  });
});

describe('all that is missing is named at once', () => {
  it('for a module', async () => {
    const program = await engine.compile(
      await watGuest(`(module
        (import "env" "log" (func (param i32)))
        (import "env" "table" (table 1 funcref))
        (import "acme" "one" (func))
        (import "acme" "given" (func))
        (import "wasi_snapshot_preview1" "no_such_call" (func))
        (import "wasi_snapshot_preview1" "sched_yield" (func (result i32))))`),
    );
    const given = { acme: { given: (): void => undefined } };
    await expect(program.instantiate({ policy: POLICY, imports: given })).rejects.toThrow(
      expect.objectContaining({
        missing: ['wasi_snapshot_preview1.no_such_call', 'env.log', 'env.table', 'acme.one'],
      }),
    );
  });

  it('for a component', async () => {
    const program = await engine.compile(
      await watGuest(`(component
        (import "acme:kv/store" (instance $kv (export "get" (func)) (export "set" (func))))
        (import "acme:log/sink@1.2.0" (instance $log (export "write" (func)) (export "flush" (func))))
        (core func $get (canon lower (func $kv "get")))
        (core func $set (canon lower (func $kv "set")))
        (core func $write (canon lower (func $log "write")))
        (core func $flush (canon lower (func $log "flush")))
        (core module $m
          (import "i" "get" (func)) (import "i" "set" (func)) (import "i" "write" (func)) (import "i" "flush" (func)))
        (core instance (instantiate $m (with "i" (instance
          (export "get" (func $get)) (export "set" (func $set))
          (export "write" (func $write)) (export "flush" (func $flush)))))))`),
    );
    const given = { 'acme:log/sink@1.2.0': { write: (): void => undefined } };
    await expect(program.instantiate({ policy: POLICY, imports: given })).rejects.toThrow(
      expect.objectContaining({
        code: 'BW_LINK_MISSING_IMPORTS',
        missing: ['acme:kv/store.get', 'acme:kv/store.set', 'acme:log/sink.flush'],
      }),
    );
  });

  it.each(['constructor', 'to-string', 'value-of', 'has-own-property'])(
    'what every object of JavaScript has is not provided: %s',
    async (name) => {
      const program = await engine.compile(
        await watGuest(`(component
          (import "acme:kv/store" (instance $kv (export "${name}" (func))))
          (core func $f (canon lower (func $kv "${name}")))
          (core module $m (import "i" "f" (func)))
          (core instance (instantiate $m (with "i" (instance (export "f" (func $f)))))))`),
      );
      await expect(program.instantiate({ policy: POLICY, imports: { 'acme:kv/store': {} } })).rejects.toThrow(
        expect.objectContaining({ code: 'BW_LINK_MISSING_IMPORTS' }),
      );
    },
  );
});

describe('one call at a time', () => {
  it('a second one is refused while the first waits', async () => {
    const program = await engine.compile(await watGuest(REACTOR));
    await using instance = await program.instantiate({ policy: POLICY, imports });
    const first = instance.call('twice', 1);
    await expect(instance.call('twice', 2)).rejects.toThrow(
      expect.objectContaining({ code: 'BW_INSTANCE_BUSY' }),
    );
    expect(await first).toBe(4);
    expect(await instance.call('twice', 2)).toBe(6);
  });

  it('a function of the embedder cannot enter the instance that called it', async () => {
    const program = await engine.compile(await watGuest(REACTOR));
    const seen: unknown[] = [];
    const instance: Instance = await program.instantiate({
      policy: POLICY,
      imports: {
        'acme:kv/store': {
          get: (key: number) => {
            void instance.call('twice', key).catch((error: unknown) => seen.push(error));
            return key;
          },
        },
      },
    });
    expect(await instance.call('twice', 1)).toBe(2);
    await instance.close();
    expect(seen).toEqual([expect.objectContaining({ code: 'BW_INSTANCE_BUSY' })]);
  });
});

describe('what WASI does not have', () => {
  it.each(['no-such', 'constructor', 'to-string'])(
    'is missing in a component, though the interface is there: %s',
    async (name) => {
      const program = await engine.compile(
        await watGuest(`(component
        (import "wasi:cli/exit@0.2.0" (instance $kv (export "${name}" (func))))
        (core func $f (canon lower (func $kv "${name}")))
        (core module $m (import "i" "f" (func $f)) (func (export "go") (call $f)))
        (core instance $i (instantiate $m (with "i" (instance (export "f" (func $f))))))
        (func (export "go") (canon lift (core func $i "go"))))`),
      );
      await expect(program.instantiate({ policy: POLICY })).rejects.toThrow(
        expect.objectContaining({ code: 'BW_LINK_MISSING_IMPORTS' }),
      );
    },
  );
});
