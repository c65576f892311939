import { borrowCodec, futureCodec, ownCodec, streamCodec } from './codec-handles.ts';
import { BYTES, fixedListCodec, listCodec, loadElements, STRING, storeElements } from './codec-lists.ts';
import { recordCodec, tupleCodec } from './codec-records.ts';
import { flagsCodec, SCALARS } from './codec-scalars.ts';
import { enumCodec, optionCodec, resultCodec, variantCodec } from './codec-variants.ts';
import { startLift } from './lift-budget.ts';
import type { Abi, Codec } from './abi.ts';
import type { PartCodec } from './part-codec.ts';
import type { ValueType } from './types.ts';

const parts = new WeakMap<ValueType, PartCodec>();
const codecs = new WeakMap<ValueType, Codec>();

/** @returns how values of `type` look; always the same for the same type node */
export function codecOf(type: ValueType): Codec {
  const known = codecs.get(type);
  if (known !== undefined) return known;
  const part = partCodecOf(type);
  const codec = part.hasContent ? withBudget(part) : part;
  codecs.set(type, codec);
  return codec;
}

/** What holds strings or lists may take much more of the host than it has bytes. */
function withBudget(part: PartCodec): Codec {
  return {
    ...part,
    load(abi, pointer) {
      startLift();
      return part.load(abi, pointer);
    },
    lift(abi, values, at) {
      startLift();
      return part.lift(abi, values, at);
    },
  };
}

/**
 * Loads values that stand one after the other, as in the buffer of a stream.
 *
 * @param start of `count` elements that are in the memory, aligned
 */
export function loadAll(abi: Abi, type: ValueType, start: number, count: number): unknown[] {
  startLift();
  return loadElements(abi, partCodecOf(type), start, count);
}

/** @param start of room for all of them, in the memory, aligned */
export function storeAll(abi: Abi, type: ValueType, start: number, values: readonly unknown[]): void {
  storeElements(abi, partCodecOf(type), start, values);
}

/** The codec of a type as part of others, or of a call that has a budget of its own. */
export function partCodecOf(type: ValueType): PartCodec {
  const known = parts.get(type);
  if (known !== undefined) return known;
  const codec = compile(type);
  parts.set(type, codec);
  return codec;
}

function compile(type: ValueType): PartCodec {
  switch (type.kind) {
    case 'string':
      return STRING;
    case 'list':
      return compileList(type);
    case 'record':
      return recordCodec(type.fields.map((field) => ({ name: field.name, codec: partCodecOf(field.type) })));
    case 'tuple':
      return tupleCodec(type.elements.map(partCodecOf));
    case 'variant':
      return variantCodec(type.cases.map((each) => ({ name: each.name, codec: optional(each.type) })));
    case 'enum':
      return enumCodec(type.names);
    case 'option':
      return compileOption(type.some);
    case 'result':
      return resultCodec(optional(type.ok), optional(type.error));
    case 'flags':
      return flagsCodec(type.names.length);
    case 'own':
      return ownCodec(type.resource);
    case 'borrow':
      return borrowCodec(type.resource);
    case 'stream':
      return streamCodec(type.element);
    case 'future':
      return futureCodec(type.element);
    default:
      return SCALARS[type.kind];
  }
}

function optional(type: ValueType | undefined): PartCodec | undefined {
  return type && partCodecOf(type);
}

function compileList(type: ValueType & { readonly kind: 'list' }): PartCodec {
  const element = partCodecOf(type.element);
  if (type.length !== undefined) return fixedListCodec(element, type.length);
  return type.element.kind === 'u8' ? BYTES : listCodec(element);
}

/** `some(none)` must not look like `none`. */
function compileOption(some: ValueType): PartCodec {
  const codec = partCodecOf(some);
  if (some.kind !== 'option') return optionCodec(codec);
  return variantCodec([
    { name: 'none', codec: undefined },
    { name: 'some', codec },
  ]);
}
