/** Instances on threads and in processes of their own: the same policies, limits and records as on the host's thread. */
import { mkdtemp, readdir, readFile, readlink, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  AuditLog,
  type AuditRecord,
  Engine,
  type Instance,
  type InstantiateOptions,
  type IsolationLevel,
  MemorySink,
  type Program,
  VirtualNetwork,
} from '../../src/index.ts';
import { buildGuest, Collector, type GuestKind, TALKING, WASI_VERSIONS } from '../support/guest-run.ts';
import { httpGuest, watGuest } from './index.ts';
import { p3Guest } from './p3.ts';

const LEVELS = ['thread', 'process'] as const;
const LOOP = '(module (memory 1) (func (export "_start") (loop $l (br $l))))';
const MEMORY = { filesystem: [{ id: 'm', mount: '/m', memory: {}, access: 'read-write' }] };

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bailiwick-isolation-'));
  await writeFile(join(folder, 'given'), 'from the host');
});
afterAll(() => rm(folder, { recursive: true }));

/** One engine for all tests: its workers are used again. */
const engine = new Engine({ cache: false, isolation: { thread: { max: 2 }, process: { max: 2 } } });

interface Told {
  readonly instance: Instance;
  readonly lines: readonly string[];
  readonly records: readonly AuditRecord[];
}

async function run(
  source: Uint8Array,
  line: string,
  grant: object,
  options: Partial<InstantiateOptions>,
): Promise<Told> {
  const program = await engine.compile(source);
  const stdout = new Collector();
  const audit = new AuditLog();
  const policy = { ...TALKING, ...grant };
  const instance = await program.instantiate({ policy, stdout, audit, args: line.split(' '), ...options });
  await instance.run();
  return { instance, lines: stdout.text().trim().split('\n'), records: audit.records };
}

/** What a record says, apart from when and about whom. */
function contentOf(record: AuditRecord): object {
  const { time: _time, monotonic: _monotonic, instance: _instance, ...rest } = record;
  return 'usage' in rest ? { ...rest, usage: { ...rest.usage, wallTime: 0, cpuTime: 0 } } : rest;
}

const files = (kind: GuestKind): Promise<Uint8Array> => buildGuest('filesystem', kind);

