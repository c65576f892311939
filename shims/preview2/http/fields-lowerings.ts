import { type Field, type Fields, MAX_FIELDS_BYTES } from '../../../src/virtual/http/fields.ts';
import type { Canon, Lowerings } from '../abi/lowering.ts';
import { allocate, listArea, liftString, resultArea, storeList } from '../abi/values.ts';
import type { Context } from '../context.ts';
import { headerErrorOrdinal, liftFields, liftValues, SizeCheck, tooLarge } from './field-lists.ts';
import { newFields } from './new-fields.ts';
import { lowerText } from './stores.ts';

/** The resource `fields` of wasi:http/types. */
export const fieldsLowerings: Lowerings = {
  '[constructor]fields': {
    resources: ['fields'],
    lower: (context, canon) => (): number => canon.handles.fields.add(newFields(context)),
  },
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
        if (error === undefined) canon.memory.view.setUint32(at + 4, canon.handles.fields.add(fields), true);
        else canon.memory.bytes[at + 4] = headerErrorOrdinal(context, error);
      },
  },
  '[method]fields.get': {
    resources: ['fields'],
    lower:
      (_context, canon) =>
      (self: number, name: number, nameLength: number, result: number): void => {
        const fields = canon.handles.fields.get(self);
        const values = fields.get(nameOf(canon, name, nameLength));
        const pointers = values.map((value) => lowerValue(canon, value));
        const list = allocate(canon, 4, values.length * 8);
        for (const [i, value] of values.entries())
          storeList(canon.memory, list + i * 8, pointers[i] as number, value.length);
        storeList(canon.memory, resultArea(canon.memory, result, 8, 4), list, values.length);
      },
  },
  '[method]fields.has': {
    resources: ['fields'],
    lower:
      (_context, canon) =>
      (self: number, name: number, nameLength: number): number =>
        canon.handles.fields.get(self).has(nameOf(canon, name, nameLength)) ? 1 : 0,
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
        storeChange(context, canon, fields.set(text, liftValues(size, canon, values, count)), result);
      },
  },
  '[method]fields.delete': {
    resources: ['fields'],
    lower:
      (context, canon) =>
      (self: number, name: number, nameLength: number, result: number): void => {
        const fields = canon.handles.fields.get(self);
        storeChange(context, canon, fields.delete(nameOf(canon, name, nameLength)), result);
      },
  },
  '[method]fields.append': {
    resources: ['fields'],
    lower:
      (context, canon) =>
      (
        self: number,
        name: number,
        nameLength: number,
        value: number,
        length: number,
        result: number,
      ): void => {
        const { memory } = canon;
        const fields = canon.handles.fields.get(self);
        if (length >>> 0 > MAX_FIELDS_BYTES) tooLarge(context);
        const text = nameOf(canon, name, nameLength);
        const start = listArea(memory, value, length >>> 0, 1);
        const field: Field = { name: text, value: memory.bytes.slice(start, start + (length >>> 0)) };
        storeChange(context, canon, fields.append([field]), result);
      },
  },
  '[method]fields.entries': {
    resources: ['fields'],
    lower:
      (_context, canon) =>
      (self: number, result: number): void => {
        // A guest that changes the fields in its realloc makes new ones; these stay as they are.
        const entries = canon.handles.fields.get(self).entries();
        const stored = entries.map(({ name, value }) => {
          const { pointer, length } = lowerText(canon, name);
          return [pointer, length, lowerValue(canon, value), value.length] as const;
        });
        const list = allocate(canon, 4, stored.length * 16);
        for (const [i, [name, nameLength, value, length]] of stored.entries()) {
          storeList(canon.memory, list + i * 16, name, nameLength);
          storeList(canon.memory, list + i * 16 + 8, value, length);
        }
        storeList(canon.memory, resultArea(canon.memory, result, 8, 4), list, stored.length);
      },
  },
  '[method]fields.clone': {
    resources: ['fields'],
    lower:
      (context, canon) =>
      (self: number): number => {
        const fields = canon.handles.fields.get(self);
        context.takeHandle('http-request', 'fields');
        return canon.handles.fields.add(fields.clone() ?? tooLarge(context));
      },
  },
};

function nameOf(canon: Canon, pointer: number, length: number): string {
  return liftString(canon.memory, pointer, length);
}

function lowerValue(canon: Canon, value: Uint8Array): number {
  const pointer = allocate(canon, 1, value.length);
  canon.memory.bytes.set(value, pointer);
  return pointer;
}

/** Stores `result<_, header-error>`. */
function storeChange(
  context: Context,
  canon: Canon,
  error: ReturnType<Fields['delete']>,
  result: number,
): void {
  const at = resultArea(canon.memory, result, 2, 1);
  canon.memory.bytes[at] = error === undefined ? 0 : 1;
  if (error !== undefined) canon.memory.bytes[at + 1] = headerErrorOrdinal(context, error);
}
