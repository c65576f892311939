import type { StartOutcome } from './outcome.ts';
import type { Usage } from './usage.ts';

/** How far tenants are told apart in metrics. */
export interface MetricsOptions {
  /**
   * Tenants that have numbers of their own, 1,000 by default: the first of them. Further ones are counted together, as `other`,
   * so that neither the engine nor who collects its metrics grows with every name that there has been.
   */
  readonly maxTenants?: number;
}

/** What the instances of an engine used, and how they ended: a copy, as of when it was taken. */
export interface EngineMetrics {
  /** Of the bound on the instances of the engine: one instance takes as many places as its program has linear memories. */
  readonly places: { readonly taken: number; readonly limit: number };
  /** Starts that wait for a place. */
  readonly waiting: number;
  /** Programs that were compiled, or taken from the cache on disk. One that is asked for again is not counted again. */
  readonly programsCompiled: number;
  /** In the order in which they came; `other` is the last one. */
  readonly tenants: readonly TenantMetrics[];
}

/** Counts of {@link Usage} that only ever grow, so that those of many instances add up. */
export type Totals = Pick<
  Usage,
  | 'cpuTime'
  | 'fuel'
  | 'calls'
  | 'denials'
  | 'fileBytesRead'
  | 'fileBytesWritten'
  | 'networkBytesSent'
  | 'networkBytesReceived'
  | 'stdinBytes'
  | 'stdoutBytes'
  | 'stderrBytes'
  | 'randomBytes'
>;

/** All instances of a tenant together, those that live and those that have ended; see {@link Usage} for each number. */
export interface TenantMetrics extends Totals {
  /** Its name, or `other`: all tenants that have no numbers of their own. */
  readonly tenant: string;
  /** Starts that got a place or came to nothing: always those that live and all that ended. */
  readonly started: number;
  /** Instances that there are, those that are just starting included. */
  readonly live: number;
  /** How the others ended. */
  readonly ended: readonly EndCount[];
  /** Bytes of linear memory of the live ones. */
  readonly memory: number;
  /** Resources that the live ones have open. */
  readonly handles: number;
}

export interface EndCount {
  readonly outcome: StartOutcome['kind'];
  /** Which one was passed, where the outcome is `limit`. */
  readonly limit: string | undefined;
  readonly count: number;
}
