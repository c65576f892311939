import type { ComponentFunction, OnCancel, OnResolve, OnStart } from './component-function.ts';
import type { ComponentInstance } from './component-instance.ts';
import type { HostCall, Pending, WaitingCall } from './host-function.ts';
import type { EndListener, Store } from './store.ts';
import type { FunctionType } from './types.ts';

/** A function of the host for one instance of a program. {@link canonLower} calls it without a detour. */
export class HostFunction implements ComponentFunction {
  readonly type: FunctionType;
  /** It may give a {@link Pending}. */
  readonly waits: boolean;
  /** What the function gives, or a {@link Pending} of that. */
  readonly call: (args: readonly unknown[]) => unknown;

  constructor(type: FunctionType, waits: boolean, call: (args: readonly unknown[]) => unknown) {
    this.type = type;
    this.waits = waits;
    this.call = call;
  }

  invoke(onStart: OnStart, onResolve: OnResolve, caller?: ComponentInstance, onExit?: () => void): OnCancel {
    const resolve: OnResolve = (result) => {
      onResolve(result);
      onExit?.();
    };
    const result = this.call(onStart());
    if (isPending(result) && caller !== undefined) {
      const pending = new PendingCall(caller.store, result, (value) => resolve(this.results(value)));
      return () => {
        pending.cancel();
        resolve(undefined);
      };
    }
    resolve(this.results(result));
    return () => undefined;
  }

  results(value: unknown): readonly unknown[] {
    return this.type.result === undefined ? [] : [value];
  }
}

/** A function of the host as a function of the component model. */
export function hostFunction<C>(
  context: C,
  call: HostCall<C> | WaitingCall<C>,
  type: FunctionType,
): ComponentFunction {
  const waits = typeof call !== 'function';
  const fn = (waits ? call.waits : call) as (context: C, ...args: unknown[]) => unknown;
  return new HostFunction(type, waits, (args) => fn(context, ...args));
}

export function isPending(value: unknown): value is Pending<unknown> {
  return (
    typeof value === 'object' && value !== null && 'promise' in value && value.promise instanceof Promise
  );
}

/** A call of the host that waits. At the end of the instance it is cancelled. */
export class PendingCall implements EndListener {
  readonly #store: Store;
  readonly #pending: Pending<unknown>;
  #open = true;

  /** @param onValue not called after the cancellation, and not in the turn of the event loop that makes the call */
  constructor(store: Store, pending: Pending<unknown>, onValue: (value: unknown) => void) {
    this.#store = store;
    this.#pending = pending;
    store.listeners.add(this);
    pending.promise.then(
      (value) => this.#settle(() => onValue(value)),
      (error: unknown) =>
        this.#settle(() => {
          throw error;
        }),
    );
  }

  #settle(use: () => void): void {
    if (!this.#close()) return;
    try {
      use();
    } catch (error) {
      this.#store.fail(error);
    }
  }

  #close(): boolean {
    const wasOpen = this.#open;
    this.#open = false;
    this.#store.listeners.delete(this);
    return wasOpen;
  }

  cancel(): void {
    if (this.#close()) this.#pending.cancel();
  }

  ended(): void {
    this.cancel();
  }
}
