import { OperationBudget } from '../kernel/budget.ts';
import type { SharedBytes } from '../kernel/byte-budget.ts';
import { Grant } from '../kernel/grant.ts';
import type { MemoryVolume } from '../virtual/filesystem/memory-volume.ts';
import type { FilesystemRule } from '../policy/index.ts';
import { Mount, type MountRules } from '../virtual/filesystem/mount.ts';
import { Quota } from '../virtual/filesystem/quota.ts';
import { Slots } from '../virtual/filesystem/slots.ts';
import { SharedTraffic, Traffic } from '../virtual/filesystem/traffic.ts';
import type { Volume } from '../virtual/filesystem/volume.ts';
import type { CompiledBounds, CompiledMount } from './compiled-mount.ts';
import type { CompiledPolicy } from './compiled-policy.ts';
import { openVolume, type VolumeContext } from './open-volume.ts';

/** Who a bound that several mounts share belongs to, in the log. */
const SHARED = 'limits.filesystem';

/** What the mounts of an instance are opened with. */
export interface MountsContext extends Pick<VolumeContext, 'machine' | 'bindings' | 'now'> {
  readonly policy: CompiledPolicy;
  readonly offThreadFrom: number | undefined;
  readonly tenantBytes: SharedBytes | undefined;
}

/** A mount of an instance, and how its files are reached when the instance has ended. */
export interface OpenedMount {
  readonly mount: Mount;
  /** Opens the volume anew, with what the guest left in memory. */
  readonly reopen: () => Volume;
  /** Opens the host directory below an overlay for writing; undefined where there is none. */
  readonly openLower: (() => Volume) | undefined;
}

/** The counters of one owner: a rule, or the instance as a whole. */
interface Counters {
  readonly quota: Quota | undefined;
  readonly descriptors: Slots | undefined;
  readonly traffic: Traffic | undefined;
  readonly operations: readonly OperationBudget[];
}

/**
 * Opens every mount of a policy.
 *
 * @param opened gets each volume as soon as it is open, so that a failure leaves none behind
 * @throws BindingError that names the rule
 */
export function openMounts(context: MountsContext, opened: Volume[]): OpenedMount[] {
  const { policy, machine } = context;
  const now = (): number => machine.monotonicNow();
  const shared = countersOf(policy.filesystem, SHARED, now, ofTenant(context.tenantBytes));
  return policy.mounts.map((mount) => {
    const { rule, access, bounds } = mount;
    const counters = countersOf(bounds, rule.id, now, shared);
    let kept: MemoryVolume | undefined;
    const volumeContext: VolumeContext = {
      ...context,
      keep: (make) => (kept ??= make()),
      host: {
        umask: mount.umask,
        confinement: context.bindings.confinement,
        offThreadFrom: context.offThreadFrom,
      },
      files: mount.files,
      quota: counters.quota,
    };
    const reopen = (): Volume => openVolume(rule, volumeContext);
    const volume = reopen();
    opened.push(volume);
    const grant = new Grant(rule.id, 'filesystem', access, mount.summary, counters.operations);
    return {
      mount: new Mount(rule.mount, grant, volume, rulesOf(mount, counters)),
      reopen,
      openLower: lowerOf(rule, volumeContext),
    };
  });
}

/** What all instances of the tenant have together. */
function ofTenant(bytes: SharedBytes | undefined): Counters | undefined {
  if (bytes === undefined) return undefined;
  return { quota: undefined, descriptors: undefined, traffic: new SharedTraffic(bytes), operations: [] };
}

function lowerOf({ overlay }: FilesystemRule, context: VolumeContext): OpenedMount['openLower'] {
  const host = overlay?.lower.host;
  if (host === undefined) return undefined;
  return () => context.machine.openHostVolume(context.bindings.directories.get(host) as string, context.host);
}

function rulesOf({ rules }: CompiledMount, { descriptors, traffic }: Counters): MountRules {
  return { ...rules, descriptors, traffic };
}

/** Where neither the rule nor the instance has a bound nothing is counted. */
function countersOf(
  { quota, descriptors, traffic, operations }: CompiledBounds,
  owner: string,
  now: () => number,
  shared: Counters | undefined,
): Counters {
  const own = operations && new OperationBudget(`${owner} budget.operations`, operations, now);
  const bounded = Object.keys(quota).length > 0;
  return {
    quota: bounded ? new Quota(quota, shared?.quota) : shared?.quota && new Quota({}, shared.quota),
    descriptors:
      descriptors === undefined
        ? shared?.descriptors
        : new Slots(`${owner} quota.descriptors`, descriptors, shared?.descriptors),
    traffic:
      Object.keys(traffic).length === 0 ? shared?.traffic : new Traffic(owner, traffic, shared?.traffic),
    operations: [...(own === undefined ? [] : [own]), ...(shared?.operations ?? [])],
  };
}
