import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { nodeMachine } from '../../../src/ambient/machine.ts';
import { type CompiledPolicy, compilePolicy } from '../../../src/engine/compiled-policy.ts';
import { accessBits } from '../../../src/kernel/access.ts';
import { canonicalPolicy, normalizePolicy } from '../../../src/policy/index.ts';
import { DEFAULT_MEMORY_QUOTA } from '../../../src/virtual/filesystem/quota.ts';

function compile(policy: object): CompiledPolicy {
  return compilePolicy(normalizePolicy({ version: 1, ...policy }), nodeMachine);
}

test('an empty policy grants nothing, and has the limits of the default', () => {
  expect(compile({})).toMatchObject({
    mounts: [],
    wall: { kind: 'absent' },
    monotonic: { kind: 'absent' },
    seedKey: undefined,
    limits: { memory: 2 ** 30, deadline: undefined, handles: 1000 },
    uses: 'first',
  });
});

test('the digest is that of the canonical form, for whoever computes it elsewhere', () => {
  const policy = normalizePolicy({ version: 1, name: 'x', arguments: true });
  const digest = createHash('sha256').update(canonicalPolicy(policy)).digest('hex');
  expect(compilePolicy(policy, nodeMachine).digest).toBe(digest);
});

test('a policy is compiled once', () => {
  const policy = normalizePolicy({ version: 1 });
  expect(compilePolicy(policy, nodeMachine)).toBe(compilePolicy(policy, nodeMachine));
});

test('limits are numbers: bytes, nanoseconds, handles', () => {
  const limits = { memory: '64MiB', deadline: '1500ms', cpu: '200ms', slice: '2ms', handles: 7, fuel: 9 };
  expect(compile({ limits }).limits).toEqual({
    memory: 64 * 2 ** 20,
    deadline: 1.5e9,
    cpu: 2e8,
    slice: 2e6,
    handles: 7,
    fuel: 9,
    weight: 100,
    tables: 1_000_000,
    instances: undefined,
  });
});

test('clocks are nanoseconds', () => {
  const { wall, monotonic } = compile({
    clocks: { wall: { fixed: '1970-01-01T00:00:01.5Z' }, monotonic: { resolution: '100us' } },
  });
  expect({ wall, monotonic }).toEqual({
    wall: { kind: 'fixed', at: 1_500_000_000n },
    monotonic: { kind: 'real', resolution: 100_000 },
  });
  expect(compile({ clocks: { wall: { virtual: '1970-01-01T00:00:00Z' } } }).wall).toEqual({
    kind: 'virtual',
    at: 0n,
  });
});

test('the seed’s key is its SHA-256', () => {
  const { seedKey } = compile({ random: { seed: 'grün' } });
  expect(Buffer.from(seedKey ?? [])).toEqual(createHash('sha256').update('grün').digest());
  expect(compile({ random: 'secure' }).seedKey).toBeUndefined();
});

test.each([
  ['grants', 'none'],
  ['denials', 'first'],
  ['uses', 'every'],
])('audit level %s records uses: %s', (level, uses) => {
  expect(compile({ audit: { level } }).uses).toBe(uses);
});

describe('mounts', () => {
  test('access words become bits', () => {
    const [mount] = compile({ filesystem: [{ mount: '/a', host: 'a', access: ['read', 'append'] }] }).mounts;
    expect(mount?.access).toBe(accessBits(['read', 'append']));
  });

  test('a host directory is bounded by its quota alone; memory has a bound by itself', () => {
    const quota = { bytes: '1KiB' };
    const { mounts } = compile({
      filesystem: [
        { mount: '/a', host: 'a', access: 'read' },
        { mount: '/b', host: 'b', access: 'read', quota },
        { mount: '/c', memory: {}, access: 'read' },
        { mount: '/d', memory: {}, access: 'read', quota },
      ],
    });
    expect(mounts.map(({ bounds }) => bounds.quota)).toEqual([
      {},
      { bytes: 1024 },
      { bytes: 2 ** 26, files: 10_000 },
      { bytes: 1024, files: 10_000 },
    ]);
    expect(DEFAULT_MEMORY_QUOTA.bytes).toBeLessThanOrEqual(2 ** 30);
  });
});
