import type { Lowerings } from '../abi/lowering.ts';
import { noTerminal } from './no-terminal.ts';
import type { TerminalOutput } from './terminal-output.ts';

/** wasi:cli/terminal-stderr */
export interface TerminalStderr {
  readonly getTerminalStderr: () => TerminalOutput | undefined;
}

export function terminalStderr(): TerminalStderr {
  return {
    // get-terminal-stderr: func() -> option<terminal-output>
    getTerminalStderr: () => undefined,
  };
}

export const terminalStderrLowerings: Lowerings = {
  'get-terminal-stderr': noTerminal('terminal-output'),
};
