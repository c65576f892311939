import type { LateFunction } from './trampoline.ts';
import type { Resource } from '../../../shims/preview2/abi/resources.ts';

/** Export `name` of the core instance with this number. */
export type ExportRef = readonly [instance: number, name: string];

/** What one import of a core module is linked to. */
export type PlannedImport =
  | { readonly kind: 'export'; readonly from: ExportRef }
  | { readonly kind: 'function'; readonly interface: string; readonly name: string; readonly canon: number }
  | { readonly kind: 'drop'; readonly resource: Resource }
  /** A function of an instance that comes later, through a trampoline. Only in short plans (shorten.ts), as the next. */
  | { readonly kind: 'late'; readonly name: LateFunction; readonly from: ExportRef }
  /** The memory that a core module imports from us. */
  | { readonly kind: 'memory'; readonly core: number }
  /** A drop of a resource type of which no handle can exist. */
  | { readonly kind: 'unreachable' };

/** Memory and realloc that lowered functions use. */
export interface PlannedCanon {
  readonly memory: ExportRef | null;
  readonly realloc: ExportRef | null;
}

export interface PlannedInstance {
  /** Index of its core module. */
  readonly core: number;
  readonly imports: readonly (readonly [module: string, name: string, source: PlannedImport])[];
}

/**
 * How the core modules of a command or a request handler hang together: enough to link them without jco's glue. Plain data, for the compile
 * cache. It is observed from the glue once, at compile time; see observe.ts.
 */
export interface LinkPlan {
  readonly instances: readonly PlannedInstance[];
  readonly canons: readonly PlannedCanon[];
  /** The core function of `wasi:cli/run#run`: no parameters, result 0 for ok and 1 for err. */
  readonly run: ExportRef | null;
  /** The core function of `wasi:http/incoming-handler#handle`: two handles, no result. */
  readonly handle: ExportRef | null;
}
