import { expect, test } from 'vitest';
import { GuestTrap } from '../../../../src/virtual/host.ts';
import { testHost } from '../../../support/host.ts';
import { Caller } from './caller.ts';

const U64_MAX = 2n ** 64n - 1n;
const SOURCES = ['random', 'insecure'] as const;
const BYTES = { random: 'get-random-bytes', insecure: 'get-insecure-random-bytes' };
const U64 = { random: 'get-random-u64', insecure: 'get-insecure-random-u64' };

test.each(SOURCES)('%s gives bytes and numbers that differ', (source) => {
  const caller = new Caller(testHost().host);
  const bytes = (count: bigint): Uint8Array =>
    caller.call(`wasi:random/${source}#${BYTES[source]}`, count) as Uint8Array;
  expect(bytes(0n)).toHaveLength(0);
  expect(bytes(100n)).toHaveLength(100);
  expect(bytes(16n)).not.toEqual(bytes(16n));
  const numbers = Array.from(
    { length: 4 },
    () => caller.call(`wasi:random/${source}#${U64[source]}`) as bigint,
  );
  expect(new Set(numbers).size).toBe(4);
});

test.each(SOURCES)(
  '%s gives fewer bytes than a guest asks for that asks for more than there is memory',
  (source) => {
    const { host } = testHost();
    const bytes = new Caller(host).call(`wasi:random/${source}#${BYTES[source]}`, U64_MAX) as Uint8Array;
    expect(bytes).toHaveLength(1 << 20);
  },
);

test('the seed is one for the life of an instance', () => {
  const seedOf = (caller: Caller): unknown => caller.call('wasi:random/insecure-seed#get-insecure-seed');
  const caller = new Caller(testHost().host);
  expect(seedOf(caller)).toEqual(seedOf(caller));
  expect(seedOf(caller)).not.toEqual(seedOf(new Caller(testHost().host)));
});

test('without a grant there are no random bytes, on record, and the insecure ones are the documented ones', () => {
  const { host, records } = testHost({ random: false });
  const caller = new Caller(host);
  expect(() => caller.call('wasi:random/random#get-random-bytes', 1n)).toThrow(GuestTrap);
  expect(() => caller.call('wasi:random/random#get-random-u64')).toThrow('wasi:random/random is not granted');
  expect(records.every(({ kind, request }) => kind === 'denied' && request.operation === 'random')).toBe(
    true,
  );
  expect(records.length).toBeGreaterThan(0);
  const other = new Caller(testHost({ random: false }).host);
  const insecure = (from: Caller): unknown => from.call('wasi:random/insecure#get-insecure-random-bytes', 8n);
  expect(insecure(caller)).toEqual(insecure(other));
});
