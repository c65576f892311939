import type { GuestMemory } from '../guest-memory.ts';

/** Bytes of one string or list that the host takes out of a guest's memory. */
export const MAX_VALUE_BYTES: number = 16 << 20;

/**
 * Bytes of the host that one call may fill with what it lifts out of a guest's memory, as many as Wasmtime lets it. Without a
 * bound, a list of a million strings that are all the same megabyte of guest memory would be a terabyte of ours.
 */
export const MAX_CALL_BYTES: number = 128 << 20;

/** What a string, an array or an element of an array costs us beside its bytes, about. */
const COST = 16;

/** Lifting is synchronous and runs no code of a guest: there is only one at a time. */
let left: number = MAX_CALL_BYTES;

/** Before the first value of a call is lifted. */
export function startLift(): void {
  left = MAX_CALL_BYTES;
}

/** @param count of values that hold these bytes */
export function spendLift(memory: GuestMemory, bytes: number, count: number): void {
  left -= costOfLift(bytes, count);
  trapPastLift(memory, bytes, left);
}

/** @returns bytes of the host that values fill. @param count of values that hold `bytes` */
export function costOfLift(bytes: number, count: number): number {
  return bytes + count * COST;
}

/** @param bytes of one value. @param left of the call's budget, after it */
export function trapPastLift(memory: Pick<GuestMemory, 'trapAtLimit'>, bytes: number, left: number): void {
  if (bytes > MAX_VALUE_BYTES)
    memory.trapAtLimit('bytes of a value', MAX_VALUE_BYTES, 'a string or list is longer than 16 MiB');
  if (left < 0)
    memory.trapAtLimit(
      'bytes of the values of a call',
      MAX_CALL_BYTES,
      'a call takes more than 128 MiB of strings and lists',
    );
}
