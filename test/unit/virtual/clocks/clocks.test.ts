import { describe, expect, test } from 'vitest';
import { GRANTED, Grant } from '../../../../src/kernel/grant.ts';
import { Guard } from '../../../../src/kernel/guard.ts';
import type { Clocks } from '../../../../src/virtual/clocks/clocks.ts';
import { type ClockSource, makeClocks } from '../../../../src/virtual/clocks/make-clocks.ts';
import type { Machine } from '../../../../src/virtual/machine.ts';
import { nodeMachine } from '../../../../src/ambient/machine.ts';

const grant = (id: string): Grant => new Grant(`clocks/${id}`, 'clocks', GRANTED, {});
const ABSENT: ClockSource = { kind: 'absent' };

/** A machine whose clocks stand where they are put. */
class Steered {
  wall = 0;
  monotonic = 0;
  readonly slept: number[] = [];
  readonly machine: Machine = {
    ...nodeMachine,
    wallNow: () => this.wall,
    monotonicNow: () => this.monotonic,
    monotonicU64: () => BigInt(this.monotonic),
    sleep: async (nanoseconds) => void this.slept.push(nanoseconds),
  };
}

interface SetUp {
  readonly clocks: Clocks;
  readonly steered: Steered;
  readonly guard: Guard;
  readonly denials: string[];
  readonly wallGrant: Grant;
  readonly monotonicGrant: Grant;
}

type Setting = 'absent' | { resolution: number } | { fixed: bigint } | { virtual: bigint };

function setUp(wall: Setting, monotonic: Setting, steered: Steered = new Steered()): SetUp {
  const denials: string[] = [];
  const guard = new Guard(
    {
      used: () => undefined,
      owned: () => undefined,
      limited: () => undefined,
      denied: (by, { operation }) => void denials.push(`${by?.id}: ${operation}`),
    },
    'first',
  );
  const [wallGrant, monotonicGrant] = [grant('wall'), grant('monotonic')];
  const clocks = makeClocks(
    toSource(wall, wallGrant),
    toSource(monotonic, monotonicGrant),
    guard,
    steered.machine,
    new AbortController().signal,
  );
  return { clocks, steered, guard, denials, wallGrant, monotonicGrant };
}

function toSource(setting: Setting, by: Grant): ClockSource {
  if (setting === 'absent') return ABSENT;
  if ('resolution' in setting) return { kind: 'real', grant: by, resolution: setting.resolution };
  if ('fixed' in setting) return { kind: 'fixed', grant: by, at: setting.fixed };
  return { kind: 'virtual', grant: by, at: setting.virtual };
}

function read({ wall }: Clocks): [number, number] {
  wall.read();
  return [wall.seconds, wall.nanoseconds];
}

const MS = 1_000_000;
const S = 1_000_000_000;

describe('real clocks', () => {
  test.each<[number, number, [number, number]]>([
    [1, 1_234_567_890_123.456, [1_234_567_890, 123_456_054]],
    [MS, 1_234_567_890_123.9, [1_234_567_890, 123 * MS]],
    [10 * MS, 1_234_567_890_129, [1_234_567_890, 120 * MS]],
    [S, 1_234_567_890_999, [1_234_567_890, 0]],
    [60 * S, 1_234_567_890_999, [1_234_567_860, 0]],
    [300 * MS, 1100, [0, 900 * MS]],
    [300 * MS, 1200, [1, 200 * MS]],
    [1500 * MS, 4600, [4, 500 * MS]],
    [1500 * MS, 4499, [3, 0]],
    [86_400 * S, 86_399_999, [0, 0]],
    [2 ** 63, 1_234_567_890_123, [0, 0]],
  ])('wall time is rounded down to a multiple of %d ns: %d ms', (resolution, now, expected) => {
    const { clocks, steered } = setUp({ resolution }, 'absent');
    steered.wall = now;
    expect(read(clocks)).toEqual(expected);
    expect(clocks.wall.peek()).toBe(BigInt(expected[0]) * 1_000_000_000n + BigInt(expected[1]));
    expect(clocks.wall.resolution).toBe(resolution);
  });

  test('monotonic time counts from the start of the instance, in steps', () => {
    const steered = new Steered();
    steered.monotonic = 5_000_000_123;
    const { clocks } = setUp('absent', { resolution: 100_000 }, steered);
    expect(clocks.monotonic.now()).toBe(0);
    steered.monotonic += 199_999;
    expect(clocks.monotonic.now()).toBe(100_000);
    steered.monotonic += 1;
    expect(clocks.monotonic.now()).toBe(200_000);
  });

  test('a revoked clock stands where it was last read, on record', () => {
    const { clocks, steered, guard, denials, wallGrant, monotonicGrant } = setUp(
      { resolution: MS },
      { resolution: 1 },
    );
    steered.wall = 1500;
    steered.monotonic = 7;
    expect([read(clocks), clocks.monotonic.now()]).toEqual([[1, 500 * MS], 7]);
    guard.revoke(wallGrant);
    guard.revoke(monotonicGrant);
    steered.wall = 9000;
    steered.monotonic = 99;
    expect([read(clocks), clocks.monotonic.now()]).toEqual([[1, 500 * MS], 7]);
    expect(clocks.wall.peek()).toBe(1_500_000_000n);
    expect(denials).toEqual(['clocks/wall: wall-clock', 'clocks/monotonic: monotonic-clock']);
  });

  test('waits are real', async () => {
    const { clocks, steered } = setUp('absent', { resolution: 1 });
    await clocks.sleep(5);
    expect(steered.slept).toEqual([5]);
  });
});

