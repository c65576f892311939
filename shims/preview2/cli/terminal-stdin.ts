import type { Lowerings } from '../abi/lowering.ts';
import { resultArea } from '../abi/values.ts';
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
  'get-terminal-stdin': {
    resources: ['terminal-input'],
    lower:
      (_context, { memory }) =>
      (result: number): void => {
        const none = resultArea(memory, result, 8, 4);
        memory.bytes[none] = 0;
      },
  },
};
