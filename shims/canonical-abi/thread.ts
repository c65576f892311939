import { trap } from '../trap.ts';
import type { CoreValue } from './abi.ts';
import type { ComponentInstance } from './component-instance.ts';
import type { GuestEntry } from './guest-entry.ts';
import type { LinkedList, ListNode } from './linked-list.ts';
import type { Store } from './store.ts';
import type { Task } from './task.ts';

/** What a thread can wait for. Whoever makes it ready calls `store.wake` for the threads in `waiters`. */
export interface Wait {
  readonly waiters: LinkedList<Thread>;
  isReady(): boolean;
}

/** One call of guest code on a stack of its own. */
interface Run {
  readonly onReturn: (result: CoreValue | undefined) => void;
  returned: boolean;
  result: CoreValue | undefined;
  suspended: boolean;
}

/** What a thread does when that for which it waits has come, or `cancelled` was delivered instead. */
type OnResume = (cancelled: boolean) => void;

/**
 * A thread of a guest: the one that its task was given. JavaScript has one thread, so at most one of these runs at a time
 * (`store.current`). It waits either with a suspended stack ({@link suspend}), or without any between two calls
 * ({@link waitFor}).
 *
 * @see definitions.py of the Canonical ABI, `Thread`
 */
export class Thread {
  readonly instance: ComponentInstance;
  /** Undefined for calls that are no tasks: start functions, `realloc`, destructors. They cannot wait. */
  readonly task: Task | undefined;
  /** Of `context.get` and `context.set`, while it does not run. */
  context0 = 0;
  context1 = 0;
  /** It is in the store's queue. */
  queued: ListNode<Thread> | undefined;
  /** Waits, and may be told that its task is cancelled. */
  cancellable = false;
  #wait: Wait | undefined;
  #place: ListNode<Thread> | undefined;
  /** It must not go on while another task of its instance is exclusive. */
  #exclusive = false;
  #exclusivePlace: ListNode<Thread> | undefined;
  #cancelled = false;
  #onResume: OnResume | undefined;
  /** Of a suspended stack: what its import gives when it goes on, and how it goes on. */
  #finish: ((cancelled: boolean) => CoreValue | undefined) | undefined;
  #run: Run | undefined;

  constructor(instance: ComponentInstance, task: Task | undefined) {
    this.instance = instance;
    this.task = task;
  }

  get #store(): Store {
    return this.instance.store;
  }

  /** @param onReturn called once the guest has returned; before this returns, unless the guest was suspended */
  run(
    entry: GuestEntry,
    args: readonly CoreValue[],
    onReturn: (result: CoreValue | undefined) => void,
  ): void {
    const store = this.#store;
    const run: Run = { onReturn, returned: false, result: undefined, suspended: false };
    this.#run = run;
    store.current = this;
    store
      .entered(() => entry.call(args))
      .then(
        () => {
          if (run.suspended) store.endSlice(() => onReturn(run.result));
        },
        (error: unknown) => store.fail(error),
      );
    if (run.suspended) return;
    // A trap. The promise tells which; until then nobody may go on as if nothing had happened.
    if (!run.returned) throw store.dying();
    onReturn(run.result);
  }

  /** The stack that runs was interrupted, and goes on in its time. Until then nobody else may run. */
  interrupted(): void {
    if (this.#run === undefined) return;
    this.#run.suspended = true;
    this.#store.goOn(this);
  }

  /** The guest is about to return. */
  returned(result: CoreValue | undefined): void {
    if (this.#run === undefined) return;
    this.#run.returned = true;
    this.#run.result = result;
  }

  /** Waits without a stack. */
  waitFor(wait: Wait, options: { cancellable: boolean; exclusive: boolean }, onResume: OnResume): void {
    this.#register(wait, options.cancellable, options.exclusive);
    this.#onResume = onResume;
  }

  /**
   * The import that runs cannot answer yet: it is to {@link suspend} at once.
   *
   * @param finish gives its answer in the end
   * @param byHost a function of the host takes its time that is not `async`: to components it is as if it had not
   */
  block(
    wait: Wait,
    cancellable: boolean,
    finish: (cancelled: boolean) => CoreValue | undefined,
    byHost = false,
  ): void {
    if (this.task === undefined) trap('a call that cannot wait would have to');
    this.#register(wait, cancellable, false);
    this.#finish = finish;
    if (byHost) this.#store.ready.held = this;
  }

  suspend(): Promise<CoreValue | undefined> {
    const { promise, resolve } = Promise.withResolvers<CoreValue | undefined>();
    const finish = this.#finish;
    const run = this.#run;
    if (finish === undefined || run === undefined) trap('there is nothing to wait for');
    run.suspended = true;
    this.#finish = undefined;
    this.#onResume = (cancelled) => {
      const value = finish(cancelled);
      this.#store.goOn(this);
      resolve(value);
    };
    this.#store.suspended(this);
    return promise;
  }

  #register(wait: Wait, cancellable: boolean, exclusive: boolean): void {
    this.cancellable = cancellable;
    this.#wait = wait;
    this.#exclusive = exclusive;
    this.#place = wait.waiters.add(this);
    if (wait.isReady()) this.#store.wake(this);
  }

  get isWaiting(): boolean {
    return this.#wait !== undefined;
  }

  /** Whether it can go on; if not, it stays where it waits, and will be woken again. */
  isReady(): boolean {
    const wait = this.#wait;
    if (wait === undefined) return false;
    if (this.#cancelled) return true;
    const ready = wait.isReady();
    if (ready && !(this.#exclusive && this.instance.exclusive !== undefined)) return true;
    if (ready) this.#exclusivePlace ??= this.instance.waitingForExclusive.add(this);
    else this.#leaveExclusive();
    return false;
  }

  /** Its turn that came with the end of another's exclusiveness goes to the next. */
  #leaveExclusive(): void {
    if (this.#exclusivePlace === undefined) return;
    this.instance.waitingForExclusive.remove(this.#exclusivePlace);
    this.#exclusivePlace = undefined;
    if (this.instance.exclusive === undefined) this.instance.wakeExclusive();
  }

  /** Its task's cancellation is delivered to it when its turn comes. */
  cancelLater(): void {
    this.#cancelled = true;
    this.#store.wake(this);
  }

  get hasStack(): boolean {
    return this.#run?.suspended === true && !this.#run.returned;
  }

  /** Goes on. For the store, which has set `current`; and for {@link Task}, to deliver a cancellation at once. */
  resume(cancelled: boolean = this.#cancelled): void {
    const onResume = this.#onResume;
    if (this.#place !== undefined) this.#wait?.waiters.remove(this.#place);
    this.#store.ready.remove(this);
    this.#wait = undefined;
    this.#place = undefined;
    if (this.#exclusivePlace !== undefined) this.instance.waitingForExclusive.remove(this.#exclusivePlace);
    this.#exclusivePlace = undefined;
    this.#cancelled = false;
    this.cancellable = false;
    if (this.#store.ready.held === this) this.#store.ready.held = undefined;
    this.#onResume = undefined;
    onResume?.(cancelled);
  }
}
