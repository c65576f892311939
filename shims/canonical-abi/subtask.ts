import { trap } from '../trap.ts';
import { EventCode, Waitable } from './waitable.ts';
import type { CoreValue } from './abi.ts';
import type { OnCancel } from './component-function.ts';
import type { ResourceHandle } from './resource.ts';

export const SubtaskState = {
  starting: 0,
  started: 1,
  returned: 2,
  cancelledBeforeStarted: 3,
  cancelledBeforeReturned: 4,
} as const;
export type SubtaskState = (typeof SubtaskState)[keyof typeof SubtaskState];

/**
 * A call that a component has made, as the component sees it.
 *
 * @see definitions.py of the Canonical ABI, `Subtask`
 */
export class Subtask extends Waitable {
  readonly counted = 'subtask';
  readonly code: EventCode = EventCode.subtask;
  state: SubtaskState = SubtaskState.starting;
  onCancel: OnCancel | undefined;
  cancellationRequested = false;
  /** What the caller's core code gets, unless results go through memory. */
  flatResults: readonly CoreValue[] = [];
  /** Handles that were lent for this call, until the caller knows of its end. */
  #lenders: ResourceHandle[] | undefined = [];
  /** It is in the table: what happens to it makes events. */
  #inTable = false;

  get isResolved(): boolean {
    return this.state >= SubtaskState.returned;
  }

  get isResolveDelivered(): boolean {
    return this.#lenders === undefined;
  }

  /** Those that wait for it without a table entry are not after its events. */
  override isReady(): boolean {
    return this.#inTable ? this.hasPendingEvent : this.isResolved;
  }

  addLender(handle: ResourceHandle): void {
    handle.lends++;
    this.#lenders?.push(handle);
  }

  enterTable(index: number): void {
    this.index = index;
    this.#inTable = true;
  }

  started(): void {
    this.state = SubtaskState.started;
    this.#progress();
  }

  resolve(state: SubtaskState, flatResults: readonly CoreValue[]): void {
    this.state = state;
    this.flatResults = flatResults;
    this.#progress();
  }

  cancelled(): void {
    const { starting, cancelledBeforeStarted, cancelledBeforeReturned } = SubtaskState;
    this.resolve(this.state === starting ? cancelledBeforeStarted : cancelledBeforeReturned, []);
  }

  #progress(): void {
    if (this.#inTable) this.setPendingEvent();
    else if (this.waiters.first !== undefined) this.instance.store.wake(this.waiters.first);
  }

  /** The caller learns that the call is over. */
  deliverResolve(): void {
    for (const handle of this.#lenders ?? []) handle.lends--;
    this.#lenders = undefined;
  }

  protected override deliver(): number {
    if (this.isResolved) this.deliverResolve();
    return this.state;
  }

  drop(): void {
    if (!this.isResolveDelivered) trap('a subtask was dropped before its end was taken note of');
    this.join(undefined);
  }

  override release(): void {}
}
