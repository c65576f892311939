import { parseDuration } from './duration.ts';

/** A number in all, or so many per period. */
export type Rate =
  | { readonly total: number }
  | { readonly rate: number; /** Nanoseconds. */ readonly period: number };

/** Reads a rate of a budget in its normal form: `"60/min"` (units s, min, h, d), or a number in all. */
export function parseRate(rate: string | number): Rate {
  if (typeof rate === 'number') return { total: rate };
  const [count, unit] = rate.split('/');
  return { rate: Number(count), period: Number(parseDuration(`1${unit}`)) };
}
