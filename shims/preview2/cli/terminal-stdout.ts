import type { Lowerings } from '../abi/lowering.ts';
import { noTerminal } from './no-terminal.ts';
import type { TerminalOutput } from './terminal-output.ts';

/** wasi:cli/terminal-stdout */
export interface TerminalStdout {
  readonly getTerminalStdout: () => TerminalOutput | undefined;
}

export function terminalStdout(): TerminalStdout {
  return {
    // get-terminal-stdout: func() -> option<terminal-output>
    getTerminalStdout: () => undefined,
  };
}

export const terminalStdoutLowerings: Lowerings = {
  'get-terminal-stdout': noTerminal('terminal-output'),
};
