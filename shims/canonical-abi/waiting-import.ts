import { waitingModule, type CoreSignature } from './core-module.ts';
import type { CoreValue } from './abi.ts';
import type { CoreImport } from './canon-options.ts';
import type { ComponentInstance } from './component-instance.ts';

/** What `attempt` gives when its thread has to wait: it has called {@link Thread.block}. */
export const WAIT: unique symbol = Symbol('wait');

/** The answer of an import that has one at once, or {@link WAIT}. */
export type Attempt = (...args: CoreValue[]) => CoreValue | undefined | typeof WAIT;

/** An import that may have to wait: its caller is suspended only then. */
export function waitingImport(
  instance: ComponentInstance,
  signature: CoreSignature,
  attempt: Attempt,
): CoreImport {
  const { store } = instance;
  let answer: CoreValue | undefined;
  const imports = {
    attempt: (...args: CoreValue[]): number => {
      const result = store.guard(attempt, args);
      if (result === WAIT) return 0;
      answer = result;
      return 1;
    },
    answer: () => answer,
    suspend: store.executor.suspending(() => instance.thread.suspend()) as WebAssembly.ImportValue,
  };
  return store.executor.instantiate(waitingModule(signature, store.compile), { '': imports }).exports[
    'f'
  ] as CoreImport;
}

/** An import that answers at once. */
export function plainImport(
  instance: ComponentInstance,
  call: (...args: CoreValue[]) => CoreValue | undefined,
): CoreImport {
  const { store } = instance;
  return (...args: CoreValue[]) => store.guard(call, args);
}
