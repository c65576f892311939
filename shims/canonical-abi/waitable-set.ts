import { trap } from '../trap.ts';
import { LinkedList } from './linked-list.ts';
import type { ComponentInstance } from './component-instance.ts';
import type { TableEntry } from './handle-table.ts';
import type { Thread, Wait } from './thread.ts';
import type { Waitable } from './waitable.ts';

/**
 * Waitables of which any may have the next event. Those that have one stand in a queue, so that a set of thousands costs no
 * more than a set of one, and none of them is passed over.
 *
 * @see definitions.py of the Canonical ABI, `WaitableSet`
 */
export class WaitableSet implements TableEntry, Wait {
  readonly counted = 'waitable-set';
  readonly waiters: LinkedList<Thread> = new LinkedList();
  readonly #instance: ComponentInstance;
  readonly #pending: LinkedList<Waitable> = new LinkedList();
  #size = 0;

  constructor(instance: ComponentInstance) {
    this.#instance = instance;
  }

  isReady(): boolean {
    return this.#pending.size > 0;
  }

  add(waitable: Waitable): void {
    this.#size++;
    if (waitable.hasPendingEvent) this.eventPending(waitable);
  }

  remove(waitable: Waitable): void {
    this.#size--;
    this.eventTaken(waitable);
  }

  eventPending(waitable: Waitable): void {
    if (waitable.place !== undefined) return;
    waitable.place = this.#pending.add(waitable);
    this.waiters.forEach((thread) => this.#instance.store.wake(thread));
  }

  eventTaken(waitable: Waitable): void {
    if (waitable.place === undefined) return;
    this.#pending.remove(waitable.place);
    waitable.place = undefined;
  }

  /** @returns the waitable whose event is the next to be taken; only where {@link isReady} */
  next(): Waitable {
    return this.#pending.first ?? trap('a waitable set has no event');
  }

  drop(): void {
    if (this.#size > 0) trap('a waitable set was dropped that still has waitables');
    if (this.waiters.size > 0) trap('a waitable set was dropped that is being waited for');
  }

  release(): void {}
}
