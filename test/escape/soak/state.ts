import { handleCount } from '../../support/handle-count.ts';
import { type Held, heapInUse, heldResources, isNoMore } from '../../support/resources.ts';

/** What the process has while no instance lives. Sizes are bytes. */
export interface State {
  readonly runs: number;
  readonly heap: number;
  readonly rss: number;
  readonly handles: number;
  readonly held: Held;
}

/** What the heap and the process may have more in the end: caches fill, code is compiled. */
const MAX_GROWTH = { heap: 4 * 2 ** 20, rss: 48 * 2 ** 20 };

export async function readState(runs: number): Promise<State> {
  // What waits for a finalizer goes in a later turn.
  for (let i = 0; i < 5; i++) await heapInUse();
  const heap = await heapInUse();
  return { runs, heap, rss: process.memoryUsage.rss(), handles: handleCount.open, held: heldResources() };
}

/**
 * Compares the last third of the states with the one before it: what grows without end grows between them.
 *
 * @param states in order of time
 * @returns what has leaked
 */
export function leaks(states: readonly State[]): string[] {
  const third = Math.max(1, Math.floor(states.length / 3));
  const [earlier, later] = [states.slice(-2 * third, -third), states.slice(-third)];
  const [first, last] = [earlier[0], later.at(-1)];
  if (first === undefined || last === undefined) return ['it was too short to tell'];
  const found: string[] = [];
  for (const what of ['heap', 'rss'] as const) {
    const grown = least(later, what) - least(earlier, what);
    if (grown > MAX_GROWTH[what])
      found.push(`${what} grew by ${grown} bytes in ${last.runs - first.runs} runs`);
  }
  if (last.handles > 0) found.push(`${last.handles} handles are open`);
  if (!isNoMore(last.held, first.held))
    found.push(`held are ${JSON.stringify(last.held)}, before ${JSON.stringify(first.held)}`);
  return found;
}

/** Garbage comes and goes; what is there always is the least. */
function least(states: readonly State[], what: 'heap' | 'rss'): number {
  return Math.min(...states.map((state) => state[what]));
}
