import { filledU64, insecureFill } from '../../random-fill.ts';
import type { HostInterface, Implements } from '../../canonical-abi/host-function.ts';
import type { Context } from '../context.ts';
import type { RandomInsecure } from '../wit.ts';
import { randomBytes } from './random-bytes.ts';

/** wasi:random/insecure */
export const insecure: HostInterface<Context> = {
  functions: {
    // get-insecure-random-bytes: func(max-len: u64) -> list<u8>
    'get-insecure-random-bytes': ({ host }, maxLen) => randomBytes(insecureFill(host), maxLen),
    // get-insecure-random-u64: func() -> u64
    'get-insecure-random-u64': ({ host }) => filledU64(insecureFill(host)),
  } satisfies Implements<RandomInsecure, Context>,
  resources: {},
};
