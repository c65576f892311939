import type { Handle } from '../../../shims/preview2/http/incoming-handler.ts';
import type { Executor } from '../../virtual/executor.ts';
import type { Host } from '../../virtual/host.ts';

/** A component that stands in memory. */
export interface LinkedComponent {
  /** `wasi:cli/run`. Resolves to 0 for ok and 1 for err; rejects with what the guest trapped or exited with. */
  readonly run: (() => Promise<number>) | undefined;
  /** `wasi:http/incoming-handler`. Rejects with what the guest trapped or exited with. */
  readonly handle: Handle | undefined;
  /** Functions, and instances of functions by interface, in jco's spelling. Calls give promises. */
  readonly exports: Readonly<Record<string, unknown>>;
  /** Drops the resources that the guest left open. */
  dispose(): void;
}

export interface LinkOptions {
  readonly host: Host;
  readonly executor: Executor;
  /** The embedder's interfaces, with or without versions. */
  readonly imports?: Readonly<Record<string, object>>;
  /** Called with the imports of each core module before it is instantiated; may add to them. */
  readonly adjustImports?: (coreIndex: number, imports: WebAssembly.Imports) => void;
}
