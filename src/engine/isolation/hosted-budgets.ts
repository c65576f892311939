import { InstanceError } from '../../errors.ts';
import type { TenantBounds } from '../tenants/tenant-bounds.ts';
import type { Question } from './protocol.ts';

/**
 * Budgets of a tenant, as an instance in a worker counts against them. What a worker says is checked: one that a guest has taken
 * over gives back no more than it took, and no number that is none spoils a budget.
 */
export class HostedBudgets {
  readonly #tenant: TenantBounds;
  readonly #now: () => number;
  #bytes = 0;
  #requests = 0;

  constructor(tenant: TenantBounds, now: () => number) {
    this.#tenant = tenant;
    this.#now = now;
  }

  /** @throws InstanceError BW_ISOLATION_VALUE */
  answer(question: Exclude<Question, { readonly about: 'record' }>): number {
    switch (question.about) {
      case 'cpu':
        return this.#takeCpu(question.nanoseconds);
      case 'bytes':
        return this.#useBytes(question.count);
      case 'requests':
        return question.give ? this.#giveRequest() : this.#takeRequest();
    }
  }

  #takeCpu(nanoseconds: number): number {
    if (!(nanoseconds >= 0 && nanoseconds < Infinity)) throw impossible();
    const { cpu } = this.#tenant;
    const now = this.#now();
    cpu?.takeCpu(nanoseconds);
    return Math.max(0, (cpu?.cpuReadyAt(now) ?? now) - now);
  }

  #useBytes(count: number): number {
    if (!Number.isSafeInteger(count) || this.#bytes + count < 0) throw impossible();
    this.#bytes += count;
    const { bytes } = this.#tenant;
    if (count !== 0) bytes?.use(count);
    return bytes?.left ?? Infinity;
  }

  #takeRequest(): number {
    if (this.#tenant.requests?.take() === false) return 0;
    this.#requests++;
    return 1;
  }

  #giveRequest(): number {
    if (this.#requests === 0) throw impossible();
    this.#requests--;
    this.#tenant.requests?.give();
    return 1;
  }
}

function impossible(): InstanceError {
  return new InstanceError('BW_ISOLATION_VALUE', 'A worker counted what cannot be against a budget.');
}
