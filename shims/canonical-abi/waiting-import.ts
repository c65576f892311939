import { trap } from '../trap.ts';
import { type CoreSignature, coreSignature } from './core-module.ts';
import type { CoreValue } from './abi.ts';
import type { CoreImport } from './canon-options.ts';
import type { ComponentInstance } from './component-instance.ts';
import type { Answer } from './waiting-functions.ts';

export { WAIT } from './waiting-functions.ts';

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
  return instance.waiting.take(signature, (...flat: CoreValue[]) => store.guard(attempt, flat));
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

/** By how many parameters there are. */
const WAITING_BUILTINS: readonly CoreSignature[] = [0, 1, 2, 3].map((params) =>
  coreSignature(
    Array.from({ length: params }, () => 'i32'),
    'i32',
  ),
);

/** A builtin that may have to wait. @param params how many, all i32; the result is i32 */
export function waitingBuiltin(
  instance: ComponentInstance,
  params: 0 | 1 | 2 | 3,
  attempt: (a: number, b: number, c: number) => Answer,
): CoreImport {
  const { store } = instance;
  const signature = WAITING_BUILTINS[params] as CoreSignature;
  const checked = leaving(instance, attempt);
  return instance.waiting.take(signature, (a: number, b: number, c: number) =>
    store.guardWords(checked, a, b, c),
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
