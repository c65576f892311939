// Every clause of the Canonical ABI's lifting and lowering that says "trap".
import { describe, expect, test } from 'vitest';
import { codecOf, loadAll } from '../../../../shims/canonical-abi/codec.ts';
import { MAX_FLAT_PARAMS, MAX_FLAT_RESULTS } from '../../../../shims/canonical-abi/layout.ts';
import { liftValues, lowerValues, paramsCodec } from '../../../../shims/canonical-abi/params-codec.ts';
import { GuestTrap } from '../../../../src/virtual/host.ts';
import { testGuest } from './guest.ts';
import type { StringEncoding } from '../../../../shims/canonical-abi/abi.ts';
import type { PrimitiveKind, ValueType } from '../../../../shims/canonical-abi/types.ts';

const of = (kind: PrimitiveKind): ValueType => ({ kind });
const list = (element: ValueType): ValueType => ({ kind: 'list', element });
const END = 65_536;
const TWO_TO_28 = 2 ** 28;

function lift(
  type: ValueType,
  flat: readonly (number | bigint)[],
  encoding: StringEncoding = 'utf8',
): unknown {
  return codecOf(type).lift(testGuest({ encoding }), flat, 0);
}

function expectTrap(run: () => unknown, reason: string): void {
  let caught: unknown;
  try {
    run();
  } catch (error) {
    caught = error;
  }
  expect(caught).toBeInstanceOf(GuestTrap);
  expect((caught as GuestTrap).message).toContain(reason);
}

describe('scalars', () => {
  test.each([0xd800, 0xdfff])('a char may not be the surrogate %i', (code) => {
    expectTrap(() => lift(of('char'), [code]), 'a char is a surrogate');
    const guest = testGuest();
    guest.memory.view.setUint32(16, code, true);
    expectTrap(() => codecOf(of('char')).load(guest, 16), 'a char is a surrogate');
  });

  test.each([0x11_0000, -1])('a char may not be %i', (code) => {
    expectTrap(() => lift(of('char'), [code]), 'a char is above U+10FFFF');
  });

  test.each([0xd7ff, 0xe000, 0x10_ffff, 0])('a char may be %i', (code) => {
    expect(lift(of('char'), [code])).toBe(String.fromCodePoint(code));
  });

  test('a bool is any number but 0', () => {
    expect([0, 1, 2, -1].map((value) => lift(of('bool'), [value]))).toEqual([false, true, true, true]);
    const guest = testGuest();
    guest.memory.bytes[16] = 0x80;
    expect(codecOf(of('bool')).load(guest, 16)).toBe(true);
  });

  test('bits that a type does not have are not seen', () => {
    expect(lift(of('u8'), [0x1234_56ff | 0])).toBe(255);
    expect(lift(of('s8'), [0x80])).toBe(-128);
    expect(lift(of('s16'), [0xffff])).toBe(-1);
    expect(lift(of('u16'), [-1])).toBe(65_535);
    expect(lift(of('u32'), [-1])).toBe(0xffff_ffff);
    expect(lift(of('u64'), [-1n])).toBe(2n ** 64n - 1n);
    expect(lift(of('s64'), [2n ** 63n])).toBe(-(2n ** 63n));
    expect(lift({ kind: 'flags', names: ['a', 'b', 'c'] }, [-1])).toBe(7);
    expect(lift({ kind: 'flags', names: Array.from({ length: 32 }, (_n, i) => `f${i}`) }, [-1])).toBe(
      0xffff_ffff,
    );
  });
});

describe('discriminants', () => {
  const variant: ValueType = { kind: 'variant', cases: [{ name: 'a' }, { name: 'b', type: of('u8') }] };

  test.each<[ValueType, number]>([
    [variant, 2],
    [{ kind: 'enum', names: ['a'] }, 1],
    [{ kind: 'option', some: of('u8') }, 2],
    [{ kind: 'result' }, 2],
  ])('%j has no case %i', (type, index) => {
    for (const wrong of [index, -1]) expectTrap(() => lift(type, [wrong, 0]), 'no case of that number');
    const guest = testGuest();
    guest.memory.bytes[16] = index;
    expectTrap(() => codecOf(type).load(guest, 16), 'no case of that number');
  });
});

