import type { AuditLog } from '../audit/audit-log.ts';
import { InstanceRecorder } from '../audit/instance-recorder.ts';
import type { AuditEvent, OutcomeRecord } from '../audit/records.ts';
import { BailiwickError, InstanceError } from '../errors.ts';
import type { Grant } from '../kernel/grant.ts';
import type { Limits } from '../kernel/meter.ts';
import { normalizePolicy, parsePolicy, type Policy, type PolicyDocument } from '../policy/index.ts';
import type { InputSource, Machine, OutputTarget } from '../virtual/machine.ts';
import { type Bindings, resolveBindings } from './bindings.ts';
import { type CompiledPolicy, compilePolicy } from './compiled-policy.ts';
import { Instance } from './instance.ts';
import type { EmbedderImports, LinkTarget } from './linked.ts';
import { type HostOptions, openHost } from './open-host.ts';
import { openListeners } from './open-listeners.ts';
import { type LoadedBindings, loadBindings } from './load-bindings.ts';
import { makeExecutor } from './make-executor.ts';
import { endedError, type Outcome, outcomeOf, outcomeRecord } from './outcome.ts';
import type { Tenant } from './tenants/tenant.ts';
import type { Tenants } from './tenants/tenants.ts';

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

export interface InstantiateContext {
  readonly machine: Machine;
  readonly audit: AuditLog;
  readonly programName: string;
  readonly programDigest: string;
  readonly offThreadFrom: number | undefined;
  readonly tenants: Tenants;
}

/** Tells the instances of this process from those of others that write to the same file. */
const PROCESS = crypto.randomUUID().slice(0, 8);

let nextInstance = 1;

/** Opens a program under a policy: binds, records the opening, links. Either all of it happens or nothing stays. */
export async function instantiate(
  target: LinkTarget,
  options: InstantiateOptions,
  context: InstantiateContext,
): Promise<Instance> {
  const { machine } = context;
  const policy = compilePolicy(toPolicy(options.policy), machine);
  const resolved = resolveBindings(policy, options.bindings ?? {}, (base, path) =>
    machine.resolvePath(base, path),
  );
  const bindings = await loadBindings(policy.sources, resolved, machine);
  const tenant = context.tenants.get(options.tenant ?? 'default');
  tenant.openInstance(policy.limits.instances);
  try {
    return await open(target, options, context, { policy, bindings, tenant });
  } catch (error) {
    tenant.closeInstance();
    throw error;
  }
}

/** What an instance is opened with, checked and ready. */
interface Opening {
  readonly policy: CompiledPolicy;
  readonly bindings: LoadedBindings;
  readonly tenant: Tenant;
}

/** From here on, whatever fails is on record. */
async function open(
  target: LinkTarget,
  options: InstantiateOptions,
  context: InstantiateContext,
  { policy, bindings, tenant }: Opening,
): Promise<Instance> {
  const { machine } = context;
  const id = `${PROCESS}-${nextInstance++}`;
  const recorder = new InstanceRecorder(options.audit ?? context.audit, machine, tenant.name, id);
  const abort = new AbortController();
  const openedAt = machine.monotonicNow();
  const { host, grants, mounts, preopenedSockets } = openHost(
    {
      ...toHostOptions(options, context.programName),
      policy,
      bindings,
      signal: abort.signal,
      offThreadFrom: context.offThreadFrom,
      tenant,
    },
    recorder,
    machine,
  );
  const { executor, stopped, outcome } = makeExecutor({
    meter: host.meter,
    tenant: tenant.name,
    budget: tenant.cpu,
    endOnInterrupt: options.endOnInterrupt === true,
  });
  let opened = false;
  try {
    recorder.append(openingOf(policy, grants, context.programDigest));
    opened = true;
    await openListeners(host.network, bindings.listeners, preopenedSockets);
    // A guest that waits while it starts is stopped by its deadline, too.
    const late = stopped.then((outcome) => Promise.reject(endedError(outcome)));
    const linked = await Promise.race([
      target.link({ host, executor, imports: options.imports ?? {} }),
      late,
    ]);
    const monotonicNow = (): number => machine.monotonicNow();
    return new Instance(
      { id, tenant, host, grants, mounts, executor, recorder, abort, stopped, monotonicNow, openedAt },
      linked,
    );
  } catch (thrown) {
    executor.end();
    abort.abort();
    host.filesystem.closeAll();
    host.network.closeAll();
    host.stdin.close();
    const { record, error } = startFailure(thrown, outcome());
    if (opened) recordFailure(recorder, record);
    throw error;
  }
}

function toPolicy(policy: InstantiateOptions['policy']): Policy {
  return typeof policy === 'string' ? parsePolicy(policy) : normalizePolicy(policy);
}

/** What is absent grants nothing. */
function toHostOptions(
  options: InstantiateOptions,
  programName: string,
): Omit<HostOptions, 'policy' | 'bindings' | 'signal' | 'offThreadFrom' | 'tenant'> {
  return {
    arguments: [options.name ?? programName, ...(options.args ?? [])],
    stdin: options.stdin ?? 'ignore',
    stdout: options.stdout ?? 'ignore',
    stderr: options.stderr ?? 'ignore',
  };
}

function openingOf(policy: CompiledPolicy, grants: readonly Grant[], program: string): AuditEvent {
  return {
    kind: 'instance-opened',
    program,
    policy: policy.digest,
    grants: grants.map(({ id, section, summary }) => ({ id, section, summary })),
    limits: limitsRecord(policy.limits),
  };
}

/** What has no bound is not there. */
function limitsRecord(limits: Limits): Record<string, number> {
  const bounds = Object.entries(limits).filter(([, bound]) => bound !== undefined);
  return Object.fromEntries(bounds);
}

/** A guest that ends while it starts never becomes an instance: the embedder gets an error, the log how it ended. */
function startFailure(
  thrown: unknown,
  stopped: Outcome | undefined,
): { record: OutcomeRecord; error: BailiwickError } {
  if (thrown instanceof BailiwickError && stopped === undefined) {
    return { record: { kind: 'denied-at-start', code: thrown.code }, error: thrown };
  }
  const outcome = stopped ?? outcomeOf(thrown);
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
