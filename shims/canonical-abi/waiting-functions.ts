import { waitingModule } from './waiting-module.ts';
import type { CoreValue } from './abi.ts';
import type { CoreImport } from './canon-options.ts';
import type { ComponentInstance } from './component-instance.ts';
import type { CoreSignature } from './core-module.ts';

/** What {@link Attempt} gives when its thread has to wait: it has called {@link Thread.block}. */
export const WAIT: unique symbol = Symbol('wait');

/** The answer of an import that has one at once, or {@link WAIT}. */
export type Answer = CoreValue | undefined | typeof WAIT;

/** What an import that can wait does first. */
export type Attempt = (...flat: never[]) => Answer;

/** Functions of one instance of {@link waitingModule}. */
interface Functions {
  readonly signatures: readonly CoreSignature[];
  readonly attempts: Attempt[];
  readonly exports: WebAssembly.Exports;
}

/** What the first instance of a component finds out for all others: the functions that it takes, in order. */
export class WaitingPlan {
  signatures: readonly CoreSignature[] | undefined;
}

/**
 * The imports of one component instance that can wait. They are functions of one small module that is instantiated once:
 * several of them cost hardly more than one.
 */
export class WaitingFunctions {
  readonly #instance: ComponentInstance;
  #planned: Functions | undefined;
  readonly #taken: CoreSignature[] = [];

  constructor(instance: ComponentInstance) {
    this.#instance = instance;
  }

  /** Before any is taken. */
  follow({ signatures = [] }: WaitingPlan): void {
    if (signatures.length > 0) this.#planned = this.#make(signatures);
  }

  /** After all were taken. */
  note(plan: WaitingPlan): void {
    plan.signatures ??= this.#taken;
  }

  take(signature: CoreSignature, attempt: Attempt): CoreImport {
    const slot = this.#taken.push(signature) - 1;
    if (this.#planned?.signatures[slot] === signature) return give(this.#planned, slot, attempt);
    return give(this.#make(alone(signature)), 0, attempt);
  }

  #make(signatures: readonly CoreSignature[]): Functions {
    const instance = this.#instance;
    const { executor, compile } = instance.store;
    const attempts: ((...flat: CoreValue[]) => Answer)[] = [];
    let answer: CoreValue | undefined;
    const attempt = (slot: number, ...flat: CoreValue[]): number => {
      const result = (attempts[slot] as (typeof attempts)[number])(...flat);
      if (result === WAIT) return 0;
      answer = result;
      return 1;
    };
    const suspend = executor.suspending(() => instance.thread.suspend()) as WebAssembly.ImportValue;
    const imports = { '': { attempt, answer: () => answer, suspend } };
    const { exports } = executor.instantiate(waitingModule(signatures, compile), imports);
    return { signatures, attempts, exports };
  }
}

function give({ attempts, exports }: Functions, slot: number, attempt: Attempt): CoreImport {
  attempts[slot] = attempt;
  return exports[slot] as CoreImport;
}

const lists = new WeakMap<CoreSignature, readonly CoreSignature[]>();

/** The module is kept with the list. */
function alone(signature: CoreSignature): readonly CoreSignature[] {
  let list = lists.get(signature);
  if (list === undefined) {
    list = [signature];
    lists.set(signature, list);
  }
  return list;
}
