import type { HostInterface, Implements } from '../../canonical-abi/host-function.ts';
import type { Context } from '../context.ts';
import { readVia } from '../via-stream.ts';
import type { CliStdin } from '../wit.ts';
import { cliFailed } from './error-code.ts';

/** wasi:cli/stdin */
export const stdin: HostInterface<Context> = {
  functions: {
    // read-via-stream: func() -> tuple<stream<u8>, future<result<_, error-code>>>
    'read-via-stream': ({ host }) => readVia(host.stdin, cliFailed),
  } satisfies Implements<CliStdin, Context>,
  resources: {},
};
