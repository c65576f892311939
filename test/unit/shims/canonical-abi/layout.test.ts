import { describe, expect, test } from 'vitest';
import { codecOf } from '../../../../shims/canonical-abi/codec.ts';
import { FLAT_CUT } from '../../../../shims/canonical-abi/layout.ts';
import { flatTypes } from '../../../../shims/canonical-abi/params-codec.ts';
import type { CoreType } from '../../../../shims/canonical-abi/abi.ts';
import type { PrimitiveKind, ValueType } from '../../../../shims/canonical-abi/types.ts';

const of = (kind: PrimitiveKind): ValueType => ({ kind });
const u8 = of('u8');
const resource = { slot: 0, name: 'r' };
const names = (count: number): string[] => Array.from({ length: count }, (_item, index) => `n${index}`);
const tuple = (...elements: ValueType[]): ValueType => ({ kind: 'tuple', elements });
const variant = (...types: (ValueType | undefined)[]): ValueType => ({
  kind: 'variant',
  cases: types.map((type, index) => ({ name: `n${index}`, ...(type && { type }) })),
});

/** Size, alignment and core types by definitions.py. */
const LAYOUTS: readonly (readonly [string, ValueType, number, number, readonly CoreType[]])[] = [
  ['bool', of('bool'), 1, 1, ['i32']],
  ['s16', of('s16'), 2, 2, ['i32']],
  ['char', of('char'), 4, 4, ['i32']],
  ['u64', of('u64'), 8, 8, ['i64']],
  ['f32', of('f32'), 4, 4, ['f32']],
  ['f64', of('f64'), 8, 8, ['f64']],
  ['string', of('string'), 8, 4, ['i32', 'i32']],
  ['list', { kind: 'list', element: of('u64') }, 8, 4, ['i32', 'i32']],
  ['list of 3', { kind: 'list', element: of('u16'), length: 3 }, 6, 2, ['i32', 'i32', 'i32']],
  ['own', { kind: 'own', resource }, 4, 4, ['i32']],
  ['stream', { kind: 'stream' }, 4, 4, ['i32']],
  ['tuple with holes', tuple(u8, of('u32'), u8), 12, 4, ['i32', 'i32', 'i32']],
  ['tuple that ends early', tuple(of('u64'), u8), 16, 8, ['i64', 'i32']],
  ['option of a byte', { kind: 'option', some: u8 }, 2, 1, ['i32', 'i32']],
  ['option of u64', { kind: 'option', some: of('u64') }, 16, 8, ['i32', 'i64']],
  ['result', { kind: 'result' }, 1, 1, ['i32']],
  ['flags of 8', { kind: 'flags', names: names(8) }, 1, 1, ['i32']],
  ['flags of 9', { kind: 'flags', names: names(9) }, 2, 2, ['i32']],
  ['flags of 17', { kind: 'flags', names: names(17) }, 4, 4, ['i32']],
  ['flags of 32', { kind: 'flags', names: names(32) }, 4, 4, ['i32']],
  ['enum of 1', { kind: 'enum', names: names(1) }, 1, 1, ['i32']],
  ['enum of 256', { kind: 'enum', names: names(256) }, 1, 1, ['i32']],
  ['enum of 257', { kind: 'enum', names: names(257) }, 2, 2, ['i32']],
  ['enum of 65536', { kind: 'enum', names: names(65_536) }, 2, 2, ['i32']],
  ['enum of 65537', { kind: 'enum', names: names(65_537) }, 4, 4, ['i32']],
  ['i32 and f32 share an i32', variant(of('f32'), of('u32')), 8, 4, ['i32', 'i32']],
  ['f32 and f64 share an i64', variant(of('f32'), of('f64')), 16, 8, ['i32', 'i64']],
  ['i32 and f64 share an i64', variant(of('char'), of('f64')), 16, 8, ['i32', 'i64']],
  ['f64 alone stays', variant(of('f64'), undefined), 16, 8, ['i32', 'f64']],
  [
    'the longest case counts',
    variant(of('f32'), tuple(of('u64'), of('f32')), of('string')),
    24,
    8,
    ['i32', 'i64', 'i32'],
  ],
];

test.each(LAYOUTS)('%s', (_name, type, size, alignment, flat) => {
  expect(codecOf(type)).toMatchObject({ size, alignment, flat });
});

test('the codec of a type is made once', () => {
  const type = tuple(u8);
  expect(codecOf(type)).toBe(codecOf(type));
});

describe('types that no memory can hold', () => {
  test('core types are counted no further than anyone asks', () => {
    expect(flatTypes([{ kind: 'list', element: u8, length: 4_294_967_295 }])).toHaveLength(FLAT_CUT);
    expect(flatTypes([variant(tuple(...names(40).map(() => u8)))])).toHaveLength(FLAT_CUT);
    expect(flatTypes(names(30).map(() => of('f64')))).toHaveLength(FLAT_CUT);
  });

  test('parts that are shared are compiled once: a type of 2^1000 bytes is made at once', () => {
    let type: ValueType = u8;
    for (let i = 0; i < 1000; i++) type = tuple(type, type);
    expect(codecOf(type).size).toBe(2 ** 1000);
  });
});
