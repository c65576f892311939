import { randomFillSync } from 'node:crypto';
import { Permit } from '../kernel/permit.ts';

/**
 * Small requests are served from a pool, because a call into the system costs many times what 16 bytes are worth.
 * Bytes leave the pool once and are erased there, so a later leak of host memory tells no earlier guest's bytes.
 */
const pool = new Uint8Array(8192);
let used = pool.length;

/** Fills with bytes of the system's cryptographically secure generator. */
export function fillRandom(permit: Permit, target: Uint8Array, offset: number, length: number): void {
  Permit.assert(permit);
  if (length > 256) {
    randomFillSync(target, offset, length);
    return;
  }
  if (used + length > pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  for (let i = 0; i < length; i++) target[offset + i] = pool[used + i] as number;
  pool.fill(0, used, used + length);
  used += length;
}
