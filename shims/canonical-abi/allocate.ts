import { trap } from '../trap.ts';
import type { Abi } from './abi.ts';

/**
 * Has the guest make room. This runs guest code, which may grow its memory: views that were taken before are stale, but those
 * of `abi.memory` are current again.
 *
 * @returns a pointer that is aligned and in bounds
 */
export function allocate(abi: Abi, alignment: number, size: number): number {
  // No memory has more, and a realloc would see it modulo 2^32.
  if (size > 0xffff_ffff) trap('a value takes more than 4 GiB');
  const pointer = abi.realloc(0, 0, alignment, size) >>> 0;
  if ((pointer & (alignment - 1)) !== 0) trap('realloc gave a pointer that is not aligned');
  // An empty list at 0 would be admitted by a stale view.
  abi.memory.holds(0, 1);
  if (!abi.memory.holds(pointer, size)) trap('realloc gave a pointer that is out of bounds');
  return pointer;
}
