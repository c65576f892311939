import { trap } from '../trap.ts';
import { Thread } from './thread.ts';
import type { CanonOptions } from './canon-options.ts';
import type { OnResolve, OnStart } from './component-function.ts';
import type { ComponentInstance } from './component-instance.ts';
import type { BorrowScope } from './resource.ts';
import type { FunctionType } from './types.ts';

export type TaskState = 'initial' | 'started' | 'pending-cancel' | 'cancel-delivered' | 'resolved';

/** What the caller of a task hears of it. */
interface TaskEvents {
  readonly onStart: OnStart;
  readonly onResolve: OnResolve;
  /** The task is over, which may be long after its result was given. */
  readonly onExit?: (() => void) | undefined;
}

/**
 * A call of a component's function, as the callee sees it.
 *
 * @see definitions.py of the Canonical ABI, `Task`
 */
export class Task implements BorrowScope {
  readonly type: FunctionType;
  readonly options: CanonOptions;
  readonly instance: ComponentInstance;
  readonly thread: Thread;
  state: TaskState = 'initial';
  borrows = 0;
  /** Another component called: what it starts is bounded. */
  readonly #counted: boolean;
  readonly #onStart: OnStart;
  readonly #onResolve: OnResolve;
  readonly #onExit: (() => void) | undefined;

  /** @param counted see {@link ComponentInstance.openTask} */
  constructor(
    type: FunctionType,
    options: CanonOptions,
    instance: ComponentInstance,
    { onStart, onResolve, onExit }: TaskEvents,
    counted: boolean,
  ) {
    this.type = type;
    this.options = options;
    this.instance = instance;
    this.thread = new Thread(instance, this);
    this.#onStart = onStart;
    this.#onResolve = onResolve;
    this.#onExit = onExit;
    this.#counted = counted;
    if (counted) instance.openTask();
  }

  /** Only one such task of an instance runs, or is suspended within its core code, at a time. */
  get needsExclusive(): boolean {
    return this.type.async && (!this.options.async || this.options.callback !== undefined);
  }

  /** Whether the instance does not want to be called. */
  isReady(): boolean {
    const { instance } = this;
    return instance.backpressure === 0 && !(this.needsExclusive && instance.exclusive !== undefined);
  }

  /** @param entered called as soon as the instance lets the task in; never, if it is cancelled before */
  enter(entered: () => void): void {
    const { instance, thread } = this;
    if (!this.type.async || (this.isReady() && instance.numWaitingToEnter === 0)) {
      this.#enterNow(entered);
      return;
    }
    const waiters = this.needsExclusive ? instance.enteringExclusive : instance.enteringFree;
    const wait = { waiters, isReady: () => this.isReady() };
    thread.waitFor(wait, { cancellable: true, exclusive: false }, (cancelled) => {
      if (cancelled) {
        this.cancel();
        this.#ended();
      } else this.#enterNow(entered);
      instance.wakeEntering();
    });
  }

  #enterNow(entered: () => void): void {
    if (this.needsExclusive) this.instance.exclusive = this.thread;
    entered();
  }

  start(): readonly unknown[] {
    this.state = 'started';
    return this.#onStart();
  }

  /** The thread has come to its end. */
  exit(): void {
    if (this.state !== 'resolved') trap('a task ended without a result');
    if (this.needsExclusive) this.instance.releaseExclusive();
    this.#ended();
  }

  #ended(): void {
    if (this.#counted) this.instance.closeTask();
    this.#onExit?.();
  }

  return(result: readonly unknown[]): void {
    this.#resolve(result);
  }

  cancel(): void {
    if (this.state !== 'cancel-delivered') trap('task.cancel without a request to cancel');
    this.#resolve(undefined);
  }

  #resolve(result: readonly unknown[] | undefined): void {
    if (this.state === 'resolved') trap('a task has given its result already');
    if (this.borrows > 0) trap('a task ends that still holds borrowed handles');
    this.#onResolve(result);
    this.state = 'resolved';
    if (!this.type.async) this.instance.store.ready.unblockSync(this);
  }

  /** The caller does not want the result any more. */
  requestCancellation(caller: ComponentInstance | undefined): void {
    const { thread, instance } = this;
    if (this.state === 'initial') {
      this.state = 'cancel-delivered';
      thread.resume(true);
      return;
    }
    if (this.state !== 'started') return;
    const { exclusive } = instance;
    const mayGoOn = !this.needsExclusive || exclusive === undefined || exclusive === thread;
    if (!thread.cancellable || !mayGoOn || !instance.mayEnterFrom(caller)) {
      this.state = 'pending-cancel';
      return;
    }
    this.state = 'cancel-delivered';
    this.#deliverCancel(caller);
  }

  /** A suspended stack can only go on once the caller's code has returned to the event loop. */
  #deliverCancel(caller: ComponentInstance | undefined): void {
    const { thread, instance } = this;
    if (thread.hasStack) {
      thread.cancelLater();
      return;
    }
    const { store } = instance;
    const { current } = store;
    instance.enterFrom(caller);
    store.current = thread;
    thread.resume(true);
    store.current = current;
    instance.leaveTo(caller);
  }

  /** A thread that could now be told of the cancellation takes note of it. @returns whether there was one */
  deliverPendingCancel(cancellable: boolean): boolean {
    if (!cancellable || this.state !== 'pending-cancel') return false;
    this.state = 'cancel-delivered';
    return true;
  }
}
