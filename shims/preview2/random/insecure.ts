import type { Lowerings } from '../abi/lowering.ts';
import { filledU64, insecureFill } from '../../random-fill.ts';
import type { Context } from '../context.ts';
import { plainBytes, storeBytes } from './random-bytes.ts';

/** wasi:random/insecure */
export interface Insecure {
  readonly getInsecureRandomBytes: (length: bigint) => Uint8Array;
  readonly getInsecureRandomU64: () => bigint;
}

export function insecure(context: Context): Insecure {
  const fill = insecureFill(context.host);
  return {
    // get-insecure-random-bytes: func(len: u64) -> list<u8>
    getInsecureRandomBytes: (length) => plainBytes(context, fill, length),
    // get-insecure-random-u64: func() -> u64
    getInsecureRandomU64: () => filledU64(fill),
  };
}

export const insecureLowerings: Lowerings = {
  'get-insecure-random-bytes': {
    lower: (context, canon) => {
      const fill = insecureFill(context.host);
      return (length: bigint, result: number): void => storeBytes(context, canon, fill, { length, result });
    },
  },
  'get-insecure-random-u64': {
    lower: (context) => {
      const fill = insecureFill(context.host);
      return (): bigint => filledU64(fill);
    },
  },
};
