import type { ValueType } from '../../../shims/canonical-abi/types.ts';
import { JsMismatch } from './js-mismatch.ts';
import type { JsValues } from './js-value-types.ts';

type Make = (values: Iterable<never>) => unknown;

/** Lists of numbers are typed arrays. */
const ARRAYS: Partial<Record<ValueType['kind'], Make>> = {
  u8: (values: Iterable<number>) => Uint8Array.from(values),
  s8: (values: Iterable<number>) => Int8Array.from(values),
  u16: (values: Iterable<number>) => Uint16Array.from(values),
  s16: (values: Iterable<number>) => Int16Array.from(values),
  u32: (values: Iterable<number>) => Uint32Array.from(values),
  s32: (values: Iterable<number>) => Int32Array.from(values),
  u64: (values: Iterable<bigint>) => BigUint64Array.from(values),
  s64: (values: Iterable<bigint>) => BigInt64Array.from(values),
  f32: (values: Iterable<number>) => Float32Array.from(values),
  f64: (values: Iterable<number>) => Float64Array.from(values),
};

/** @param length of a list of fixed length */
export function listValues(element: ValueType, values: JsValues, length: number | undefined): JsValues {
  const isBytes = element.kind === 'u8' && length === undefined;
  const make = ARRAYS[element.kind];
  return {
    toJs(value, scope) {
      if (value instanceof Uint8Array) return value;
      if (make !== undefined) return make(value as Iterable<never>);
      return (value as unknown[]).map((each) => values.toJs(each, scope));
    },
    fromJs(value, scope) {
      if (isBytes && (value instanceof Uint8Array || value instanceof ArrayBuffer))
        return new Uint8Array(value);
      const items = itemsOf(value, length);
      const list = items.map((each, index) =>
        JsMismatch.within(String(index), () => values.fromJs(each, scope)),
      );
      return isBytes ? Uint8Array.from(list as number[]) : list;
    },
  };
}

function itemsOf(value: unknown, length: number | undefined): unknown[] {
  const isList = Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView));
  const items = isList ? Array.from(value as Iterable<unknown>) : undefined;
  if (items !== undefined && (length === undefined || items.length === length)) return items;
  throw new JsMismatch(length === undefined ? 'an array' : `an array of ${length}`, value);
}
