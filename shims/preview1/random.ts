import { MAX_RANDOM_BYTES } from '../../src/virtual/random/random.ts';
import { limitRandom } from '../random-fill.ts';
import type { Context } from './context.ts';
import { Errno } from './errno.ts';

export type RandomFunctions = {
  /** `random_get(buf: Pointer<u8>, buf_len: size)` */
  random_get(buf: number, bufLen: number): number;
};

/** More than MAX_RANDOM_BYTES at once is `inval`: one call must not hold up the host for long. */
export function random({ host, memory }: Context): RandomFunctions {
  const source = host.random;
  return {
    random_get(buf, bufLen) {
      const at = buf >>> 0;
      const length = bufLen >>> 0;
      if (!memory.holds(at, length)) return Errno.fault;
      if (length > MAX_RANDOM_BYTES) {
        limitRandom(host);
        return Errno.inval;
      }
      return source.fill(memory.bytes, at, length) ? Errno.success : Errno.notcapable;
    },
  };
}
