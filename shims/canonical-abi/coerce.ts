import type { CoreType, CoreValue } from './abi.ts';

const scratch = new DataView(new ArrayBuffer(8));

/** The bits of a float, in a place that cases of a variant share with an integer. NaN has one form. */
function f32Bits(value: number): number {
  scratch.setFloat32(0, canonicalNan(value), true);
  return scratch.getUint32(0, true);
}

function f64Bits(value: number): bigint {
  scratch.setFloat64(0, canonicalNan(value), true);
  return scratch.getBigUint64(0, true);
}

function bitsToF32(bits: number): number {
  scratch.setUint32(0, bits, true);
  return canonicalNan(scratch.getFloat32(0, true));
}

function bitsToF64(bits: bigint): number {
  scratch.setBigUint64(0, bits, true);
  return canonicalNan(scratch.getFloat64(0, true));
}

/** A guest cannot tell anything by the payload of a NaN, nor reach another guest with it. */
export function canonicalNan(value: number): number {
  return Number.isNaN(value) ? NaN : value;
}

/** @returns the core value of a payload, out of a place of a variant that has the joined type `have` */
export function fromJoined(value: CoreValue, have: CoreType, want: CoreType): CoreValue {
  if (have === want) return value;
  if (have === 'i32') return bitsToF32(value as number);
  if (want === 'f64') return bitsToF64(value as bigint);
  const low = Number(BigInt.asUintN(32, value as bigint));
  return want === 'f32' ? bitsToF32(low) : low;
}

/** @returns what goes into a place of a variant that has the joined type `want` */
export function toJoined(value: CoreValue, have: CoreType, want: CoreType): CoreValue {
  if (have === want) return value;
  if (have === 'f64') return f64Bits(value as number);
  const bits = have === 'f32' ? f32Bits(value as number) : (value as number) >>> 0;
  return want === 'i64' ? BigInt(bits) : bits;
}
