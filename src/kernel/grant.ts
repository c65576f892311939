import type { UseBudget } from './budget.ts';
import type { Permit } from './permit.ts';
import type { Section } from './request.ts';

/**
 * A rule bound to one instance, revocable while it runs.
 *
 * `open` is the whole of the fast path: the bits that are granted, whose first use is on record, that no revocation has
 * taken back, and that no budget counts. Only the guard writes it, `recorded`, `spent` and `permit`.
 */
export class Grant {
  readonly id: string;
  readonly section: Section;
  /** Granted bits: `Access` words for filesystem, 1 for single-valued sections. */
  readonly access: number;
  /** What the grant gives, for people and for the log; no host paths, no secrets. */
  readonly summary: GrantSummary;
  /** Operations that the guard let through. */
  uses = 0;
  revoked = false;
  open = 0;
  /** Bits whose first use is on record. */
  recorded = 0;
  /** What each use is counted against: the rule's own budget, the instance's. */
  readonly budgets: readonly UseBudget[];
  /** The budget that refused the last request, if one did. */
  spent: UseBudget | undefined = undefined;
  permit: Permit | undefined = undefined;
  readonly #watchers = new Set<() => void>();

  constructor(
    id: string,
    section: Section,
    access: number,
    summary: GrantSummary,
    budgets: readonly UseBudget[] = [],
  ) {
    this.id = id;
    this.section = section;
    this.access = access;
    this.summary = summary;
    this.budgets = budgets;
  }

  /**
   * Calls back when the grant is taken back, so that what waits under it wakes up.
   *
   * @returns a function that forgets `onRevoked`
   */
  watch(onRevoked: () => void): () => void {
    this.#watchers.add(onRevoked);
    return () => void this.#watchers.delete(onRevoked);
  }

  /** @internal for the guard */
  wakeWatchers(): void {
    for (const wake of this.#watchers) wake();
    this.#watchers.clear();
  }
}

/** JSON-ready description of a grant in the record of an opened instance. */
export type GrantSummary = Readonly<Record<string, string | number | boolean | readonly string[] | null>>;

/** The one access bit of sections that are granted or not. */
export const GRANTED = 1;
