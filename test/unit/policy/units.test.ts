import { describe, expect, test } from 'vitest';
import {
  formatBytes,
  formatDuration,
  formatInstant,
  parseBytes,
  parseDuration,
  parseInstant,
  PolicyValueError,
} from '../../../src/policy/index.ts';

function faultOf(run: () => unknown): PolicyValueError {
  try {
    run();
  } catch (error) {
    if (error instanceof PolicyValueError) return error;
  }
  throw new Error('no PolicyValueError');
}

describe('sizes', () => {
  test.each<[string | number, number, string]>([
    [0, 0, '0B'],
    ['0B', 0, '0B'],
    ['1kB', 1000, '1000B'],
    ['1KiB', 1024, '1KiB'],
    ['1MB', 1_000_000, '1000000B'],
    ['64MiB', 67_108_864, '64MiB'],
    ['1GB', 1_000_000_000, '1000000000B'],
    ['3GiB', 3_221_225_472, '3GiB'],
    ['1025KiB', 1_049_600, '1025KiB'],
    [9_007_199_254_740_991, 9_007_199_254_740_991, '9007199254740991B'],
  ])('%j is %d bytes, written %s', (size, bytes, written) => {
    expect(parseBytes(size)).toBe(bytes);
    expect(formatBytes(bytes)).toBe(written);
    expect(parseBytes(written)).toBe(bytes);
  });

  test.each<[string | number, string | undefined]>([
    ['64M', 'did you mean "64MiB"?'],
    ['64k', 'did you mean "64KiB"?'],
    ['64mb', 'did you mean "64MB"?'],
    ['64KB', 'did you mean "64kB"?'],
    ['64 MiB', 'did you mean "64MiB"?'],
    ['064MiB', 'did you mean "64MiB"?'],
    ['1.5GiB', 'write a whole number in a smaller unit'],
    ['64', 'add a unit ("64MiB"), or write the number of bytes without quotes'],
    ['64 bits', 'the units are B, kB, KiB, MB, MiB, GB, GiB'],
    ['64TiB', 'the units are B, kB, KiB, MB, MiB, GB, GiB'],
    ['', undefined],
    ['-1MiB', undefined],
    ['1e3B', undefined],
    ['٣MiB', undefined],
    ['9007199254740992B', undefined],
    ['99999999999999999999GiB', undefined],
    [1.5, 'a plain number counts bytes and has no fraction'],
    [-1, undefined],
    [Number.NaN, undefined],
    [Number.POSITIVE_INFINITY, undefined],
    [2 ** 53, undefined],
  ])('%j is refused', (size, hint) => {
    expect(faultOf(() => parseBytes(size))).toMatchObject({ code: 'BW_POLICY_VALUE', hint });
  });

  test.each([-1, 1.5, 2 ** 53])('%d bytes cannot be written', (bytes) => {
    expect(() => formatBytes(bytes)).toThrow(PolicyValueError);
  });

  test('the error says what was found and expected', () => {
    expect(faultOf(() => parseBytes('64M')).message).toBe(
      'found "64M", expected a size such as "64MiB", or an integer of bytes',
    );
  });
});

describe('durations', () => {
  test.each<[string | number, bigint, string]>([
    [1, 1n, '1ns'],
    ['1ns', 1n, '1ns'],
    ['1000ns', 1000n, '1us'],
    ['250ms', 250_000_000n, '250ms'],
    ['1500ms', 1_500_000_000n, '1500ms'],
    ['90s', 90_000_000_000n, '90s'],
    ['60s', 60_000_000_000n, '1min'],
    ['120min', 7_200_000_000_000n, '2h'],
    ['48h', 172_800_000_000_000n, '2d'],
    [5_000_000_000, 5_000_000_000n, '5s'],
    ['18446744073709551615ns', 18_446_744_073_709_551_615n, '18446744073709551615ns'],
  ])('%j is %d nanoseconds, written %s', (duration, nanoseconds, written) => {
    expect(parseDuration(duration)).toBe(nanoseconds);
    expect(formatDuration(nanoseconds)).toBe(written);
    expect(parseDuration(written)).toBe(nanoseconds);
  });

  test.each<[string | number, string | undefined]>([
    ['5', 'add a unit ("5s"), or write the number of nanoseconds without quotes'],
    ['5 s', 'did you mean "5s"?'],
    ['5S', 'did you mean "5s"?'],
    ['5sec', 'did you mean "5s"?'],
    ['5m', 'did you mean "5min"?'],
    ['100µs', 'did you mean "100us"?'],
    ['1.5s', 'write a whole number in a smaller unit'],
    ['1 week', 'the units are ns, us, ms, s, min, h, d'],
    ['', undefined],
    ['PT5S', undefined],
    ['-5s', undefined],
    ['0s', undefined],
    [0, undefined],
    [-1, undefined],
    [1.5, undefined],
    [Number.NaN, undefined],
    [2 ** 53, undefined],
    ['18446744073709551616ns', undefined],
    ['99999999999999999999d', undefined],
  ])('%j is refused', (duration, hint) => {
    expect(faultOf(() => parseDuration(duration))).toMatchObject({ code: 'BW_POLICY_VALUE', hint });
  });

  test.each([0n, -1n, 2n ** 64n])('%d nanoseconds cannot be written', (nanoseconds) => {
    expect(() => formatDuration(nanoseconds)).toThrow(PolicyValueError);
  });
});

