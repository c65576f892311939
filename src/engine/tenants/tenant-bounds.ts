import type { UseBudget } from '../../kernel/budget.ts';
import type { SharedBytes } from '../../kernel/byte-budget.ts';
import type { CpuBudget } from '../cpu/scheduler.ts';

/** What all instances of a tenant have together, as one of them sees it; undefined: no bound. */
export interface TenantBounds {
  readonly name: string;
  readonly cpu: CpuBudget | undefined;
  readonly bytes: SharedBytes | undefined;
  readonly requests: UseBudget | undefined;
}
