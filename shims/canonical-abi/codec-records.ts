import { flatSequence, recordLayout } from './layout.ts';
import { camelCase } from './names.ts';
import type { PartCodec } from './part-codec.ts';

export interface FieldCodec {
  readonly name: string;
  readonly codec: PartCodec;
}

/** A part of a record or tuple, and where it stands. */
interface Place {
  readonly codec: PartCodec;
  readonly offset: number;
  /** Of its first core value. */
  readonly flatOffset: number;
  readonly key: string;
}

interface Structure {
  readonly places: readonly Place[];
  readonly shape: Pick<PartCodec, 'size' | 'alignment' | 'flat' | 'hasContent'>;
}

function structureOf(fields: readonly FieldCodec[]): Structure {
  const codecs = fields.map(({ codec }) => codec);
  const { size, alignment, offsets } = recordLayout(codecs);
  let flatOffset = 0;
  const places = fields.map(({ name, codec }, index) => {
    const place: Place = {
      codec,
      offset: offsets[index] as number,
      flatOffset,
      key: camelCase(name),
    };
    flatOffset += codec.flat.length;
    return place;
  });
  return {
    places,
    shape: {
      size,
      alignment,
      flat: flatSequence(codecs),
      hasContent: codecs.some((codec) => codec.hasContent),
    },
  };
}

export function recordCodec(fields: readonly FieldCodec[]): PartCodec {
  const { places, shape } = structureOf(fields);
  return {
    ...shape,
    load(abi, pointer) {
      const record: Record<string, unknown> = {};
      for (const { codec, offset, key } of places) record[key] = codec.load(abi, pointer + offset);
      return record;
    },
    store(abi, pointer, value) {
      for (const { codec, offset, key } of places)
        codec.store(abi, pointer + offset, (value as Record<string, unknown>)[key]);
    },
    lift(abi, values, at) {
      const record: Record<string, unknown> = {};
      for (const { codec, flatOffset, key } of places) record[key] = codec.lift(abi, values, at + flatOffset);
      return record;
    },
    lower(abi, value, values) {
      for (const { codec, key } of places) codec.lower(abi, (value as Record<string, unknown>)[key], values);
    },
  };
}

export function tupleCodec(elements: readonly PartCodec[]): PartCodec {
  const { places, shape } = structureOf(elements.map((codec) => ({ name: '', codec })));
  return {
    ...shape,
    load(abi, pointer) {
      const tuple: unknown[] = [];
      for (const { codec, offset } of places) tuple.push(codec.load(abi, pointer + offset));
      return tuple;
    },
    store(abi, pointer, value) {
      for (let i = 0; i < places.length; i++) {
        const { codec, offset } = places[i] as Place;
        codec.store(abi, pointer + offset, (value as readonly unknown[])[i]);
      }
    },
    lift(abi, values, at) {
      const tuple: unknown[] = [];
      for (const { codec, flatOffset } of places) tuple.push(codec.lift(abi, values, at + flatOffset));
      return tuple;
    },
    lower(abi, value, values) {
      for (let i = 0; i < places.length; i++)
        (places[i] as Place).codec.lower(abi, (value as readonly unknown[])[i], values);
    },
  };
}
