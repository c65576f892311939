import { describe, expect, test } from 'vitest';
import { ExitSignal, GuestTrap } from '../../../../src/virtual/host.ts';
import { testHost } from '../../../support/host.ts';
import { Caller } from './caller.ts';

/** @returns what `fn` throws */
function thrown(fn: () => unknown): unknown {
  try {
    fn();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}

describe('environment', () => {
  const args = ['program', '', 'ünï ☃ 𝄞', 'x'.repeat(70_000)];
  const env = [
    ['A', '1'],
    ['LEER', ''],
    ['NAÏVE', '☃'],
  ] as const;

  test('arguments and variables arrive as they are', () => {
    const caller = new Caller(testHost({ args, env }).host);
    caller.onRealloc = () => void (caller.memory.buffer.byteLength < 1 << 20 && caller.memory.grow(1));
    const result = caller.allocate(8);
    caller.call('wasi:cli/environment#get-arguments', result);
    const [list, count] = [caller.u32(result), caller.u32(result + 4)];
    expect(Array.from({ length: count }, (_, i) => caller.text(list + i * 8))).toEqual(args);
    caller.call('wasi:cli/environment#get-environment', result);
    const [pairs, length] = [caller.u32(result), caller.u32(result + 4)];
    const found = Array.from({ length }, (_, i) => [
      caller.text(pairs + i * 16),
      caller.text(pairs + i * 16 + 8),
    ]);
    expect(found).toEqual(env);
    const plain = caller.plain('wasi:cli/environment') as {
      readonly getArguments: () => string[];
      getEnvironment(): [string, string][];
    };
    expect(plain.getArguments()).toEqual(args);
    expect(plain.getEnvironment()).toEqual(env);
  });

  test('without a grant there are none, and there is no working directory', () => {
    const caller = new Caller(testHost().host);
    const result = caller.allocate(12);
    for (const name of ['get-arguments', 'get-environment']) {
      caller.view.setUint32(result + 4, 7, true);
      caller.call(`wasi:cli/environment#${name}`, result);
      expect(caller.u32(result + 4)).toBe(0);
    }
    caller.view.setUint8(result, 7);
    caller.call('wasi:cli/environment#initial-cwd', result);
    expect(caller.u8(result)).toBe(0);
  });

  test('a lone surrogate becomes the replacement character', () => {
    const caller = new Caller(testHost({ args: ['\ud800'] }).host);
    const result = caller.allocate(8);
    caller.call('wasi:cli/environment#get-arguments', result);
    expect(caller.text(caller.u32(result))).toBe('\ufffd');
  });
});

test('exit carries the code', () => {
  const caller = new Caller(testHost().host);
  const code = (fn: () => unknown): unknown => {
    const signal = thrown(fn);
    return signal instanceof ExitSignal ? signal.exitCode : signal;
  };
  expect(code(() => caller.call('wasi:cli/exit#exit', 0))).toBe(0);
  expect(code(() => caller.call('wasi:cli/exit#exit', 1))).toBe(1);
  expect(code(() => caller.call('wasi:cli/exit#exit-with-code', 42))).toBe(42);
  expect(code(() => caller.call('wasi:cli/exit#exit-with-code', 0x1ff))).toBe(255);
  expect(() => caller.call('wasi:cli/exit#exit', 2)).toThrow(GuestTrap);
  const plain = caller.plain('wasi:cli/exit') as {
    readonly exit: (status: object) => never;
    exitWithCode(code: number): never;
  };
  expect(code(() => plain.exit({ tag: 'err' }))).toBe(1);
  expect(code(() => plain.exitWithCode(3))).toBe(3);
});

test('after an exit nothing works', () => {
  const caller = new Caller(testHost().host);
  const stdout = caller.call('wasi:cli/stdout#get-stdout') as number;
  const result = caller.allocate(16);
  expect(thrown(() => caller.call('wasi:cli/exit#exit-with-code', 9))).toBeInstanceOf(ExitSignal);
  expect(caller.context.host.meter.handles).toBe(0);
  expect(() => caller.call('wasi:io/streams#[method]output-stream.check-write', stdout, result)).toThrow(
    GuestTrap,
  );
  expect(thrown(() => caller.call('wasi:cli/environment#get-arguments', result))).toMatchObject({
    exitCode: 9,
  });
});

test('there is no terminal', () => {
  const caller = new Caller(testHost().host);
  const result = caller.allocate(8);
  for (const name of ['stdin', 'stdout', 'stderr']) {
    caller.view.setUint8(result, 7);
    caller.call(`wasi:cli/terminal-${name}#get-terminal-${name}`, result);
    expect(caller.u8(result)).toBe(0);
  }
});

describe('clocks', () => {
  test('tell the time of the host', () => {
    const caller = new Caller(testHost({ clocks: 'fixed', at: 1_700_000_000_123_456_789n }).host);
    const result = caller.allocate(16);
    caller.call('wasi:clocks/wall-clock#now', result);
    expect([caller.u64(result), caller.u32(result + 8)]).toEqual([1_700_000_000n, 123_456_789]);
    caller.call('wasi:clocks/wall-clock#resolution', result);
    expect([caller.u64(result), caller.u32(result + 8)]).toEqual([0n, 1]);
    expect(caller.call('wasi:clocks/monotonic-clock#resolution')).toBe(1n);
    const plain = caller.plain('wasi:clocks/wall-clock') as {
      readonly now: () => unknown;
      resolution(): unknown;
    };
    expect(plain.now()).toEqual({ seconds: 1_700_000_000n, nanoseconds: 123_456_789 });
    expect(plain.resolution()).toEqual({ seconds: 0n, nanoseconds: 1 });
  });

  test('the monotonic clock goes forward', () => {
    const caller = new Caller(testHost().host);
    const before = caller.call('wasi:clocks/monotonic-clock#now') as bigint;
    const plain = (caller.plain('wasi:clocks/monotonic-clock') as { readonly now: () => bigint }).now();
    const after = caller.call('wasi:clocks/monotonic-clock#now') as bigint;
    expect(plain).toBeGreaterThanOrEqual(before);
    expect(after).toBeGreaterThanOrEqual(plain);
  });
});

describe('random', () => {
  test('gives bytes that differ', () => {
    const caller = new Caller(testHost().host);
    const draw = (): string => {
      const result = caller.allocate(8);
      caller.call('wasi:random/random#get-random-bytes', 16n, result);
      expect(caller.u32(result + 4)).toBe(16);
      return Buffer.from(caller.list(result)).toString('hex');
    };
    expect(new Set([draw(), draw(), draw()]).size).toBe(3);
    expect(caller.call('wasi:random/random#get-random-u64')).not.toBe(
      caller.call('wasi:random/random#get-random-u64'),
    );
    expect(caller.context.host.meter.randomBytes).toBe(3 * 16 + 2 * 8);
  });

  test.each([
    ['2^63', -(2n ** 63n)],
    ['u64::MAX', -1n],
    ['64 MiB and one', 64n * 1024n * 1024n + 1n],
  ])('%s bytes at once trap', (_name, length) => {
    const caller = new Caller(testHost().host);
    for (const name of ['random#get-random-bytes', 'insecure#get-insecure-random-bytes']) {
      expect(() => caller.call(`wasi:random/${name}`, length, 1024)).toThrow(GuestTrap);
    }
    expect(caller.memory.buffer.byteLength).toBe(4 * 65_536);
  });

  test('without a grant random traps, and insecure answers the same on every machine', () => {
    const draw = (): unknown[] => {
      const caller = new Caller(testHost({ random: false }).host);
      expect(() => caller.call('wasi:random/random#get-random-bytes', 8n, 1024)).toThrow('not granted');
      expect(() => caller.call('wasi:random/random#get-random-u64')).toThrow('not granted');
      const seed = caller.allocate(16);
      caller.call('wasi:random/insecure-seed#insecure-seed', seed);
      const list = caller.allocate(8);
      caller.call('wasi:random/insecure#get-insecure-random-bytes', 5n, list);
      return [
        caller.u64(seed),
        caller.u64(seed + 8),
        caller.list(list),
        caller.call('wasi:random/insecure#get-insecure-random-u64'),
      ];
    };
    expect(draw()).toEqual(draw());
  });

  test('lowered and plain forms draw from one stream', () => {
    const lowered = new Caller(testHost({ random: false }).host);
    const plain = new Caller(testHost({ random: false }).host);
    const { insecureSeed } = plain.plain('wasi:random/insecure-seed') as {
      readonly insecureSeed: () => [bigint, bigint];
    };
    const insecure = plain.plain('wasi:random/insecure') as {
      readonly getInsecureRandomBytes: (n: bigint) => Uint8Array;
      readonly getInsecureRandomU64: () => bigint;
    };
    const seed = lowered.allocate(16);
    lowered.call('wasi:random/insecure-seed#insecure-seed', seed);
    expect(insecureSeed()).toEqual([lowered.u64(seed), lowered.u64(seed + 8)]);
    expect(BigInt.asUintN(64, lowered.call('wasi:random/insecure#get-insecure-random-u64') as bigint)).toBe(
      insecure.getInsecureRandomU64(),
    );
    const list = lowered.allocate(8);
    lowered.call('wasi:random/insecure#get-insecure-random-bytes', 7n, list);
    expect(insecure.getInsecureRandomBytes(7n)).toEqual(lowered.list(list));
  });
});
