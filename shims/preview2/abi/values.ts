import type { Canon } from './lowering.ts';
import { trap } from '../../trap.ts';
import type { GuestMemory } from '../../guest-memory.ts';

const encoder = new TextEncoder();

/** Checks where a result goes: `size` bytes at a multiple of `alignment`. @returns the pointer as u32 */
export function resultArea(memory: GuestMemory, pointer: number, size: number, alignment: number): number {
  const start = pointer >>> 0;
  if ((start & (alignment - 1)) !== 0) trap('a result pointer is not aligned');
  if (!memory.holds(start, size)) trap('a result pointer is out of bounds');
  return start;
}

/** Checks a `list` parameter. @returns the pointer as u32 */
export function listArea(memory: GuestMemory, pointer: number, bytes: number, alignment: number): number {
  const start = pointer >>> 0;
  if ((start & (alignment - 1)) !== 0) trap('a list is not aligned');
  if (!memory.holds(start, bytes)) trap('a list is out of bounds');
  return start;
}

/** Longer than any path; a guest must not make the host decode a gigabyte. */
const MAX_STRING = 1 << 20;

/** Lifts a `string` parameter. */
export function liftString(memory: GuestMemory, pointer: number, length: number): string {
  const start = pointer >>> 0;
  const bytes = length >>> 0;
  if (bytes > MAX_STRING) memory.trapAtLimit('bytes of a value', MAX_STRING, 'a string is longer than 1 MiB');
  if (!memory.holds(start, bytes)) trap('a string is out of bounds');
  const text = memory.getText(start, bytes);
  return text === undefined ? trap('a string is not UTF-8') : text;
}

/** Checks an enum, a variant's case or flags against the highest value that their type has. */
export function checked(value: number, highest: number): number {
  const bits = value >>> 0;
  if (bits > highest) trap('a value is outside of its type');
  return bits;
}

/**
 * Has the guest make room for a result. This runs guest code, which may call back: whatever was looked up before is
 * stale afterwards.
 */
export function allocate(canon: Canon, alignment: number, size: number): number {
  const pointer = canon.realloc(0, 0, alignment, size) >>> 0;
  if ((pointer & (alignment - 1)) !== 0) trap('realloc gave a pointer that is not aligned');
  if (!canon.memory.holds(pointer, size)) trap('realloc gave a pointer that is out of bounds');
  return pointer;
}

/** Copies bytes of the host into the guest. @returns where */
export function lowerBytes(canon: Canon, source: Uint8Array, length: number): number {
  const pointer = allocate(canon, 1, length);
  canon.memory.bytes.set(length === source.length ? source : source.subarray(0, length), pointer);
  return pointer;
}

/** Stores a `string` or `list<u8>` as pointer and length at `target`, which must have been checked. */
export function storeList(memory: GuestMemory, target: number, pointer: number, length: number): void {
  memory.view.setUint32(target, pointer, true);
  memory.view.setUint32(target + 4, length, true);
}

/** @returns how many bytes {@link utf8} gives */
export function utf8Length(text: string): number {
  let bytes = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    // A surrogate counts two of its pair's four bytes; one that is alone becomes U+FFFD, of three.
    if (unit >= 0x80) bytes += unit < 0x800 || isPaired(text, i, unit) ? 1 : 2;
  }
  return bytes;
}

function isPaired(text: string, i: number, unit: number): boolean {
  if (unit < 0xd800 || unit >= 0xe000) return false;
  const other = text.charCodeAt(unit < 0xdc00 ? i + 1 : i - 1);
  return unit < 0xdc00 ? other >= 0xdc00 && other < 0xe000 : other >= 0xd800 && other < 0xdc00;
}

/** The bytes of a string as the guest gets it; lone surrogates become U+FFFD. */
export function utf8(text: string): Uint8Array {
  return encoder.encode(text);
}

/** A u64 parameter, cut to `max` (at most 2^53 - 1). */
export function clampU64(value: bigint, max: number): number {
  const number = Number(value);
  // i64 values come signed: what is negative here is 2^63 or more.
  return number < 0 || number > max ? max : number;
}
