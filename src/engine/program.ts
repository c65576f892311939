import type { AuditLog } from '../audit/audit-log.ts';
import type { Machine } from '../virtual/machine.ts';
import type { BinaryKind } from './detect.ts';
import type { Instance } from './instance.ts';
import type { instantiate, InstantiateOptions } from './instantiate.ts';
import type { LinkTarget } from './linked.ts';
import type { Tenants } from './tenants/tenants.ts';

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
  readonly #engine: ProgramEngine;

  /** @internal */
  constructor(description: ProgramDescription, target: LinkTarget, engine: ProgramEngine) {
    this.kind = description.kind;
    this.digest = description.digest;
    this.name = description.name;
    this.size = description.size;
    this.imports = target.imports;
    this.exports = target.exports;
    this.#target = target;
    this.#engine = engine;
  }

  /**
   * Opens an instance under a policy.
   *
   * @example
   * await using instance = await program.instantiate({ policy, tenant: 'acme', stdout: process.stdout });
   * const { exitCode } = await instance.run();
   *
   * @throws PolicyError, BindingError, LinkError, InstanceError, AuditError; nothing stays open then
   */
  instantiate(options: InstantiateOptions): Promise<Instance> {
    const { machine, audit, offThreadFrom, tenants } = this.#engine;
    return this.#engine.instantiate(this.#target, options, {
      machine,
      audit,
      offThreadFrom,
      tenants,
      programName: this.name,
      programDigest: this.digest,
    });
  }
}

/** What a program has from its engine. */
export interface ProgramEngine {
  readonly machine: Machine;
  readonly audit: AuditLog;
  readonly offThreadFrom: number | undefined;
  readonly tenants: Tenants;
  readonly instantiate: typeof instantiate;
}

export interface ProgramDescription {
  readonly kind: BinaryKind;
  readonly digest: string;
  readonly name: string;
  readonly size: number;
}
