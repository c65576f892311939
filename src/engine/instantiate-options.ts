import type { AuditLog } from '../audit/audit-log.ts';
import type { Policy, PolicyDocument } from '../policy/index.ts';
import type { InputSource, OutputTarget } from '../virtual/machine.ts';
import type { Bindings } from './bindings.ts';
import type { IsolationLevel } from './isolation/isolation.ts';
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
  /**
   * Where it runs: on this thread (`inline`, the default), on a thread of its own, or in a process of its own. In a worker
   * `imports`, functions in `bindings` and resources in calls are refused, since they live on this thread. An instance that has
   * files keeps its worker until it is closed.
   */
  readonly isolation?: IsolationLevel;
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