describe('strings', () => {
  const STRING = of('string');

  test.each<[StringEncoding, number, number]>([
    ['utf8', END - 3, 4],
    ['utf8', -1, 1],
    ['utf8', END + 1, 0],
    ['utf16', END - 2, 2],
    ['latin1+utf16', END - 2, 3],
    ['latin1+utf16', END - 2, 0x8000_0002 | 0],
  ])('in %s, %i + %i is out of bounds', (encoding, pointer, length) => {
    expectTrap(() => lift(STRING, [pointer, length], encoding), 'a string is out of bounds');
  });

  test.each<[StringEncoding, number]>([
    ['utf8', TWO_TO_28],
    ['utf8', -1],
    ['utf16', TWO_TO_28 / 2],
    ['latin1+utf16', TWO_TO_28],
    ['latin1+utf16', (0x8000_0000 + TWO_TO_28 / 2) | 0],
  ])('in %s, %i units are too many', (encoding, length) => {
    expectTrap(() => lift(STRING, [0, length], encoding), 'a string is longer than 2^28 - 1 bytes');
  });

  test.each<[StringEncoding, number]>([
    ['utf16', 1],
    ['latin1+utf16', 1],
    ['latin1+utf16', 0x8000_0001 | 0],
  ])('in %s, they are aligned', (encoding, length) => {
    expectTrap(() => lift(STRING, [17, length], encoding), 'a string is not aligned');
  });

  test.each([[[0xff]], [[0xc0, 0x80]], [[0xed, 0xa0, 0x80]], [[0xf5, 0x80, 0x80, 0x80]], [[0xe2, 0x82]]])(
    '%j is not UTF-8',
    (bytes) => {
      const guest = testGuest();
      guest.memory.bytes.set(bytes, 16);
      expectTrap(() => codecOf(STRING).lift(guest, [16, bytes.length], 0), 'a string is not UTF-8');
    },
  );

  test.each<[StringEncoding, readonly number[], number]>([
    ['utf16', [0xd800, 0x41], 2],
    ['utf16', [0xdc00], 1],
    ['latin1+utf16', [0xd800], 0x8000_0001 | 0],
  ])('in %s, %j is not UTF-16', (encoding, units, length) => {
    const guest = testGuest({ encoding });
    units.forEach((unit, index) => guest.memory.view.setUint16(16 + index * 2, unit, true));
    expectTrap(() => codecOf(STRING).lift(guest, [16, length], 0), 'a string is not UTF-16');
  });
});

describe('lists', () => {
  test('are in bounds, to the last element', () => {
    expect(lift(list(of('u64')), [END - 16, 2])).toEqual([0n, 0n]);
    expectTrap(() => lift(list(of('u64')), [END - 16, 3]), 'a list is out of bounds');
    expectTrap(() => lift(list(of('u8')), [END - 16, 17]), 'a list is out of bounds');
    expectTrap(() => lift(list(of('u8')), [-16, 16]), 'a list is out of bounds');
    expectTrap(() => lift(list(of('u8')), [-1, 0]), 'a list is out of bounds');
  });

  test('are aligned, even without elements', () => {
    expectTrap(() => lift(list(of('u64')), [20, 1]), 'a list is not aligned');
    expectTrap(() => lift(list(of('u16')), [17, 0]), 'a list is not aligned');
  });

  test('have at most 2^28 - 1 bytes, whatever 32 bits make of that', () => {
    expectTrap(() => lift(list(of('u8')), [0, TWO_TO_28]), 'a list is longer than 2^28 - 1 bytes');
    expectTrap(() => lift(list(of('u64')), [0, 0x2000_0000]), 'a list is longer than 2^28 - 1 bytes');
    expectTrap(() => lift(list(of('u16')), [0, 0x8000_0000 | 0]), 'a list is longer than 2^28 - 1 bytes');
  });

  test('are checked inside of others', () => {
    const guest = testGuest();
    guest.memory.view.setUint32(32, END, true);
    guest.memory.view.setUint32(36, 1, true);
    const nested = codecOf(list(list(of('u8'))));
    expectTrap(() => nested.lift(guest, [32, 1], 0), 'a list is out of bounds');
  });

  test('lists of the same bytes a hundred thousand times end at the budget of a call, not at the memory of the host', () => {
    const guest = testGuest({ pages: 32 });
    const count = 100_000;
    for (let i = 0; i < count; i++) {
      guest.memory.view.setUint32(i * 8, 0, true);
      guest.memory.view.setUint32(i * 8 + 4, 1 << 20, true);
    }
    const reason = 'a call takes more than 128 MiB';
    const strings = list(of('string'));
    const arrays = list(list(of('u8')));
    expectTrap(() => codecOf(strings).lift(guest, [0, count], 0), reason);
    expectTrap(() => liftValues(guest, [arrays], MAX_FLAT_PARAMS, [0, count]), reason);
    expectTrap(() => liftValues(guest, [arrays, of('u8')], 1, [liftPointer(guest, count)]), reason);
    expectTrap(() => loadAll(guest, of('string'), 0, count), reason);
    // Each time, the next call has a budget of its own.
    expect(liftValues(guest, [of('string')], MAX_FLAT_PARAMS, [guest.reserve(1, 4), 4])).toEqual([
      '\0\0\0\0',
    ]);
  });

  test('every call has a budget of its own', () => {
    const guest = testGuest({ pages: 260 });
    const lists = list(list(of('u8')));
    // Two of them are more than one budget: five lists of the same bytes.
    const half = [64, 5];
    half.forEach((value, index) => guest.memory.view.setUint32(index * 4, value, true));
    for (let i = 0; i < 5; i++) guest.memory.view.setUint32(64 + i * 8 + 4, 14 << 20, true);
    const calls = [
      () => codecOf(lists).lift(guest, half, 0),
      () => codecOf(lists).load(guest, 0),
      () => liftValues(guest, [lists], MAX_FLAT_PARAMS, half),
      () => liftValues(guest, [lists], 1, [0]),
      () => paramsCodec([lists], 1).liftOne(guest, [0]),
      () => paramsCodec([lists], MAX_FLAT_PARAMS).liftOne(guest, half),
      () => loadAll(guest, lists, 0, 1),
    ];
    for (const call of [...calls, ...calls.slice(0, 1)]) expect(call).not.toThrow();
  });

  test('an element of a list is more for the host than for the guest', () => {
    const guest = testGuest({ pages: 4096 });
    const reason = 'a call takes more than 128 MiB';
    expectTrap(() => codecOf(list(of('bool'))).lift(guest, [0, 2 ** 23], 0), reason);
  });

  test('huge-length: a list or string has at most 16 MiB, on record when it has more', () => {
    const limits: [string, number][] = [];
    const guest = testGuest({ pages: 300, limited: (limit, value) => limits.push([limit, value]) });
    const most = 16 << 20;
    expect(codecOf(list(of('u8'))).lift(guest, [1, most], 0)).toHaveLength(most);
    expect(codecOf(of('string')).lift(guest, [1, most], 0)).toHaveLength(most);
    expect(limits).toEqual([]);
    const reason = 'a string or list is longer than 16 MiB';
    expectTrap(() => codecOf(list(of('u8'))).lift(guest, [1, most + 1], 0), reason);
    expectTrap(() => codecOf(of('string')).lift(guest, [1, most + 1], 0), reason);
    expectTrap(() => codecOf(list(of('u64'))).lift(guest, [0, most / 8 + 1], 0), reason);
    expect(limits).toEqual(Array.from({ length: 3 }, () => ['bytes of a value', most]));
  });
});

