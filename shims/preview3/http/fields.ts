import { Fields, type FieldsError, MAX_FIELDS_BYTES } from '../../../src/virtual/http/fields.ts';
import type { Result } from '../../canonical-abi/values.ts';
import { trap } from '../../trap.ts';
import type { Context } from '../context.ts';
import type { HeaderError } from '../wit.ts';
import { giveHandleBack, takeHandle } from './handles.ts';
import type { FunctionsOf } from './resources.ts';

/** The resource `fields` of wasi:http/types. */
export const fieldsFunctions: FunctionsOf<'fields'> = {
  // constructor()
  '[constructor]fields': (context) => {
    takeHandle(context, 'fields');
    return new Fields(context.httpBudget);
  },

  // from-list: static func(entries: list<tuple<field-name, field-value>>) -> result<fields, header-error>
  '[static]fields.from-list': (context, entries) => {
    const fields = new Fields(context.httpBudget);
    const spellings = new Map<string, string>();
    const error = fields.append(
      entries.map(([name, value]) => ({ name: spelledIn(spellings, name), value })),
    );
    if (error !== undefined) return { tag: 'err', val: headerError(context, error) };
    takeHandle(context, 'fields');
    return { tag: 'ok', val: fields };
  },

  // get: func(name: field-name) -> list<field-value>
  '[method]fields.get': (_context, self, name) => self.get(name),

  // has: func(name: field-name) -> bool
  '[method]fields.has': (_context, self, name) => self.has(name),

  // set: func(name: field-name, value: list<field-value>) -> result<_, header-error>
  '[method]fields.set': (context, self, name, values) => changed(context, self.set(name, values)),

  // delete: func(name: field-name) -> result<_, header-error>
  '[method]fields.delete': (context, self, name) => changed(context, self.delete(name)),

  // get-and-delete: func(name: field-name) -> result<list<field-value>, header-error>
  '[method]fields.get-and-delete': (context, self, name) => {
    const values = self.get(name);
    const error = self.delete(name);
    if (error !== undefined) return { tag: 'err', val: headerError(context, error) };
    return { tag: 'ok', val: values };
  },

  // append: func(name: field-name, value: field-value) -> result<_, header-error>
  '[method]fields.append': (context, self, name, value) =>
    changed(context, self.append([{ name: self.spelled(name), value }])),

  // copy-all: func() -> list<tuple<field-name, field-value>>
  '[method]fields.copy-all': (_context, self) => self.entries().map(({ name, value }) => [name, value]),

  // clone: func() -> fields
  '[method]fields.clone': (context, self) => {
    takeHandle(context, 'fields');
    const copy = self.clone();
    if (copy !== undefined) return copy;
    recordSize(context);
    trap('http fields take too many bytes');
  },
};

/** The owner dropped its handle of `fields`. */
export function releaseFields(context: Context, fields: Fields): void {
  giveHandleBack(context);
  fields.release();
}

/** Fields of one name have one spelling, the first one: wasi-testsuite wants it so, and WASI 0.3 speaks of no other. */
function spelledIn(spellings: Map<string, string>, name: string): string {
  const key = name.toLowerCase();
  const known = spellings.get(key);
  if (known === undefined) spellings.set(key, name);
  return known ?? name;
}

const OK = { tag: 'ok' } as const;

function changed(context: Context, error: FieldsError | undefined): Result<undefined, HeaderError> {
  return error === undefined ? OK : { tag: 'err', val: headerError(context, error) };
}

function headerError(context: Context, error: FieldsError): HeaderError {
  if (error !== 'too-large') return { tag: error };
  recordSize(context);
  return { tag: 'size-exceeded' };
}

function recordSize({ host }: Context): void {
  host.guard.limited('http fields.bytes', MAX_FIELDS_BYTES, 'http-request', 'fields');
}
