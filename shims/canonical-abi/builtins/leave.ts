import { trap } from '../../trap.ts';
import { plainImport, waitingImport, type Attempt } from '../waiting-import.ts';
import type { CoreValue } from '../abi.ts';
import type { CoreImport } from '../canon-options.ts';
import type { ComponentInstance } from '../component-instance.ts';
import type { CoreSignature } from '../core-module.ts';

/** A builtin that `realloc` and `post-return` must not call. Parameters are i32. */
export function builtin(
  instance: ComponentInstance,
  call: (...args: number[]) => CoreValue | undefined,
): CoreImport {
  return plainImport(instance, (...args) => {
    mustMayLeave(instance);
    return call(...(args as number[]));
  });
}

/** Likewise, one that may have to wait. @param params how many, all i32; the result is i32 */
export function waitingBuiltin(
  instance: ComponentInstance,
  params: number,
  call: (...args: number[]) => ReturnType<Attempt>,
): CoreImport {
  const signature: CoreSignature = { params: Array.from({ length: params }, () => 'i32'), result: 'i32' };
  return waitingImport(instance, signature, (...args) => {
    mustMayLeave(instance);
    return call(...(args as number[]));
  });
}

function mustMayLeave(instance: ComponentInstance): void {
  if (!instance.mayLeave) trap('a component calls an import while it must not');
}
