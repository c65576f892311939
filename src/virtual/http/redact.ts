import type { InjectedField } from '../network/egress-rules.ts';
import type { Field } from './fields.ts';
import type { HttpError } from './http-error.ts';

const REDACTED = '***';

/**
 * Keeps the secrets of a rule out of what a guest gets: a server may well send back what it was sent.
 *
 * It does so for names and values of fields, and texts of errors. Bytes of a body are the server's own: a server that is
 * sent a secret is trusted with it.
 */
export class Redactor {
  readonly #secrets: readonly string[];

  constructor(injected: readonly InjectedField[]) {
    // One byte is one character here, as in what comes over the wire.
    this.#secrets = injected
      .map(({ secret }) => Buffer.from(secret).toString('latin1'))
      .filter((secret) => secret !== '')
      // One that begins another would leave the other's end to be read.
      .toSorted((one, other) => other.length - one.length);
  }

  /** Fields with a secret in the name are left out. */
  fields(fields: readonly Field[]): readonly Field[] {
    if (this.#secrets.length === 0) return fields;
    return fields.filter(({ name }) => !this.#isIn(name)).map((field) => this.#field(field));
  }

  error(error: HttpError): HttpError {
    if (!('val' in error) || typeof error.val !== 'string') return error;
    return { ...error, val: this.#text(error.val) } as HttpError;
  }

  #field(field: Field): Field {
    const text = Buffer.from(field.value).toString('latin1');
    const redacted = this.#text(text);
    return redacted === text ? field : { name: field.name, value: Buffer.from(redacted, 'latin1') };
  }

  #text(text: string): string {
    return this.#secrets.reduce((left, secret) => left.replaceAll(secret, REDACTED), text);
  }

  /** Names of fields come in lower case, whatever the server wrote. */
  #isIn(name: string): boolean {
    const lower = name.toLowerCase();
    return this.#secrets.some((secret) => lower.includes(secret.toLowerCase()));
  }
}
