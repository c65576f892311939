import { describe, expect, it } from 'vitest';
import { AuditLog, Engine, type Instance, type TenantOptions } from '../../src/index.ts';
import { buildGuest, Collector, TALKING, WASI_VERSIONS, type GuestKind } from '../support/guest-run.ts';
import { httpGuest } from './index.ts';

const FILES = { filesystem: [{ id: 'm', mount: '/m', memory: {}, access: 'read-write' }] };

/** Guests for tenants of one engine. */
class Host {
  readonly audit = new AuditLog();
  readonly engine: Engine;

  constructor(tenants: TenantOptions) {
    this.engine = new Engine({ cache: false, tenants, audit: this.audit });
  }

  async open(
    tenant: string,
    kind: GuestKind,
    line: string,
    grant: object = FILES,
  ): Promise<{ instance: Instance; stdout: Collector }> {
    const program = await this.engine.compile(await buildGuest('filesystem', kind));
    const stdout = new Collector();
    const policy = { ...TALKING, ...grant };
    const instance = await program.instantiate({ policy, tenant, stdout, args: line.split(' ') });
    return { instance, stdout };
  }

  async run(tenant: string, kind: GuestKind, line: string): Promise<string[]> {
    const { instance, stdout } = await this.open(tenant, kind, line);
    await instance.run();
    return stdout.text().trim().split('\n');
  }

  get limits(): readonly unknown[] {
    return this.audit.records.filter(({ kind }) => kind === 'limit');
  }
}

describe.each(WASI_VERSIONS)('WASI %s: budgets of a tenant', (_version, kind) => {
  it('bytes: instances share them, other tenants have their own', async () => {
    const host = new Host({ default: { bytes: '10B/d' } });
    expect(await host.run('a', kind, 'write /m/x hello')).toEqual(['write=5']);
    expect(await host.run('b', kind, 'write /m/x hello')).toEqual(['write=5']);
    expect(await host.run('a', kind, 'write /m/x world')).toEqual(['write=5']);
    expect(await host.run('a', kind, 'write /m/x hello')).toEqual(['write=EDQUOT']);
    expect(host.limits).toMatchObject([{ tenant: 'a', limit: 'tenant bytes', value: 10 }]);
    expect(host.engine.tenant('a').usage()).toMatchObject({ bytes: 10, instances: 0 });
    host.engine.tenant('a').reset();
    expect(await host.run('a', kind, 'write /m/x hello')).toEqual(['write=5']);
  });

  it('instances: as many at one time, and again as soon as one is closed', async () => {
    const host = new Host({ named: { a: { instances: 2 } } });
    const first = await host.open('a', kind, 'write /m/x hello');
    await host.open('a', kind, 'write /m/x hello');
    await expect(host.open('a', kind, 'write /m/x hello')).rejects.toMatchObject({
      code: 'BW_TENANT_INSTANCES',
    });
    await first.instance.close();
    await host.open('a', kind, 'write /m/x hello');
    for (let i = 0; i < 3; i++) await host.open('b', kind, 'write /m/x hello');
    expect(host.engine.tenant('a').usage()).toMatchObject({ instances: 2, instancesPeak: 2 });
  });

  it('instances: the policy may have a bound, too, and a start that fails gives its place back', async () => {
    const host = new Host({});
    const one = { ...FILES, limits: { instances: 1 } };
    const tooSmall = { ...FILES, limits: { instances: 1, memory: '64KiB' } };
    await expect(host.open('a', kind, 'write /m/x y', tooSmall)).rejects.toMatchObject({
      code: 'BW_LIMIT_MEMORY',
    });
    await host.open('a', kind, 'write /m/x y', one);
    await expect(host.open('a', kind, 'write /m/x y', one)).rejects.toMatchObject({
      code: 'BW_TENANT_INSTANCES',
      message: expect.stringContaining("the policy's limits.instances is 1") as string,
    });
  });
});

it('requests: those that instances are sent', async () => {
  const engine = new Engine({ cache: false, tenants: { default: { requests: '2/d' } } });
  const program = await engine.compile(await httpGuest('server'));
  const policy = { version: 1, clocks: { monotonic: { resolution: '1ms' } } };
  const ask = async (instance: Instance): Promise<string> =>
    (await instance.fetch(new Request('http://a.example/count'))).text();
  const [one, other, stranger] = await Promise.all(
    ['a', 'a', 'b'].map((tenant) => program.instantiate({ policy, tenant })),
  );
  expect([await ask(one as Instance), await ask(other as Instance)]).toEqual(['1', '1']);
  await expect(ask(one as Instance)).rejects.toMatchObject({ code: 'BW_TENANT_REQUESTS' });
  expect(await ask(stranger as Instance)).toBe('1');
  expect(engine.tenant('a').usage()).toMatchObject({ requests: 2, left: { requests: 0 } });
});

it('cpu: who has used it waits until there is more, and is not ended', async () => {
  const engine = new Engine({ cache: false, tenants: { named: { a: { cpu: '20ms/s' } } } });
  const program = await engine.compile(await buildGuest('limits', 'module'));
  const stdout = new Collector();
  const policy = { ...TALKING, limits: { deadline: '700ms' } };
  const instance = await program.instantiate({ policy, tenant: 'a', stdout, args: ['loop'] });
  const { outcome, usage } = await instance.run();
  expect(outcome).toMatchObject({ kind: 'limit', limit: 'limits.deadline' });
  // A period's worth, what flows in meanwhile, and a slice.
  expect(usage.cpuTime).toBeLessThan(20e6 + 0.7 * 20e6 + 20e6);
  expect(usage.wallTime).toBeGreaterThan(600e6);
});
