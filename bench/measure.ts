import { setImmediate as turn } from 'node:timers/promises';

/** Nanoseconds by what was measured. */
export type Readings = ReadonlyMap<string, number>;

/** One of those that are compared. */
export interface Contestant {
  readonly name: string;
  /** Does the work once. */
  round(): Promise<Readings>;
}

export interface Effort {
  /** Milliseconds that each contestant runs before anything counts; 0 for jobs that are long enough to warm up alone. */
  readonly warmUp: number;
  readonly rounds: number;
}

/**
 * Lets the contestants take turns, so that whatever else the machine does hits all of them alike.
 *
 * @returns the median of each reading, by contestant
 */
export async function compare(
  contestants: readonly Contestant[],
  { warmUp, rounds }: Effort,
): Promise<ReadonlyMap<string, Readings>> {
  for (const contestant of contestants) {
    const end = performance.now() + warmUp;
    while (performance.now() < end) await contestant.round();
  }
  const readings = new Map(contestants.map(({ name }): [string, Readings[]] => [name, []]));
  for (let round = 0; round < rounds; round++) {
    // Whoever comes second finds warm caches and the other's garbage: each comes first as often.
    const order = round % 2 === 0 ? contestants : contestants.toReversed();
    for (const contestant of order) {
      readings.get(contestant.name)?.push(await contestant.round());
      // Finalizers and timers of one contestant run before the next one's clock does.
      await turn();
    }
  }
  return new Map([...readings].map(([name, all]) => [name, medians(all)]));
}

/** @returns one reading of {@link compare}; @throws when nobody made it */
export function reading(results: ReadonlyMap<string, Readings>, contestant: string, what: string): number {
  const value = results.get(contestant)?.get(what);
  if (value === undefined) throw new Error(`${contestant} has not measured ${what}`);
  return value;
}

/** Times one piece of work. @returns nanoseconds */
export async function time(work: () => unknown): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) * 1e6;
}

function medians(all: readonly Readings[]): Readings {
  const keys = new Set(all.flatMap((readings) => [...readings.keys()]));
  return new Map(
    [...keys].map((key) => [key, median(all.map((readings) => readings.get(key) ?? Number.NaN))]),
  );
}

/** @param values at least one */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2;
}