/** The parameters `(0, count)` and a byte in memory. @returns where */
function liftPointer(guest: ReturnType<typeof testGuest>, count: number): number {
  const pointer = END * 31;
  guest.memory.view.setUint32(pointer + 4, count, true);
  return pointer;
}

describe('parameters and results in memory', () => {
  const types = Array.from({ length: 17 }, () => of('u64'));

  test.each([
    [20, 'is not aligned'],
    [END - 16 * 8, 'is out of bounds'],
    [-8, 'is out of bounds'],
  ])('lifted from %i: %s', (pointer, reason) => {
    expectTrap(() => liftValues(testGuest(), types, MAX_FLAT_PARAMS, [pointer]), reason);
  });

  test.each([
    [20, 'is not aligned'],
    [END - 8, 'is out of bounds'],
  ])('lowered to %i: %s', (pointer, reason) => {
    const two = [of('u64'), of('u64')];
    expectTrap(() => lowerValues(testGuest(), two, MAX_FLAT_RESULTS, [1n, 2n], [], pointer), reason);
  });
});

describe('what realloc gives', () => {
  const LOWERED: readonly (readonly [string, ValueType, unknown, StringEncoding, number])[] = [
    ['UTF-8', of('string'), 'ab', 'utf8', 1],
    ['long UTF-8', of('string'), 'ä'.repeat(200), 'utf8', 1],
    ['UTF-16', of('string'), 'ab', 'utf16', 2],
    ['Latin-1', of('string'), 'ab', 'latin1+utf16', 2],
    ['tagged UTF-16', of('string'), 'a€', 'latin1+utf16', 2],
    ['bytes', list(of('u8')), new Uint8Array(2), 'utf8', 1],
    ['a list', list(of('u64')), [1n], 'utf8', 8],
    ['no list', list(of('u64')), [], 'utf8', 8],
  ];

  test.each(LOWERED)('for %s, it is in bounds and aligned', (_name, type, value, encoding, alignment) => {
    const lower = (pointer: number) => () =>
      codecOf(type).lower(testGuest({ encoding, realloc: () => pointer }), value, []);
    expectTrap(lower(-8), 'realloc gave a pointer that is out of bounds');
    expectTrap(lower(END + 8), 'realloc gave a pointer that is out of bounds');
    if (alignment > 1) expectTrap(lower(alignment + 1), 'realloc gave a pointer that is not aligned');
    expect(lower(16)).not.toThrow();
  });

  test('for parameters that go through memory', () => {
    const types = Array.from({ length: 17 }, () => of('u64'));
    const values = types.map(() => 1n);
    const lower = (pointer: number) => () =>
      lowerValues(testGuest({ realloc: () => pointer }), types, MAX_FLAT_PARAMS, values, []);
    expectTrap(lower(END - 8), 'realloc gave a pointer that is out of bounds');
    expectTrap(lower(12), 'realloc gave a pointer that is not aligned');
  });

  test('nothing is written after the instance has ended under its own realloc', () => {
    const reason = new GuestTrap('over');
    const guest = testGuest({
      realloc() {
        guest.memory.end(reason);
        return 16;
      },
    });
    expect(() => codecOf(of('string')).store(guest, 16, 'abc')).toThrow(reason);
  });
});
