import { trap } from '../../trap.ts';
import { plainImport } from '../waiting-import.ts';
import type { CoreImport } from '../canon-options.ts';
import type { ComponentInstance } from '../component-instance.ts';

/** `canon context.get i32 i`: a word that each thread has for itself. @param slot 0 or 1 */
export function contextGet(instance: ComponentInstance, slot: number): CoreImport {
  return instance.contexts.get(slot);
}

/** `canon context.set i32 i` */
export function contextSet(instance: ComponentInstance, slot: number): CoreImport {
  return instance.contexts.set(slot);
}

const MAX_BACKPRESSURE = 2 ** 16;

/** `canon backpressure.inc`: nobody may call the instance until as many `dec`. */
export function backpressureInc(instance: ComponentInstance): CoreImport {
  return plainImport(instance, () => {
    if (++instance.backpressure === MAX_BACKPRESSURE) trap('backpressure.inc 65536 times');
    return undefined;
  });
}

/** `canon backpressure.dec` */
export function backpressureDec(instance: ComponentInstance): CoreImport {
  return plainImport(instance, () => {
    if (--instance.backpressure < 0) trap('backpressure.dec without backpressure.inc');
    instance.wakeEntering();
    return undefined;
  });
}
