/** What an engine counts of real guests, and what an instance says of itself. */
import { describe, expect, it } from 'vitest';
import { Engine, type EngineMetrics, type Instance, type InstantiateOptions } from '../../src/index.ts';
import { startOutcome, type TenantMetrics } from '../../src/index.ts';
import {
  buildGuest,
  Collector,
  type GuestKind,
  openGuest,
  TALKING,
  WASI_VERSIONS,
} from '../support/guest-run.ts';
import { server, socketsGuest } from '../support/sockets-guest.ts';
import { watGuest } from './index.ts';

const CLOCKS = { clocks: { monotonic: { resolution: '1ms' } } };

/** Guests of one engine, which counts them. */
class Counted {
  readonly engine = new Engine({ cache: false });

  async open(
    source: string,
    kind: GuestKind,
    line: string,
    grant: object = {},
    more: Partial<InstantiateOptions> = {},
  ): Promise<Instance> {
    const program = await this.engine.compile(await buildGuest(source, kind), { name: source });
    const policy = { ...TALKING, ...grant };
    return program.instantiate({ tenant: 'acme', args: line.split(' '), ...more, policy });
  }

  of(tenant: string): TenantMetrics | undefined {
    return this.engine.metrics().tenants.find((each) => each.tenant === tenant);
  }
}

