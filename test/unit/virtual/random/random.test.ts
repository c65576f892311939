import { createCipheriv, createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { nodeMachine } from '../../../../src/ambient/machine.ts';
import { GRANTED, Grant } from '../../../../src/kernel/grant.ts';
import { Guard } from '../../../../src/kernel/guard.ts';
import { DEFAULT_LIMITS, Meter } from '../../../../src/kernel/meter.ts';
import { makeRandom } from '../../../../src/virtual/random/make-random.ts';
import type { Random } from '../../../../src/virtual/random/random.ts';

function setUp(kind: 'absent' | 'secure' | { readonly seed: string }) {
  const records: string[] = [];
  const guard = new Guard(
    {
      used: (grant) => void records.push(`used ${grant.id}`),
      denied: (grant, { operation }) => void records.push(`denied ${grant?.id} ${operation}`),
      owned: () => undefined,
      limited: () => undefined,
    },
    'first',
  );
  const meter = new Meter(DEFAULT_LIMITS);
  const grant = new Grant('random', 'random', GRANTED, {});
  const source =
    kind === 'absent'
      ? ({ kind } as const)
      : kind === 'secure'
        ? ({ kind, grant } as const)
        : ({ kind: 'seeded', grant, key: createHash('sha256').update(kind.seed).digest() } as const);
  return { records, guard, meter, grant, random: makeRandom(source, guard, meter, nodeMachine) };
}

function fill(random: Random, length: number): Buffer | false {
  const target = Buffer.alloc(length);
  return random.fill(target, 0, length) && target;
}

function fillInsecure(random: Random, length: number): Buffer {
  const target = Buffer.alloc(length, 0xaa);
  random.fillInsecure(target, 0, length);
  return target;
}

/** OpenSSL's ChaCha20 with the key and a zero counter and nonce. */
function reference(key: Uint8Array, length: number): Buffer {
  return createCipheriv('chacha20', key, Buffer.alloc(16)).update(Buffer.alloc(length));
}

test('secure randomness is recorded once and counted, and differs', () => {
  const { random, records, meter } = setUp('secure');
  const [first, second] = [fill(random, 32), fillInsecure(random, 32)];
  expect(first).not.toEqual(second);
  expect(records).toEqual(['used random']);
  expect(meter.randomBytes).toBe(64);
});

test('a seed gives the same bytes on every machine: ChaCha20 under its SHA-256', () => {
  const { random, meter } = setUp({ seed: 'bailiwick' });
  const parts = [fill(random, 5), fillInsecure(random, 100), fill(random, 59)] as Buffer[];
  const key = createHash('sha256').update('bailiwick').digest();
  expect(Buffer.concat(parts)).toEqual(reference(key, 164));
  expect(meter.randomBytes).toBe(164);
});

test('two instances with one seed have streams of their own; another seed has other bytes', () => {
  const [a, b, c] = [setUp({ seed: 'x' }).random, setUp({ seed: 'x' }).random, setUp({ seed: 'y' }).random];
  const first = fill(a, 16);
  fill(a, 16);
  expect(fill(b, 16)).toEqual(first);
  expect(fill(c, 16)).not.toEqual(first);
});

test('what is not granted is denied; the insecure interfaces answer from a stream that everybody knows', () => {
  const { random, records, meter } = setUp('absent');
  expect(fill(random, 16)).toBe(false);
  expect(records).toEqual(['denied undefined random']);
  expect(Buffer.concat([fillInsecure(random, 10), fillInsecure(random, 90)])).toEqual(
    reference(new Uint8Array(32), 100),
  );
  expect(meter.randomBytes).toBe(0);
});

test.each(['secure', { seed: 'x' }] as const)(
  '%j revoked gives nothing, and zeros where it cannot fail',
  (kind) => {
    const { random, guard, grant, meter } = setUp(kind);
    fill(random, 16);
    guard.revoke(grant);
    const target = Buffer.alloc(16, 0xaa);
    expect(random.fill(target, 0, 16)).toBe(false);
    expect(target).toEqual(Buffer.alloc(16, 0xaa));
    expect(fillInsecure(random, 16)).toEqual(Buffer.alloc(16));
    expect(meter.randomBytes).toBe(16);
  },
);
