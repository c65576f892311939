import type { Lowerings } from '../abi/lowering.ts';
import { trap } from '../../trap.ts';
import type { Context } from '../context.ts';
import { type Fill, plainBytes, plainU64, storeBytes } from './random-bytes.ts';

/** wasi:random/random */
export interface Random {
  readonly getRandomBytes: (length: bigint) => Uint8Array;
  readonly getRandomU64: () => bigint;
}

export function random(context: Context): Random {
  const fill = secure(context);
  return {
    // get-random-bytes: func(len: u64) -> list<u8>
    getRandomBytes: (length) => plainBytes(fill, length),
    // get-random-u64: func() -> u64
    getRandomU64: () => plainU64(fill),
  };
}

export const randomLowerings: Lowerings = {
  'get-random-bytes': {
    lower: (context, canon) => {
      const fill = secure(context);
      return (length: bigint, result: number): void => storeBytes(canon, fill, length, result);
    },
  },
  'get-random-u64': {
    lower: (context) => {
      const fill = secure(context);
      return (): bigint => plainU64(fill);
    },
  },
};

function secure({ host }: Context): Fill {
  return (target, offset, length) => {
    // There is no error to answer, and bytes that are not random would be worse than none.
    if (!host.random.fill(target, offset, length)) trap('wasi:random/random is not granted');
  };
}
