import type { Lowerings } from '../abi/lowering.ts';
import { resultArea } from '../abi/values.ts';
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
  'get-terminal-stderr': {
    resources: ['terminal-output'],
    lower:
      (_context, { memory }) =>
      (result: number): void => {
        const none = resultArea(memory, result, 8, 4);
        memory.bytes[none] = 0;
      },
  },
};
