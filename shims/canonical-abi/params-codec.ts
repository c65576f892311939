import { trap } from '../trap.ts';
import { allocate } from './allocate.ts';
import { partCodecOf } from './codec.ts';
import { flatSequence, recordLayout } from './layout.ts';
import { startLift } from './lift-budget.ts';
import type { Abi, Codec, CoreType, CoreValue } from './abi.ts';
import type { PartCodec } from './part-codec.ts';
import type { ValueType } from './types.ts';

/** How the parameters, or the result, of one function cross the border of one component. */
export interface ParamsCodec {
  /** They go through memory: there is one core value, the pointer. */
  readonly spills: boolean;
  /** Of the core function; for results that spill, of what `outParam` is. */
  readonly flat: readonly CoreType[];
  /**
   * `lift_flat_values` of the Canonical ABI.
   *
   * @param at where the first core value of them stands in `flat`
   */
  lift(abi: Abi, flat: ArrayLike<CoreValue>, at?: number): unknown[];
  /**
   * `lower_flat_values` of the Canonical ABI: appends core values to `out`.
   *
   * @param outParam where the caller wants them, if they spill; appends nothing then
   */
  lower(abi: Abi, values: readonly unknown[], out: CoreValue[], outParam?: number): void;
  /** The only value, without an array around it. Only where there is one type. */
  liftOne(abi: Abi, flat: ArrayLike<CoreValue>, at?: number): unknown;
  /** Likewise. */
  lowerOne(abi: Abi, value: unknown, out: CoreValue[], outParam?: number): void;
}

/** @param maxFlat MAX_FLAT_PARAMS, MAX_FLAT_ASYNC_PARAMS or MAX_FLAT_RESULTS */
export function paramsCodec(types: readonly ValueType[], maxFlat: number): ParamsCodec {
  const codecs = types.map(partCodecOf);
  const flat = flatSequence(codecs);
  return flat.length > maxFlat ? spilledCodec(codecs) : flatCodec(codecs, flat);
}

function flatCodec(codecs: readonly PartCodec[], flat: readonly CoreType[]): ParamsCodec {
  let next = 0;
  const offsets = codecs.map((codec) => {
    const offset = next;
    next += codec.flat.length;
    return offset;
  });
  const [first] = codecs;
  return {
    spills: false,
    flat,
    lift(abi, flatValues, at = 0) {
      startLift();
      const values: unknown[] = [];
      for (let i = 0; i < codecs.length; i++)
        values.push((codecs[i] as Codec).lift(abi, flatValues, at + (offsets[i] as number)));
      return values;
    },
    lower(abi, values, out) {
      for (let i = 0; i < codecs.length; i++) (codecs[i] as Codec).lower(abi, values[i], out);
    },
    liftOne(abi, flatValues, at = 0) {
      startLift();
      return (first as Codec).lift(abi, flatValues, at);
    },
    lowerOne: (abi, value, out) => (first as Codec).lower(abi, value, out),
  };
}

const POINTER: readonly CoreType[] = ['i32'];

function spilledCodec(codecs: readonly PartCodec[]): ParamsCodec {
  const { size, alignment, offsets } = recordLayout(codecs);
  const area = (abi: Abi, pointer: number): number => {
    const start = pointer >>> 0;
    if ((start & (alignment - 1)) !== 0) trap('a pointer to parameters or results is not aligned');
    if (!abi.memory.holds(start, size)) trap('a pointer to parameters or results is out of bounds');
    return start;
  };
  const load = (abi: Abi, start: number, index: number): unknown =>
    (codecs[index] as Codec).load(abi, start + (offsets[index] as number));
  const store = (abi: Abi, start: number, index: number, value: unknown): void =>
    (codecs[index] as Codec).store(abi, start + (offsets[index] as number), value);
  const target = (abi: Abi, out: CoreValue[], outParam: number | undefined): number => {
    if (outParam !== undefined) return area(abi, outParam);
    const start = allocate(abi, alignment, size);
    out.push(start);
    return start;
  };
  return {
    spills: true,
    flat: POINTER,
    lift(abi, flat, at = 0) {
      startLift();
      const start = area(abi, flat[at] as number);
      return codecs.map((_codec, index) => load(abi, start, index));
    },
    lower(abi, values, out, outParam) {
      const start = target(abi, out, outParam);
      for (let i = 0; i < codecs.length; i++) store(abi, start, i, values[i]);
    },
    liftOne(abi, flat, at = 0) {
      startLift();
      return load(abi, area(abi, flat[at] as number), 0);
    },
    lowerOne(abi, value, out, outParam) {
      store(abi, target(abi, out, outParam), 0, value);
    },
  };
}

/** Core types of values one after the other; cut off after {@link FLAT_CUT}, as more than that go through memory. */
export function flatTypes(types: readonly ValueType[]): readonly CoreType[] {
  return flatSequence(types.map(partCodecOf));
}

/** For what is called once. A function that is called again keeps its {@link ParamsCodec}. */
export function liftValues(
  abi: Abi,
  types: readonly ValueType[],
  maxFlat: number,
  flat: ArrayLike<CoreValue>,
): unknown[] {
  return paramsCodec(types, maxFlat).lift(abi, flat);
}

/** Likewise. */
export function lowerValues(
  abi: Abi,
  types: readonly ValueType[],
  maxFlat: number,
  values: readonly unknown[],
  out: CoreValue[],
  outParam?: number,
): void {
  paramsCodec(types, maxFlat).lower(abi, values, out, outParam);
}
