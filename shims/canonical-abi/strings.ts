import { trap } from '../trap.ts';
import { allocate } from './allocate.ts';
import { MAX_STRING_BYTE_LENGTH } from './layout.ts';
import { spendLift } from './lift-budget.ts';
import type { Abi } from './abi.ts';

const encoder = new TextEncoder();
const utf16Decoder = new TextDecoder('utf-16le', { fatal: true, ignoreBOM: true });

/** Set in the length of a `latin1+utf16` string when it is UTF-16. */
const UTF16_TAG = 0x8000_0000;

/** Texts up to here are written without an array of their own. */
const SHORT = 128;

/** Arguments of one `String.fromCharCode`. */
const UNITS_AT_ONCE = 4096;

/** @param codeUnits length as the guest gives it, with the tag that `latin1+utf16` has */
export function liftString(abi: Abi, pointer: number, codeUnits: number): string {
  const start = pointer >>> 0;
  const length = codeUnits >>> 0;
  if (abi.encoding === 'utf8') return liftUtf8(abi, start, length);
  if (abi.encoding === 'utf16') return liftUtf16(abi, start, length);
  return length >= UTF16_TAG ? liftUtf16(abi, start, length - UTF16_TAG) : liftLatin1(abi, start, length);
}

function liftUtf8(abi: Abi, start: number, length: number): string {
  checkText(abi, start, length, 1);
  const text = abi.memory.getText(start, length);
  return text === undefined ? trap('a string is not UTF-8') : text;
}

function liftUtf16(abi: Abi, start: number, units: number): string {
  checkText(abi, start, units * 2, 2);
  try {
    return utf16Decoder.decode(abi.memory.bytes.subarray(start, start + units * 2));
  } catch {
    return trap('a string is not UTF-16');
  }
}

/** Byte for byte: the encoding that the web calls latin1 has other characters from 0x80 to 0x9f. */
function liftLatin1(abi: Abi, start: number, length: number): string {
  checkText(abi, start, length, 2);
  const { bytes } = abi.memory;
  let text = '';
  for (let at = start; at < start + length; at += UNITS_AT_ONCE)
    text += String.fromCharCode(...bytes.subarray(at, Math.min(at + UNITS_AT_ONCE, start + length)));
  return text;
}

function checkText(abi: Abi, start: number, byteLength: number, alignment: 1 | 2): void {
  if (byteLength > MAX_STRING_BYTE_LENGTH) trap('a string is longer than 2^28 - 1 bytes');
  if ((start & (alignment - 1)) !== 0) trap('a string is not aligned');
  if (!abi.memory.holds(start, byteLength)) trap('a string is out of bounds');
  // UTF-16 and Latin-1 are at most this much in our memory, and UTF-8 that is not ASCII may double.
  spendLift(abi.memory, byteLength, 1);
}

/**
 * Copies a text into the guest. As for a caller that has it in the guest's own encoding, one allocation of the exact size
 * does. Lone surrogates become U+FFFD.
 *
 * @param lowered takes the number of code units, with its tag
 * @returns where
 */
export function lowerString(abi: Abi, text: string, lowered: LoweredLength): number {
  if (abi.encoding === 'utf8') return lowerUtf8(abi, text, lowered);
  if (abi.encoding === 'utf16') return lowerUtf16(abi, text, lowered, 0);
  return isLatin1(text) ? lowerLatin1(abi, text, lowered) : lowerUtf16(abi, text, lowered, UTF16_TAG);
}

/** The second half of what lowering a string or list gives. */
export interface LoweredLength {
  length: number;
}

function lowerUtf8(abi: Abi, text: string, lowered: LoweredLength): number {
  if (text.length <= SHORT && isAscii(text)) {
    const pointer = allocate(abi, 1, text.length);
    lowered.length = abi.memory.setText(pointer, text.length, text);
    return pointer;
  }
  const encoded = encoder.encode(text);
  const pointer = allocate(abi, 1, encoded.length);
  abi.memory.bytes.set(encoded, pointer);
  lowered.length = encoded.length;
  return pointer;
}

function lowerUtf16(abi: Abi, text: string, lowered: LoweredLength, tag: number): number {
  const units = text.toWellFormed();
  const pointer = allocate(abi, 2, units.length * 2);
  const { view } = abi.memory;
  for (let i = 0; i < units.length; i++) view.setUint16(pointer + i * 2, units.charCodeAt(i), true);
  lowered.length = units.length + tag;
  return pointer;
}

function lowerLatin1(abi: Abi, text: string, lowered: LoweredLength): number {
  const pointer = allocate(abi, 2, text.length);
  const { bytes } = abi.memory;
  for (let i = 0; i < text.length; i++) bytes[pointer + i] = text.charCodeAt(i);
  lowered.length = text.length;
  return pointer;
}

function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) >= 0x80) return false;
  return true;
}

function isLatin1(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0xff) return false;
  return true;
}
