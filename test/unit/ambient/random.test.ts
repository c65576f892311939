import { describe, expect, test } from 'vitest';
import { fillRandom } from '../../../src/ambient/random.ts';
import { GRANTED, Grant } from '../../../src/kernel/grant.ts';
import { Guard } from '../../../src/kernel/guard.ts';
import type { Permit } from '../../../src/kernel/permit.ts';

const guard = new Guard(
  { used: () => undefined, denied: () => undefined, owned: () => undefined, limited: () => undefined },
  'none',
);
const permit = guard.permit(
  new Grant('random', 'random', GRANTED, {}),
  GRANTED,
  'random',
  'random',
) as Permit;

function take(length: number): Uint8Array {
  const target = new Uint8Array(length);
  fillRandom(permit, target, 0, length);
  return target;
}

test('without a permit there is nothing', () => {
  const target = new Uint8Array(16);
  for (const forged of [{}, undefined]) {
    expect(() => fillRandom(forged as Permit, target, 0, 16)).toThrow(TypeError);
  }
  expect(target).toEqual(new Uint8Array(16));
});

describe.each([1, 7, 16, 255, 256, 257, 4096, 100_000])('%d bytes', (length) => {
  test('fill their place and no other', () => {
    const target = new Uint8Array(length + 20).fill(0xaa);
    fillRandom(permit, target, 10, length);
    expect(target.subarray(0, 10)).toEqual(new Uint8Array(10).fill(0xaa));
    expect(target.subarray(10 + length)).toEqual(new Uint8Array(10).fill(0xaa));
  });

  test('have every bit in them sooner or later', () => {
    const seen = new Uint8Array(length);
    const missed = new Uint8Array(length);
    for (let i = 0; i < 40; i++) {
      const bytes = take(length);
      for (let at = 0; at < length; at++) {
        seen[at] = (seen[at] as number) | (bytes[at] as number);
        missed[at] = (missed[at] as number) | ~(bytes[at] as number);
      }
    }
    // 40 draws miss a given bit with probability 2^-40.
    expect(seen.every((byte) => byte === 0xff)).toBe(true);
    expect(missed.every((byte) => byte === 0xff)).toBe(true);
  });
});

test('what left the pool never comes again, whatever the sizes', () => {
  const seen = new Set<string>();
  // Several times the pool, with sizes that do not divide it.
  for (let i = 0; i < 4000; i++) seen.add(Buffer.from(take(16 + (i % 40))).toString('hex', 0, 16));
  expect(seen.size).toBe(4000);
});

test('nothing is nothing', () => {
  expect(take(0)).toEqual(new Uint8Array());
});