describe('clocks that are not granted', () => {
  test('stand still at zero; reading each is denied on record once', async () => {
    const { clocks, steered, denials } = setUp('absent', 'absent');
    steered.wall = 5000;
    steered.monotonic = 5000;
    for (let i = 0; i < 3; i++) {
      expect([read(clocks), clocks.monotonic.now(), clocks.wall.peek()]).toEqual([[0, 0], 0, 0n]);
      expect(clocks.sleep(3 * S)).toBeUndefined();
    }
    expect(denials).toEqual(['undefined: wall-clock', 'undefined: monotonic-clock']);
    expect(steered.slept).toEqual([]);
  });

  test('file times are no read: peek is not on record', () => {
    const { clocks, denials } = setUp('absent', 'absent');
    clocks.wall.peek();
    expect(denials).toEqual([]);
  });

  test('an absent steady clock beside a real calendar stands, and waits are real', async () => {
    const { clocks, steered } = setUp({ resolution: 1 }, 'absent');
    await clocks.sleep(7);
    expect([clocks.monotonic.now(), steered.slept]).toEqual([0, [7]]);
  });
});

describe('virtual time', () => {
  const at = 1_700_000_000_999_999_999n;

  test('starts where the policy says and moves with waits alone, both clocks together', () => {
    const { clocks, steered } = setUp({ virtual: at }, { virtual: at });
    steered.wall = steered.monotonic = 10 ** 12;
    expect([read(clocks), clocks.monotonic.now()]).toEqual([[1_700_000_000, 999_999_999], 0]);
    expect(clocks.sleep(1)).toBeUndefined();
    expect([read(clocks), clocks.monotonic.now()]).toEqual([[1_700_000_001, 0], 1]);
    expect(clocks.sleep(2.5 * S)).toBeUndefined();
    expect([read(clocks), clocks.monotonic.now()]).toEqual([[1_700_000_003, 500_000_000], 2.5 * S + 1]);
    expect(clocks.wall.peek()).toBe(at + 2_500_000_001n);
  });

  test('a wait without end stops short of what a number holds', () => {
    const { clocks } = setUp({ virtual: 0n }, { virtual: 0n });
    expect(clocks.sleep(2 ** 64)).toBeUndefined();
    expect(clocks.sleep(2 ** 64)).toBeUndefined();
    expect(clocks.monotonic.now()).toBe(Number.MAX_SAFE_INTEGER);
  });

  test('a virtual calendar beside a real steady clock moves when the wait is over', async () => {
    const { clocks, steered } = setUp({ virtual: 0n }, { resolution: 1 });
    const slept = clocks.sleep(2 * S);
    expect(read(clocks)).toEqual([0, 0]);
    await slept;
    expect([read(clocks), steered.slept]).toEqual([[2, 0], [2 * S]]);
  });
});

test('fixed time does not move, not even with waits', () => {
  const { clocks } = setUp({ fixed: 1_500_000_000n }, { fixed: 0n });
  expect(clocks.sleep(5 * S)).toBeUndefined();
  expect([read(clocks), clocks.monotonic.now()]).toEqual([[1, 500_000_000], 0]);
});

test('fixed beside virtual: each does what it says', () => {
  const { clocks } = setUp({ fixed: 0n }, { virtual: 0n });
  expect(clocks.sleep(S)).toBeUndefined();
  expect([read(clocks), clocks.monotonic.now()]).toEqual([[0, 0], S]);
});
