import type { HostInterface, Implements } from '../../canonical-abi/host-function.ts';
import type { Context } from '../context.ts';
import type { CliTerminalStderr } from '../wit.ts';

/** wasi:cli/terminal-stderr */
export const terminalStderr: HostInterface<Context> = {
  functions: {
    // get-terminal-stderr: func() -> option<terminal-output>
    'get-terminal-stderr': () => undefined,
  } satisfies Implements<CliTerminalStderr<{ 'terminal-output': object }>, Context>,
  resources: {},
};
