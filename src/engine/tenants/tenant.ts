import { InstanceError } from '../../errors.ts';
import type { UseBudget } from '../../kernel/budget.ts';
import type { SharedBytes } from '../../kernel/byte-budget.ts';
import { type FlowRate, TokenBucket } from '../../kernel/token-bucket.ts';
import type { CpuBudget } from '../cpu/scheduler.ts';
import { compileBudgets, type CompiledBudgets, type TenantBudgets } from './tenant-budgets.ts';

/** What a tenant has and has used. Of budgets that it does not have, nothing is counted. */
export interface TenantUsage {
  /** Instances that it has. */
  readonly instances: number;
  /** The most of them at one time. */
  readonly instancesPeak: number;
  /** Nanoseconds that its guests computed under `budgets.cpu`. */
  readonly cpuTime: number;
  /** Bytes under `budgets.bytes`. */
  readonly bytes: number;
  /** Requests under `budgets.requests`. */
  readonly requests: number;
  /** What is left to use at once; undefined: no bound. Below zero, what was used ahead. */
  readonly left: { readonly cpu?: number; readonly bytes?: number; readonly requests?: number };
}

/** Somebody for whom instances run. Made by `engine.tenant()`. */
export class Tenant {
  readonly name: string;
  readonly #now: () => number;
  #budgets: TenantBudgets;
  #compiled: CompiledBudgets;
  #cpu: Flow | undefined;
  #bytes: Flow | undefined;
  #requests: Flow | undefined;
  #instances = 0;
  #instancesPeak = 0;

  /** @internal */
  constructor(name: string, budgets: TenantBudgets, now: () => number) {
    this.name = name;
    this.#now = now;
    this.#budgets = budgets;
    this.#compiled = compileBudgets(budgets);
    this.#open();
  }

  get budgets(): TenantBudgets {
    return this.#budgets;
  }

  /**
   * Gives it other budgets, and all of them whole. They hold at once for instances that have a budget of the kind, and for others
   * from their opening on.
   *
   * @throws InstanceError BW_TENANT_BUDGET
   */
  set budgets(budgets: TenantBudgets) {
    this.#compiled = compileBudgets(budgets);
    this.#budgets = budgets;
    this.#open();
  }

  usage(): TenantUsage {
    const left = {
      ...(this.#cpu?.rate && { cpu: this.#cpu.left }),
      ...(this.#bytes?.rate && { bytes: this.#bytes.left }),
      ...(this.#requests?.rate && { requests: this.#requests.left }),
    };
    return {
      instances: this.#instances,
      instancesPeak: this.#instancesPeak,
      cpuTime: this.#cpu?.used ?? 0,
      bytes: this.#bytes?.used ?? 0,
      requests: this.#requests?.used ?? 0,
      left,
    };
  }

  /** Gives back all that was used, and counts from the beginning. */
  reset(): void {
    this.#instancesPeak = this.#instances;
    this.#open();
  }

  /** @internal What the scheduler asks; undefined: no bound. */
  get cpu(): CpuBudget | undefined {
    return this.#compiled.cpu && this.#cpu;
  }

  /** @internal */
  get bytes(): SharedBytes | undefined {
    return this.#compiled.bytes && this.#bytes;
  }

  /** @internal */
  get requests(): UseBudget | undefined {
    return this.#compiled.requests && this.#requests;
  }

  /** @internal It has nothing that would be missed. */
  get isIdle(): boolean {
    return (
      this.#instances === 0 && [this.#cpu, this.#bytes, this.#requests].every((flow) => flow?.isFull ?? true)
    );
  }

  /**
   * @internal
   * @param limit of the instance's policy
   * @throws InstanceError BW_TENANT_INSTANCES
   */
  openInstance(limit: number | undefined): void {
    const bound = Math.min(limit ?? Infinity, this.#compiled.instances);
    if (this.#instances >= bound) throw tooMany(this.name, bound, bound === limit);
    if (++this.#instances > this.#instancesPeak) this.#instancesPeak = this.#instances;
  }

  /** @internal */
  closeInstance(): void {
    this.#instances--;
  }

  /** Instances keep what they were given, so the same objects go on under another rate. */
  #open(): void {
    const { cpu, bytes, requests } = this.#compiled;
    this.#cpu = flow(this.#cpu, 'tenant cpu', cpu, this.#now);
    this.#bytes = flow(this.#bytes, 'tenant bytes', bytes, this.#now);
    this.#requests = flow(this.#requests, 'tenant requests', requests, this.#now);
  }
}

function flow(
  known: Flow | undefined,
  name: string,
  rate: FlowRate | undefined,
  now: () => number,
): Flow | undefined {
  if (known === undefined) return rate && new Flow(name, rate, now);
  known.begin(rate);
  return known;
}

/** One budget of a tenant, in the words of those who count against it. */
class Flow implements CpuBudget, SharedBytes, UseBudget {
  readonly name: string;
  readonly #now: () => number;
  #bucket: TokenBucket | undefined;
  #used = 0;

  constructor(name: string, rate: FlowRate, now: () => number) {
    this.name = name;
    this.#now = now;
    this.#bucket = new TokenBucket(rate, now);
  }

  begin(rate: FlowRate | undefined): void {
    this.#bucket = rate && new TokenBucket(rate, this.#now);
    this.#used = 0;
  }

  get rate(): FlowRate | undefined {
    return this.#bucket?.rate;
  }

  get used(): number {
    return this.#used;
  }

  get left(): number {
    return Math.floor(this.#bucket?.left ?? Infinity);
  }

  get isFull(): boolean {
    return this.#bucket === undefined || this.#bucket.left >= this.#bucket.rate.amount;
  }

  /** Per period. */
  get amount(): number {
    return this.rate?.amount ?? Infinity;
  }

  get limit(): number {
    return this.amount;
  }

  get refills(): boolean {
    return true;
  }

  take(): boolean {
    if (this.left < 1) return false;
    this.use(1);
    return true;
  }

  give(): void {
    this.use(-1);
  }

  use(count: number): void {
    this.#used += count;
    this.#bucket?.take(count);
  }

  takeCpu(nanoseconds: number): void {
    this.use(nanoseconds);
  }

  cpuReadyAt(now: number): number {
    return this.#bucket?.readyAt(now) ?? now;
  }
}

function tooMany(name: string, bound: number, byPolicy: boolean): InstanceError {
  const source = byPolicy ? "the policy's limits.instances" : "its budget's `instances`";
  return new InstanceError(
    'BW_TENANT_INSTANCES',
    `The tenant ${JSON.stringify(name)} has ${bound} instances already; ${source} is ${bound}.`,
    { hint: 'Close one of them first, or raise the bound.' },
  );
}
