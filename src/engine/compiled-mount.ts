import { accessBits, accessWords } from '../kernel/access.ts';
import type { OperationLimit } from '../kernel/budget.ts';
import type { GrantSummary } from '../kernel/grant.ts';
import { PathMatcher } from '../kernel/path-matcher.ts';
import {
  type FilesystemBudget,
  type FilesystemQuota,
  type FilesystemRule,
  isLiteralHostPath,
  namedSources,
  parseDuration,
  parseInstant,
  parseRate,
  type Policy,
} from '../policy/index.ts';
import type { Image } from '../virtual/filesystem/image.ts';
import { imageOfFiles } from '../virtual/filesystem/image-files.ts';
import type { MountRules } from '../virtual/filesystem/mount.ts';
import { MAX_NAME_BYTES, MAX_PATH_BYTES } from '../virtual/filesystem/path.ts';
import { DEFAULT_MEMORY_QUOTA, type QuotaLimits } from '../virtual/filesystem/quota.ts';
import { coarseTimes, fixedTimes, noTimes, type ShowTimes } from '../virtual/filesystem/timestamps.ts';

/** A filesystem rule as the engine uses it: numbers and matchers in place of texts. Shared by all instances. */
export interface CompiledMount {
  readonly rule: FilesystemRule;
  readonly access: number;
  readonly summary: GrantSummary;
  readonly bounds: CompiledBounds;
  /** What the patterns, lengths and timestamps of the rule come to. */
  readonly rules: Pick<MountRules, 'paths' | 'conceal' | 'nameBytes' | 'pathBytes' | 'depth' | 'showTimes'>;
  /** Permission bits that new files on the host do not get. */
  readonly umask: number;
  /** The `files` that a memory volume starts with. */
  readonly files: Image | undefined;
}

/** What a rule, or all of an instance's together, may keep and use; absent means unbounded. */
export interface CompiledBounds {
  readonly quota: Partial<QuotaLimits>;
  readonly descriptors: number | undefined;
  readonly traffic: Pick<FilesystemBudget, 'readBytes' | 'writeBytes'>;
  readonly operations: OperationLimit | undefined;
}

/** Compiles a rule under the bounds that hold for all mounts of the instance. */
export function compileMount(rule: FilesystemRule, { limits }: Policy): CompiledMount {
  const quota = rule.quota ?? {};
  const all = limits.filesystem?.quota ?? {};
  const pathBytes = least(quota.pathLength, all.pathLength) ?? MAX_PATH_BYTES;
  const isMemory = rule.memory !== undefined || rule.overlay?.upper.memory !== undefined;
  const files = rule.memory?.from?.files;
  const access = accessBits(rule.access);
  const bounds = compileBounds(isMemory ? { ...DEFAULT_MEMORY_QUOTA, ...quota } : quota, rule.budget);
  return {
    rule,
    access,
    summary: summaryOf(rule, access, bounds),
    bounds,
    rules: {
      paths: PathMatcher.compile(rule.paths, rule.except),
      conceal: rule.conceal === true,
      // A name is a path as well.
      nameBytes: Math.min(least(quota.nameLength, all.nameLength) ?? MAX_NAME_BYTES, pathBytes),
      pathBytes,
      depth: least(quota.depth, all.depth) ?? Infinity,
      showTimes: compileTimes(rule.timestamps),
    },
    umask: Number.parseInt(rule.umask ?? '022', 8),
    files: files === undefined ? undefined : imageOfFiles(files),
  };
}

/** @returns what holds for all mounts of an instance together */
export function compileSharedBounds({ limits }: Policy): CompiledBounds {
  return compileBounds(limits.filesystem?.quota ?? {}, limits.filesystem?.budget);
}

function compileBounds(quota: FilesystemQuota, budget: FilesystemBudget = {}): CompiledBounds {
  const { bytes, files, directories } = quota;
  const { readBytes, writeBytes } = budget;
  return {
    quota: bounded({ bytes, files, directories }),
    descriptors: quota.descriptors,
    traffic: bounded({ readBytes, writeBytes }),
    operations: budget.operations === undefined ? undefined : parseRate(budget.operations),
  };
}

/** @returns those that are bounds: the log has no word for infinity */
function bounded<Name extends string>(
  bounds: Readonly<Record<Name, number | undefined>>,
): Partial<Record<Name, number>> {
  const finite = Object.entries<number | undefined>(bounds).filter(([, value]) => Number.isFinite(value));
  return Object.fromEntries(finite) as Partial<Record<Name, number>>;
}

function compileTimes(timestamps: FilesystemRule['timestamps']): ShowTimes | undefined {
  if (timestamps === undefined) return undefined;
  if (timestamps === false) return noTimes;
  return 'fixed' in timestamps
    ? fixedTimes(parseInstant(timestamps.fixed))
    : coarseTimes(parseDuration(timestamps.resolution));
}

function least(...values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}

function summaryOf(rule: FilesystemRule, access: number, bounds: CompiledBounds): GrantSummary {
  // A literal path is the host's own business: names go to the log, paths do not.
  const names = namedSources(rule).filter(({ name }) => !isLiteralHostPath(name));
  return {
    mount: rule.mount,
    volume: kindOf(rule),
    ...Object.fromEntries(names.map(({ path, name }) => [path.join('.'), name])),
    access: accessWords(access),
    ...(rule.paths === undefined ? {} : { paths: rule.paths }),
    ...(rule.except === undefined ? {} : { except: rule.except }),
    ...(rule.conceal === undefined ? {} : { conceal: true }),
    ...bounds.quota,
    ...(bounds.descriptors === undefined ? {} : { descriptors: bounds.descriptors }),
    ...bounds.traffic,
    ...(rule.budget?.operations === undefined ? {} : { operations: rule.budget.operations }),
  };
}

function kindOf(rule: FilesystemRule): string {
  if (rule.overlay !== undefined) return 'overlay';
  if (rule.image !== undefined) return 'image';
  return rule.host === undefined ? 'memory' : 'host';
}
