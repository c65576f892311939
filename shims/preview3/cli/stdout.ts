import type { HostInterface, Implements } from '../../canonical-abi/host-function.ts';
import type { Context } from '../context.ts';
import { writeVia } from '../via-stream.ts';
import type { CliStdout } from '../wit.ts';
import { cliFailed } from './error-code.ts';

/** wasi:cli/stdout */
export const stdout: HostInterface<Context> = {
  functions: {
    // write-via-stream: func(data: stream<u8>) -> future<result<_, error-code>>
    'write-via-stream': (context, data) => writeVia(context, data, context.host.stdout, cliFailed),
  } satisfies Implements<CliStdout, Context>,
  resources: {},
};
