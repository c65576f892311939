import type { Lowerings } from '../abi/lowering.ts';
import { resultArea } from '../abi/values.ts';
import { filledU64, insecureFill } from '../../random-fill.ts';
import type { Context } from '../context.ts';

/** wasi:random/insecure-seed */
export interface InsecureSeed {
  readonly insecureSeed: () => [bigint, bigint];
}

export function insecureSeed(context: Context): InsecureSeed {
  const fill = insecureFill(context.host);
  return {
    // insecure-seed: func() -> tuple<u64, u64>
    insecureSeed: () => [filledU64(fill), filledU64(fill)],
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
