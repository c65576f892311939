import type { Lowerings } from '../abi/lowering.ts';
import { filledU64, secureFill } from '../../random-fill.ts';
import type { Context } from '../context.ts';
import { plainBytes, storeBytes } from './random-bytes.ts';

/** wasi:random/random */
export interface Random {
  readonly getRandomBytes: (length: bigint) => Uint8Array;
  readonly getRandomU64: () => bigint;
}

export function random(context: Context): Random {
  const fill = secureFill(context.host);
  return {
    // get-random-bytes: func(len: u64) -> list<u8>
    getRandomBytes: (length) => plainBytes(context, fill, length),
    // get-random-u64: func() -> u64
    getRandomU64: () => filledU64(fill),
  };
}

export const randomLowerings: Lowerings = {
  'get-random-bytes': {
    lower: (context, canon) => {
      const fill = secureFill(context.host);
      return (length: bigint, result: number): void => storeBytes(context, canon, fill, { length, result });
    },
  },
  'get-random-u64': {
    lower: (context) => {
      const fill = secureFill(context.host);
      return (): bigint => filledU64(fill);
    },
  },
};
