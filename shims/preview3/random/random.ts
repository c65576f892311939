import { filledU64, secureFill } from '../../random-fill.ts';
import type { HostInterface, Implements } from '../../canonical-abi/host-function.ts';
import type { Context } from '../context.ts';
import type { RandomRandom } from '../wit.ts';
import { randomBytes } from './random-bytes.ts';

/** wasi:random/random */
export const random: HostInterface<Context> = {
  functions: {
    // get-random-bytes: func(max-len: u64) -> list<u8>
    'get-random-bytes': ({ host }, maxLen) => randomBytes(secureFill(host), maxLen),
    // get-random-u64: func() -> u64
    'get-random-u64': ({ host }) => filledU64(secureFill(host)),
  } satisfies Implements<RandomRandom, Context>,
  resources: {},
};
