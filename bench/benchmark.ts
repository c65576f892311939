import type { Effort } from './measure.ts';
import type { Row } from './row.ts';

/** What every benchmark gets. */
export interface Context {
  /** Only show that it works: the shortest run that goes through everything. */
  readonly check: boolean;
  /** An empty directory, in memory where the system has such. */
  makeDirectory(): string;
}

export interface Benchmark {
  /** For `--only`. */
  readonly name: string;
  readonly title: string;
  run(context: Context): Promise<readonly Row[]>;
}

/** @returns `effort`, or next to none when only checking */
export function effortOf({ check }: Context, effort: Effort): Effort {
  return check ? { warmUp: 0, rounds: 2 } : effort;
}
