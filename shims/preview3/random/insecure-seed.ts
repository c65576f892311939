import type { HostInterface, Implements } from '../../canonical-abi/host-function.ts';
import type { Context } from '../context.ts';
import type { RandomInsecureSeed } from '../wit.ts';

/** wasi:random/insecure-seed */
export const insecureSeed: HostInterface<Context> = {
  functions: {
    // get-insecure-seed: func() -> tuple<u64, u64>
    'get-insecure-seed': (context) => context.insecureSeed(),
  } satisfies Implements<RandomInsecureSeed, Context>,
  resources: {},
};
