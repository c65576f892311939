import { trap } from '../trap.ts';
import { fromJoined, toJoined } from './coerce.ts';
import { unsignedCodec } from './codec-scalars.ts';
import { discriminantSizeOf, flatVariant, variantLayout, zeroOf } from './layout.ts';
import { scalarCodec } from './part-codec.ts';
import type { Abi, CoreType, CoreValue } from './abi.ts';
import type { PartCodec } from './part-codec.ts';
import type { Variant } from './values.ts';

/** How the values of a type with cases look in JavaScript. */
interface CaseValues {
  /** @param payload undefined where the case has none */
  readonly make: (index: number, payload: unknown) => unknown;
  readonly indexOf: (value: unknown) => number;
  readonly payloadOf: (value: unknown) => unknown;
}

/** @param payloads undefined for a case without payload */
function casesCodec(payloads: readonly (PartCodec | undefined)[], values: CaseValues): PartCodec {
  const { make, indexOf, payloadOf } = values;
  const { size, alignment, discriminantSize, payloadOffset } = variantLayout(payloads);
  const discriminant = unsignedCodec(discriminantSize);
  const flat = flatVariant(payloads);
  const joined = flat.slice(1);
  const flatCases = payloads.map((payload) => payload && joinedCase(payload, joined));
  return {
    size,
    alignment,
    flat,
    hasContent: payloads.some((payload) => payload?.hasContent === true),
    load(abi, pointer) {
      const index = discriminant.load(abi, pointer) as number;
      if (index >= payloads.length) invalidDiscriminant();
      return make(index, payloads[index]?.load(abi, pointer + payloadOffset));
    },
    store(abi, pointer, value) {
      const index = indexOf(value);
      discriminant.store(abi, pointer, index);
      payloads[index]?.store(abi, pointer + payloadOffset, payloadOf(value));
    },
    lift(abi, values, at) {
      const index = (values[at] as number) >>> 0;
      if (index >= payloads.length) invalidDiscriminant();
      return make(index, flatCases[index]?.lift(abi, values, at + 1));
    },
    lower(abi, value, values) {
      const index = indexOf(value);
      values.push(index);
      const end = values.length + joined.length;
      flatCases[index]?.lower(abi, payloadOf(value), values);
      for (let missing = end - values.length; missing > 0; missing--)
        values.push(zeroOf(joined[joined.length - missing] as CoreType));
    },
  };
}

function invalidDiscriminant(): never {
  trap('a variant has no case of that number');
}

/** The payload of one case in the places that all cases share. */
function joinedCase(payload: PartCodec, joined: readonly CoreType[]): Pick<PartCodec, 'lift' | 'lower'> {
  const { flat } = payload;
  if (flat.every((type, index) => type === joined[index])) return payload;
  return {
    lift(abi, values, at) {
      const own = flat.map((want, i) => fromJoined(values[at + i] as CoreValue, joined[i] as CoreType, want));
      return payload.lift(abi, own, 0);
    },
    lower(abi, value, values) {
      const start = values.length;
      payload.lower(abi, value, values);
      flat.forEach((have, i) => {
        values[start + i] = toJoined(values[start + i] as CoreValue, have, joined[i] as CoreType);
      });
    },
  };
}

export interface CaseCodec {
  readonly name: string;
  readonly codec: PartCodec | undefined;
}

export function variantCodec(cases: readonly CaseCodec[]): PartCodec {
  const names = cases.map(({ name }) => name);
  const indices = indicesOf(names);
  // A case without payload is always the same value.
  const bare = cases.map(({ name, codec }) =>
    codec === undefined ? Object.freeze({ tag: name }) : undefined,
  );
  return casesCodec(
    cases.map(({ codec }) => codec),
    {
      make: (index, val) => bare[index] ?? { tag: names[index], val },
      indexOf: (value) => indices.get((value as Variant).tag) ?? noSuchCase((value as Variant).tag, names),
      payloadOf: (value) => (value as Variant).val,
    },
  );
}

/** The payload itself, or undefined. */
export function optionCodec(some: PartCodec): PartCodec {
  return casesCodec([undefined, some], {
    make: (_index, payload) => payload,
    indexOf: (value) => (value === undefined ? 0 : 1),
    payloadOf: (value) => value,
  });
}

export function resultCodec(ok: PartCodec | undefined, error: PartCodec | undefined): PartCodec {
  const bareOk = Object.freeze({ tag: 'ok' });
  const bareError = Object.freeze({ tag: 'err', val: undefined });
  return casesCodec([ok, error], {
    make(index, val) {
      if (index === 0) return ok === undefined ? bareOk : { tag: 'ok', val };
      return error === undefined ? bareError : { tag: 'err', val };
    },
    indexOf(value) {
      const { tag } = value as Variant;
      if (tag === 'ok') return 0;
      return tag === 'err' ? 1 : noSuchCase(tag, ['ok', 'err']);
    },
    payloadOf: (value) => (value as Variant).val,
  });
}

export function enumCodec(names: readonly string[]): PartCodec {
  const indices = indicesOf(names);
  const size = discriminantSizeOf(names.length);
  const bits = unsignedCodec(size);
  const nameOf = (index: number): string => names[index] ?? trap('an enum has no case of that number');
  const indexOf = (value: unknown): number => indices.get(value as string) ?? noSuchCase(value, names);
  return scalarCodec(size, 'i32', {
    load: (abi: Abi, pointer) => nameOf(bits.load(abi, pointer) as number),
    store: (abi, pointer, value) => bits.store(abi, pointer, indexOf(value)),
    lift: (value) => nameOf((value as number) >>> 0),
    lower: indexOf,
  });
}

function indicesOf(names: readonly string[]): ReadonlyMap<string, number> {
  return new Map(names.map((name, index) => [name, index]));
}

/** A fault of the host: guests cannot give a name. */
function noSuchCase(tag: unknown, names: readonly string[]): never {
  throw new TypeError(`${JSON.stringify(tag)} is none of the cases ${names.slice(0, 8).join(', ')}`);
}
