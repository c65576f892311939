import { type EndCount, type MetricsOptions, type TenantMetrics, type Totals } from './metrics.ts';
import type { StartOutcome } from './outcome.ts';
import { wholeOption } from './starts/ceiling.ts';
import type { Usage } from './usage.ts';

const KINDS: ReadonlySet<StartOutcome['kind']> = new Set([
  'exit',
  'trap',
  'cancelled',
  'host-error',
  'denied-at-start',
]);

/** Ways to end that are counted by name for one tenant, and how long a name is. */
const MAX_ENDS = 64;
const MAX_NAME = 64;

/** All tenants that have no counts of their own, and one that is called so. */
const OTHER = 'other';

/**
 * Counts the instances of an engine by their tenants, and adds up what they used when they end. What live ones use is read
 * where somebody asks: nothing here is called by a guest.
 */
export class InstanceCounts {
  readonly #maxTenants: number;
  readonly #tenants = new Map<string, TenantCounts>();
  #other: TenantCounts | undefined;

  /** @throws InstanceError BW_ENGINE_OPTION */
  constructor({ maxTenants = 1000 }: MetricsOptions) {
    this.#maxTenants = wholeOption('metrics.maxTenants', maxTenants, 0);
  }

  /** A start for `tenant`; it counts once it opens or ends. */
  start(tenant: string): CountedInstance {
    return new CountedInstance(this.#countsOf(tenant));
  }

  read(): readonly TenantMetrics[] {
    const all = [...this.#tenants].map(([name, counts]) => counts.read(name));
    if (this.#other !== undefined) all.push(this.#other.read(OTHER));
    return all;
  }

  #countsOf(tenant: string): TenantCounts {
    const known = this.#tenants.get(tenant);
    if (known !== undefined) return known;
    if (tenant === OTHER || this.#tenants.size >= this.#maxTenants)
      return (this.#other ??= new TenantCounts());
    const counts = new TenantCounts();
    this.#tenants.set(tenant, counts);
    return counts;
  }
}

/** One start, and the instance that came of it. */
export class CountedInstance {
  readonly #counts: TenantCounts;
  #usage: (() => Usage) | undefined;
  #hasEnded = false;

  /** @internal */
  constructor(counts: TenantCounts) {
    this.#counts = counts;
  }

  /** It has a place. */
  open(): void {
    this.#counts.started++;
    this.#counts.live.add(this);
  }

  /** From now on it can be told what it used. */
  watch(usage: () => Usage): void {
    this.#usage = usage;
  }

  /** How it ended, or why it came to nothing. From the second time on nothing happens. */
  end(outcome: StartOutcome, usage: Usage | undefined = this.usage()): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    if (!this.#counts.live.delete(this)) this.#counts.started++;
    this.#counts.end(outcome, usage);
  }

  usage(): Usage | undefined {
    return this.#usage?.();
  }
}

type Sums = { -readonly [Name in keyof Totals]: number };

const NOTHING: Totals = {
  cpuTime: 0,
  fuel: 0,
  calls: 0,
  denials: 0,
  fileBytesRead: 0,
  fileBytesWritten: 0,
  networkBytesSent: 0,
  networkBytesReceived: 0,
  stdinBytes: 0,
  stdoutBytes: 0,
  stderrBytes: 0,
  randomBytes: 0,
};
const NAMES = Object.keys(NOTHING) as readonly (keyof Totals)[];

class TenantCounts {
  readonly live: Set<CountedInstance> = new Set();
  started = 0;
  /** By outcome and limit. */
  readonly #ended = new Map<string, EndCount>();
  readonly #sums: Sums = { ...NOTHING };

  end(outcome: StartOutcome, usage: Usage | undefined): void {
    const [kind, limit] = this.#endOf(outcome);
    const key = `${kind} ${limit ?? ''}`;
    const count = (this.#ended.get(key)?.count ?? 0) + 1;
    this.#ended.set(key, { outcome: kind, limit, count });
    if (usage !== undefined) add(this.#sums, usage);
  }

  /**
   * The names of limits are the host's, so there are few. But a worker in which a guest broke out of its walls says what it wants:
   * it must neither fill the host's memory nor spoil what others read.
   */
  #endOf(outcome: StartOutcome): readonly [kind: StartOutcome['kind'], limit: string | undefined] {
    if (outcome.kind !== 'limit') return [KINDS.has(outcome.kind) ? outcome.kind : 'host-error', undefined];
    const name = typeof outcome.limit === 'string' ? outcome.limit.slice(0, MAX_NAME) : OTHER;
    const isCounted = this.#ended.has(`limit ${name}`) || this.#ended.size < MAX_ENDS;
    return ['limit', isCounted ? name : OTHER];
  }

  read(tenant: string): TenantMetrics {
    const sums = { ...this.#sums };
    let memory = 0;
    let handles = 0;
    for (const instance of this.live) {
      const usage = instance.usage();
      if (usage === undefined) continue;
      add(sums, usage);
      memory += countOf(usage.memory);
      handles += countOf(usage.handles);
    }
    const { started, live } = this;
    return {
      tenant,
      started,
      live: live.size,
      ended: [...this.#ended.values()],
      memory,
      handles,
      ...sums,
    };
  }
}

function add(sums: Sums, usage: Usage): void {
  for (const name of NAMES) sums[name] += countOf(usage[name]);
}

/** What a worker says to be a number may be none. */
function countOf(value: number): number {
  return Number.isFinite(value) && value > 0 ? value : 0;
}
