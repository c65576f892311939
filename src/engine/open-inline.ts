import { InstanceRecorder, type RecordLog } from '../audit/instance-recorder.ts';
import type { AuditEvent, OutcomeRecord } from '../audit/records.ts';
import { BailiwickError, InstanceError } from '../errors.ts';
import type { Grant } from '../kernel/grant.ts';
import type { Limits } from '../kernel/meter.ts';
import type { Machine } from '../virtual/machine.ts';
import { resolveBindings } from './bindings.ts';
import type { CompiledPolicy } from './compiled-policy.ts';
import { InlineInstance } from './inline-instance.ts';
import type { InstantiateOptions } from './instantiate-options.ts';
import type { LinkTarget } from './linked.ts';
import { loadBindings } from './load-bindings.ts';
import { makeExecutor } from './make-executor.ts';
import { type HostOptions, openHost } from './open-host.ts';
import { openListeners } from './open-listeners.ts';
import { endedError, type Outcome, outcomeOf, outcomeRecord } from './outcome.ts';
import type { TenantBounds } from './tenants/tenant-bounds.ts';
import { readUsage, type Usage } from './usage.ts';

/** What an instance is opened with, checked and ready. */
export interface Opening {
  /** {@link nextInstanceId} */
  readonly id: string;
  readonly program: { readonly name: string; readonly digest: string };
  readonly policy: CompiledPolicy;
  readonly tenant: TenantBounds;
  /** Takes the instance's records. */
  readonly log: RecordLog;
  readonly offThreadFrom: number | undefined;
  /** Told how to read what is used, as soon as something can be: a guest that never becomes an instance uses time, too. */
  readonly watch: (usage: () => Usage) => void;
  /** Called when the instance ends. Not when its opening fails. */
  readonly leave: Leave;
}

/** Gives back the places that were taken for an instance, and counts how it ended and what it used. */
export type Leave = (outcome: Outcome, usage: Usage) => void;

/** Tells the instances of this process from those of others that write to the same file. */
const PROCESS = crypto.randomUUID().slice(0, 8);

let nextInstance = 1;

/** @returns a name that no other instance has */
export function nextInstanceId(): string {
  return `${PROCESS}-${nextInstance++}`;
}

/** Opens a program on this thread: binds, records the opening, links. Either all of it happens or nothing stays. */
export async function openInline(
  target: LinkTarget,
  options: Omit<InstantiateOptions, 'policy'>,
  opening: Opening,
  machine: Machine,
): Promise<InlineInstance> {
  const { id, policy, tenant, leave } = opening;
  const resolved = resolveBindings(policy, options.bindings ?? {}, (base, path) =>
    machine.resolvePath(base, path),
  );
  const bindings = await loadBindings(policy.sources, resolved, machine);
  // From here on, whatever fails is on record.
  const recorder = new InstanceRecorder(opening.log, machine, tenant.name, id);
  const abort = new AbortController();
  const openedAt = machine.monotonicNow();
  const { host, grants, mounts, preopenedSockets } = openHost(
    {
      ...toHostOptions(options, opening.program.name),
      policy,
      bindings,
      signal: abort.signal,
      offThreadFrom: opening.offThreadFrom,
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
  opening.watch(() => readUsage(host.meter, machine.monotonicNow() - openedAt, [], recorder.denials.total));
  let opened = false;
  try {
    recorder.append(openingOf(policy, grants, opening.program.digest));
    opened = true;
    await openListeners(host.network, bindings.listeners, preopenedSockets);
    // A guest that waits while it starts is stopped by its deadline, too.
    const late = stopped.then((outcome) => Promise.reject(endedError(outcome)));
    const linked = await Promise.race([
      target.link({ host, executor, imports: options.imports ?? {} }),
      late,
    ]);
    const monotonicNow = (): number => machine.monotonicNow();
    return new InlineInstance(
      { id, tenant, host, grants, mounts, executor, recorder, abort, stopped, monotonicNow, openedAt, leave },
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

/** What is absent grants nothing. */
function toHostOptions(
  options: Omit<InstantiateOptions, 'policy'>,
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
