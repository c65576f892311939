import { MAX_RANDOM_BYTES } from '../../../src/virtual/random/random.ts';
import type { Canon } from '../abi/lowering.ts';
import { type Fill, filledBytes } from '../../random-fill.ts';
import { trap } from '../../trap.ts';
import { allocate, clampU64, resultArea, storeList } from '../abi/values.ts';

/** `get-…-bytes` has no error and must give as many bytes as were asked for, so what is too much traps. */
function bytesWanted(length: bigint): number {
  const wanted = clampU64(length, Number.MAX_SAFE_INTEGER);
  if (wanted > MAX_RANDOM_BYTES) trap(`more than ${MAX_RANDOM_BYTES} random bytes at once`);
  return wanted;
}

export function plainBytes(fill: Fill, length: bigint): Uint8Array {
  return filledBytes(fill, bytesWanted(length));
}

/** Has the guest make room and fills it in place. */
export function storeBytes(canon: Canon, fill: Fill, length: bigint, result: number): void {
  const wanted = bytesWanted(length);
  const pointer = allocate(canon, 1, wanted);
  fill(canon.memory.bytes, pointer, wanted);
  storeList(canon.memory, resultArea(canon.memory, result, 8, 4), pointer, wanted);
}
