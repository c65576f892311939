import type { BinaryKind } from './detect.ts';
import type { Instance } from './instance.ts';
import type { instantiate, ProgramEngine } from './instantiate.ts';
import type { InstantiateOptions } from './instantiate-options.ts';
import type { LinkTarget } from './linked.ts';

/** A compiled core module (WASI 0.1) or component (WASI 0.2, 0.3). Any number of instances may run from one program. */
export class Program {
  readonly kind: BinaryKind;
  /** SHA-256 of the program's bytes, lower-case hexadecimal; the log names the program by it. */
  readonly digest: string;
  /** The file's name without its directory; argv[0] by default. */
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /** What it asks for: `wasi_snapshot_preview1.fd_write`, `wasi:filesystem/types@0.2.6`, `env.log`, … */
  readonly imports: readonly string[];
  readonly exports: readonly string[];
  readonly #target: LinkTarget;
  /** For workers, which compile by themselves. */
  readonly #bytes: Uint8Array;
  readonly #engine: ProgramEngine;
  // What runs programs is loaded when the first one is compiled.
  readonly #instantiate: typeof instantiate;

  /** @internal */
  constructor(
    description: ProgramDescription,
    bytes: Uint8Array,
    target: LinkTarget,
    engine: ProgramEngine,
    open: typeof instantiate,
  ) {
    this.kind = description.kind;
    this.digest = description.digest;
    this.name = description.name;
    this.size = description.size;
    this.imports = target.imports;
    this.exports = target.exports;
    this.#target = target;
    this.#bytes = bytes;
    this.#engine = engine;
    this.#instantiate = open;
  }

  /**
   * Opens an instance under a policy.
   *
   * @example
   * await using instance = await program.instantiate({ policy, tenant: 'acme', stdout: process.stdout });
   * const { exitCode } = await instance.run();
   *
   * @throws PolicyError, BindingError, LinkError, InstanceError, AuditError; nothing stays open then, and
   *   {@link startOutcome} tells a start that was denied from a guest that ended while it started
   */
  instantiate(options: InstantiateOptions): Promise<Instance> {
    const { name, digest } = this;
    return this.#instantiate(
      { name, digest, bytes: this.#bytes, target: this.#target },
      options,
      this.#engine,
    );
  }
}

export interface ProgramDescription {
  readonly kind: BinaryKind;
  readonly digest: string;
  readonly name: string;
  readonly size: number;
}
