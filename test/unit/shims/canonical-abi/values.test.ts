import { describe, expect, test } from 'vitest';
import { codecOf, loadAll, storeAll } from '../../../../shims/canonical-abi/codec.ts';
import { MAX_FLAT_PARAMS, MAX_FLAT_RESULTS } from '../../../../shims/canonical-abi/layout.ts';
import { camelCase, pascalCase } from '../../../../shims/canonical-abi/names.ts';
import { paramsCodec } from '../../../../shims/canonical-abi/params-codec.ts';
import { testGuest } from './guest.ts';
import type { CoreValue, StringEncoding } from '../../../../shims/canonical-abi/abi.ts';
import type { PrimitiveKind, ValueType } from '../../../../shims/canonical-abi/types.ts';

const of = (kind: PrimitiveKind): ValueType => ({ kind });
const option = (some: ValueType): ValueType => ({ kind: 'option', some });
const variant = (...types: (ValueType | undefined)[]): ValueType => ({
  kind: 'variant',
  cases: types.map((type, index) => ({ name: `case-${index}`, ...(type && { type }) })),
});

function lowered(type: ValueType, value: unknown): CoreValue[] {
  const out: CoreValue[] = [];
  codecOf(type).lower(testGuest(), value, out);
  return out;
}

const lift = (type: ValueType, flat: readonly CoreValue[]): unknown =>
  codecOf(type).lift(testGuest(), flat, 0);

describe('how values look in JavaScript', () => {
  test('fields of records in camelCase, and whatever they are called', () => {
    const type: ValueType = {
      kind: 'record',
      fields: [
        { name: 'link-count', type: of('u64') },
        { name: 'to-string', type: of('bool') },
        { name: 'constructor', type: of('u8') },
      ],
    };
    const value = { linkCount: 1n, toString: true, constructor: 7 };
    expect(lift(type, [1n, 1, 7])).toEqual(value);
    expect(lowered(type, value)).toEqual([1n, 1, 7]);
  });

  test('cases as they are in WIT', () => {
    expect(lift(variant(undefined, of('u8')), [0, 0])).toEqual({ tag: 'case-0' });
    expect(lift(variant(undefined, of('u8')), [1, 9])).toEqual({ tag: 'case-1', val: 9 });
    expect(lift({ kind: 'enum', names: ['one-two'] }, [0])).toBe('one-two');
  });

  test('an option is the value or undefined, but an option of an option is a variant', () => {
    expect(lift(option(of('u8')), [0, 5])).toBeUndefined();
    expect(lift(option(of('u8')), [1, 5])).toBe(5);
    const nested = option(option(of('u8')));
    expect(lift(nested, [0, 0, 0])).toEqual({ tag: 'none' });
    expect(lift(nested, [1, 0, 0])).toEqual({ tag: 'some', val: undefined });
    expect(lowered(nested, { tag: 'some', val: 3 })).toEqual([1, 1, 3]);
  });

  test('results have a tag', () => {
    expect(lift({ kind: 'result' }, [0])).toEqual({ tag: 'ok' });
    expect(lift({ kind: 'result' }, [1])).toEqual({ tag: 'err', val: undefined });
    expect(lift({ kind: 'result', ok: of('u8'), error: of('char') }, [1, 65])).toEqual({
      tag: 'err',
      val: 'A',
    });
    expect(lowered({ kind: 'result' }, { tag: 'err', val: undefined })).toEqual([1]);
  });

  test('bytes are a copy, with any array of bytes to be lowered', () => {
    const guest = testGuest();
    const bytes = codecOf({ kind: 'list', element: of('u8') });
    guest.memory.bytes.set([1, 2, 3], 16);
    const lifted = bytes.lift(guest, [16, 3], 0);
    guest.memory.bytes[16] = 9;
    expect(lifted).toEqual(new Uint8Array([1, 2, 3]));
    const out: number[] = [];
    bytes.lower(guest, [4, 5], out);
    const [pointer = 0, length] = out;
    expect(guest.memory.bytes.slice(pointer >>> 0, (pointer >>> 0) + 2)).toEqual(new Uint8Array([4, 5]));
    expect(length).toBe(2);
  });

  test.each([
    ['link-count', 'linkCount', 'LinkCount'],
    ['DNS-error', 'dnsError', 'DnsError'],
    ['a', 'a', 'A'],
    ['ipv6-address', 'ipv6Address', 'Ipv6Address'],
  ])('%s is %s and %s', (name, camel, pascal) => {
    expect(camelCase(name)).toBe(camel);
    expect(pascalCase(name)).toBe(pascal);
  });
});

