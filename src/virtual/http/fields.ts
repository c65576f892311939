import { CONNECTION_FIELDS } from '../../policy/connection-fields.ts';
import { Charged, type HttpBudget } from './budget.ts';
import { isFieldValue, isToken } from './syntax.ts';

/** The names and values of one `fields`, in bytes, each field with {@link FIELD_OVERHEAD}. */
export const MAX_FIELDS_BYTES: number = 128 << 10;

/** What one field counts beside its bytes, as in RFC 9113, 6.5.2; it bounds the number of fields as well. */
export const FIELD_OVERHEAD = 32;

/** `header-error`, and what WIT has no case for: the bounds above. */
export type FieldsError = 'invalid-syntax' | 'forbidden' | 'immutable' | 'too-large';

const FORBIDDEN: ReadonlySet<string> = new Set(CONNECTION_FIELDS);

export interface Field {
  /** As the guest spelled it; in lower case in a message that came to it, as HTTP/2 and wasmtime have them. */
  readonly name: string;
  readonly value: Uint8Array;
}

/** A field, and its name as it compares. */
interface KeyedField extends Field {
  readonly key: string;
}

/** Header fields of a message, or trailers: names compare without case and keep their order. */
export class Fields extends Charged {
  #fields: readonly KeyedField[] = [];
  #immutable = false;

  /**
   * The fields of a message that came from elsewhere, without those about the connection.
   *
   * @returns undefined when there is no room for them
   */
  static received(budget: HttpBudget, fields: readonly Field[]): Fields | undefined {
    const received = new Fields(budget);
    const kept: KeyedField[] = [];
    for (const { name, value } of fields) {
      const key = name.toLowerCase();
      if (!FORBIDDEN.has(key)) kept.push({ name: key, value, key });
    }
    return received.#keep(kept, sizeOf(kept)) === undefined ? received : undefined;
  }

  freeze(): this {
    this.#immutable = true;
    return this;
  }

  /** @returns the values, none for a name that is not one */
  get(name: string): Uint8Array[] {
    const key = name.toLowerCase();
    return this.#fields.filter((field) => field.key === key).map(({ value }) => value);
  }

  has(name: string): boolean {
    const key = name.toLowerCase();
    return this.#fields.some((field) => field.key === key);
  }

  /** @returns the name as the first field of that name has it; as it is when there is none */
  spelled(name: string): string {
    const key = name.toLowerCase();
    return this.#fields.find((field) => field.key === key)?.name ?? name;
  }

  entries(): readonly Field[] {
    return this.#fields;
  }

  /** Puts `values` in the place of all that the name has. */
  set(name: string, values: readonly Uint8Array[]): FieldsError | undefined {
    const key = name.toLowerCase();
    const error = this.#check(name, key) ?? (values.every(isFieldValue) ? undefined : 'invalid-syntax');
    if (error !== undefined) return error;
    if (this.#immutable) return 'immutable';
    const fields = this.#fields.filter((field) => field.key !== key);
    for (const value of values) fields.push({ name, value, key });
    return this.#keep(fields, sizeOf(fields));
  }

  delete(name: string): FieldsError | undefined {
    return this.set(name, []);
  }

  /** Adds fields at the end, all or none. */
  append(added: readonly Field[]): FieldsError | undefined {
    const keyed: KeyedField[] = [];
    for (const { name, value } of added) {
      const key = name.toLowerCase();
      const error = this.#check(name, key) ?? (isFieldValue(value) ? undefined : 'invalid-syntax');
      if (error !== undefined) return error;
      keyed.push({ name, value, key });
    }
    if (this.#immutable) return 'immutable';
    return this.#keep([...this.#fields, ...keyed], this.charged + sizeOf(keyed));
  }

  /** @returns a copy that can be changed, or undefined when there is no room for it */
  clone(): Fields | undefined {
    const copy = new Fields(this.budget);
    return copy.#keep(this.#fields, this.charged) === undefined ? copy : undefined;
  }

  #check(name: string, key: string): FieldsError | undefined {
    // A long name is no token worth looking at.
    if (name.length > MAX_FIELDS_BYTES) return 'too-large';
    if (!isToken(name)) return 'invalid-syntax';
    return FORBIDDEN.has(key) ? 'forbidden' : undefined;
  }

  #keep(fields: readonly KeyedField[], bytes: number): FieldsError | undefined {
    if (bytes > MAX_FIELDS_BYTES || !this.charge(bytes)) return 'too-large';
    this.#fields = fields;
    return undefined;
  }
}

function sizeOf(fields: readonly Field[]): number {
  let bytes = 0;
  for (const { name, value } of fields) bytes += name.length + value.length + FIELD_OVERHEAD;
  return bytes;
}
