import { LinkedList, type ListNode } from './linked-list.ts';
import type { ComponentInstance } from './component-instance.ts';
import type { TableEntry } from './handle-table.ts';
import type { Thread, Wait } from './thread.ts';
import type { WaitableSet } from './waitable-set.ts';

export const EventCode = {
  none: 0,
  subtask: 1,
  streamRead: 2,
  streamWrite: 3,
  futureRead: 4,
  futureWrite: 5,
  taskCancelled: 6,
} as const;
export type EventCode = (typeof EventCode)[keyof typeof EventCode];

/**
 * What a component can wait for: a call, or the end of a stream or future. It has one pending event at most, and what that says
 * is decided when it is taken.
 *
 * @see definitions.py of the Canonical ABI, `Waitable`
 */
export abstract class Waitable implements TableEntry, Wait {
  readonly instance: ComponentInstance;
  /** Its place in the table of `instance`. */
  index = 0;
  hasPendingEvent = false;
  set: WaitableSet | undefined;
  /** Its place among those of `set` that have an event. */
  place: ListNode<Waitable> | undefined;
  /** The thread that waits for this alone, if any. */
  readonly waiters: LinkedList<Thread> = new LinkedList();

  abstract readonly counted: string;
  /** Of its events. */
  abstract readonly code: EventCode;

  constructor(instance: ComponentInstance) {
    this.instance = instance;
  }

  /** The event is taken. @returns its payload */
  protected abstract deliver(): number;
  abstract release(): void;

  get hasSyncWaiter(): boolean {
    return this.waiters.size > 0;
  }

  isReady(): boolean {
    return this.hasPendingEvent;
  }

  /** Another event replaces one that was not taken yet. */
  protected setPendingEvent(): void {
    this.hasPendingEvent = true;
    if (this.waiters.first !== undefined) this.instance.store.wake(this.waiters.first);
    this.set?.eventPending(this);
  }

  /** @returns the payload */
  takeEvent(): number {
    this.hasPendingEvent = false;
    this.set?.eventTaken(this);
    return this.deliver();
  }

  join(set: WaitableSet | undefined): void {
    this.set?.remove(this);
    this.set = set;
    set?.add(this);
  }
}
