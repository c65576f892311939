import type { Operation } from '../kernel/request.ts';
import type { FoldedUses } from './records.ts';

/** Nanoseconds. */
const SECOND = 1_000_000_000;

/** How many uses are on record in this second, and how many more there were, which are only counted. */
export class UseRate {
  readonly #most: number;
  /** By grant: few, as the policy has few rules. */
  readonly #folded = new Map<string, Map<Operation, number>>();
  #recorded = 0;
  #started = -Infinity;
  #now = 0;
  /** When the first of those that are counted was, in nanoseconds of the host's steady clock. */
  since = 0;

  constructor(most: number) {
    this.#most = most;
  }

  /** @param now nanoseconds of a steady clock. @returns whether the next use is to be counted instead of recorded */
  isFull(now: number): boolean {
    this.#now = now;
    if (now - this.#started >= SECOND) {
      this.#started = now;
      this.#recorded = 0;
    }
    return this.#recorded >= this.#most;
  }

  recorded(): void {
    this.#recorded++;
  }

  fold(grant: string, operation: Operation): void {
    if (this.#folded.size === 0) this.since = this.#now;
    const counts = this.#folded.get(grant) ?? new Map<Operation, number>();
    counts.set(operation, (counts.get(operation) ?? 0) + 1);
    this.#folded.set(grant, counts);
  }

  get folded(): readonly FoldedUses[] {
    if (this.#folded.size === 0) return [];
    return [...this.#folded].flatMap(([grant, counts]) =>
      [...counts].map(([operation, count]) => ({ grant, operation, count })),
    );
  }

  clear(): void {
    this.#folded.clear();
  }
}
