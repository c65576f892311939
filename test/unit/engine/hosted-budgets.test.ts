import { expect, test } from 'vitest';
import { HostedBudgets } from '../../../src/engine/isolation/hosted-budgets.ts';
import { Tenants } from '../../../src/engine/tenants/tenants.ts';

const open = (): [HostedBudgets, ReturnType<Tenants['get']>] => {
  const now = (): number => 0;
  const tenant = new Tenants({ default: { cpu: '1s/s', bytes: '10B/d', requests: '2/min' } }, now).get('a');
  return [new HostedBudgets(tenant, now), tenant];
};

test('what a worker counts is what its tenant has used', () => {
  const [budgets, tenant] = open();
  expect(budgets.answer({ about: 'bytes', instance: 1, count: 4 })).toBe(6);
  expect(budgets.answer({ about: 'bytes', instance: 1, count: -1 })).toBe(7);
  expect(budgets.answer({ about: 'requests', instance: 1, give: false })).toBe(1);
  expect(budgets.answer({ about: 'requests', instance: 1, give: true })).toBe(1);
  expect(budgets.answer({ about: 'cpu', instance: 1, nanoseconds: 2e9 })).toBeGreaterThan(0);
  expect(tenant.usage()).toMatchObject({ bytes: 3, requests: 0, cpuTime: 2e9 });
});

test.each([
  { about: 'bytes', count: Number.NaN },
  { about: 'bytes', count: -1 },
  { about: 'cpu', nanoseconds: -1 },
  { about: 'cpu', nanoseconds: Number.NaN },
  { about: 'cpu', nanoseconds: Infinity },
  { about: 'requests', give: true },
] as const)('a worker that was taken over gains nothing by %o', (question) => {
  const [budgets, tenant] = open();
  expect(() => budgets.answer({ ...question, instance: 1 })).toThrow(
    expect.objectContaining({ code: 'BW_ISOLATION_VALUE' }),
  );
  expect(tenant.usage()).toMatchObject({
    bytes: 0,
    requests: 0,
    cpuTime: 0,
    left: { bytes: 10, requests: 2 },
  });
});
