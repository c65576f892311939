import { boundTables, refuseHeapTypes } from './core-heap.ts';
import { type AdjustedModule, importMemories } from './core-memory.ts';

/**
 * Edits a core module, of WASI 0.1 or from a component, so that what it allocates can be bounded.
 *
 * @throws ProgramError when the module cannot be read, or allocates what cannot be bounded
 */
export function adjustCore(bytes: Uint8Array): AdjustedModule {
  refuseHeapTypes(bytes);
  return importMemories(boundTables(bytes));
}
