import { type Fill, filledBytes } from '../../random-fill.ts';

/** Bytes that one call gives at most. WIT lets it give fewer than were asked for; who needs more asks again. */
const MAX_BYTES = 1 << 20;

export function randomBytes(fill: Fill, maxLength: bigint): Uint8Array {
  return filledBytes(fill, maxLength < MAX_BYTES ? Number(maxLength) : MAX_BYTES);
}
