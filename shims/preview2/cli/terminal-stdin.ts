import type { Lowerings } from '../abi/lowering.ts';
import { noTerminal } from './no-terminal.ts';
import type { TerminalInput } from './terminal-input.ts';

/** wasi:cli/terminal-stdin */
export interface TerminalStdin {
  readonly getTerminalStdin: () => TerminalInput | undefined;
}

export function terminalStdin(): TerminalStdin {
  return {
    // get-terminal-stdin: func() -> option<terminal-input>
    getTerminalStdin: () => undefined,
  };
}

export const terminalStdinLowerings: Lowerings = {
  'get-terminal-stdin': noTerminal('terminal-input'),
};
