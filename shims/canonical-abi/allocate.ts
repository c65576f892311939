import { trap } from '../trap.ts';
import type { Abi } from './abi.ts';

/**
 * Has the guest make room. This runs guest code: views of its memory are stale afterwards, but for these `size` bytes.
 *
 * @returns a pointer that is aligned and in bounds
 */
export function allocate(abi: Abi, alignment: number, size: number): number {
  // No memory has more, and a realloc would see it modulo 2^32.
  if (size > 0xffff_ffff) trap('a value takes more than 4 GiB');
  const pointer = abi.realloc(0, 0, alignment, size) >>> 0;
  if ((pointer & (alignment - 1)) !== 0) trap('realloc gave a pointer that is not aligned');
  if (!abi.memory.holds(pointer, size)) trap('realloc gave a pointer that is out of bounds');
  return pointer;
}
