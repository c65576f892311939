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

/** @param deadline nanoseconds, waiting included; undefined: none */
export function makeExecutor(deadline: number | undefined, endOnInterrupt: boolean): StoppableExecutor {
  const { promise: stopped, resolve } = Promise.withResolvers<Outcome>();
  if (deadline === undefined && !endOnInterrupt) {
    return { executor: new PlainInstanceExecutor(), stopped, outcome: () => undefined };
  }
  const value = deadline ?? Infinity;
  let outcome: Outcome | undefined;
  const onStop = (reason: StopReason): void => {
    outcome =
      reason === 'interrupt' ? { kind: 'cancelled' } : { kind: 'limit', limit: 'limits.deadline', value };
    resolve(outcome);
  };
  return {
    executor: new DeadlineExecutor(value / 1e6, onStop, endOnInterrupt),
    stopped,
    outcome: () => outcome,
  };
}
