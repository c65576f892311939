import type { ValueType } from '../../../shims/canonical-abi/types.ts';
import { ProgramError } from '../../errors.ts';

/** Deep types would exhaust the stack of whoever walks them; big ones, made of few bytes by sharing, its time. */
const MAX_DEPTH = 100;
const MAX_PARTS = 1_000_000;

/** Types and exports that are looked at for one program, beyond those that its bytes spell out. */
const MAX_WORK = 500_000;

/** What the types of one program may still take. */
export class TypeWork {
  #left = MAX_WORK;

  /** @throws ProgramError BW_PROGRAM_UNSUPPORTED */
  spend(count: number): void {
    this.#left -= count;
    if (this.#left < 0) tooMuch(`types that take more than ${MAX_WORK} steps to link`);
  }
}

interface Extent {
  readonly depth: number;
  readonly parts: number;
  readonly hasBorrow: boolean;
}

const SIMPLE: Extent = { depth: 1, parts: 1, hasBorrow: false };

const extents = new WeakMap<ValueType, Extent>();

/** Parts were asserted before what is made of them. @throws ProgramError BW_PROGRAM_UNSUPPORTED */
export function assertBounded(type: ValueType): void {
  let { depth, parts, hasBorrow } = SIMPLE;
  for (const part of partsOf(type)) {
    const extent = extents.get(part) ?? SIMPLE;
    depth = Math.max(depth, extent.depth + 1);
    parts += extent.parts;
    hasBorrow ||= extent.hasBorrow;
  }
  if (type.kind === 'list') parts *= type.length ?? 1;
  if (depth > MAX_DEPTH || parts > MAX_PARTS)
    tooMuch(`a type that is nested more than ${MAX_DEPTH} deep, or has more than ${MAX_PARTS} parts`);
  extents.set(type, { depth, parts, hasBorrow: hasBorrow || type.kind === 'borrow' });
}

/** @param copy is `type` with other resource types in it */
export function copyExtent(type: ValueType, copy: ValueType): void {
  const extent = extents.get(type);
  if (extent !== undefined) extents.set(copy, extent);
}

/** Borrowed handles end with a call: what outlives it must have none. */
export function hasBorrow(type: ValueType): boolean {
  return extents.get(type)?.hasBorrow === true;
}

export function partsOf(type: ValueType): readonly ValueType[] {
  switch (type.kind) {
    case 'list':
      return [type.element];
    case 'record':
      return type.fields.map((field) => field.type);
    case 'tuple':
      return type.elements;
    case 'variant':
      return type.cases.flatMap((each) => each.type ?? []);
    case 'option':
      return [type.some];
    case 'result':
      return [type.ok, type.error].filter((part) => part !== undefined);
    case 'stream':
    case 'future':
      return type.element === undefined ? [] : [type.element];
    default:
      return [];
  }
}

function tooMuch(what: string): never {
  throw new ProgramError('BW_PROGRAM_UNSUPPORTED', `The component has ${what}, which is refused.`);
}
