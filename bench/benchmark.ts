import type { Effort } from './measure.ts';
import type { Row } from './row.ts';
import type { Workspace } from './workspace.ts';

/** What every benchmark gets. */
export interface Context {
  /** Only show that it works: the shortest run that goes through everything. */
  readonly check: boolean;
  readonly workspace: Workspace;
}

/** Rows of the table, measured. */
export type Run = (context: Context) => Promise<readonly Row[]>;

export interface Benchmark {
  /** For `--only`. */
  readonly name: string;
  readonly title: string;
  /** Loads the code: benchmarks bring their peers with them. */
  load(): Promise<Run>;
}

/** @returns `effort`, or next to none when only checking */
export function effortOf({ check }: Context, effort: Effort): Effort {
  return check ? { warmUp: 0, rounds: 2 } : effort;
}
