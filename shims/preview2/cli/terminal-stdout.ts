import type { Lowerings } from '../abi/lowering.ts';
import { resultArea } from '../abi/values.ts';
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
  'get-terminal-stdout': {
    resources: ['terminal-output'],
    lower:
      (_context, { memory }) =>
      (result: number): void => {
        const none = resultArea(memory, result, 8, 4);
        memory.bytes[none] = 0;
      },
  },
};
