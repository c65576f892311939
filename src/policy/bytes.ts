import { PolicyValueError } from './errors.ts';
import { show } from './text.ts';

/** Largest first, so that the first one that divides is the largest exact one; decimal units are for reading only. */
const UNITS = [
  ['GiB', 1024 ** 3],
  ['GB', 1000 ** 3],
  ['MiB', 1024 ** 2],
  ['MB', 1000 ** 2],
  ['KiB', 1024],
  ['kB', 1000],
  ['B', 1],
] as const;

const FACTORS: ReadonlyMap<string, number> = new Map(UNITS);
const EXPECTED = 'a size such as "64MiB", or an integer of bytes';
const LARGEST = `at most ${Number.MAX_SAFE_INTEGER} bytes`;

/**
 * Reads a size: `"64MiB"` (units B, kB, KiB, MB, MiB, GB, GiB; no space, no fraction), or an integer of bytes.
 *
 * @returns bytes, an integer from 0 to `Number.MAX_SAFE_INTEGER`
 * @throws PolicyValueError (`BW_POLICY_VALUE`) with what was found and a hint
 */
export function parseBytes(size: string | number): number {
  if (typeof size === 'number') return checkRange(size, size);
  const match = /^(0|[1-9][0-9]*)([A-Za-z]+)$/.exec(size);
  const factor = FACTORS.get(match?.[2] ?? '');
  if (match === null || factor === undefined) throw new PolicyValueError(show(size), EXPECTED, hintFor(size));
  return checkRange(Number(match[1]) * factor, size);
}

/** Writes bytes in the largest binary unit that is exact: `67108864` is `"64MiB"`. {@link parseBytes} reads it back. */
export function formatBytes(bytes: number): string {
  checkRange(bytes, bytes);
  const [unit, factor] = UNITS.find(
    ([name, size]) => isBinary(name) && bytes >= size && bytes % size === 0,
  ) ?? ['B', 1];
  return `${bytes / factor}${unit}`;
}

function isBinary(unit: string): boolean {
  return unit === 'B' || unit.endsWith('iB');
}

function checkRange(bytes: number, found: string | number): number {
  if (Number.isSafeInteger(bytes) && bytes >= 0) return bytes + 0;
  const tooLarge = bytes > Number.MAX_SAFE_INTEGER;
  throw new PolicyValueError(
    show(found),
    tooLarge ? LARGEST : EXPECTED,
    typeof found === 'number' ? numberHint(found) : undefined,
  );
}

function numberHint(found: number): string | undefined {
  return Number.isInteger(found) || !Number.isFinite(found)
    ? undefined
    : 'a plain number counts bytes and has no fraction';
}

function hintFor(size: string): string | undefined {
  const match = /^\s*([0-9]{1,20})(\.[0-9]+)?\s*([A-Za-z]*)\s*$/.exec(size);
  if (match === null) return undefined;
  const [, whole = '', fraction, unit = ''] = match;
  if (unit === '') return `add a unit ("${whole}MiB"), or write the number of bytes without quotes`;
  const meant = meantUnit(unit);
  if (meant === undefined) return `the units are ${[...FACTORS.keys()].toReversed().join(', ')}`;
  if (fraction !== undefined) return 'write a whole number in a smaller unit';
  return `did you mean "${String(BigInt(whole))}${meant}"?`;
}

/** What people write for a unit: `M`, `mb`, `Mib`. A lone letter means the binary unit, as in most tools. */
function meantUnit(unit: string): string | undefined {
  const lower = unit.toLowerCase();
  if (lower.length === 1 && lower !== 'b') return meantUnit(`${lower}ib`);
  return [...FACTORS.keys()].find((known) => known.toLowerCase() === lower);
}
