import { PolicyValueError } from './errors.ts';
import { show } from './text.ts';

const FORM =
  /^([0-9]{4})-([0-9]{2})-([0-9]{2})[Tt]([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]{1,9}))?(?:[Zz]|([+-])([0-9]{2}):([0-9]{2}))$/;
const EXPECTED = 'an instant such as "2026-01-01T00:00:00Z" (RFC 3339)';
const NANOSECONDS = 1_000_000_000n;

/** WASI 0.1 counts wall-clock time in 64 bits of nanoseconds since 1970. */
const LARGEST = 2n ** 64n - 1n;

/**
 * Reads an RFC 3339 date and time with its offset and up to nine digits of a second. No leap second.
 *
 * @returns nanoseconds since 1970-01-01T00:00:00Z, from 0 to 2^64 - 1 (in the year 2554)
 * @throws PolicyValueError (`BW_POLICY_VALUE`) with what was found and a hint
 */
export function parseInstant(instant: string): bigint {
  const match = FORM.exec(instant);
  if (match === null) throw new PolicyValueError(show(instant), EXPECTED, hintFor(instant));
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1, 7).map(Number);
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  const isRealDate = date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  const offset = (match[8] === '-' ? -60 : 60) * (Number(match[9] ?? 0) * 60 + Number(match[10] ?? 0));
  if (
    !isRealDate ||
    hour > 23 ||
    minute > 59 ||
    second > 59 ||
    Number(match[9] ?? 0) > 23 ||
    Number(match[10] ?? 0) > 59
  ) {
    throw new PolicyValueError(show(instant), 'a date and time that exists');
  }
  const seconds = BigInt(date.getTime() / 1000 + hour * 3600 + minute * 60 + second - offset);
  const nanoseconds = seconds * NANOSECONDS + BigInt((match[7] ?? '').padEnd(9, '0'));
  if (nanoseconds >= 0n && nanoseconds <= LARGEST) return nanoseconds;
  throw new PolicyValueError(show(instant), 'an instant from 1970-01-01T00:00:00Z to 2554-07-21T23:34:33Z');
}

/** Writes nanoseconds since 1970 as RFC 3339 in UTC, with no more digits of a second than needed. */
export function formatInstant(nanoseconds: bigint): string {
  if (nanoseconds < 0n || nanoseconds > LARGEST)
    throw new PolicyValueError(String(nanoseconds), 'an integer of 64 bits');
  const [seconds = ''] = new Date(Number(nanoseconds / NANOSECONDS) * 1000).toISOString().split('.');
  const fraction = String(nanoseconds % NANOSECONDS)
    .padStart(9, '0')
    .replace(/0+$/, '');
  return fraction === '' ? `${seconds}Z` : `${seconds}.${fraction}Z`;
}

function hintFor(instant: string): string | undefined {
  if (/^[0-9]{4}-[0-9]{2}-[0-9]{2}$/.test(instant)) return `did you mean "${instant}T00:00:00Z"?`;
  if (/^[0-9T:. -]+$/.test(instant)) return 'a date, `T`, a time, and `Z` or an offset such as `+02:00`';
  return undefined;
}
