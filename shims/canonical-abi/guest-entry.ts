import { entryModule, type CoreSignature } from './core-module.ts';
import type { CoreValue } from './abi.ts';
import type { GuestFunction } from './canon-options.ts';
import type { Store } from './store.ts';

/** A core function that is called on a stack of its own, see {@link Thread.run}. Made at the first call. */
export class GuestEntry {
  readonly #store: Store;
  readonly #callee: GuestFunction;
  readonly #signature: CoreSignature;
  #call: ((...args: readonly unknown[]) => Promise<unknown>) | undefined;

  constructor(store: Store, callee: GuestFunction, signature: CoreSignature) {
    this.#store = store;
    this.#callee = callee;
    this.#signature = signature;
  }

  /** The promise is only good for what ended the guest: {@link Thread.returned} is told of results first. */
  call(args: readonly CoreValue[]): Promise<unknown> {
    this.#call ??= this.#make();
    return this.#call(...args);
  }

  #make(): (...args: readonly unknown[]) => Promise<unknown> {
    const store = this.#store;
    const { executor, compile } = store;
    const done = (result?: CoreValue): void => store.current?.returned(result);
    const { exports } = executor.instantiate(entryModule(this.#signature, compile), {
      '': { callee: this.#callee, done },
    });
    return executor.promising(exports['f'] as GuestFunction);
  }
}
