import type { Stat } from './volume.ts';

/** Changes the times of a stat, in place, to what the guest sees of them. */
export type ShowTimes = (stat: Stat) => void;

/** A time that a guest sees as none: 0.2 and 0.3 have an option for it, 0.1 shows 1970. */
export const NO_TIME: bigint = -1n;

/** Real times, rounded down to a multiple of `resolution` nanoseconds. */
export function coarseTimes(resolution: bigint): ShowTimes {
  return (stat) => {
    stat.accessed -= stat.accessed % resolution;
    stat.modified -= stat.modified % resolution;
    stat.changed -= stat.changed % resolution;
  };
}

/** One time for all files, in nanoseconds since the Unix epoch. */
export function fixedTimes(at: bigint): ShowTimes {
  return (stat) => {
    stat.accessed = stat.modified = stat.changed = at;
  };
}

export const noTimes: ShowTimes = fixedTimes(NO_TIME);
