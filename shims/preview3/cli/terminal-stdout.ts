import type { HostInterface, Implements } from '../../canonical-abi/host-function.ts';
import type { Context } from '../context.ts';
import type { CliTerminalStdout } from '../wit.ts';

/** wasi:cli/terminal-stdout */
export const terminalStdout: HostInterface<Context> = {
  functions: {
    // get-terminal-stdout: func() -> option<terminal-output>
    'get-terminal-stdout': () => undefined,
  } satisfies Implements<CliTerminalStdout<{ 'terminal-output': object }>, Context>,
  resources: {},
};
