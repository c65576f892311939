import type { FieldsError } from '../../../src/virtual/http/fields.ts';
import { ComponentError } from '../plain/component-error.ts';
import { type Bindings, PlainResource } from '../plain/resource.ts';
import { tooLarge } from './field-lists.ts';
import { newFields } from './new-fields.ts';

/** `header-error` as jco's bindings spell it. */
export interface HeaderError {
  readonly tag: Exclude<FieldsError, 'too-large'>;
}

export class Fields extends PlainResource<'fields'> {
  // constructor()
  constructor() {
    super();
    this.standFor(newFields(this.bindings.context));
  }

  // from-list: static func(entries: list<tuple<field-name, field-value>>) -> result<fields, header-error>
  static fromList(entries: readonly (readonly [string, Uint8Array])[]): Fields {
    const { bindings } = this.prototype;
    const fields = newFields(bindings.context);
    const error = fields.append(entries.map(([name, value]) => ({ name, value })));
    if (error !== undefined) {
      bindings.context.release(fields);
      throwHeaderError(bindings, error);
    }
    return bindings.make('fields', fields);
  }

  // get: func(name: field-name) -> list<field-value>
  get(name: string): Uint8Array[] {
    return this.target.get(name);
  }

  // has: func(name: field-name) -> bool
  has(name: string): boolean {
    return this.target.has(name);
  }

  // set: func(name: field-name, value: list<field-value>) -> result<_, header-error>
  set(name: string, values: readonly Uint8Array[]): void {
    check(this.bindings, this.target.set(name, values));
  }

  // delete: func(name: field-name) -> result<_, header-error>
  delete(name: string): void {
    check(this.bindings, this.target.delete(name));
  }

  // append: func(name: field-name, value: field-value) -> result<_, header-error>
  append(name: string, value: Uint8Array): void {
    check(this.bindings, this.target.append([{ name, value }]));
  }

  // entries: func() -> list<tuple<field-name, field-value>>
  entries(): [string, Uint8Array][] {
    return this.target.entries().map(({ name, value }) => [name, value]);
  }

  // clone: func() -> fields
  clone(): Fields {
    const { context } = this.bindings;
    context.takeHandle('http-request', 'fields');
    return this.bindings.make('fields', this.target.clone() ?? tooLarge(context));
  }
}

function check(bindings: Bindings, error: FieldsError | undefined): void {
  if (error !== undefined) throwHeaderError(bindings, error);
}

function throwHeaderError({ context }: Bindings, error: FieldsError): never {
  if (error === 'too-large') tooLarge(context);
  throw new ComponentError<HeaderError>({ tag: error });
}
