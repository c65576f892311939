import type { AuditLog } from '../audit/audit-log.ts';
import { normalizePolicy, parsePolicy, type Policy } from '../policy/index.ts';
import type { Machine } from '../virtual/machine.ts';
import { compilePolicy } from './compiled-policy.ts';
import { InstanceError } from '../errors.ts';
import type { Instance } from './instance.ts';
import type { CountedInstance, InstanceCounts } from './instance-counts.ts';
import type { InstantiateOptions } from './instantiate-options.ts';
import type { Pools } from './isolation/pool.ts';
import type { CachePlace } from './isolation/protocol.ts';
import type { LinkTarget } from './linked.ts';
import { nextInstanceId, openInline } from './open-inline.ts';
import { type Outcome, startOutcome } from './outcome.ts';
import type { Ceiling } from './starts/ceiling.ts';
import type { Pace } from './starts/pace.ts';
import type { Tenants } from './tenants/tenants.ts';
import type { Usage } from './usage.ts';

/** What a program has from its engine. */
export interface ProgramEngine {
  readonly machine: Machine;
  readonly audit: AuditLog;
  readonly offThreadFrom: number | undefined;
  readonly tenants: Tenants;
  readonly ceiling: Ceiling;
  readonly pace: Pace;
  readonly counts: InstanceCounts;
  readonly pools: Pools;
  /** Where workers find the compile cache. */
  readonly cache: CachePlace | undefined;
}

/** A program that is to be opened. */
export interface Startable {
  readonly name: string;
  readonly digest: string;
  readonly bytes: Uint8Array;
  readonly target: LinkTarget;
}

/** Opens a program under a policy when it is its turn, and there is a place for it. */
export function instantiate(
  program: Startable,
  options: InstantiateOptions,
  engine: ProgramEngine,
): Promise<Instance> {
  return engine.pace.run(() => counted(program, options, engine));
}

async function counted(
  program: Startable,
  options: InstantiateOptions,
  engine: ProgramEngine,
): Promise<Instance> {
  const count = engine.counts.start(tenantOf(options));
  try {
    const instance = await start(program, options, engine, count);
    count.watch(() => instance.usage());
    return instance;
  } catch (error) {
    count.end(startOutcome(error));
    throw error;
  }
}

async function start(
  program: Startable,
  options: InstantiateOptions,
  engine: ProgramEngine,
  count: CountedInstance,
): Promise<Instance> {
  const { machine } = engine;
  assertLevel(options.isolation);
  const policy = compilePolicy(toPolicy(options.policy), machine);
  const tenant = engine.tenants.get(tenantOf(options));
  tenant.openInstance(policy.limits.instances);
  let leaveEngine: (() => void) | undefined;
  const leave = (): void => {
    tenant.closeInstance();
    leaveEngine?.();
  };
  try {
    leaveEngine = await engine.ceiling.enter(Math.max(1, program.target.memoryCount));
    count.open();
    const opening = {
      id: nextInstanceId(),
      program,
      policy,
      tenant,
      log: options.audit ?? engine.audit,
      offThreadFrom: engine.offThreadFrom,
      watch: (used: () => Usage): void => count.watch(used),
      leave: (outcome: Outcome, usage: Usage): void => {
        leave();
        count.end(outcome, usage);
      },
    };
    const level = options.isolation ?? 'inline';
    if (level === 'inline') return await openInline(program.target, options, opening, machine);
    const cache = level === 'thread' ? engine.cache : undefined;
    const { openRemote } = await import('./isolation/open-remote.ts');
    return await openRemote(level, options, { ...opening, tenant, cache }, engine.pools, machine);
  } catch (error) {
    leave();
    throw error;
  }
}

function tenantOf({ tenant = 'default' }: InstantiateOptions): string {
  return tenant;
}

const LEVELS: ReadonlySet<unknown> = new Set([undefined, 'inline', 'thread', 'process']);

/** Whoever has no types may write anything, and must not be less isolated than was meant. */
function assertLevel(level: unknown): void {
  if (LEVELS.has(level)) return;
  throw new InstanceError(
    'BW_ISOLATION_LEVEL',
    `isolation is ${JSON.stringify(level)}; expected 'inline', 'thread' or 'process'.`,
  );
}

function toPolicy(policy: InstantiateOptions['policy']): Policy {
  return typeof policy === 'string' ? parsePolicy(policy) : normalizePolicy(policy);
}
