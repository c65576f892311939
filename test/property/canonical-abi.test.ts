// Whatever value of whatever type is lowered, the same comes out when it is lifted: through memory and as core values, in
// every encoding of strings, with a memory that grows under the codec's hands.
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { codecOf } from '../../shims/canonical-abi/codec.ts';
import { MAX_FLAT_PARAMS } from '../../shims/canonical-abi/layout.ts';
import { flatTypes, paramsCodec } from '../../shims/canonical-abi/params-codec.ts';
import { sameType, typeText } from '../../shims/canonical-abi/type-text.ts';
import { testGuest } from '../unit/shims/canonical-abi/guest.ts';
import { abiType, typedValue } from './canonical-abi-arbitrary.ts';
import type { CoreType, CoreValue, StringEncoding } from '../../shims/canonical-abi/abi.ts';
import type { ValueType } from '../../shims/canonical-abi/types.ts';

const ENCODINGS: readonly StringEncoding[] = ['utf8', 'utf16', 'latin1+utf16'];
const WASM_TYPES: Readonly<Record<CoreType, number>> = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c };

/**
 * Sends core values through a real function of WebAssembly that gives them back, so that each is what its type can hold and
 * comes as an engine gives it. Functions of more than one result give an array.
 */
function throughWasm(types: readonly CoreType[], values: readonly CoreValue[]): CoreValue[] {
  if (types.length === 0) return [];
  const codes = types.map((type) => WASM_TYPES[type]);
  const body = [0, ...types.flatMap((_type, index) => [0x20, index]), 0x0b];
  const section = (id: number, content: readonly number[]): number[] => [id, content.length, ...content];
  const bytes = new Uint8Array([
    0,
    0x61,
    0x73,
    0x6d,
    1,
    0,
    0,
    0,
    ...section(1, [1, 0x60, codes.length, ...codes, codes.length, ...codes]),
    ...section(3, [1, 0]),
    ...section(7, [1, 1, 0x66, 0, 0]),
    ...section(10, [1, body.length, ...body]),
  ]);
  const { f } = new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports as {
    f: (...values: readonly CoreValue[]) => CoreValue | CoreValue[];
  };
  return [f(...values)].flat();
}

describe.each(ENCODINGS)('in %s', (encoding) => {
  test('what is stored is loaded', () => {
    fc.assert(
      fc.property(typedValue, ({ type, value }) => {
        const guest = testGuest({ encoding });
        const codec = codecOf(type);
        const pointer = guest.reserve(codec.alignment, codec.size);
        guest.memory.holds(pointer, codec.size);
        codec.store(guest, pointer, value);
        guest.memory.holds(pointer, codec.size);
        expect(codec.load(guest, pointer)).toStrictEqual(value);
      }),
      { numRuns: 300 },
    );
  });

  test('what is lowered to parameters or results is lifted', () => {
    const values = fc.array(typedValue, { maxLength: 5 });
    fc.assert(
      fc.property(values, fc.constantFrom(1, 4, MAX_FLAT_PARAMS), (typedValues, maxFlat) => {
        const guest = testGuest({ encoding });
        const codec = paramsCodec(
          typedValues.map(({ type }) => type),
          maxFlat,
        );
        const given = typedValues.map(({ value }) => value);
        const core: CoreValue[] = [];
        codec.lower(guest, given, core);
        expect(core).toHaveLength(codec.flat.length);
        expect(codec.lift(guest, throughWasm(codec.flat, core))).toStrictEqual(given);
      }),
      { numRuns: 300 },
    );
  });
});

test('a type takes as many core values as it says', () => {
  fc.assert(
    fc.property(typedValue, ({ type, value }) => {
      const flat = flatTypes([type]);
      fc.pre(flat.length <= MAX_FLAT_PARAMS);
      const core: CoreValue[] = [];
      codecOf(type).lower(testGuest(), value, core);
      expect(core.map((each) => (typeof each === 'bigint' ? 'i64' : 'number'))).toEqual(
        flat.map((each) => (each === 'i64' ? 'i64' : 'number')),
      );
    }),
  );
});

test('two types are the same if, and only if, their texts are', () => {
  const copy = (type: ValueType): ValueType => structuredClone(type);
  fc.assert(
    fc.property(abiType, abiType, (a, b) => {
      expect(sameType(a, copy(a))).toBe(true);
      expect(typeText(a)).toBe(typeText(copy(a)));
      expect(sameType(a, b)).toBe(typeText(a) === typeText(b));
    }),
    { numRuns: 300 },
  );
});

test('memory that holds anything at all gives a value of the type or traps', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        abiType,
        typedValue.map(({ type }) => type),
      ),
      fc.uint8Array({ minLength: 64, maxLength: 64 }),
      fc.constantFrom(...ENCODINGS),
      (type, noise, encoding) => {
        const guest = testGuest({ encoding });
        const codec = codecOf(type);
        fc.pre(codec.size < 60_000);
        for (let at = 0; at < 65_536; at += noise.length) guest.memory.bytes.set(noise, at);
        guest.handles.objects.push({}, {}, {});
        try {
          const value = codec.load(guest, 64);
          // What came out is a value of the type: it goes in again.
          const pointer = guest.reserve(codec.alignment, codec.size);
          guest.memory.holds(pointer, codec.size);
          codec.store(guest, pointer, value);
          guest.memory.holds(pointer, codec.size);
          expect(codec.load(guest, pointer)).toStrictEqual(value);
        } catch (error) {
          if (!(error instanceof RangeError && error.message.startsWith('no handle')))
            expect(error).toMatchObject({ name: 'GuestTrap' });
        }
      },
    ),
    { numRuns: 1000 },
  );
});