describe.each(LEVELS)('%s', (isolation) => {
  describe.each(WASI_VERSIONS)('WASI %s', (_, kind) => {
    test('a run gives the same as inline: output, outcome, usage, and every record', async () => {
      const guest = await files(kind);
      const of = async (level: IsolationLevel): Promise<unknown> => {
        const { instance, lines, records } = await run(
          guest,
          'write /m/x hello',
          { ...MEMORY, limits: { fuel: 10_000_000 } },
          {
            isolation: level,
          },
        );
        const { wallTime: _wall, cpuTime: _cpu, ...usage } = instance.usage();
        await instance.close();
        return { lines, outcome: instance.outcome, usage, records: records.map(contentOf) };
      };
      expect(await of(isolation)).toEqual(await of('inline'));
    });

    test('files of the host: allowed as granted, denied beyond', async () => {
      const guest = await files(kind);
      const grant = (access: string): object => ({
        filesystem: [{ id: 'h', mount: '/h', host: 'folder', access }],
      });
      const options = { isolation, bindings: { directories: { folder } } };
      const read = await run(guest, 'read /h/given', grant('read'), options);
      expect(read.lines.join()).toContain('from the host');
      const denied = await run(guest, 'write /h/new x', grant('read'), options);
      expect(denied.lines).toEqual(['write=EROFS']);
      expect(denied.records.map(({ kind }) => kind)).toContain('denial');
      const written = await run(guest, `write /h/${isolation}-${kind} x`, grant('read-write'), options);
      expect(written.lines).toEqual(['write=1']);
      expect(await readFile(join(folder, `${isolation}-${kind}`), 'utf8')).toBe('x');
    });

    test('budgets of the tenant are the same ones', async () => {
      const tenant = `${isolation}-${kind}`;
      engine.tenant(tenant).budgets = { bytes: '8B/d', instances: 1 };
      const guest = await files(kind);
      expect((await run(guest, 'write /m/x hello', MEMORY, { tenant })).lines).toEqual(['write=5']);
      expect((await run(guest, 'write /m/x hi!', MEMORY, { tenant, isolation })).lines).toEqual(['write=3']);
      expect((await run(guest, 'write /m/x hello', MEMORY, { tenant, isolation })).lines).toEqual([
        'write=EDQUOT',
      ]);
      expect(engine.tenant(tenant).usage()).toMatchObject({ bytes: 8, instances: 0 });
    });
  });

  describe('limits', () => {
    test.each([
      ['deadline', '200ms'],
      ['fuel', 100_000],
      ['cpu', '20ms'],
    ])('%s', async (limit, value) => {
      const { instance, records } = await run(
        await watGuest(LOOP),
        '',
        { limits: { [limit]: value } },
        { isolation },
      );
      expect(instance.outcome).toMatchObject({ kind: 'limit', limit: `limits.${limit}` });
      expect(records.at(-1)).toMatchObject({
        kind: 'instance-closed',
        outcome: { limit: `limits.${limit}` },
      });
    });

    test('who computes without end and without a limit is ended by close(), and is on record', async () => {
      const program = await engine.compile(await watGuest(LOOP));
      const audit = new AuditLog();
      const instance = await program.instantiate({ policy: TALKING, isolation, audit });
      const running = instance.run();
      await instance.close();
      expect(await running).toMatchObject({ exitCode: 130, outcome: { kind: 'cancelled' } });
      await expect(instance.run()).rejects.toMatchObject({ code: 'BW_INSTANCE_CLOSED' });
      expect(instance.outcome).toEqual({ kind: 'cancelled' });
      expect(audit.records.at(-1)).toMatchObject({ kind: 'instance-closed', outcome: { kind: 'cancelled' } });
    });
  });

  describe('calls', () => {
    const open = async (wat: string, more: Partial<InstantiateOptions> = {}): Promise<Instance> =>
      (await engine.compile(await watGuest(wat))).instantiate({ policy: TALKING, isolation, ...more });

    test('values go there and come back; traps end the instance', async () => {
      await using instance = await open(`(module
        (func (export "add") (param i64 f64) (result f64) (f64.add (f64.convert_i64_s (local.get 0)) (local.get 1)))
        (func (export "fail") unreachable))`);
      expect(Object.keys(instance.exports)).toEqual(['add', 'fail']);
      expect(await instance.call('add', 2n, 0.5)).toBe(2.5);
      expect(await (instance.exports['add'] as (...args: unknown[]) => unknown)(3n, 1)).toBe(4);
      await expect(instance.call('none')).rejects.toMatchObject({ code: 'BW_INSTANCE_NO_EXPORT' });
      await expect(instance.call('add', () => 1)).rejects.toMatchObject({ code: 'BW_ISOLATION_VALUE' });
      await expect(instance.call('fail')).rejects.toMatchObject({ code: 'BW_INSTANCE_TRAPPED' });
      expect(instance.outcome).toMatchObject({ kind: 'trap' });
      await expect(instance.call('add', 1n, 1)).rejects.toMatchObject({ code: 'BW_INSTANCE_TRAPPED' });
    });

    test('a grant that is taken back is one that the guest does not have', async () => {
      await using instance = await open(
        `(module (import "wasi_snapshot_preview1" "random_get" (func $get (param i32 i32) (result i32)))
          (memory (export "memory") 1) (func (export "get") (result i32) (call $get (i32.const 0) (i32.const 8))))`,
        { policy: { ...TALKING, random: 'secure' } },
      );
      expect(await instance.call('get')).toBe(0);
      const grant = instance.grants.find(({ section }) => section === 'random');
      expect(grant?.uses).toBe(1);
      instance.revoke(grant?.id ?? '');
      await expect(instance.call('get')).resolves.not.toBe(0);
      expect(instance.grants.find(({ section }) => section === 'random')).toMatchObject({ revoked: true });
      expect(() => instance.revoke('none')).toThrow(expect.objectContaining({ code: 'BW_GRANT_UNKNOWN' }));
    });

    test('what lives on this thread is refused', async () => {
      const wat = '(module (import "a" "b" (func)))';
      await expect(open(wat, { imports: { a: { b: () => undefined } } })).rejects.toMatchObject({
        code: 'BW_ISOLATION_IMPORTS',
      });
      const virtualNetwork = new VirtualNetwork().host('x');
      await expect(open('(module)', { bindings: { virtualNetwork } })).rejects.toMatchObject({
        code: 'BW_ISOLATION_BINDING',
      });
      await expect(open('(module)', { isolation: 'proces' as 'process' })).rejects.toMatchObject({
        code: 'BW_ISOLATION_LEVEL',
      });
    });
  });

  test('what cannot be recorded is denied', async () => {
    const program = await engine.compile(await files('module'));
    let left = 1;
    const sink = {
      write(): void {
        if (left-- <= 0) throw new Error('full');
      },
    };
    const stdout = new Collector();
    const instance = await program.instantiate({
      policy: { ...TALKING, ...MEMORY },
      isolation,
      stdout,
      audit: new AuditLog([sink]),
      args: ['write', '/m/x', 'hello'],
    });
    await expect(instance.run()).rejects.toMatchObject({ code: 'BW_AUDIT_WRITE' });
    expect(stdout.text()).toBe('');
  });

  describe('streams', () => {
    test('a slow target holds the guest up, and gets everything', async () => {
      const total = 4 << 20;
      const wat = `(module (import "wasi_snapshot_preview1" "fd_write" (func $w (param i32 i32 i32 i32) (result i32)))
        (memory (export "memory") 2)
        (func (export "_start") (local $left i32)
          (i32.store (i32.const 0) (i32.const 16)) (i32.store (i32.const 4) (i32.const 65536))
          (local.set $left (i32.const ${total}))
          (loop $l (drop (call $w (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))
            (local.set $left (i32.sub (local.get $left) (i32.load (i32.const 8))))
            (br_if $l (i32.gt_s (local.get $left) (i32.const 0))))))`;
      const program = await engine.compile(await watGuest(wat));
      let taken = 0;
      let isBusy = false;
      const stdout = {
        async write(chunk: Uint8Array): Promise<void> {
          expect(isBusy).toBe(false);
          isBusy = true;
          await new Promise((resolve) => setImmediate(resolve));
          isBusy = false;
          taken += chunk.length;
        },
      };
      await using instance = await program.instantiate({ policy: TALKING, isolation, stdout });
      expect((await instance.run()).exitCode).toBe(0);
      expect(instance.usage().stdoutBytes).toBe(total);
      expect(taken).toBe(total);
    });

    test.each(WASI_VERSIONS)('WASI %s: a target that refuses is an error of the guest', async (_, kind) => {
      const program = await engine.compile(await buildGuest('stdio', kind));
      const stderr = new Collector();
      await using instance = await program.instantiate({
        policy: TALKING,
        isolation,
        stdout: { write: () => Promise.reject(new Error('no reader')) },
        stderr,
        args: ['flood', '1', '1000000', '1000'],
      });
      expect((await instance.run()).outcome).toEqual({ kind: 'exit', code: 0 });
      expect(stderr.text()).toMatch(/^write=(EPIPE|EIO)\nwritten=\d+\n$/);
    });

    test('what is used is known while a run goes on', async () => {
      const program = await engine.compile(await buildGuest('stdio', 'module'));
      const { promise: end, resolve } = Promise.withResolvers<string>();
      const stdin = (async function* () {
        yield 'first';
        yield await end;
      })();
      await using instance = await program.instantiate({ policy: TALKING, isolation, stdin, args: ['echo'] });
      const running = instance.run();
      await expect.poll(() => instance.usage().stdinBytes, { timeout: 5000 }).toBe(5);
      expect(instance.outcome).toBeUndefined();
      resolve('second');
      expect((await running).usage.stdinBytes).toBe(11);
    });

    test('requests and answers, their bodies both ways', async () => {
      const program = await engine.compile(await httpGuest('server'));
      const policy = { version: 1, clocks: { monotonic: { resolution: '1ms' } } };
      await using instance = await program.instantiate({ policy, isolation });
      const described = await instance.fetch(
        new Request('http://shop.example/describe?x=1', { headers: { 'x-one': '1' } }),
      );
      expect(await described.text()).toContain('GET http shop.example /describe?x=1\nx-one: 1');
      const body = 'x'.repeat(300_000);
      const echoed = await instance.fetch(new Request('http://shop.example/echo', { method: 'POST', body }));
      expect(await echoed.text()).toBe(body);
      await instance.idle();
    });

    test('a request that is aborted while it waits leaves the others alone', async () => {
      const program = await engine.compile(await httpGuest('server'));
      const policy = { version: 1, clocks: { monotonic: { resolution: '1ms' } } };
      await using instance = await program.instantiate({ policy, isolation });
      const first = instance.fetch(new Request('http://shop.example/sleep/100'));
      const signal = AbortSignal.timeout(20);
      const second = instance.fetch(new Request('http://shop.example/echo', { signal }));
      await expect(second).rejects.toMatchObject({ name: 'TimeoutError' });
      expect(await (await first).text()).toBe('hello, world\n');
      await instance.idle();
    });

    test('a body that the guest passes on arrives whole when the guest has returned', async () => {
      const program = await engine.compile(await p3Guest('handler'));
      const policy = { version: 1, clocks: { monotonic: { resolution: '1ms' } } };
      await using instance = await program.instantiate({ policy, isolation });
      const body = 'x'.repeat(300_000);
      const response = await instance.fetch(
        new Request('http://shop.example/forward', { method: 'POST', body }),
      );
      expect((await response.text()) === body).toBe(true);
      await instance.idle();
    });
  });

  test('files of a mount can be had until the instance is closed', async () => {
    const { instance } = await run(await files('module'), 'write /m/x hello', MEMORY, { isolation });
    expect(Object.keys(await instance.files('m').toFiles())).toEqual(['x']);
    await instance.close();
    await expect(instance.files('m').toFiles()).rejects.toMatchObject({ code: 'BW_ISOLATION_GONE' });
    expect(() => instance.files('none')).toThrow(expect.objectContaining({ code: 'BW_GRANT_UNKNOWN' }));
  });

  describe('pools', () => {
    const pooled = async (options: object, source = LOOP): Promise<[Engine, Program]> => {
      const own = new Engine({ cache: false, isolation: { [isolation]: options } });
      return [own, await own.compile(await watGuest(source))];
    };

    test('a start waits for a worker, and for no longer than it may', async () => {
      const [, program] = await pooled({ max: 1, maxWait: 300 });
      const first = await program.instantiate({ policy: TALKING, isolation });
      await expect(program.instantiate({ policy: TALKING, isolation })).rejects.toMatchObject({
        code: 'BW_ENGINE_BUSY',
      });
      const second = program.instantiate({ policy: TALKING, isolation });
      await first.close();
      await (await second).close();
    });

    test('a worker has one tenant at a time, unless it is shared', async () => {
      const open = (program: Program, tenant: string): Promise<Instance> =>
        program.instantiate({ policy: TALKING, isolation, tenant });
      const [, alone] = await pooled({ max: 1, perWorker: 2, maxWait: 100 });
      await using _one = await open(alone, 'a');
      await using _two = await open(alone, 'a');
      await expect(open(alone, 'b')).rejects.toMatchObject({ code: 'BW_ENGINE_BUSY' });
      const [, shared] = await pooled({ max: 1, perWorker: 2, shared: true });
      await using _three = await open(shared, 'a');
      await using _four = await open(shared, 'b');
    });

    test.each([{ max: 0 }, { min: 3, max: 2 }, { recycleAfter: 0.5 }])('%o is refused', async (options) => {
      await expect(pooled(options)).rejects.toMatchObject({ code: 'BW_ENGINE_OPTION' });
    });
  });
});

