import {
  type Field,
  FIELD_OVERHEAD,
  type FieldsError,
  MAX_FIELDS_BYTES,
} from '../../../src/virtual/http/fields.ts';
import type { GuestMemory } from '../../guest-memory.ts';
import type { Canon } from '../abi/lowering.ts';
import { trap } from '../../trap.ts';
import { liftString, listArea } from '../abi/values.ts';
import type { Context } from '../context.ts';

/** The cases of `header-error` in the order of WIT. */
const ERRORS: readonly FieldsError[] = ['invalid-syntax', 'forbidden', 'immutable'];

/** Traps for what WIT has no error for, and puts the limit on record. */
export function tooLarge({ host }: Context): never {
  host.guard.limited('http fields.bytes', MAX_FIELDS_BYTES, 'http-request', 'fields');
  trap('http fields take too many bytes');
}

/** Counts what is to be copied, before it is: elements can overlap, so that a few bytes of a guest would fill the host's memory. */
export class SizeCheck {
  readonly #context: Context;
  #left = MAX_FIELDS_BYTES;

  constructor(context: Context) {
    this.#context = context;
  }

  add(bytes: number): void {
    this.#left -= bytes >>> 0;
    if (this.#left < 0) tooLarge(this.#context);
  }

  addElements(count: number): void {
    this.add(Math.min(count, MAX_FIELDS_BYTES) * FIELD_OVERHEAD);
  }
}

/** `list<tuple<field-name, field-value>>` */
export function liftFields(context: Context, { memory }: Canon, pointer: number, length: number): Field[] {
  const count = length >>> 0;
  const size = new SizeCheck(context);
  size.addElements(count);
  const list = listArea(memory, pointer, count * 16, 4);
  return Array.from({ length: count }, (_, i) => {
    const at = list + i * 16;
    const nameLength = memory.view.getUint32(at + 4, true);
    size.add(nameLength);
    const name = liftString(memory, memory.view.getUint32(at, true), nameLength);
    return { name, value: liftBytes(size, memory, at + 8) };
  });
}

/** `list<field-value>` */
export function liftValues(
  size: SizeCheck,
  { memory }: Canon,
  pointer: number,
  length: number,
): Uint8Array[] {
  const count = length >>> 0;
  size.addElements(count);
  const list = listArea(memory, pointer, count * 8, 4);
  return Array.from({ length: count }, (_, i) => liftBytes(size, memory, list + i * 8));
}

/** @param at where pointer and length of a `list<u8>` stand */
function liftBytes(size: SizeCheck, memory: GuestMemory, at: number): Uint8Array {
  const length = memory.view.getUint32(at + 4, true);
  size.add(length);
  const start = listArea(memory, memory.view.getUint32(at, true), length, 1);
  return memory.bytes.slice(start, start + length);
}

/** @returns the case of `header-error` */
export function headerErrorOrdinal(context: Context, error: FieldsError): number {
  return error === 'too-large' ? tooLarge(context) : ERRORS.indexOf(error);
}
