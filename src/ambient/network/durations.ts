/** The longest that a timer of JavaScript takes; past it, it fires at once. */
const LONGEST = 2 ** 31 - 1;

/** Nanoseconds in whole milliseconds for a timer, never fewer than asked for up to 24 days, and never 0. */
export function milliseconds(nanoseconds: number): number {
  return Math.min(LONGEST, Math.max(1, Math.ceil(nanoseconds / 1e6)));
}
