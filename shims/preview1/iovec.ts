import type { GuestMemory } from '../guest-memory.ts';
import { IOVEC_SIZE } from './abi.ts';
import { Errno } from './errno.ts';

/** IOV_MAX of wasi-libc. Vectors past it are left for the guest's next call, as any short read or write is. */
const MAX_IOVECS = 1024;

/**
 * Bytes that one call moves at most; what is more comes out as a short read or write. Vectors may overlap, so 1024 of
 * them can ask for a thousand times the guest's memory. Wasmtime lets a call copy as much.
 */
export const MAX_TRANSFER: number = 128 * 1024 * 1024;

/** @returns how many vectors the call looks at */
export function iovecCount(count: number): number {
  return Math.min(count >>> 0, MAX_IOVECS);
}

/** Checks all vectors before any is used, so that a bad one leaves nothing half done. @returns an errno */
export function checkIovecs(memory: GuestMemory, at: number, count: number): number {
  if (!memory.holds(at, count * IOVEC_SIZE)) return Errno.fault;
  for (let vector = at; vector < at + count * IOVEC_SIZE; vector += IOVEC_SIZE) {
    const pointer = memory.view.getUint32(vector, true);
    const length = memory.view.getUint32(vector + 4, true);
    if (!memory.holds(pointer, length)) return Errno.fault;
  }
  return Errno.success;
}
