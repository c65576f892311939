import type { AuditLog } from '../audit/audit-log.ts';
import { InstanceRecorder } from '../audit/instance-recorder.ts';
import type { OutcomeRecord } from '../audit/records.ts';
import { BailiwickError, InstanceError } from '../errors.ts';
import { normalizePolicy, parsePolicy, type Policy } from '../policy/index.ts';
import type { InputSource, Machine, OutputTarget } from '../virtual/machine.ts';
import { type Bindings, resolveBindings } from './bindings.ts';
import { compilePolicy } from './compiled-policy.ts';
import { DeadlineExecutor } from './deadline.ts';
import { type InstanceExecutor, PlainInstanceExecutor } from './executor.ts';
import { Instance } from './instance.ts';
import type { EmbedderImports, LinkTarget } from './linked.ts';
import { openHost, prepareHost } from './open-host.ts';
import { endedError, type Outcome, outcomeOf, outcomeRecord } from './outcome.ts';

/** Options of `program.instantiate()`. Only `policy` is needed; what is absent grants nothing. */
export interface InstantiateOptions {
  /** A parsed policy (fastest: parse once, use often), a policy document, or the text of one. */
  readonly policy: Policy | object | string;
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
  /** Host functions of the embedder's own, for imports that are not WASI. */
  readonly imports?: EmbedderImports;
}

export interface InstantiateContext {
  readonly machine: Machine;
  readonly audit: AuditLog;
  readonly programName: string;
  readonly programDigest: string;
}

let nextInstance = 1;

/** Opens a program under a policy: binds, records the opening, links. Either all of it happens or nothing stays. */
export async function instantiate(
  target: LinkTarget,
  options: InstantiateOptions,
  context: InstantiateContext,
): Promise<Instance> {
  const { machine } = context;
  const policy = compilePolicy(toPolicy(options.policy), machine);
  await prepareHost(policy);
  const bindings = resolveBindings(policy.policy, options.bindings ?? {}, (base, path) =>
    machine.resolvePath(base, path),
  );
  const id = `i${nextInstance++}`;
  const tenant = options.tenant ?? 'default';
  const recorder = new InstanceRecorder(options.audit ?? context.audit, machine, tenant, id);
  const abort = new AbortController();
  const openedAt = machine.monotonicNow();
  const { host, grants } = openHost(
    {
      policy,
      bindings,
      arguments: [options.name ?? context.programName, ...(options.args ?? [])],
      stdin: options.stdin ?? 'ignore',
      stdout: options.stdout ?? 'ignore',
      stderr: options.stderr ?? 'ignore',
      signal: abort.signal,
    },
    recorder,
    machine,
  );
  const { executor, stopped, passed } = makeExecutor(policy.limits.deadline);
  let opened = false;
  try {
    recorder.append({
      kind: 'instance-opened',
      program: context.programDigest,
      policy: policy.digest,
      grants: grants.map((grant) => ({ id: grant.id, section: grant.section, summary: grant.summary })),
      limits: limitsRecord(policy.limits),
    });
    opened = true;
    // A guest that waits while it starts is stopped by its deadline, too.
    const late = stopped.then((outcome) => Promise.reject(endedError(outcome)));
    const linked = await Promise.race([
      target.link({ host, executor, imports: options.imports ?? {} }),
      late,
    ]);
    const monotonicNow = (): number => machine.monotonicNow();
    return new Instance(
      { id, tenant, host, grants, executor, recorder, abort, stopped, monotonicNow, openedAt },
      linked,
    );
  } catch (thrown) {
    executor.end();
    abort.abort();
    host.filesystem.closeAll();
    host.stdin.close();
    const { record, error } = startFailure(thrown, passed());
    if (opened) recordFailure(recorder, record);
    throw error;
  }
}

function toPolicy(policy: Policy | object | string): Policy {
  return typeof policy === 'string' ? parsePolicy(policy) : normalizePolicy(policy);
}

interface StoppableExecutor {
  readonly executor: InstanceExecutor;
  /** Resolves when the deadline passes. */
  readonly stopped: Promise<Outcome>;
  /** @returns what `stopped` resolves to, once the deadline has passed */
  readonly passed: () => Outcome | undefined;
}

function makeExecutor(deadline: number | undefined): StoppableExecutor {
  const { promise: stopped, resolve } = Promise.withResolvers<Outcome>();
  if (deadline === undefined)
    return { executor: new PlainInstanceExecutor(), stopped, passed: () => undefined };
  let passed: Outcome | undefined;
  const onDeadline = (): void =>
    resolve((passed = { kind: 'limit', limit: 'limits.deadline', value: deadline }));
  return { executor: new DeadlineExecutor(deadline / 1e6, onDeadline), stopped, passed: () => passed };
}

function limitsRecord(limits: {
  readonly memory: number;
  readonly handles: number;
  readonly deadline: number | undefined;
}): Record<string, number> {
  const { deadline, ...rest } = limits;
  return deadline === undefined ? rest : { ...rest, deadline };
}

/** A guest that ends while it starts never becomes an instance: the embedder gets an error, the log how it ended. */
function startFailure(
  thrown: unknown,
  passed: Outcome | undefined,
): { record: OutcomeRecord; error: BailiwickError } {
  if (thrown instanceof BailiwickError && passed === undefined) {
    return { record: { kind: 'denied-at-start', code: thrown.code }, error: thrown };
  }
  const outcome = passed ?? outcomeOf(thrown);
  if (outcome.kind !== 'host-error') return { record: outcomeRecord(outcome), error: endedError(outcome) };
  const reason = thrown instanceof Error ? thrown.message : String(thrown);
  const error = new InstanceError('BW_INSTANCE_START', `The program cannot start: ${reason}`, {
    cause: thrown,
  });
  return { record: { kind: 'denied-at-start', code: error.code }, error };
}

function recordFailure(recorder: InstanceRecorder, outcome: OutcomeRecord): void {
  try {
    recorder.closed({ outcome, usage: {}, uses: {} });
  } catch {
    // Why the start failed tells the embedder more than that the log fails as well.
  }
}
