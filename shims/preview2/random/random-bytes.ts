import { MAX_RANDOM_BYTES } from '../../../src/virtual/random/random.ts';
import type { Canon } from '../abi/lowering.ts';
import { trap } from '../../trap.ts';
import { allocate, clampU64, resultArea, storeList } from '../abi/values.ts';

/** Fills bytes; traps when it must not. */
export type Fill = (target: Uint8Array, offset: number, length: number) => void;

/** `get-…-bytes` has no error and must give as many bytes as were asked for, so what is too much traps. */
function bytesWanted(length: bigint): number {
  const wanted = clampU64(length, Number.MAX_SAFE_INTEGER);
  if (wanted > MAX_RANDOM_BYTES) trap(`more than ${MAX_RANDOM_BYTES} random bytes at once`);
  return wanted;
}

export function plainBytes(fill: Fill, length: bigint): Uint8Array {
  const bytes = new Uint8Array(bytesWanted(length));
  fill(bytes, 0, bytes.length);
  return bytes;
}

export function plainU64(fill: Fill): bigint {
  const bytes = new Uint8Array(8);
  fill(bytes, 0, 8);
  return new DataView(bytes.buffer).getBigUint64(0, true);
}

/** Has the guest make room and fills it in place. */
export function storeBytes(canon: Canon, fill: Fill, length: bigint, result: number): void {
  const wanted = bytesWanted(length);
  const pointer = allocate(canon, 1, wanted);
  fill(canon.memory.bytes, pointer, wanted);
  storeList(canon.memory, resultArea(canon.memory, result, 8, 4), pointer, wanted);
}
