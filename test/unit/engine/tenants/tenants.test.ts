import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Tenants } from '../../../../src/engine/tenants/tenants.ts';
import { Engine } from '../../../../src/index.ts';
import { TokenBucket } from '../../../../src/kernel/token-bucket.ts';

describe('a token bucket', () => {
  test('gives a period’s worth at once, and then what flows in', () => {
    let now = 0;
    const bucket = new TokenBucket({ amount: 10, period: 1000 }, () => now);
    bucket.take(10);
    expect([bucket.left, bucket.readyAt(now)]).toEqual([0, 1]);
    now = 500;
    expect(bucket.left).toBe(5);
    now = 1_000_000;
    expect(bucket.left).toBe(10);
  });

  test('that is overdrawn is ready when what was taken ahead has flowed in', () => {
    let now = 0;
    const bucket = new TokenBucket({ amount: 10, period: 1000 }, () => now);
    bucket.take(30);
    const readyAt = bucket.readyAt(now);
    expect(readyAt).toBe(2001);
    now = readyAt;
    expect(bucket.left).toBeGreaterThan(0);
  });

  test('never gives more than a period’s worth and what flowed in', () => {
    const steps = fc.array(fc.tuple(fc.nat(2000), fc.integer({ min: 1, max: 10 })), { maxLength: 100 });
    fc.assert(
      fc.property(steps, (taken) => {
        let now = 0;
        let sum = 0;
        const bucket = new TokenBucket({ amount: 10, period: 1000 }, () => now);
        for (const [wait, amount] of taken) {
          now += wait;
          if (bucket.left < amount) continue;
          bucket.take(amount);
          sum += amount;
        }
        expect(sum).toBeLessThanOrEqual(10 + (now / 1000) * 10 + 1e-6);
      }),
    );
  });
});

describe('budgets', () => {
  test.each([
    ['cpu', { cpu: '200ms' }, /`cpu` is "200ms"; expected an amount per s, min, h or d/],
    ['cpu per week', { cpu: '200ms/w' }, /`cpu`/],
    ['bytes', { bytes: '1 GiB/d' }, /`bytes` is "1 GiB\/d".*"1GiB\/d"/],
    ['no bytes', { bytes: '0/d' }, /`bytes`/],
    ['requests', { requests: 'many/min' }, /`requests`/],
    ['instances', { instances: 1.5 }, /`instances` is 1.5; expected a whole number/],
  ])('that are wrong are found when the engine is made: %s', (_what, budgets, message) => {
    const expected = expect.objectContaining({
      code: 'BW_TENANT_BUDGET',
      message: expect.stringMatching(message) as string,
    });
    expect(() => new Engine({ cache: false, tenants: { default: budgets } })).toThrow(expected);
    expect(() => new Engine({ cache: false, tenants: { named: { a: budgets } } })).toThrow(expected);
    expect(() => (new Engine({ cache: false }).tenant('a').budgets = budgets)).toThrow(expected);
  });

  test('are those of the name, or of everybody', () => {
    const engine = new Engine({
      cache: false,
      tenants: { default: { instances: 1 }, named: { a: { requests: '60/min' } } },
    });
    expect([engine.tenant('a').budgets, engine.tenant('b').budgets]).toEqual([
      { requests: '60/min' },
      { instances: 1 },
    ]);
  });

  test('are counted, changed and reset', () => {
    let now = 0;
    const tenant = new Tenants({ default: { requests: '2/s', cpu: '1ms/s' } }, () => now).give('a');
    const { requests, cpu } = tenant;
    expect([requests?.take(), requests?.take(), requests?.take()]).toEqual([true, true, false]);
    cpu?.takeCpu(3_000_000);
    expect(tenant.usage()).toMatchObject({ requests: 2, cpuTime: 3e6, left: { requests: 0, cpu: -2e6 } });
    expect(cpu?.cpuReadyAt(now)).toBe(2e9 + 1);
    now = 5e8;
    expect(requests?.take()).toBe(true);
    tenant.budgets = { requests: '3/s' };
    expect([tenant.usage().requests, tenant.usage().left]).toEqual([0, { requests: 3 }]);
    // Instances that were opened before count on.
    expect([requests?.take(), cpu?.cpuReadyAt(now)]).toEqual([true, now]);
    tenant.reset();
    expect(tenant.usage()).toMatchObject({ requests: 0, left: { requests: 3 } });
  });

  test('tenants that nobody would miss are forgotten, the others not', () => {
    const tenants = new Tenants({ default: { requests: '1000/d' } }, () => 0);
    const used = tenants.get('used');
    used.requests?.take();
    const given = tenants.give('given');
    const open = tenants.get('open');
    open.openInstance(undefined);
    const forgotten = tenants.get('idle');
    for (let i = 0; i < 5000; i++) tenants.get(`t${i}`);
    expect(['used', 'given', 'open'].map((name) => tenants.get(name))).toEqual([used, given, open]);
    expect(tenants.get('used')).toBe(used);
    expect(tenants.get('idle')).not.toBe(forgotten);
  });
});
