import type { ComponentFunction, OnCancel } from './component-function.ts';
import type { EndListener, Store } from './store.ts';

/** A call of a component's function by the host. */
export interface HostInvocation {
  /** The result; undefined for none, and for a call that was cancelled. Rejects with what ended the instance. */
  readonly promise: Promise<unknown>;
  /** Settles when the component is done with the call, which may be long after its result. Rejects with what ended the instance. */
  readonly done: Promise<void>;
  /** The component has taken the parameters over. */
  readonly isStarted: boolean;
  /** The host does not want the result any more. The component may give one all the same. */
  cancel(): void;
}

/** Calls a component: at once, or as soon as none of its threads runs. */
export function invokeFromHost(
  store: Store,
  fn: ComponentFunction,
  args: readonly unknown[],
): HostInvocation {
  return new Invocation(store, fn, args);
}

class Invocation implements HostInvocation, EndListener {
  readonly promise: Promise<unknown>;
  readonly #store: Store;
  readonly #resolve: (value: unknown) => void;
  readonly #reject: (reason: unknown) => void;
  isStarted = false;
  #cancelled = false;
  #exited = false;
  /** Made when somebody asks: most calls are done with their result. */
  #done: PromiseWithResolvers<void> | undefined;
  #onCancel: OnCancel | undefined;

  constructor(store: Store, fn: ComponentFunction, args: readonly unknown[]) {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    this.promise = promise;
    this.#store = store;
    this.#resolve = resolve;
    this.#reject = reject;
    if (store.isEnded) {
      reject(store.reason);
      return;
    }
    store.listeners.add(this);
    store.enter(() => this.#start(fn, args));
  }

  #start(fn: ComponentFunction, args: readonly unknown[]): void {
    if (this.#cancelled) return;
    this.#onCancel = fn.invoke(
      () => {
        this.isStarted = true;
        return args;
      },
      (result) => this.#settle(result?.[0]),
      undefined,
      () => this.#exit(),
    );
  }

  get done(): Promise<void> {
    if (this.#done === undefined) {
      this.#done = Promise.withResolvers<void>();
      if (this.#exited) this.#done.resolve();
      else if (this.#store.isEnded) this.#done.reject(this.#store.reason);
    }
    return this.#done.promise;
  }

  /** A function that gives its result may still trap right afterwards, in its post-return: the caller is told that instead. */
  #settle(value: unknown): void {
    this.#onCancel = undefined;
    this.#cancelled = true;
    void Promise.resolve().then(() => this.#resolve(value));
  }

  #exit(): void {
    this.#exited = true;
    this.#store.listeners.delete(this);
    this.#done?.resolve();
  }

  cancel(): void {
    if (this.#cancelled) return;
    this.#cancelled = true;
    if (this.#onCancel === undefined) {
      this.#settle(undefined);
      this.#exit();
      return;
    }
    this.#store.enter(() => this.#onCancel?.());
  }

  ended(reason: unknown): void {
    this.#reject(reason);
    this.#done?.reject(reason);
  }
}
