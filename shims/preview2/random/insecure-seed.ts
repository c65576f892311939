import type { Lowerings } from '../abi/lowering.ts';
import { resultArea } from '../abi/values.ts';
import type { Context } from '../context.ts';
import { insecureFill } from './insecure.ts';
import { plainU64 } from './random-bytes.ts';

/** wasi:random/insecure-seed */
export interface InsecureSeed {
  readonly insecureSeed: () => [bigint, bigint];
}

export function insecureSeed(context: Context): InsecureSeed {
  const fill = insecureFill(context);
  return {
    // insecure-seed: func() -> tuple<u64, u64>
    insecureSeed: () => [plainU64(fill), plainU64(fill)],
  };
}

export const insecureSeedLowerings: Lowerings = {
  'insecure-seed': {
    lower:
      (context, { memory }) =>
      (result: number): void => {
        const at = resultArea(memory, result, 16, 8);
        context.host.random.fillInsecure(memory.bytes, at, 16);
      },
  },
};
