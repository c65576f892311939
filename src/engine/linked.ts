import type { Host } from '../virtual/host.ts';
import type { Handle } from '../../shims/preview2/http/incoming-handler.ts';
import type { Handler } from '../../shims/preview3/http/handler.ts';
import type { InstanceExecutor } from './executor.ts';

/** Functions that the embedder provides, by import module or WIT interface: `{ 'acme:kv/store': { get, set } }`. */
export type EmbedderImports = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** What a program is linked against. */
export interface LinkContext {
  readonly host: Host;
  readonly executor: InstanceExecutor;
  readonly imports: EmbedderImports;
}

/** A program that stands in memory, ready to be entered. */
export interface LinkedProgram {
  /** The command's entry; absent for reactors and libraries. Resolves to the exit code of a normal return. */
  readonly run: (() => Promise<number>) | undefined;
  /** `wasi:http/incoming-handler`, where a component exports it. */
  readonly handle: Handle | undefined;
  /** `wasi:http/handler`, where a component of WASI 0.3 exports it. It may be called while other calls of it are under way. */
  readonly handler?: Handler | undefined;
  /** Functions and, for components, instances of functions. Calls may suspend, so all of them give promises. */
  readonly exports: Readonly<Record<string, unknown>>;
  /** Resolves with what ended the guest, also where that was in no call. */
  readonly failed?: Promise<unknown>;
  /** Linear memories that count against the memory limit. */
  readonly memories: readonly WebAssembly.Memory[];
  /** Ends resources that the guest left open. */
  dispose(): void;
  /** Called last, when no code of the guest can run any more: its memories may serve another instance. */
  recycle?(): void;
}

/** A compiled program, whatever its kind. */
export interface LinkTarget {
  /** What the program asks for: `wasi_snapshot_preview1.fd_write`, `wasi:filesystem/types@0.2.6`, `env.log`, … */
  readonly imports: readonly string[];
  readonly exports: readonly string[];
  /** Linear memories of one instance. */
  readonly memoryCount: number;
  /** @throws LinkError that lists every import that neither WASI nor the embedder provides */
  link(context: LinkContext): Promise<LinkedProgram>;
}
