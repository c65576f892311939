import type { Limits, Meter } from '../kernel/meter.ts';
import { MeteredExecutor } from './cpu/metered-executor.ts';
import { type CpuBudget, scheduler } from './cpu/scheduler.ts';
import { DeadlineExecutor, type StopReason } from './deadline.ts';
import { type InstanceExecutor, PlainInstanceExecutor } from './executor.ts';
import type { Outcome } from './outcome.ts';

/** An executor, and how it tells that it stopped its guest. */
export interface StoppableExecutor {
  readonly executor: InstanceExecutor;
  /** Resolves when something outside the guest stops it. */
  readonly stopped: Promise<Outcome>;
  /** @returns what `stopped` resolves to, once the guest was stopped */
  readonly outcome: () => Outcome | undefined;
}

export interface ExecutorOptions {
  readonly meter: Meter;
  readonly tenant: string;
  /** What the tenant may compute; undefined: no bound. */
  readonly budget: CpuBudget | undefined;
  readonly endOnInterrupt: boolean;
}

/** @returns the cheapest executor that can do what the limits ask for */
export function makeExecutor(options: ExecutorOptions): StoppableExecutor {
  const { promise: stopped, resolve } = Promise.withResolvers<Outcome>();
  let outcome: Outcome | undefined;
  const onStop = (how: Outcome): void => {
    outcome = how;
    resolve(how);
  };
  return { executor: executorFor(options, onStop), stopped, outcome: () => outcome };
}

function executorFor(
  { meter, tenant, budget, endOnInterrupt }: ExecutorOptions,
  onStop: (outcome: Outcome) => void,
): InstanceExecutor {
  const { limits } = meter;
  if (isMetered(limits) || budget !== undefined) {
    const turntaker = scheduler.enter(tenant, limits.weight, budget);
    return new MeteredExecutor({ meter, turntaker, onStop });
  }
  if (limits.deadline === undefined && !endOnInterrupt) return new PlainInstanceExecutor();
  const value = limits.deadline ?? Infinity;
  const onDeadline = (reason: StopReason): void =>
    onStop(
      reason === 'interrupt' ? { kind: 'cancelled' } : { kind: 'limit', limit: 'limits.deadline', value },
    );
  return new DeadlineExecutor(value / 1e6, onDeadline, endOnInterrupt);
}

/** Metering costs time: only who asks for what needs it pays for it. */
function isMetered({ fuel, cpu, slice }: Limits): boolean {
  return fuel !== undefined || cpu !== undefined || slice !== undefined;
}
