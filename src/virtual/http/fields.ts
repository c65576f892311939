import { Charged } from './budget.ts';
import { isFieldValue, isToken } from './syntax.ts';

/** The names and values of one `fields`, in bytes, each field with {@link FIELD_OVERHEAD}. */
export const MAX_FIELDS_BYTES: number = 128 << 10;

/** What one field counts beside its bytes, as in RFC 9113, 6.5.2; it bounds the number of fields as well. */
export const FIELD_OVERHEAD = 32;

/** `header-error`, and what WIT has no case for: the bounds above. */
export type FieldsError = 'invalid-syntax' | 'forbidden' | 'immutable' | 'too-large';

/** Fields about the connection, which is the host's; the list of wasmtime's wasi-http. */
const FORBIDDEN: ReadonlySet<string> = new Set([
  'connection',
  'host',
  'http2-settings',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
]);

export interface Field {
  /** As the guest spelled it. */
  readonly name: string;
  readonly value: Uint8Array;
}

/** Header fields of a request, or trailers: names compare without case and keep their order. */
export class Fields extends Charged {
  #fields: readonly (Field & { readonly key: string })[] = [];
  #immutable = false;

  freeze(): void {
    this.#immutable = true;
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

  entries(): readonly Field[] {
    return this.#fields;
  }

  /** Puts `values` in the place of all that the name has. */
  set(name: string, values: readonly Uint8Array[]): FieldsError | undefined {
    const key = name.toLowerCase();
    const others = this.#fields.filter((field) => field.key !== key);
    return this.#change(
      [name],
      values.map((value) => ({ name, value })),
      others,
    );
  }

  delete(name: string): FieldsError | undefined {
    return this.set(name, []);
  }

  /** Adds fields at the end, all or none. */
  append(added: readonly Field[]): FieldsError | undefined {
    return this.#change(
      added.map(({ name }) => name),
      added,
      this.#fields,
    );
  }

  /** @returns a copy that can be changed, or undefined when there is no room for it */
  clone(): Fields | undefined {
    const copy = new Fields(this.budget);
    return copy.append(this.#fields) === undefined ? copy : undefined;
  }

  #change(
    names: readonly string[],
    added: readonly Field[],
    kept: readonly (Field & { readonly key: string })[],
  ): FieldsError | undefined {
    // A long name is no token worth looking at.
    if (names.some((name) => name.length > MAX_FIELDS_BYTES)) return 'too-large';
    if (!names.every(isToken) || !added.every(({ value }) => isFieldValue(value))) return 'invalid-syntax';
    if (names.some((name) => FORBIDDEN.has(name.toLowerCase()))) return 'forbidden';
    if (this.#immutable) return 'immutable';
    const fields = [...kept, ...added.map((field) => ({ ...field, key: field.name.toLowerCase() }))];
    const bytes = fields.reduce(
      (sum, { name, value }) => sum + name.length + value.length + FIELD_OVERHEAD,
      0,
    );
    if (bytes > MAX_FIELDS_BYTES || !this.charge(bytes)) return 'too-large';
    this.#fields = fields;
    return undefined;
  }
}
