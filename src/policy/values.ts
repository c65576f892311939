// Reading parts of a document that may not have passed the schema: each reader leaves alone what has another type, which
// the schema reports, so that every problem is found in one pass.
import { PolicyValueError } from './errors.ts';
import type { Path, Report } from './source.ts';

export type JsonObject = Readonly<Record<string, unknown>>;

/** Of a document as its source read it: every property is the document's own. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function asString(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

export function asInteger(value: unknown): number | undefined {
  // Adding 0 turns -0, which JSON can write, into 0.
  return Number.isSafeInteger(value) ? (value as number) + 0 : undefined;
}

/** A size, duration or instant, through its parser; reports what the parser throws. */
export function readUnit<T>(
  value: unknown,
  path: Path,
  report: Report,
  parse: (text: string | number) => T,
): T | undefined {
  if (typeof value !== 'string' && typeof value !== 'number') return undefined;
  try {
    return parse(value);
  } catch (error) {
    if (!(error instanceof PolicyValueError)) throw error;
    const { found, expected, hint } = error;
    report({ path, what: 'wrong value', found, expected, ...(hint === undefined ? {} : { hint }) });
    return undefined;
  }
}

/**
 * @param object gets them
 * @returns a frozen object of the properties that are not undefined
 */
export function compact<T extends object>(
  properties: { readonly [K in keyof T]: T[K] | undefined },
  object: Record<string, unknown> = {},
): T {
  for (const key in properties) {
    const value = properties[key];
    if (value !== undefined) object[key] = value;
  }
  return Object.freeze(object) as T;
}
