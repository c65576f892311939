import type { Fields } from './fields.ts';

/** 2^53 - 1 has 16 digits; bodies of a petabyte are sent nowhere. */
const MAX_DIGITS = 15;

/**
 * What a message says of its body. Two fields that say it, a list, a sign: anything but one decimal number is what request
 * smuggling is made of (RFC 9112, 6.3), also where both values are the same.
 *
 * @returns `invalid` for that, undefined when it says nothing
 */
export function contentLengthOf(fields: Fields): number | 'invalid' | undefined {
  if (!fields.has('content-length')) return undefined;
  const [value, ...others] = fields.get('content-length');
  if (value === undefined || others.length > 0 || value.length === 0 || value.length > MAX_DIGITS)
    return 'invalid';
  let length = 0;
  for (const byte of value) {
    if (byte < 0x30 || byte > 0x39) return 'invalid';
    length = length * 10 + (byte - 0x30);
  }
  return length;
}