describe('faults of the host are no traps', () => {
  test.each<[ValueType, unknown, string]>([
    [variant(undefined), { tag: 'nothing' }, '"nothing" is none of the cases case-0'],
    [{ kind: 'enum', names: ['a', 'b'] }, 'c', '"c" is none of the cases a, b'],
    [{ kind: 'result' }, { tag: 'error' }, '"error" is none of the cases ok, err'],
    [of('char'), '', 'one Unicode scalar value'],
    [of('char'), '\ud800', 'one Unicode scalar value'],
    [{ kind: 'list', element: of('u8'), length: 2 }, [1], 'a list of 2 elements has 1'],
  ])('%j cannot be %j', (type, value, message) => {
    expect(() => lowered(type, value)).toThrow(TypeError);
    expect(() => lowered(type, value)).toThrow(message);
  });
});

describe('places that cases share', () => {
  test.each<[ValueType, unknown, readonly CoreValue[]]>([
    [variant(of('f32'), of('u32')), { tag: 'case-0', val: 1.5 }, [0, 0x3fc0_0000]],
    [variant(of('f32'), of('u64')), { tag: 'case-0', val: -1.5 }, [0, 0xbfc0_0000n]],
    [variant(of('f64'), of('u64')), { tag: 'case-0', val: 1.5 }, [0, 0x3ff8_0000_0000_0000n]],
    [variant(of('s32'), of('u64')), { tag: 'case-0', val: -1 }, [0, 0xffff_ffffn]],
    [variant(of('f32'), of('u32')), { tag: 'case-0', val: NaN }, [0, 0x7fc0_0000]],
    [variant(undefined, of('u64'), of('string')), { tag: 'case-0' }, [0, 0n, 0]],
    [variant(of('f64'), undefined), { tag: 'case-1' }, [1, 0]],
  ])('%j: %j', (type, value, flat) => {
    expect(lowered(type, value)).toEqual(flat);
    expect(lift(type, flat)).toEqual(value);
  });

  test('the upper half that an i32 does not use is not seen, and no NaN keeps its bits', () => {
    expect(lift(variant(of('u32'), of('u64')), [0, 0x1_0000_0007n])).toEqual({ tag: 'case-0', val: 7 });
    const { val } = lift(variant(of('f64'), of('u64')), [0, 0x7ff4_dead_beef_0001n]) as { val: number };
    const bits = new DataView(new ArrayBuffer(8));
    bits.setFloat64(0, val);
    expect(bits.getBigUint64(0)).toBe(0x7ff8_0000_0000_0000n);
  });

  test('what is stored as NaN is the one NaN', () => {
    const guest = testGuest();
    const odd = new Float64Array(new BigUint64Array([0xfff4_dead_beef_0001n]).buffer)[0];
    codecOf(of('f64')).store(guest, 16, odd);
    codecOf(of('f32')).store(guest, 24, odd);
    expect(guest.memory.view.getBigUint64(16, true)).toBe(0x7ff8_0000_0000_0000n);
    expect(guest.memory.view.getUint32(24, true)).toBe(0x7fc0_0000);
  });
});

