import type { Canon } from '../abi/lowering.ts';
import { allocate, liftString, resultArea, storeList, utf8Length } from '../abi/values.ts';
import type { GuestMemory } from '../../guest-memory.ts';
import { lowerError, storeErrorCode } from './error-code.ts';
import type { HttpError } from '../../../src/virtual/http/http-error.ts';
import { METHODS, methodOrdinal } from './words.ts';

/** Stores `result<T>` of a handle. @param handle undefined: its error */
export function storeHandle(canon: Canon, handle: number | undefined, result: number): void {
  const { memory } = canon;
  const at = resultArea(memory, result, 8, 4);
  memory.bytes[at] = handle === undefined ? 1 : 0;
  if (handle !== undefined) memory.view.setUint32(at + 4, handle, true);
}

/** Stores `option<string>`. */
export function storeOptionText(canon: Canon, text: string | undefined, result: number): void {
  const stored = text === undefined ? NOTHING : lowerText(canon, text);
  const at = resultArea(canon.memory, result, 12, 4);
  canon.memory.bytes[at] = text === undefined ? 0 : 1;
  storeList(canon.memory, at + 4, stored.pointer, stored.length);
}

/** Stores `method`. */
export function storeMethod(canon: Canon, method: string, result: number): void {
  const ordinal = methodOrdinal(method);
  const stored = ordinal === METHODS.length ? lowerText(canon, method) : NOTHING;
  const at = resultArea(canon.memory, result, 12, 4);
  canon.memory.bytes[at] = ordinal;
  storeList(canon.memory, at + 4, stored.pointer, stored.length);
}

/** Stores `option<scheme>`. */
export function storeScheme(canon: Canon, scheme: string | undefined, result: number): void {
  const ordinal = scheme === 'http' ? 0 : scheme === 'https' ? 1 : 2;
  const stored = scheme === undefined || ordinal < 2 ? NOTHING : lowerText(canon, scheme);
  const at = resultArea(canon.memory, result, 16, 4);
  canon.memory.bytes[at] = scheme === undefined ? 0 : 1;
  canon.memory.bytes[at + 4] = ordinal;
  storeList(canon.memory, at + 8, stored.pointer, stored.length);
}

/** Stores `result<T, error-code>` where T is a handle, or nothing where it is undefined. */
export function storeAnswer(canon: Canon, answer: number | HttpError | undefined, result: number): void {
  const { memory } = canon;
  if (typeof answer === 'object') return storeError(canon, answer, result, 0);
  const at = resultArea(memory, result, 40, 8);
  memory.bytes[at] = 0;
  if (answer !== undefined) memory.view.setUint32(at + 8, answer, true);
}

/**
 * Stores `option<result<result<T, error-code>>>`, as the futures answer it.
 *
 * @param answer undefined: there is nothing yet; `taken`: it was given before; `none`: T is an option, and it is none
 * @param optional T is an option of a handle
 */
export function storeFuture(
  canon: Canon,
  answer: number | HttpError | 'taken' | 'none' | undefined,
  optional: boolean,
  result: number,
): void {
  if (typeof answer === 'object') return storeError(canon, answer, result, 16);
  const { bytes, view } = canon.memory;
  const at = resultArea(canon.memory, result, 56, 8);
  bytes[at] = answer === undefined ? 0 : 1;
  bytes[at + 8] = answer === 'taken' ? 1 : 0;
  bytes[at + 16] = 0;
  bytes[at + 24] = answer === 'none' ? 0 : 1;
  if (typeof answer === 'number') view.setUint32(at + (optional ? 28 : 24), answer, true);
}

/** @param depth bytes before the inner `result`: its outer cases are all `some` and `ok` */
function storeError(canon: Canon, error: HttpError, result: number, depth: 0 | 16): void {
  const lowered = lowerError(canon, error);
  const { memory } = canon;
  const at = resultArea(memory, result, 40 + depth, 8);
  if (depth > 0) {
    memory.bytes[at] = 1;
    memory.bytes[at + 8] = 0;
  }
  memory.bytes[at + depth] = 1;
  storeErrorCode(memory, lowered, at + depth + 8);
}

const NOTHING = { pointer: 0, length: 0 } as const;

/** Copies a text into the guest. Most are short and ASCII, for which the encoder costs more than all the rest. */
export function lowerText(canon: Canon, text: string): { readonly pointer: number; readonly length: number } {
  const length = utf8Length(text);
  const pointer = allocate(canon, 1, length);
  canon.memory.setText(pointer, length, text);
  return { pointer, length };
}

/** Lifts `option<string>` that is passed as parameters; its case was checked. */
export function liftOptionText(
  memory: GuestMemory,
  some: number,
  pointer: number,
  length: number,
): string | undefined {
  return some === 0 ? undefined : liftString(memory, pointer, length);
}
