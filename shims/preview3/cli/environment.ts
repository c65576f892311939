import type { HostInterface, Implements } from '../../canonical-abi/host-function.ts';
import type { Context } from '../context.ts';
import type { CliEnvironment } from '../wit.ts';

/** wasi:cli/environment */
export const environment: HostInterface<Context> = {
  functions: {
    // get-environment: func() -> list<tuple<string, string>>
    'get-environment': ({ host }) => host.environment,
    // get-arguments: func() -> list<string>
    'get-arguments': ({ host }) => host.arguments,
    // get-initial-cwd: func() -> option<string>
    'get-initial-cwd': () => undefined,
  } satisfies Implements<CliEnvironment, Context>,
  resources: {},
};
