import type { UseLevel } from '../kernel/guard.ts';
import { DEFAULT_LIMITS, type Limits } from '../kernel/meter.ts';
import {
  canonicalPolicy,
  type FilesystemRule,
  type NamedSource,
  namedSources,
  parseDuration,
  parseInstant,
  type Policy,
} from '../policy/index.ts';
import type { Machine } from '../virtual/machine.ts';
import {
  type CompiledBounds,
  type CompiledMount,
  compileMount,
  compileSharedBounds,
} from './compiled-mount.ts';

import { type CompiledNetwork, compileNetwork } from './compiled-network.ts';

/** A policy with everything that instances share worked out once: digest, bits, numbers. */
export interface CompiledPolicy {
  readonly policy: Policy;
  /** SHA-256 of the canonical policy, lower-case hexadecimal. */
  readonly digest: string;
  readonly mounts: readonly CompiledMount[];
  /** Every name of the policy that the embedder binds. */
  readonly sources: readonly BoundSource[];
  /** What holds for all mounts together. */
  readonly filesystem: CompiledBounds;
  readonly network: CompiledNetwork;
  readonly wall: CompiledClock;
  readonly monotonic: CompiledClock;
  /** ChaCha20 key of a seeded generator: the SHA-256 of the seed's UTF-8 bytes. */
  readonly seedKey: Uint8Array | undefined;
  readonly environment: readonly (readonly [name: string, value: string | undefined])[];
  readonly limits: Limits;
  readonly uses: UseLevel;
}

export type CompiledClock =
  | { readonly kind: 'absent' }
  | { readonly kind: 'real'; /** Nanoseconds. */ readonly resolution: number }
  | { readonly kind: 'fixed' | 'virtual'; /** Nanoseconds since the Unix epoch. */ readonly at: bigint };

const compiled = new WeakMap<Policy, CompiledPolicy>();

/** Compiles `policy`, a frozen normal form, once. */
export function compilePolicy(policy: Policy, machine: Machine): CompiledPolicy {
  const known = compiled.get(policy);
  if (known !== undefined) return known;
  const result: CompiledPolicy = {
    policy,
    digest: machine.sha256(canonicalPolicy(policy)),
    mounts: policy.filesystem.map((rule) => compileMount(rule, policy)),
    sources: policy.filesystem.flatMap(sourcesOf),
    filesystem: compileSharedBounds(policy),
    network: compileNetwork(policy),
    wall: compileClock(policy.clocks.wall),
    monotonic: compileClock(policy.clocks.monotonic),
    seedKey: seedKeyOf(policy, machine),
    environment: Object.entries(policy.environment).map(([name, value]) => [
      name,
      typeof value === 'string' ? value : undefined,
    ]),
    limits: compileLimits(policy),
    uses: USE_LEVELS[policy.audit.level],
  };
  compiled.set(policy, result);
  return result;
}

/** A directory or image that a rule names. */
export interface BoundSource {
  /** The id of the rule. */
  readonly rule: string;
  readonly kind: NamedSource['kind'];
  readonly name: string;
  /** JSON pointer to where it stands in the policy. */
  readonly where: string;
  /** Copied into memory when an instance opens. */
  readonly isCopied: boolean;
}

function sourcesOf(rule: FilesystemRule, index: number): BoundSource[] {
  return namedSources(rule).map(({ kind, name, path }) => ({
    rule: rule.id,
    kind,
    name,
    where: `/filesystem/${index}/${path.join('/')}`,
    isCopied: kind === 'host' && path.at(-2) === 'from',
  }));
}

/** Which uses each audit level records; denials, limits, openings and closings are recorded at all of them. */
const USE_LEVELS: Readonly<Record<Policy['audit']['level'], UseLevel>> = {
  grants: 'none',
  denials: 'first',
  uses: 'every',
};

function compileClock(grant: Policy['clocks']['wall']): CompiledClock {
  if (grant === false) return { kind: 'absent' };
  if ('resolution' in grant) return { kind: 'real', resolution: Number(parseDuration(grant.resolution)) };
  if ('fixed' in grant) return { kind: 'fixed', at: parseInstant(grant.fixed) };
  return { kind: 'virtual', at: parseInstant(grant.virtual) };
}

function compileLimits({ limits }: Policy): Limits {
  return {
    memory: limits.memory ?? DEFAULT_LIMITS.memory,
    deadline: nanoseconds(limits.deadline),
    handles: limits.handles ?? DEFAULT_LIMITS.handles,
    fuel: limits.fuel,
    cpu: nanoseconds(limits.cpu),
    slice: nanoseconds(limits.slice),
    weight: limits.weight ?? DEFAULT_LIMITS.weight,
    tables: limits.tables ?? DEFAULT_LIMITS.tables,
    instances: limits.instances,
  };
}

function nanoseconds(duration: string | undefined): number | undefined {
  return duration === undefined ? undefined : Number(parseDuration(duration));
}

function seedKeyOf({ random }: Policy, machine: Machine): Uint8Array | undefined {
  if (random === false || random === 'secure') return undefined;
  return hexToBytes(machine.sha256(random.seed));
}

function hexToBytes(hex: string): Uint8Array {
  return Uint8Array.from({ length: hex.length / 2 }, (_, i) =>
    Number.parseInt(hex.slice(i * 2, i * 2 + 2), 16),
  );
}