describe('strings', () => {
  const TEXTS = [
    '',
    'plain',
    'ÿ',
    'naïve €',
    '🦜 pair',
    'x'.repeat(500),
    'ä'.repeat(500),
    '\ufeffmark',
    '\0',
  ];

  test.each<[StringEncoding, number]>([
    ['utf8', 1],
    ['utf16', 2],
    ['latin1+utf16', 2],
  ])('in %s, take one allocation of the exact size', (encoding, alignment) => {
    for (const text of TEXTS) {
      const guest = testGuest({ encoding });
      const out: number[] = [];
      codecOf(of('string')).lower(guest, text, out);
      expect(codecOf(of('string')).lift(guest, out, 0)).toBe(text);
      const isLatin1 = !/[^\0-\u00ff]/.test(text);
      const size = encoding === 'utf8' ? new TextEncoder().encode(text).length : text.length * 2;
      const exact = encoding === 'latin1+utf16' && isLatin1 ? text.length : size;
      expect(guest.allocations).toEqual([{ alignment, size: exact }]);
    }
  });

  test('Latin-1 is not what the web calls so, and longer than one call of fromCharCode', () => {
    const guest = testGuest({ encoding: 'latin1+utf16' });
    guest.memory.bytes.fill(0x80, 16, 10_016);
    expect(codecOf(of('string')).lift(guest, [16, 10_000], 0)).toBe('\u0080'.repeat(10_000));
  });

  test.each<StringEncoding>(['utf8', 'utf16', 'latin1+utf16'])(
    'in %s, a lone surrogate becomes U+FFFD',
    (encoding) => {
      const guest = testGuest({ encoding });
      const out: number[] = [];
      codecOf(of('string')).lower(guest, 'a\ud800b', out);
      expect(codecOf(of('string')).lift(guest, out, 0)).toBe('a\ufffdb');
    },
  );
});

describe('parameters and results', () => {
  const two = [of('string'), of('u64')];

  test('more than fit go through memory', () => {
    expect(paramsCodec(two, MAX_FLAT_PARAMS)).toMatchObject({ spills: false, flat: ['i32', 'i32', 'i64'] });
    expect(paramsCodec(two, 2)).toMatchObject({ spills: true, flat: ['i32'] });
    expect(paramsCodec([], MAX_FLAT_RESULTS)).toMatchObject({ spills: false, flat: [] });
  });

  test('results go where the caller wants them, and nothing is appended then', () => {
    const guest = testGuest();
    const codec = paramsCodec(two, MAX_FLAT_RESULTS);
    const pointer = guest.reserve(8, 16);
    const out: CoreValue[] = [];
    codec.lower(guest, ['text', 5n], out, pointer);
    expect(out).toEqual([]);
    expect(codec.lift(guest, [99, pointer], 1)).toEqual(['text', 5n]);
  });

  test('one value needs no array around it', () => {
    const guest = testGuest();
    for (const maxFlat of [MAX_FLAT_PARAMS, 1]) {
      const codec = paramsCodec([of('string')], maxFlat);
      const out: CoreValue[] = [];
      codec.lowerOne(guest, 'text', out);
      expect(out).toHaveLength(codec.flat.length);
      expect(codec.liftOne(guest, [0, ...out], 1)).toBe('text');
    }
    const pointer = guest.reserve(4, 8);
    const out: CoreValue[] = [];
    paramsCodec([of('string')], 1).lowerOne(guest, 'there', out, pointer);
    expect(out).toEqual([]);
    expect(codecOf(of('string')).load(guest, pointer)).toBe('there');
  });

  test('an empty list at 0 is stored by a realloc that grows the memory', () => {
    const guest = testGuest();
    const codec = codecOf({ kind: 'tuple', elements: [of('string'), of('u8')] });
    const pointer = guest.reserve(4, 12);
    const realloc = (): number => {
      guest.wasmMemory.grow(1);
      return 0;
    };
    codec.store({ ...guest, realloc }, pointer, ['', 7]);
    expect(codec.load(guest, pointer)).toEqual(['', 7]);
  });

  test('elements of a buffer are stored and loaded one after the other', () => {
    const guest = testGuest();
    const type: ValueType = { kind: 'tuple', elements: [of('string'), of('u16')] };
    const values = [
      ['one', 1],
      ['two', 2],
      ['three', 3],
    ];
    const start = guest.reserve(4, 36);
    storeAll(guest, type, start, values);
    guest.memory.holds(start, 36);
    expect(loadAll(guest, type, start, 3)).toEqual(values);
    expect(loadAll(guest, type, start + 12, 1)).toEqual([['two', 2]]);
  });
});
