import { contextModule } from './core-module.ts';
import type { CoreImport } from './canon-options.ts';
import type { Store } from './store.ts';

/** Whose words they are. */
interface Owner {
  context0: number;
  context1: number;
}

/**
 * `context.get` and `context.set` of one component instance: functions of WebAssembly, so that a call of them leaves it for
 * nothing. They work on the words of the thread that runs, which the store puts there, and takes away, when another one runs.
 */
export class ContextSlots {
  readonly #exports: WebAssembly.Exports;
  readonly #slot0: WebAssembly.Global;
  readonly #slot1: WebAssembly.Global;

  constructor({ executor, compile }: Store) {
    const { exports } = executor.instantiate(contextModule(compile), {});
    this.#exports = exports;
    this.#slot0 = exports['slot0'] as WebAssembly.Global;
    this.#slot1 = exports['slot1'] as WebAssembly.Global;
  }

  get(slot: number): CoreImport {
    return this.#exports[slot === 0 ? 'get0' : 'get1'] as CoreImport;
  }

  set(slot: number): CoreImport {
    return this.#exports[slot === 0 ? 'set0' : 'set1'] as CoreImport;
  }

  /** `owner` runs from now on. */
  load(owner: Owner): void {
    this.#slot0.value = owner.context0;
    this.#slot1.value = owner.context1;
  }

  /** Another one runs from now on. */
  save(owner: Owner): void {
    owner.context0 = this.#slot0.value as number;
    owner.context1 = this.#slot1.value as number;
  }
}
