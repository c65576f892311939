import { boundTables, definesTable, refuseHeapTypes, tableSlack } from './core-heap.ts';
import { type AdjustedModule, importMemories } from './core-memory.ts';

export interface AdjustedCore extends AdjustedModule {
  /** It holds a memory or a table of its own; the bounds count one instance of it. */
  readonly holdsMemory: boolean;
}

/**
 * Edits the core modules of one program, so that what they allocate together can be bounded.
 *
 * @throws ProgramError when a module cannot be read, or allocates what cannot be bounded
 */
export function adjustCores(cores: readonly Uint8Array[]): AdjustedCore[] {
  cores.forEach(refuseHeapTypes);
  const slack = tableSlack(cores);
  return cores.map((bytes) => {
    const adjusted = importMemories(boundTables(bytes, slack));
    return { ...adjusted, holdsMemory: adjusted.memories.length > 0 || definesTable(bytes) };
  });
}

/** {@link adjustCores} of a program that is one core module. */
export function adjustCore(bytes: Uint8Array): AdjustedCore {
  return adjustCores([bytes])[0] as AdjustedCore;
}
