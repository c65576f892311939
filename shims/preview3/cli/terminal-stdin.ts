import type { HostInterface, Implements } from '../../canonical-abi/host-function.ts';
import type { Context } from '../context.ts';
import type { CliTerminalStdin } from '../wit.ts';

/** wasi:cli/terminal-stdin */
export const terminalStdin: HostInterface<Context> = {
  functions: {
    // get-terminal-stdin: func() -> option<terminal-input>
    'get-terminal-stdin': () => undefined,
  } satisfies Implements<CliTerminalStdin<{ 'terminal-input': object }>, Context>,
  resources: {},
};
