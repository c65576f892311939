import type { Lowering } from '../abi/lowering.ts';
import { resultArea } from '../abi/values.ts';

/** `func() -> option<terminal-…>`: none, because no instance has a terminal. */
export function noTerminal(resource: 'terminal-input' | 'terminal-output'): Lowering {
  return {
    resources: [resource],
    lower:
      (_context, { memory }) =>
      (result: number): void => {
        const none = resultArea(memory, result, 8, 4);
        memory.bytes[none] = 0;
      },
  };
}