describe('instants', () => {
  test.each<[string, bigint, string]>([
    ['1970-01-01T00:00:00Z', 0n, '1970-01-01T00:00:00Z'],
    ['1970-01-01t00:00:00.000z', 0n, '1970-01-01T00:00:00Z'],
    ['1970-01-01T01:30:00+01:30', 0n, '1970-01-01T00:00:00Z'],
    ['1969-12-31T23:00:00-01:00', 0n, '1970-01-01T00:00:00Z'],
    ['2026-01-01T00:00:00.123456789Z', 1_767_225_600_123_456_789n, '2026-01-01T00:00:00.123456789Z'],
    ['2026-01-01T00:00:00.120Z', 1_767_225_600_120_000_000n, '2026-01-01T00:00:00.12Z'],
    ['2024-02-29T12:00:00Z', 1_709_208_000_000_000_000n, '2024-02-29T12:00:00Z'],
    ['2554-07-21T23:34:33.709551615Z', 2n ** 64n - 1n, '2554-07-21T23:34:33.709551615Z'],
  ])('%s', (instant, nanoseconds, normal) => {
    expect(parseInstant(instant)).toBe(nanoseconds);
    expect(formatInstant(nanoseconds)).toBe(normal);
  });

  test.each<[string, string, string | undefined]>([
    [
      '2026-01-01',
      'an instant such as "2026-01-01T00:00:00Z" (RFC 3339)',
      'did you mean "2026-01-01T00:00:00Z"?',
    ],
    [
      '2026-01-01T00:00:00',
      'an instant such as "2026-01-01T00:00:00Z" (RFC 3339)',
      'a date, `T`, a time, and `Z` or an offset such as `+02:00`',
    ],
    ['yesterday', 'an instant such as "2026-01-01T00:00:00Z" (RFC 3339)', undefined],
    ['2026-01-01T00:00:00.1234567890Z', 'an instant such as "2026-01-01T00:00:00Z" (RFC 3339)', undefined],
    ['2026-00-01T00:00:00Z', 'a date and time that exists', undefined],
    ['2026-13-01T00:00:00Z', 'a date and time that exists', undefined],
    ['2026-02-29T00:00:00Z', 'a date and time that exists', undefined],
    ['2026-04-31T00:00:00Z', 'a date and time that exists', undefined],
    ['2026-01-01T24:00:00Z', 'a date and time that exists', undefined],
    ['2026-01-01T00:60:00Z', 'a date and time that exists', undefined],
    ['2016-12-31T23:59:60Z', 'a date and time that exists', undefined],
    ['2026-01-01T00:00:00+24:00', 'a date and time that exists', undefined],
    ['2026-01-01T00:00:00+00:60', 'a date and time that exists', undefined],
    [
      '1969-12-31T23:59:59.999999999Z',
      'an instant from 1970-01-01T00:00:00Z to 2554-07-21T23:34:33Z',
      undefined,
    ],
    ['1970-01-01T00:00:00+00:01', 'an instant from 1970-01-01T00:00:00Z to 2554-07-21T23:34:33Z', undefined],
    ['0001-01-01T00:00:00Z', 'an instant from 1970-01-01T00:00:00Z to 2554-07-21T23:34:33Z', undefined],
    [
      '2554-07-21T23:34:33.709551616Z',
      'an instant from 1970-01-01T00:00:00Z to 2554-07-21T23:34:33Z',
      undefined,
    ],
  ])('%s is refused', (instant, expected, hint) => {
    expect(faultOf(() => parseInstant(instant))).toMatchObject({ expected, hint });
  });
});
