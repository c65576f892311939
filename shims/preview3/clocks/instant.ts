import type { Instant } from '../wit.ts';

const GIGA = 1_000_000_000n;

/** @param nanoseconds since the Unix epoch, or before it */
export function instantOf(nanoseconds: bigint): Instant {
  let seconds = nanoseconds / GIGA;
  // Division rounds towards zero; nanoseconds count forwards from the second, also before 1970.
  if (nanoseconds < seconds * GIGA) seconds--;
  return { seconds, nanoseconds: Number(nanoseconds - seconds * GIGA) };
}

/** @returns nanoseconds since the Unix epoch */
export function nanosecondsOf({ seconds, nanoseconds }: Instant): bigint {
  return seconds * GIGA + BigInt(nanoseconds);
}
