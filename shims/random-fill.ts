import type { Host } from '../src/virtual/host.ts';
import { MAX_RANDOM_BYTES } from '../src/virtual/random/random.ts';
import { trap } from './trap.ts';

/** Fills bytes; traps when it must not. */
export type Fill = (target: Uint8Array, offset: number, length: number) => void;

/** Of `wasi:random/random`. */
export function secureFill({ random }: Host): Fill {
  return (target, offset, length) => {
    // There is no error to answer, and bytes that are not random would be worse than none.
    if (!random.fill(target, offset, length)) trap('wasi:random/random is not granted');
  };
}

/** Of `wasi:random/insecure`. */
export function insecureFill({ random }: Host): Fill {
  return (target, offset, length) => random.fillInsecure(target, offset, length);
}

/** Puts on record that a guest asked for more bytes at once than there are. */
export function limitRandom({ guard }: Host): void {
  guard.limited('random bytes of a call', MAX_RANDOM_BYTES, 'random', 'random');
}

/** @returns `count` bytes */
export function filledBytes(fill: Fill, count: number): Uint8Array {
  const bytes = new Uint8Array(count);
  fill(bytes, 0, count);
  return bytes;
}

export function filledU64(fill: Fill): bigint {
  return new DataView(filledBytes(fill, 8).buffer).getBigUint64(0, true);
}
