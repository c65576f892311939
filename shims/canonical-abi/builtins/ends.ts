import type { ComponentInstance } from '../component-instance.ts';
import type { CopyEnd } from '../copy-end.ts';

/** @returns both handles in one i64: the readable end's in the lower half */
export function addEnds(instance: ComponentInstance, readable: CopyEnd, writable: CopyEnd): bigint {
  readable.index = instance.handles.add(readable);
  writable.index = instance.handles.add(writable);
  return BigInt(readable.index) | (BigInt(writable.index) << 32n);
}
