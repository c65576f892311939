import { PolicyValueError } from './errors.ts';
import { show } from './text.ts';

const UNITS = [
  ['d', 86_400_000_000_000n],
  ['h', 3_600_000_000_000n],
  ['min', 60_000_000_000n],
  ['s', 1_000_000_000n],
  ['ms', 1_000_000n],
  ['us', 1_000n],
  ['ns', 1n],
] as const;

const FACTORS: ReadonlyMap<string, bigint> = new Map(UNITS);
const EXPECTED = 'a duration such as "250ms", or an integer of nanoseconds';

/** WASI counts time in 64 bits. */
const LARGEST = 2n ** 64n - 1n;

/**
 * Reads a duration: `"250ms"` (units ns, us, ms, s, min, h, d; no space, no fraction), or an integer of nanoseconds.
 *
 * @returns nanoseconds, from 1 to 2^64 - 1
 * @throws PolicyValueError (`BW_POLICY_VALUE`) with what was found and a hint
 */
export function parseDuration(duration: string | number): bigint {
  if (typeof duration === 'number') {
    if (!Number.isSafeInteger(duration)) throw new PolicyValueError(show(duration), EXPECTED);
    return checkRange(BigInt(duration), duration);
  }
  const match = /^(0|[1-9][0-9]{0,19})([a-z]+)$/.exec(duration);
  const factor = FACTORS.get(match?.[2] ?? '');
  if (match === null || factor === undefined)
    throw new PolicyValueError(show(duration), EXPECTED, hintFor(duration));
  return checkRange(BigInt(match[1] ?? '') * factor, duration);
}

/** Writes nanoseconds in the largest unit that is exact: `90_000_000_000n` is `"90s"`. {@link parseDuration} reads it back. */
export function formatDuration(nanoseconds: bigint): string {
  checkRange(nanoseconds, String(nanoseconds));
  for (const [unit, factor] of UNITS) {
    if (nanoseconds % factor === 0n) return `${nanoseconds / factor}${unit}`;
  }
  return `${nanoseconds}ns`;
}

function checkRange(nanoseconds: bigint, found: string | number): bigint {
  if (nanoseconds >= 1n && nanoseconds <= LARGEST) return nanoseconds;
  throw new PolicyValueError(
    show(found),
    nanoseconds < 1n ? 'at least one nanosecond' : 'at most 2^64 - 1 nanoseconds',
  );
}

const SPELLINGS: ReadonlyMap<string, string> = new Map([
  ['sec', 's'],
  ['secs', 's'],
  ['second', 's'],
  ['seconds', 's'],
  ['m', 'min'],
  ['mins', 'min'],
  ['minute', 'min'],
  ['minutes', 'min'],
  ['hr', 'h'],
  ['hour', 'h'],
  ['hours', 'h'],
  ['day', 'd'],
  ['days', 'd'],
  ['msec', 'ms'],
  ['usec', 'us'],
  ['µs', 'us'],
  ['μs', 'us'],
]);

function hintFor(duration: string): string | undefined {
  const match = /^\s*([0-9]{1,20})(\.[0-9]+)?\s*([A-Za-zµμ]*)\s*$/.exec(duration);
  if (match === null) return undefined;
  const [, whole = '', fraction, unit = ''] = match;
  if (unit === '') return `add a unit ("${whole}s"), or write the number of nanoseconds without quotes`;
  const lower = unit.toLowerCase();
  const meant = FACTORS.has(lower) ? lower : SPELLINGS.get(lower);
  if (meant === undefined) return `the units are ${[...FACTORS.keys()].toReversed().join(', ')}`;
  if (fraction !== undefined) return 'write a whole number in a smaller unit';
  return `did you mean "${String(BigInt(whole))}${meant}"?`;
}
