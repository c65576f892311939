import type { Stat } from '../../../src/virtual/filesystem/volume.ts';
import type { GuestMemory } from '../../guest-memory.ts';
import { resultArea } from '../abi/values.ts';
import { descriptorType } from './bits.ts';
import { splitTime } from './descriptor-operations.ts';
import { errorOrdinal } from './error-code.ts';
import { metadataHash } from '../../../src/virtual/filesystem/metadata-hash.ts';

// Each stores a `result<T, error-code>`: its case at 0, the payload at `payload`, which depends on T's alignment.

/** @returns where the payload goes */
export function storeOk(memory: GuestMemory, result: number, size: number, payload: number): number {
  // A result is aligned as its payload is, and the payload stands at the first multiple of that.
  const at = resultArea(memory, result, size, payload);
  memory.bytes[at] = 0;
  return at + payload;
}

export function storeErr(
  memory: GuestMemory,
  result: number,
  size: number,
  payload: number,
  code: number,
): void {
  const at = resultArea(memory, result, size, payload);
  memory.bytes[at] = 1;
  memory.bytes[at + payload] = errorOrdinal(code);
}

/** Stores the good case of `result<R, error-code>` for a resource R. */
export function storeHandle(memory: GuestMemory, result: number, handle: number): void {
  // First: the check renews a view that a growing memory has left stale.
  const at = storeOk(memory, result, 8, 4);
  memory.view.setUint32(at, handle, true);
}

/** Stores `result<_, error-code>`. */
export function storeStatus(memory: GuestMemory, result: number, status: number): void {
  if (status === 0) storeOk(memory, result, 2, 1);
  else storeErr(memory, result, 2, 1, status);
}

/** Stores `result<descriptor-stat, error-code>`. */
export function storeStat(memory: GuestMemory, result: number, status: number, stat: Stat): void {
  if (status !== 0) {
    storeErr(memory, result, 104, 8, status);
    return;
  }
  const at = storeOk(memory, result, 104, 8);
  memory.bytes[at] = descriptorType(stat.type);
  memory.setU64(at + 8, stat.linkCount);
  memory.setU64(at + 16, stat.size);
  storeTime(memory, at + 24, stat.accessed);
  storeTime(memory, at + 48, stat.modified);
  storeTime(memory, at + 72, stat.changed);
}

/** Stores `option<datetime>`. */
function storeTime(memory: GuestMemory, at: number, nanoseconds: bigint): void {
  const time = splitTime(nanoseconds);
  memory.bytes[at] = time === undefined ? 0 : 1;
  if (time === undefined) return;
  memory.view.setBigUint64(at + 8, time.seconds, true);
  memory.view.setUint32(at + 16, time.nanoseconds, true);
}

/** Stores `result<metadata-hash-value, error-code>`. */
export function storeHash(memory: GuestMemory, result: number, status: number, stat: Stat): void {
  if (status !== 0) {
    storeErr(memory, result, 24, 8, status);
    return;
  }
  const at = storeOk(memory, result, 24, 8);
  const hash = metadataHash(stat);
  memory.view.setBigUint64(at, hash[0] as bigint, true);
  memory.view.setBigUint64(at + 8, hash[1] as bigint, true);
}