describe.each(WASI_VERSIONS)('WASI %s: metrics', (_version, kind) => {
  it('count how instances end, by tenant', async () => {
    const counted = new Counted();
    await (await counted.open('process', kind, 'leave return 3')).run();
    await (await counted.open('process', kind, 'leave return 0')).run();
    await (await counted.open('limits', kind, 'trap')).run();
    await (await counted.open('limits', kind, 'loop', { limits: { fuel: 1_000_000 } })).run();
    const slow = await counted.open('clocks', kind, 'sleep 60000000000', CLOCKS);
    const running = slow.run();
    await slow.close();
    expect((await running).outcome).toEqual({ kind: 'cancelled' });
    await expect(counted.open('limits', kind, 'loop', { limits: { memory: '64KiB' } })).rejects.toMatchObject(
      { code: 'BW_LIMIT_MEMORY' },
    );
    await (await counted.open('process', kind, 'leave return 0', {}, { tenant: 'other one' })).run();
    expect(counted.of('acme')).toMatchObject({ started: 6, live: 0, memory: 0, handles: 0 });
    expect(counted.of('acme')?.ended).toEqual([
      { outcome: 'exit', limit: undefined, count: 2 },
      { outcome: 'trap', limit: undefined, count: 1 },
      { outcome: 'limit', limit: 'limits.fuel', count: 1 },
      { outcome: 'cancelled', limit: undefined, count: 1 },
      { outcome: 'denied-at-start', limit: undefined, count: 1 },
    ]);
    expect(counted.of('other one')).toMatchObject({ started: 1, ended: [{ outcome: 'exit', count: 1 }] });
    expect(counted.engine.metrics()).toMatchObject({ places: { taken: 0 }, waiting: 0, programsCompiled: 3 });
  });

  it('add up what instances used, those that live and those that have ended', async () => {
    const counted = new Counted();
    const filesystem = [
      { id: 'm', mount: '/m', memory: {}, access: 'read-write' },
      { id: 'r', mount: '/r', memory: {}, access: 'read' },
    ];
    const limits = { fuel: 1_000_000_000 };
    const line = 'write /m/x hello + read /m/x + write /r/x no + write /r/x no';
    const one = await counted.open('filesystem', kind, line, { filesystem, limits });
    expect(counted.of('acme')).toMatchObject({ started: 1, live: 1, ended: [], calls: 0 });
    expect(counted.of('acme')?.memory).toBe(one.usage().memory);
    const { usage } = await one.run();
    const two = await counted.open('random', kind, 'bytes', { random: 'secure' });
    const { usage: other } = await two.run();
    const echo = await counted.open('stdio', kind, 'echo', {}, { stdin: Buffer.from('twelve bytes') });
    const { usage: last } = await echo.run();
    expect(usage).toMatchObject({ calls: 1, denials: 2, fileBytesWritten: 5, fileBytesRead: 5 });
    expect(last.stdinBytes).toBe(12);
    const sum = (name: 'fuel' | 'cpuTime' | 'stdoutBytes' | 'randomBytes'): number =>
      usage[name] + other[name] + last[name];
    expect(counted.of('acme')).toMatchObject({
      live: 0,
      calls: 3,
      denials: 2,
      fileBytesRead: 5,
      fileBytesWritten: 5,
      stdinBytes: 12,
      stderrBytes: 0,
      fuel: sum('fuel'),
      cpuTime: sum('cpuTime'),
      stdoutBytes: sum('stdoutBytes'),
      randomBytes: sum('randomBytes'),
    });
    expect(counted.of('acme')?.fuel).toBeGreaterThan(1000);
    expect(counted.of('acme')?.cpuTime).toBeGreaterThan(0);
    expect(counted.of('acme')?.stdoutBytes).toBeGreaterThan(12);
    expect(counted.of('acme')?.randomBytes).toBeGreaterThanOrEqual(16);
  });

  it('tell what a guest uses while it runs, and never less later', async () => {
    const counted = new Counted();
    const input = Promise.withResolvers<void>();
    async function* source(): AsyncGenerator<string> {
      yield 'first';
      await input.promise;
      yield 'second';
    }
    const stdout = new Collector();
    const echo = await counted.open('stdio', kind, 'echo', {}, { stdin: source(), stdout });
    const running = echo.run();
    await expect.poll(() => stdout.text()).toBe('first');
    expect(counted.of('acme')).toMatchObject({ live: 1, calls: 1, stdinBytes: 5, stdoutBytes: 5 });
    expect(counted.of('acme')).toMatchObject({ memory: echo.usage().memory, handles: echo.usage().handles });
    // In 0.1 the standard streams are no resources.
    expect(echo.usage().handles > 0).toBe(kind !== 'module');
    input.resolve();
    await running;
    expect(counted.of('acme')).toMatchObject({ live: 0, calls: 1, stdinBytes: 11, stdoutBytes: 11 });
    expect(counted.of('acme')).toMatchObject({ memory: 0, handles: 0 });
  });

  it('an instance says all that it used, and says the same once it has ended', async () => {
    const counted = new Counted();
    const instance = await counted.open('stdio', kind, 'errors', { limits: { fuel: 1_000_000_000 } });
    const before = instance.usage();
    const { usage } = await instance.run();
    expect(usage.memory).toBeGreaterThanOrEqual(before.memory);
    expect(usage.wallTime).toBeGreaterThan(before.wallTime);
    expect(usage).toMatchObject({
      calls: 1,
      denials: 0,
      stdinBytes: 0,
      fileBytesRead: 0,
      fileBytesWritten: 0,
    });
    expect(usage.stdoutBytes).toBe('stdout=to standard output\n'.length);
    expect(usage.stderrBytes).toBe('to standard error\n'.length);
    expect(usage.fuel).toBeGreaterThan(before.fuel);
    expect(usage.cpuTime).toBeGreaterThan(0);
    expect(usage.handlesPeak).toBeGreaterThanOrEqual(usage.handles);
    await instance.close();
    expect(instance.usage()).toEqual(usage);
  });

  it('the memory of a guest is its peak: it grows with the guest, and does not shrink', async () => {
    const { instance, run } = await openGuest('limits', kind, {
      grant: { limits: { memory: '8MiB' } },
      line: 'memory 1',
    });
    const { memory: before } = instance.usage();
    const ran = await run();
    expect(ran.usage.memory).toBeGreaterThanOrEqual(Number(ran.value('bytes')));
    expect(ran.usage.memory).toBeGreaterThan(before);
    expect(instance.usage().memory).toBe(ran.usage.memory);
  });
});

