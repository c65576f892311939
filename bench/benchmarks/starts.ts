import type { Policy } from '../../src/index.ts';
import { type Context, effortOf } from '../benchmark.ts';
import type { BailiwickProgram } from '../contestants/bailiwick.ts';
import { compare, median, reading } from '../measure.ts';

/** Instantiates once. @returns nanoseconds */
export type Start = () => Promise<number>;

/** Starts in a row, as on a server that has a burst of them: none begins with the caches that another contestant left. */
const BATCH = 10;

/** @returns the median time of one start, by contestant */
export async function compareStarts<Name extends string>(
  context: Context,
  starts: Readonly<Record<Name, Start>>,
): Promise<Readonly<Record<Name, number>>> {
  const contestants = Object.entries<Start>(starts).map(([name, start]) => ({
    name,
    round: async () => {
      const times: number[] = [];
      for (let i = 0; i < BATCH; i++) times.push(await start());
      return new Map([['start', median(times)]]);
    },
  }));
  const results = await compare(contestants, effortOf(context, { warmUp: 1000, rounds: 200 }));
  const times = contestants.map(({ name }) => [name, reading(results, name, 'start')]);
  return Object.fromEntries(times) as Record<Name, number>;
}

/** Our side: the instance is closed again, off the clock. */
export function startUnder(program: BailiwickProgram, policy: Policy): Start {
  return async () => {
    const start = performance.now();
    const instance = await program.instantiate({ policy });
    const taken = (performance.now() - start) * 1e6;
    await instance.close();
    return taken;
  };
}
