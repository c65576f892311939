import { trap } from '../trap.ts';

/**
 * Bytes of the host that one call may fill with what it lifts out of a guest's memory: the longest list that there can be,
 * once. Without a bound, a list of a million strings that are all the same megabyte of guest memory would be a terabyte of
 * ours.
 */
const BUDGET: number = 2 ** 28 + 2 ** 12;

/** What a string, an array or an element of an array costs us beside its bytes, about. */
const COST = 16;

/** Lifting is synchronous and runs no code of a guest: there is only one at a time. */
let left: number = BUDGET;

/** Before the first value of a call is lifted. */
export function startLift(): void {
  left = BUDGET;
}

/** @param count of values that hold these bytes */
export function spendLift(bytes: number, count: number): void {
  left -= bytes + count * COST;
  if (left < 0) trap('a call takes more than 256 MiB of strings and lists');
}