describe('starts that come to nothing', () => {
  const policy = { version: 1 };

  async function failureOf(engine: Engine, text: string, options: object = {}): Promise<unknown> {
    const program = await engine.compile(await watGuest(text));
    return program.instantiate({ policy, ...options }).then(
      () => expect.fail('it started'),
      (error: unknown) => error,
    );
  }

  const ended = ({ tenants }: EngineMetrics): unknown =>
    tenants.map(({ started, live, ended: ends }) => [
      started,
      live,
      ...ends.map(({ outcome, limit }) => limit ?? outcome),
    ]);

  it.each([
    ['a policy that is none', '(module)', { policy: { version: 2 } }],
    ['an import that nobody provides', '(module (import "env" "f" (func)))', {}],
    [
      'a mount without its directory',
      '(module)',
      {
        policy: { ...policy, filesystem: [{ id: 'x', mount: '/x', host: 'x' }] },
      },
    ],
    ['too many instances of a tenant', '(module)', { policy: { ...policy, limits: { instances: 1 } } }],
  ])('%s: denied at start', async (_name, text, options) => {
    const engine = new Engine({ cache: false, tenants: { default: { instances: 0 } } });
    const error = await failureOf(engine, text, options);
    expect(startOutcome(error)).toEqual({ kind: 'denied-at-start', code: (error as { code: string }).code });
    expect(ended(engine.metrics())).toEqual([[1, 0, 'denied-at-start']]);
  });

  it('a start that gets no place is denied, too, and waits until then', async () => {
    const engine = new Engine({ cache: false, instances: { maxInstances: 1, maxWait: 100 } });
    const program = await engine.compile(await watGuest('(module)'));
    await using _first = await program.instantiate({ policy });
    const second = program.instantiate({ policy });
    const denied = expect(second).rejects.toMatchObject({ code: 'BW_ENGINE_BUSY' });
    await expect.poll(() => engine.metrics().waiting).toBe(1);
    expect(engine.metrics().places).toEqual({ taken: 1, limit: 1 });
    expect(ended(engine.metrics())).toEqual([[1, 1]]);
    await denied;
    expect(engine.metrics().waiting).toBe(0);
    expect(ended(engine.metrics())).toEqual([[2, 1, 'denied-at-start']]);
  });

  it('a guest that ends while it starts ends as any other', async () => {
    const engine = new Engine({ cache: false });
    const trap = await failureOf(engine, '(module (func $f unreachable) (start $f))');
    expect(startOutcome(trap)).toEqual({ kind: 'trap', reason: 'unreachable' });
    const endless = '(module (func $f (loop $l (br $l))) (start $f))';
    const limit = await failureOf(engine, endless, { policy: { ...policy, limits: { fuel: 10_000 } } });
    expect(startOutcome(limit)).toEqual({ kind: 'limit', limit: 'limits.fuel', value: 10_000 });
    expect(ended(engine.metrics())).toEqual([[2, 0, 'trap', 'limits.fuel']]);
    expect(engine.metrics().tenants[0]?.fuel).toBeGreaterThanOrEqual(10_000);
  });

  it('what is no error of ours is a fault of the host', () => {
    const error = new TypeError('x');
    expect(startOutcome(error)).toEqual({ kind: 'host-error', error });
  });
});