describe('a process', () => {
  test('a path that Node.js would take for a pattern is refused', async () => {
    const program = await engine.compile(await watGuest('(module)'));
    const policy = { ...TALKING, filesystem: [{ id: 'h', mount: '/h', host: 'x', access: 'read' }] };
    await expect(
      program.instantiate({ policy, isolation: 'process', bindings: { directories: { x: `${folder}*` } } }),
    ).rejects.toMatchObject({ code: 'BW_ISOLATION_BINDING' });
  });

  const children = async (): Promise<string[]> => {
    const all = (await readdir('/proc')).filter((name) => /^[0-9]+$/.test(name));
    const found = await Promise.all(
      all.map(async (pid) => {
        const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
        return stat.slice(stat.lastIndexOf(')')).split(' ')[2] === String(process.pid) ? [pid] : [];
      }),
    );
    return found.flat();
  };

  test('has the permission model, no environment, and no descriptor of the host', async () => {
    process.env['BAILIWICK_TEST_SECRET'] = 'secret';
    const before = new Set(await children());
    const own = new Engine({ cache: false, isolation: { process: { max: 1 } } });
    const program = await own.compile(await watGuest(LOOP));
    await using _instance = await program.instantiate({ policy: TALKING, isolation: 'process' });
    const pid = (await children()).find((each) => !before.has(each));
    expect((await readFile(`/proc/${pid}/cmdline`, 'utf8')).split('\0')).toContain('--permission');
    expect(await readFile(`/proc/${pid}/environ`, 'utf8')).not.toMatch(/SECRET|HOME|PATH=/);
    const open = await readdir(`/proc/${pid}/fd`);
    const held = await Promise.all(open.map((fd) => readlink(`/proc/${pid}/fd/${fd}`)));
    expect(
      held.filter((name) => !/^(?:anon_inode|pipe|socket|\/dev\/(?:null|urandom|random))/.test(name)),
    ).toEqual([]);
    delete process.env['BAILIWICK_TEST_SECRET'];
  });

  test('one that passes a bound of the system is a failed run with its reason, and the next start has another one', async () => {
    const own = new Engine({ cache: false, isolation: { process: { max: 1, cpu: 4 } } });
    const program = await own.compile(await watGuest(LOOP));
    const memory = new MemorySink();
    const audit = new AuditLog([memory]);
    const instance = await program.instantiate({ policy: TALKING, isolation: 'process', audit });
    const { exitCode, outcome } = await instance.run();
    expect(exitCode).toBe(125);
    expect(outcome).toMatchObject({
      kind: 'host-error',
      error: { code: 'BW_ISOLATION_WORKER', message: expect.stringMatching(/signal SIG(?:XCPU|KILL)/) },
    });
    expect(memory.records.at(-1)).toMatchObject({
      kind: 'instance-closed',
      outcome: { kind: 'host-error', code: 'BW_ISOLATION_WORKER' },
    });
    await (await program.instantiate({ policy: TALKING, isolation: 'process' })).close();
  });
});

test('fuel is the same at every level', async () => {
  const guest = await buildGuest('process', 'module');
  const spent = await Promise.all(
    (['inline', ...LEVELS] as const).map(async (isolation) => {
      const { instance } = await run(
        guest,
        'arguments a b',
        { limits: { fuel: 100_000_000 } },
        { isolation },
      );
      return instance.usage().fuel;
    }),
  );
  expect(spent[0]).toBeGreaterThan(0);
  expect(new Set(spent).size).toBe(1);
});
