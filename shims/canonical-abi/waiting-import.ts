import { trap } from '../trap.ts';
import { waitingModule, type CoreSignature } from './core-module.ts';
import type { CoreValue } from './abi.ts';
import type { CoreImport } from './canon-options.ts';
import type { ComponentInstance } from './component-instance.ts';

/** What `attempt` gives when its thread has to wait: it has called {@link Thread.block}. */
export const WAIT: unique symbol = Symbol('wait');

/** The answer of an import that has one at once, or {@link WAIT}. */
export type Answer = CoreValue | undefined | typeof WAIT;

/** An import that answers at once. */
export function plainImport(
  instance: ComponentInstance,
  call: (flat: CoreValue[]) => CoreValue | undefined,
): CoreImport {
  const { store } = instance;
  return (...flat: CoreValue[]) => store.guard(call, flat);
}

/** An import that may have to wait: its caller is suspended only then. */
export function waitingImport(
  instance: ComponentInstance,
  signature: CoreSignature,
  attempt: (flat: CoreValue[]) => Answer,
): CoreImport {
  const { store } = instance;
  return suspendingImport(
    instance,
    signature,
    (settle) =>
      (...flat: CoreValue[]) =>
        settle(store.guard(attempt, flat)),
  );
}

/** A builtin: it takes three i32 at most, and `realloc` and `post-return` must not call it. */
export function builtin(
  instance: ComponentInstance,
  call: (a: number, b: number, c: number) => CoreValue | undefined,
): CoreImport {
  const { store } = instance;
  const checked = leaving(instance, call);
  return (a: number, b: number, c: number) => store.guardWords(checked, a, b, c);
}

/** A builtin that may have to wait. @param params how many, all i32; the result is i32 */
export function waitingBuiltin(
  instance: ComponentInstance,
  params: number,
  attempt: (a: number, b: number, c: number) => Answer,
): CoreImport {
  const { store } = instance;
  const signature: CoreSignature = { params: Array.from({ length: params }, () => 'i32'), result: 'i32' };
  const checked = leaving(instance, attempt);
  return suspendingImport(
    instance,
    signature,
    (settle) => (a: number, b: number, c: number) => settle(store.guardWords(checked, a, b, c)),
  );
}

/** Traps in what must not have an effect outside of its instance. */
export function mustMayLeave(instance: ComponentInstance): void {
  if (!instance.mayLeave) trap('a component calls an import while it must not');
}

function leaving<R>(
  instance: ComponentInstance,
  call: (a: number, b: number, c: number) => R,
): (a: number, b: number, c: number) => R {
  return (a, b, c) => {
    mustMayLeave(instance);
    return call(a, b, c);
  };
}

/** @param makeAttempt what asks for an answer, and hands it to `settle` */
function suspendingImport(
  instance: ComponentInstance,
  signature: CoreSignature,
  makeAttempt: (settle: (answer: Answer) => number) => (...args: never[]) => number,
): CoreImport {
  const { executor, compile } = instance.store;
  let answer: CoreValue | undefined;
  const attempt = makeAttempt((result) => {
    if (result === WAIT) return 0;
    answer = result;
    return 1;
  });
  const suspend = executor.suspending(() => instance.thread.suspend()) as WebAssembly.ImportValue;
  const imports = { '': { attempt, answer: () => answer, suspend } };
  return executor.instantiate(waitingModule(signature, compile), imports).exports['f'] as CoreImport;
}