describe.each(['thread', 'process'] as const)('isolated by a %s', (isolation) => {
  it('instances are counted as all others', async () => {
    const counted = new Counted();
    const filesystem = [
      { id: 'm', mount: '/m', memory: {}, access: 'read-write' },
      { id: 'r', mount: '/r', memory: {}, access: 'read' },
    ];
    const limits = { fuel: 1_000_000_000 };
    const line = 'write /m/x hello + read /m/x + write /r/x no + write /r/x no';
    const { usage } = await (
      await counted.open('filesystem', 'module', line, { filesystem, limits }, { isolation })
    ).run();
    expect(usage).toMatchObject({ calls: 1, denials: 2, fileBytesWritten: 5, fileBytesRead: 5 });
    expect(counted.of('acme')).toMatchObject({ calls: 1, denials: 2, fileBytesWritten: 5, fuel: usage.fuel });
    await (await counted.open('limits', 'module', 'trap', {}, { isolation })).run();
    const few = { limits: { fuel: 1_000_000 } };
    await (await counted.open('limits', 'module', 'loop', few, { isolation })).run();
    const denied = await counted
      .open('limits', 'module', 'loop', { limits: { memory: '64KiB' } }, { isolation })
      .catch(startOutcome);
    expect(denied).toEqual({ kind: 'denied-at-start', code: 'BW_LIMIT_MEMORY' });
    const live = await counted.open('process', 'module', 'arguments', {}, { isolation });
    expect(counted.of('acme')).toMatchObject({ started: 5, live: 1, memory: live.usage().memory });
    await live.close();
    expect(counted.of('acme')).toMatchObject({ live: 0, memory: 0 });
    expect(counted.of('acme')?.ended.map(({ outcome, limit, count }) => [limit ?? outcome, count])).toEqual([
      ['exit', 2],
      ['trap', 1],
      ['limits.fuel', 1],
      ['denied-at-start', 1],
    ]);
    expect(counted.engine.metrics().places.taken).toBe(0);
  });

  it('a guest that ends while it starts says how', async () => {
    const engine = new Engine({ cache: false });
    const program = await engine.compile(await watGuest('(module (func $f unreachable) (start $f))'));
    const error: unknown = await program
      .instantiate({ policy: { version: 1 }, isolation })
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ name: 'InstanceEndedError', code: 'BW_INSTANCE_TRAPPED' });
    expect(startOutcome(error)).toEqual({ kind: 'trap', reason: 'unreachable' });
    expect(engine.metrics().tenants).toMatchObject([{ started: 1, live: 0, ended: [{ outcome: 'trap' }] }]);
  });
});

it('a host function that fails is counted as such', async () => {
  const engine = new Engine({ cache: false });
  const program = await engine.compile(
    await watGuest('(module (import "env" "f" (func $f)) (func (export "_start") (call $f)))'),
  );
  const f = (): never => {
    throw new Error('broken');
  };
  const instance = await program.instantiate({ policy: { version: 1 }, imports: { env: { f } } });
  await instance.run();
  expect(engine.metrics().tenants).toMatchObject([
    { tenant: 'default', started: 1, live: 0, ended: [{ outcome: 'host-error', count: 1 }] },
  ]);
});

describe('tenants beyond the bound', () => {
  it('are counted together, as one that is called so', async () => {
    const engine = new Engine({ cache: false, metrics: { maxTenants: 2 } });
    const program = await engine.compile(await watGuest('(module (func (export "_start")))'));
    for (const tenant of ['a', 'other', 'b', 'c', 'd', 'a', 'c']) {
      const instance = await program.instantiate({ policy: { version: 1 }, tenant });
      await instance.run();
    }
    const counts = engine.metrics().tenants.map(({ tenant, started, calls }) => [tenant, started, calls]);
    expect(counts).toEqual([
      ['a', 2, 2],
      ['b', 1, 1],
      ['other', 4, 4],
    ]);
  });

  it.each([-1, 1.5, Number.NaN])('a bound of %s is refused', (maxTenants) => {
    expect(() => new Engine({ metrics: { maxTenants } })).toThrow(
      expect.objectContaining({ code: 'BW_ENGINE_OPTION' }) as Error,
    );
  });
});

describe('the network', () => {
  const { run } = socketsGuest('sockets');

  it('bytes that a guest sent and received', async () => {
    const { port } = await server('127.0.0.1', (socket) => void socket.end('and back'));
    const rule = { protocol: 'tcp', connect: `127.0.0.1:${port}` };
    const { usage } = await run([rule], ['tcp 4', `connect 127.0.0.1 ${port}`, 'send hello', 'drain']);
    expect(usage).toMatchObject({ networkBytesSent: 5, networkBytesReceived: 8 });
  });
});
