import { trap } from '../trap.ts';
import { canonicalNan } from './coerce.ts';
import { flagsSizeOf } from './layout.ts';
import { scalarCodec } from './part-codec.ts';
import type { PartCodec } from './part-codec.ts';
import type { PrimitiveKind } from './types.ts';

// An i32 comes signed from a core function. What the host gives is taken modulo 2^n, as WebAssembly takes numbers of JavaScript.
const BOOL = scalarCodec(1, 'i32', {
  load: ({ memory }, pointer) => memory.bytes[pointer] !== 0,
  store({ memory }, pointer, value) {
    memory.bytes[pointer] = value === true ? 1 : 0;
  },
  lift: (value) => value !== 0,
  lower: (value) => (value === true ? 1 : 0),
});

const S8 = scalarCodec(1, 'i32', {
  load: ({ memory }, pointer) => memory.view.getInt8(pointer),
  store: ({ memory }, pointer, value) => memory.view.setInt8(pointer, value as number),
  lift: (value) => ((value as number) << 24) >> 24,
  lower: (value) => ((value as number) << 24) >> 24,
});

const U8 = scalarCodec(1, 'i32', {
  load: ({ memory }, pointer) => memory.bytes[pointer],
  store({ memory }, pointer, value) {
    memory.bytes[pointer] = value as number;
  },
  lift: (value) => (value as number) & 0xff,
  lower: (value) => (value as number) & 0xff,
});

const S16 = scalarCodec(2, 'i32', {
  load: ({ memory }, pointer) => memory.view.getInt16(pointer, true),
  store: ({ memory }, pointer, value) => memory.view.setInt16(pointer, value as number, true),
  lift: (value) => ((value as number) << 16) >> 16,
  lower: (value) => ((value as number) << 16) >> 16,
});

const U16 = scalarCodec(2, 'i32', {
  load: ({ memory }, pointer) => memory.view.getUint16(pointer, true),
  store: ({ memory }, pointer, value) => memory.view.setUint16(pointer, value as number, true),
  lift: (value) => (value as number) & 0xffff,
  lower: (value) => (value as number) & 0xffff,
});

const S32 = scalarCodec(4, 'i32', {
  load: ({ memory }, pointer) => memory.view.getInt32(pointer, true),
  store: ({ memory }, pointer, value) => memory.view.setInt32(pointer, value as number, true),
  lift: (value) => (value as number) | 0,
  lower: (value) => (value as number) | 0,
});

const U32 = scalarCodec(4, 'i32', {
  load: ({ memory }, pointer) => memory.view.getUint32(pointer, true),
  store: ({ memory }, pointer, value) => memory.view.setUint32(pointer, value as number, true),
  lift: (value) => (value as number) >>> 0,
  lower: (value) => (value as number) >>> 0,
});

const S64 = scalarCodec(8, 'i64', {
  load: ({ memory }, pointer) => memory.view.getBigInt64(pointer, true),
  store: ({ memory }, pointer, value) => memory.view.setBigInt64(pointer, value as bigint, true),
  lift: (value) => BigInt.asIntN(64, value as bigint),
  lower: (value) => value as bigint,
});

const U64 = scalarCodec(8, 'i64', {
  load: ({ memory }, pointer) => memory.view.getBigUint64(pointer, true),
  store: ({ memory }, pointer, value) => memory.view.setBigUint64(pointer, value as bigint, true),
  lift: (value) => BigInt.asUintN(64, value as bigint),
  lower: (value) => value as bigint,
});

const F32 = scalarCodec(4, 'f32', {
  load: ({ memory }, pointer) => canonicalNan(memory.view.getFloat32(pointer, true)),
  store: ({ memory }, pointer, value) => memory.view.setFloat32(pointer, canonicalNan(value as number), true),
  lift: (value) => canonicalNan(value as number),
  lower: (value) => canonicalNan(Math.fround(value as number)),
});

const F64 = scalarCodec(8, 'f64', {
  load: ({ memory }, pointer) => canonicalNan(memory.view.getFloat64(pointer, true)),
  store: ({ memory }, pointer, value) => memory.view.setFloat64(pointer, canonicalNan(value as number), true),
  lift: (value) => canonicalNan(value as number),
  lower: (value) => canonicalNan(value as number),
});

const CHAR = scalarCodec(4, 'i32', {
  load: ({ memory }, pointer) => charOf(memory.view.getUint32(pointer, true)),
  store: ({ memory }, pointer, value) => memory.view.setUint32(pointer, codePointOf(value), true),
  lift: (value) => charOf((value as number) >>> 0),
  lower: codePointOf,
});

function charOf(codePoint: number): string {
  if (codePoint >= 0x11_0000) trap('a char is above U+10FFFF');
  if (codePoint >= 0xd800 && codePoint < 0xe000) trap('a char is a surrogate');
  return String.fromCodePoint(codePoint);
}

function codePointOf(value: unknown): number {
  const codePoint = (value as string).codePointAt(0);
  if (codePoint === undefined || (codePoint >= 0xd800 && codePoint < 0xe000))
    throw new TypeError('a char is one Unicode scalar value');
  return codePoint;
}

export const SCALARS: Readonly<Record<Exclude<PrimitiveKind, 'string'>, PartCodec>> = {
  bool: BOOL,
  s8: S8,
  u8: U8,
  s16: S16,
  u16: U16,
  s32: S32,
  u32: U32,
  s64: S64,
  u64: U64,
  f32: F32,
  f64: F64,
  char: CHAR,
};

const UNSIGNED = { 1: U8, 2: U16, 4: U32 } as const;

/** The unsigned integer that holds a discriminant or flags of that many bytes. */
export function unsignedCodec(size: 1 | 2 | 4): PartCodec {
  return UNSIGNED[size];
}

/** Bits that no flag has are not seen. @param count 1 to 32 */
export function flagsCodec(count: number): PartCodec {
  const size = flagsSizeOf(count);
  const bits = UNSIGNED[size];
  const mask = count === 32 ? 0xffff_ffff : 2 ** count - 1;
  const masked = (value: unknown): number => ((value as number) & mask) >>> 0;
  return scalarCodec(size, 'i32', {
    load: (abi, pointer) => masked(bits.load(abi, pointer)),
    store: (abi, pointer, value) => bits.store(abi, pointer, masked(value)),
    lift: masked,
    lower: masked,
  });
}
