import { Tenant } from './tenant.ts';
import type { TenantBudgets } from './tenant-budgets.ts';

/** Budgets of tenants, by their names. */
export interface TenantOptions {
  /** Of every tenant that is not named. */
  readonly default?: TenantBudgets;
  readonly named?: Readonly<Record<string, TenantBudgets>>;
}

/** Tenants that are kept without a second look. */
const MANY = 1024;

/** The tenants of an engine. One that nobody would miss is forgotten, however many there have been. */
export class Tenants {
  readonly #tenants = new Map<string, Tenant>();
  /** Handed out to the embedder, who may hold on to them. */
  readonly #given = new WeakSet<Tenant>();
  readonly #default: TenantBudgets;
  readonly #now: () => number;
  #sweepAt = MANY;

  /** @throws InstanceError BW_TENANT_BUDGET */
  constructor({ default: budgets = {}, named = {} }: TenantOptions, now: () => number) {
    this.#default = budgets;
    this.#now = now;
    // Found wrong here, not when the first instance opens.
    void new Tenant('', budgets, now);
    for (const [name, own] of Object.entries(named)) this.#given.add(this.#add(name, own));
  }

  get(name: string): Tenant {
    return this.#tenants.get(name) ?? this.#add(name, this.#default);
  }

  /** For the embedder: it is not forgotten. */
  give(name: string): Tenant {
    const tenant = this.get(name);
    this.#given.add(tenant);
    return tenant;
  }

  #add(name: string, budgets: TenantBudgets): Tenant {
    if (this.#tenants.size >= this.#sweepAt) this.#sweep();
    const tenant = new Tenant(name, budgets, this.#now);
    this.#tenants.set(name, tenant);
    return tenant;
  }

  #sweep(): void {
    for (const [name, tenant] of this.#tenants) {
      if (tenant.isIdle && !this.#given.has(tenant)) this.#tenants.delete(name);
    }
    this.#sweepAt = Math.max(MANY, this.#tenants.size * 2);
  }
}
