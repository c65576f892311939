import type { HttpError } from '../../../src/virtual/http/http-error.ts';
import { ComponentError } from '../plain/component-error.ts';
import type { Context } from '../context.ts';

/** `result` without payloads. */
export function check(ok: boolean): void {
  if (!ok) throw new ComponentError(undefined);
}

/** `result<T>`: undefined is its error. */
export function present<T>(value: T | undefined): T {
  if (value === undefined) throw new ComponentError(undefined);
  return value;
}

export function throwHttpError(error: HttpError): never {
  throw new ComponentError<HttpError>(error);
}

/** A `result` as a value, as jco's bindings spell it. */
export type PlainResult<T, E> =
  | { readonly tag: 'ok'; readonly val: T }
  | { readonly tag: 'err'; readonly val: E };

/** Takes a handle for something of HTTP. */
export function takeHandle(context: Context, resource: string): void {
  context.takeHandle('http-request', resource);
}
