import type { Stat } from './volume.ts';

const TWO_TO_32 = 0x1_0000_0000;

// Filled and read within one call, whosever it is: no call needs a buffer of its own.
const value = new BigUint64Array(2);
const words = new Uint32Array(value.buffer);

/**
 * The `metadata-hash-value` of what was stat-ed, made of inode, size and time of modification as the guest sees them: it
 * changes when the object is written or replaced, and tells nothing of the host.
 *
 * `lower` is the inode alone: the adapter of 0.1 and wasi-libc show it as `st_ino` and `d_ino`, and programs take a file
 * whose inode changes for another one (sqlite would refuse to go on).
 *
 * @returns `lower` and `upper`; the next call overwrites them
 */
export function metadataHash({ inode, size, modified }: Stat): Readonly<BigUint64Array> {
  value[0] = inode;
  value[1] = modified;
  const low = words[2] as number;
  const high = words[3] as number;
  words[2] = hashOf(1, size, low, high);
  words[3] = hashOf(2, size, low, high);
  return value;
}

/** MurmurHash3 (x86, 32 bits) over four words; https://github.com/aappleby/smhasher, public domain. */
function hashOf(seed: number, size: number, low: number, high: number): number {
  let h = mix(seed, low);
  h = mix(h, high);
  h = mix(h, size >>> 0);
  h = mix(h, (size / TWO_TO_32) >>> 0) ^ 16;
  h = Math.imul(h ^ (h >>> 16), 0x85eb_ca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2_ae35);
  return h ^ (h >>> 16);
}

function mix(h: number, word: number): number {
  const product = Math.imul(word, 0xcc9e_2d51);
  const mixed = h ^ Math.imul((product << 15) | (product >>> 17), 0x1b87_3593);
  return (Math.imul((mixed << 13) | (mixed >>> 19), 5) + 0xe654_6b64) | 0;
}
