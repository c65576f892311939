import type { CoreType, CoreValue } from './abi.ts';

/** More flat parameters than this go through memory. */
export const MAX_FLAT_PARAMS = 16;
/** Likewise for a function that is lowered with `async`. */
export const MAX_FLAT_ASYNC_PARAMS = 4;
/** More flat results than this go through memory. */
export const MAX_FLAT_RESULTS = 1;

/** Bytes of one string. */
export const MAX_STRING_BYTE_LENGTH: number = 2 ** 28 - 1;
/** Bytes of the elements of one list. */
export const MAX_LIST_BYTE_LENGTH: number = 2 ** 28 - 1;

/**
 * {@link FlatLayout.flat} ends here: what is longer goes through memory, whatever the rest would be. A type of few words can
 * have more core values than fit into memory (`list<u8, 4294967295>`).
 */
export const FLAT_CUT: number = MAX_FLAT_PARAMS + 1;

/** Numbers below 2^53: a type may be larger than any memory, and then nothing of it is ever in bounds. */
export interface MemoryLayout {
  readonly size: number;
  readonly alignment: number;
}

export interface FlatLayout {
  /** Cut off after {@link FLAT_CUT}. */
  readonly flat: readonly CoreType[];
}

/** @param alignment a power of two */
export function alignTo(offset: number, alignment: number): number {
  return Math.ceil(offset / alignment) * alignment;
}

/** @returns where each part stands, and the layout of all */
export function recordLayout(
  parts: readonly MemoryLayout[],
): MemoryLayout & { readonly offsets: readonly number[] } {
  let size = 0;
  let alignment = 1;
  const offsets = parts.map((part) => {
    const offset = alignTo(size, part.alignment);
    size = offset + part.size;
    alignment = Math.max(alignment, part.alignment);
    return offset;
  });
  return { size: alignTo(size, alignment), alignment, offsets };
}

/** @param cases undefined for a case without payload */
export function variantLayout(cases: readonly (MemoryLayout | undefined)[]): MemoryLayout & {
  readonly discriminantSize: 1 | 2 | 4;
  readonly payloadOffset: number;
} {
  const discriminantSize = discriminantSizeOf(cases.length);
  let payloadAlignment = 1;
  let payloadSize = 0;
  for (const payload of cases) {
    if (payload === undefined) continue;
    payloadAlignment = Math.max(payloadAlignment, payload.alignment);
    payloadSize = Math.max(payloadSize, payload.size);
  }
  const payloadOffset = alignTo(discriminantSize, payloadAlignment);
  const alignment = Math.max(discriminantSize, payloadAlignment);
  return {
    size: alignTo(payloadOffset + payloadSize, alignment),
    alignment,
    discriminantSize,
    payloadOffset,
  };
}

/** @param count of cases, at least 1 */
export function discriminantSizeOf(count: number): 1 | 2 | 4 {
  if (count <= 0x100) return 1;
  return count <= 0x1_0000 ? 2 : 4;
}

/** Bytes of flags. @param count 1 to 32 */
export function flagsSizeOf(count: number): 1 | 2 | 4 {
  if (count <= 8) return 1;
  return count <= 16 ? 2 : 4;
}

/** Core types of values one after the other. */
export function flatSequence(parts: readonly FlatLayout[]): readonly CoreType[] {
  const flat: CoreType[] = [];
  for (const part of parts) {
    flat.push(...part.flat);
    if (flat.length >= FLAT_CUT) return flat.slice(0, FLAT_CUT);
  }
  return flat;
}

/** Core types of `count` values of one type. */
export function flatRepetition(part: FlatLayout, count: number): readonly CoreType[] {
  return flatSequence(Array.from({ length: Math.min(count, FLAT_CUT) }, () => part));
}

/** Core types of a variant: the discriminant, and for each place what holds the payload of any case. */
export function flatVariant(cases: readonly (FlatLayout | undefined)[]): readonly CoreType[] {
  const flat: CoreType[] = ['i32'];
  for (const payload of cases) {
    payload?.flat.forEach((type, index) => {
      const other = flat[index + 1];
      flat[index + 1] = other === undefined ? type : join(other, type);
    });
  }
  return flat.slice(0, FLAT_CUT);
}

function join(a: CoreType, b: CoreType): CoreType {
  if (a === b) return a;
  return (a === 'i32' && b === 'f32') || (a === 'f32' && b === 'i32') ? 'i32' : 'i64';
}

/** What fills the places of a variant that a case does not use. */
export function zeroOf(type: CoreType): CoreValue {
  return type === 'i64' ? 0n : 0;
}
