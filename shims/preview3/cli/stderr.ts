import type { HostInterface, Implements } from '../../canonical-abi/host-function.ts';
import type { Context } from '../context.ts';
import { writeVia } from '../via-stream.ts';
import type { CliStderr } from '../wit.ts';
import { cliFailed } from './error-code.ts';

/** wasi:cli/stderr */
export const stderr: HostInterface<Context> = {
  functions: {
    // write-via-stream: func(data: stream<u8>) -> future<result<_, error-code>>
    'write-via-stream': (context, data) => writeVia(context, data, context.host.stderr, cliFailed),
  } satisfies Implements<CliStderr, Context>,
  resources: {},
};
