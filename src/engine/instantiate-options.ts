import type { AuditLog } from '../audit/audit-log.ts';
import type { Policy, PolicyDocument } from '../policy/index.ts';
import type { InputSource, OutputTarget } from '../virtual/machine.ts';
import type { Bindings } from './bindings.ts';
import type { EmbedderImports } from './linked.ts';

/** Options of `program.instantiate()`. Only `policy` is needed; what is absent grants nothing. */
export interface InstantiateOptions {
  /**
   * A parsed policy (fastest: parse once, use often), a policy document, or the text of one. Any object is taken and
   * checked, because documents come from elsewhere; the type of one that is written here lets editors complete it.
   */
  readonly policy: Policy | PolicyDocument | object | string;
  /** Who the instance runs for; names it in the log. `default` by default. */
  readonly tenant?: string;
  readonly bindings?: Bindings;
  /** Takes the instance's records; the engine's log by default. */
  readonly audit?: AuditLog;
  /** `ignore` (nothing to read) by default. */
  readonly stdin?: InputSource;
  /** `ignore` by default. */
  readonly stdout?: OutputTarget;
  readonly stderr?: OutputTarget;
  /** Arguments after the program's name; the guest sees them when the policy grants `arguments`. */
  readonly args?: readonly string[];
  /** argv[0]; the program's name by default. */
  readonly name?: string;
  /** SIGINT ends the guest also while it computes; for commands at a terminal. False by default. */
  readonly endOnInterrupt?: boolean;
  /** Host functions of the embedder's own, for imports that are not WASI. */
  readonly imports?: EmbedderImports;
}
