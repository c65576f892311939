import { ContextSlots } from './context-slots.ts';
import { HandleTable } from './handle-table.ts';
import { LinkedList } from './linked-list.ts';
import { Thread, type Wait } from './thread.ts';
import { WaitingFunctions } from './waiting-functions.ts';
import type { Realloc } from './abi.ts';
import type { ResourceType } from './resource.ts';
import type { Store } from './store.ts';
import type { Sweep } from './sweep.ts';

/**
 * One instance of a component: its table of handles, and who may enter and leave it.
 *
 * @see definitions.py of the Canonical ABI, `ComponentInstance`
 */
export class ComponentInstance {
  readonly store: Store;
  /** This one, and all that contain it. */
  readonly #lineage: readonly ComponentInstance[];
  /** What the resource types of its component stand for, by slot. */
  readonly resources: ResourceType[] = [];
  readonly handles: HandleTable;
  mayEnter = true;
  mayLeave = true;
  backpressure = 0;
  /** The thread of the one task that runs exclusively. */
  exclusive: Thread | undefined;
  /** Calls that wait for an end of backpressure: those that must run exclusively, and all others. */
  readonly enteringExclusive: LinkedList<Thread> = new LinkedList();
  readonly enteringFree: LinkedList<Thread> = new LinkedList();
  /** Threads that are ready, but for another that is exclusive. */
  readonly waitingForExclusive: LinkedList<Thread> = new LinkedList();
  /** Threads that let others go first. */
  readonly yielding: Wait = { waiters: new LinkedList(), isReady: () => true };
  /** Tasks that other components have started and that have not come to their ends. */
  #tasks = 0;
  /** What runs while no task does: start functions, `realloc`, destructors. */
  readonly #plain: Thread;
  #contexts: ContextSlots | undefined;
  #realloc: { readonly plain: Realloc; readonly guarded: Realloc } | undefined;
  /** What its core code imports that can wait. */
  readonly waiting: WaitingFunctions;

  constructor(store: Store, parent?: ComponentInstance) {
    this.store = store;
    this.#lineage = parent === undefined ? [this] : [this, ...parent.#lineage];
    this.handles = new HandleTable(store.handles);
    this.#plain = new Thread(this, undefined);
    this.waiting = new WaitingFunctions(this);
    store.instances.push(this);
  }

  /** The thread whose code calls the host now. */
  get thread(): Thread {
    const { current } = this.store;
    return current !== undefined && current.instance === this ? current : this.#plain;
  }

  /** Made for those that have a use for them. */
  get contexts(): ContextSlots {
    return (this.#contexts ??= new ContextSlots(this.store));
  }

  /** `thread` of this instance runs from now on. */
  loadContext(thread: Thread): void {
    this.#contexts?.load(thread);
  }

  /** `thread` of this instance does not run any more. */
  saveContext(thread: Thread): void {
    this.#contexts?.save(thread);
  }

  isWithin(other: ComponentInstance): boolean {
    return this.#lineage.includes(other);
  }

  get numWaitingToEnter(): number {
    return this.enteringExclusive.size + this.enteringFree.size;
  }

  /** Whether no instance that would be entered is running already. @param caller undefined for the host */
  mayEnterFrom(caller: ComponentInstance | undefined): boolean {
    return this.#lineage.every((each) => each.mayEnter || caller?.isWithin(each) === true);
  }

  enterFrom(caller: ComponentInstance | undefined): void {
    this.#setMayEnter(caller, false);
  }

  leaveTo(caller: ComponentInstance | undefined): void {
    this.#setMayEnter(caller, true);
  }

  #setMayEnter(caller: ComponentInstance | undefined, mayEnter: boolean): void {
    for (const each of this.#lineage) if (caller?.isWithin(each) !== true) each.mayEnter = mayEnter;
  }

  /** A task may go on after it has given its result, when its caller has no handle of it any more. */
  openTask(): void {
    this.store.handles.open('task');
    this.#tasks++;
  }

  closeTask(): void {
    this.store.handles.close();
    this.#tasks--;
  }

  /** The exclusive task is done, or waits. */
  releaseExclusive(): void {
    this.exclusive = undefined;
    this.wakeExclusive();
  }

  wakeExclusive(): void {
    this.#wakeFirst(this.waitingForExclusive);
    this.#wakeFirst(this.enteringExclusive);
  }

  wakeEntering(): void {
    this.#wakeFirst(this.enteringExclusive);
    this.#wakeFirst(this.enteringFree);
  }

  #wakeFirst(threads: LinkedList<Thread>): void {
    if (threads.first !== undefined) this.store.wake(threads.first);
  }

  /**
   * Calls a guest's function that is no task and cannot wait: `realloc`, `post-return`, a destructor.
   *
   * @param mayLeave whether it may call imports that do something outside of the instance
   */
  callPlain<R>(mayLeave: boolean, call: () => R): R {
    const { store } = this;
    store.check();
    const { current } = store;
    const { mayLeave: couldLeave } = this;
    const plain = this.#plain;
    // Such a call is a thread of its own: it starts with an empty context, also within another such call.
    store.current = undefined;
    const { context0, context1 } = plain;
    plain.context0 = 0;
    plain.context1 = 0;
    store.current = plain;
    this.mayLeave = mayLeave;
    const result = call();
    this.mayLeave = couldLeave;
    store.current = undefined;
    plain.context0 = context0;
    plain.context1 = context1;
    store.current = current;
    return result;
  }

  /** `realloc` as the host calls it. Nearly all functions of a component share one. */
  guardedRealloc(realloc: Realloc): Realloc {
    if (this.#realloc?.plain !== realloc) {
      const guarded: Realloc = (oldPointer, oldSize, alignment, newSize) =>
        this.callPlain(false, () => realloc(oldPointer, oldSize, alignment, newSize));
      this.#realloc = { plain: realloc, guarded };
    }
    return this.#realloc.guarded;
  }

  /** Gives the host back whatever the guest had of it. For the store, at the end. */
  release(sweep: Sweep): void {
    for (; this.#tasks > 0; this.#tasks--) this.store.handles.close();
    this.handles.release(sweep);
  }
}
