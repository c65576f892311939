import { ProgramError } from '../errors.ts';
import { boundTables, definesTable, refuseHeapTypes, tableSlack } from './core-heap.ts';
import { type AdjustedModule, importMemories } from './core-memory.ts';

/**
 * V8 sets aside 8 GiB of addresses for each memory, however small, and a process has 128 TiB: one program with 16,000
 * empty memories would leave none for other tenants.
 */
const MAX_MEMORIES = 100;

export interface AdjustedCore extends AdjustedModule {
  /** It holds a memory or a table of its own; the bounds count one instance of it. */
  readonly holdsMemory: boolean;
  /** How many of it an instance of the program has, at least one. */
  readonly instances: number;
}

/**
 * Edits the core modules of one program, so that what they allocate together can be bounded.
 *
 * @param instances how many of each an instance of the program has; one by default
 * @throws ProgramError when a module cannot be read, or allocates what cannot be bounded
 */
export function adjustCores(
  cores: readonly Uint8Array[],
  instances: readonly number[] = cores.map(() => 1),
): AdjustedCore[] {
  cores.forEach(refuseHeapTypes);
  const slack = tableSlack(
    cores.flatMap((bytes, index) => Array<Uint8Array>(countOf(instances, index)).fill(bytes)),
  );
  const adjusted = cores.map((bytes, index) => {
    const core = importMemories(boundTables(bytes, slack));
    const holdsMemory = core.memories.length > 0 || definesTable(bytes);
    return { ...core, holdsMemory, instances: countOf(instances, index) };
  });
  const memories = adjusted.reduce((sum, core) => sum + core.memories.length * core.instances, 0);
  if (memories > MAX_MEMORIES) {
    throw new ProgramError(
      'BW_PROGRAM_UNSUPPORTED',
      `The program has ${memories} memories; up to ${MAX_MEMORIES} are supported.`,
    );
  }
  return adjusted;
}

/** What is never instantiated is bounded all the same. */
function countOf(instances: readonly number[], index: number): number {
  return Math.max(1, instances[index] ?? 1);
}

/** {@link adjustCores} of a program that is one core module. */
export function adjustCore(bytes: Uint8Array): AdjustedCore {
  return adjustCores([bytes])[0] as AdjustedCore;
}
