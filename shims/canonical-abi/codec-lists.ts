import { trap } from '../trap.ts';
import { allocate } from './allocate.ts';
import { flatRepetition, MAX_LIST_BYTE_LENGTH } from './layout.ts';
import { spendLift } from './lift-budget.ts';
import { liftString, lowerString } from './strings.ts';
import type { Abi, CoreType, CoreValue } from './abi.ts';
import type { PartCodec } from './part-codec.ts';
import type { LoweredLength } from './strings.ts';

const POINTER_AND_LENGTH: readonly CoreType[] = ['i32', 'i32'];

/** Read before anything else is lowered. */
const lowered: LoweredLength = { length: 0 };

/** A type that is a pointer and a length, with its content elsewhere in memory. */
function pointedCodec(
  liftFrom: (abi: Abi, pointer: number, length: number) => unknown,
  /** Leaves the length in {@link lowered}. */
  lowerInto: (abi: Abi, value: unknown) => number,
): PartCodec {
  return {
    size: 8,
    alignment: 4,
    flat: POINTER_AND_LENGTH,
    hasContent: true,
    load(abi, pointer) {
      const { view } = abi.memory;
      return liftFrom(abi, view.getUint32(pointer, true), view.getUint32(pointer + 4, true));
    },
    store(abi, pointer, value) {
      const content = lowerInto(abi, value);
      // Guest code has run: an older view may be stale.
      const { view } = abi.memory;
      view.setUint32(pointer, content, true);
      view.setUint32(pointer + 4, lowered.length, true);
    },
    lift: (abi, values, at) => liftFrom(abi, values[at] as number, values[at + 1] as number),
    lower(abi, value, values) {
      values.push(lowerInto(abi, value), lowered.length);
    },
  };
}

export const STRING: PartCodec = pointedCodec(liftString, (abi, value) =>
  lowerString(abi, value as string, lowered),
);

/** `list<u8>`: copied as a whole. */
export const BYTES: PartCodec = pointedCodec(
  (abi, pointer, length) => {
    const start = pointer >>> 0;
    const count = length >>> 0;
    checkList(abi, start, count, 1);
    spendLift(abi.memory, count, 1);
    return abi.memory.bytes.slice(start, start + count);
  },
  (abi, value) => {
    const bytes = value as Uint8Array;
    const pointer = allocate(abi, 1, bytes.length);
    abi.memory.bytes.set(bytes, pointer);
    lowered.length = bytes.length;
    return pointer;
  },
);

export function listCodec(element: PartCodec): PartCodec {
  const { size, alignment } = element;
  return pointedCodec(
    (abi, pointer, length) => {
      const start = pointer >>> 0;
      const count = length >>> 0;
      checkList(abi, start, count * size, alignment);
      return loadElements(abi, element, start, count);
    },
    (abi, value) => {
      const elements = value as readonly unknown[];
      const count = elements.length;
      const start = allocate(abi, alignment, count * size);
      storeElements(abi, element, start, elements);
      lowered.length = count;
      return start;
    },
  );
}

/** Inline, without a pointer. */
export function fixedListCodec(element: PartCodec, length: number): PartCodec {
  return {
    size: element.size * length,
    alignment: element.alignment,
    flat: flatRepetition(element, length),
    hasContent: element.hasContent,
    load: (abi, pointer) => loadElements(abi, element, pointer, length),
    store: (abi, pointer, value) => storeElements(abi, element, pointer, checkLength(value, length)),
    lift(abi, values, at) {
      const elements: unknown[] = [];
      for (let i = 0; i < length; i++) elements.push(element.lift(abi, values, at + i * element.flat.length));
      return elements;
    },
    lower(abi, value, values: CoreValue[]) {
      for (const item of checkLength(value, length)) element.lower(abi, item, values);
    },
  };
}

/** @param start of `count` elements that are in the memory, aligned */
export function loadElements(abi: Abi, element: PartCodec, start: number, count: number): unknown[] {
  spendLift(abi.memory, count * element.size, count);
  const elements: unknown[] = [];
  for (let i = 0; i < count; i++) elements.push(element.load(abi, start + i * element.size));
  return elements;
}

/** @param start of room for all elements, in the memory, aligned */
export function storeElements(
  abi: Abi,
  element: PartCodec,
  start: number,
  elements: readonly unknown[],
): void {
  for (let i = 0; i < elements.length; i++) element.store(abi, start + i * element.size, elements[i]);
}

function checkList(abi: Abi, start: number, byteLength: number, alignment: number): void {
  if (byteLength > MAX_LIST_BYTE_LENGTH) trap('a list is longer than 2^28 - 1 bytes');
  if ((start & (alignment - 1)) !== 0) trap('a list is not aligned');
  if (!abi.memory.holds(start, byteLength)) trap('a list is out of bounds');
}

function checkLength(value: unknown, length: number): readonly unknown[] {
  const elements = value as readonly unknown[];
  if (elements.length !== length) throw new TypeError(`a list of ${length} elements has ${elements.length}`);
  return elements;
}
