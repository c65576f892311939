import {
  type Field,
  FIELD_OVERHEAD,
  type Fields,
  type FieldsError,
  MAX_FIELDS_BYTES,
} from '../../../src/virtual/http/fields.ts';
import type { GuestMemory } from '../../guest-memory.ts';
import type { Canon, Lowerings } from '../abi/lowering.ts';
import { trap } from '../abi/trap.ts';
import { liftString, listArea, resultArea } from '../abi/values.ts';
import type { Context } from '../context.ts';

/** The cases of `header-error` in the order of WIT. */
const ERRORS: readonly FieldsError[] = ['invalid-syntax', 'forbidden', 'immutable'];

/** Makes `fields` that are empty, for a guest that has a handle left. */
export type NewFields = (context: Context) => Fields;

/** Traps for what WIT has no error for, and puts the limit on record. */
export function tooLarge({ host }: Context): never {
  host.guard.limited('http fields.bytes', MAX_FIELDS_BYTES, 'http-request', 'fields');
  trap('http fields take too many bytes');
}

/**
 * The functions that take lists of lists, in lowered form: the glue would copy every element before it called a plain
 * function, and elements can overlap, so that a few bytes of the guest fill the host's memory.
 */
export function fieldsLowerings(newFields: NewFields): Lowerings {
  return {
    '[static]fields.from-list': {
      resources: ['fields'],
      lower:
        (context, canon) =>
        (pointer: number, length: number, result: number): void => {
          const entries = liftFields(context, canon, pointer, length);
          const fields = newFields(context);
          const error = fields.append(entries);
          if (error !== undefined) context.release(fields);
          const at = resultArea(canon.memory, result, 8, 4);
          canon.memory.bytes[at] = error === undefined ? 0 : 1;
          if (error === undefined)
            canon.memory.view.setUint32(at + 4, canon.handles.fields.add(fields), true);
          else canon.memory.bytes[at + 4] = ordinal(context, error);
        },
    },
    '[method]fields.set': {
      resources: ['fields'],
      lower:
        (context, canon) =>
        (
          self: number,
          name: number,
          nameLength: number,
          values: number,
          count: number,
          result: number,
        ): void => {
          const fields = canon.handles.fields.get(self);
          const size = new SizeCheck(context);
          size.add(nameLength);
          const text = liftString(canon.memory, name, nameLength);
          const error = fields.set(text, liftValues(size, canon, values, count));
          const at = resultArea(canon.memory, result, 2, 1);
          canon.memory.bytes[at] = error === undefined ? 0 : 1;
          if (error !== undefined) canon.memory.bytes[at + 1] = ordinal(context, error);
        },
    },
  };
}

/** Counts what is to be copied, before it is. */
class SizeCheck {
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
function liftFields(context: Context, { memory }: Canon, pointer: number, length: number): Field[] {
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
function liftValues(size: SizeCheck, { memory }: Canon, pointer: number, length: number): Uint8Array[] {
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

function ordinal(context: Context, error: FieldsError): number {
  return error === 'too-large' ? tooLarge(context) : ERRORS.indexOf(error);
}
