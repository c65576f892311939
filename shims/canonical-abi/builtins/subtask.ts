import { trap } from '../../trap.ts';
import { Subtask } from '../subtask.ts';
import { builtin, WAIT, waitingBuiltin } from '../waiting-import.ts';
import type { CoreImport } from '../canon-options.ts';
import type { ComponentInstance } from '../component-instance.ts';

/** What a builtin gives in place of an answer that will be an event. */
export const BLOCKED: number = 0xffff_ffff;

/** `canon subtask.cancel async?` @returns the state in which the subtask ended, or {@link BLOCKED} */
export function subtaskCancel(instance: ComponentInstance, async: boolean): CoreImport {
  const cancel = (index: number): number | typeof WAIT => {
    const subtask = subtaskAt(instance, index);
    if (subtask.isResolveDelivered) trap('subtask.cancel of a subtask that has ended');
    if (subtask.cancellationRequested) trap('subtask.cancel twice');
    if (subtask.set !== undefined && !async)
      trap('subtask.cancel waits for a subtask that is in a waitable set');
    if (!subtask.isResolved) {
      subtask.cancellationRequested = true;
      subtask.onCancel?.(instance);
    }
    if (subtask.isResolved) return subtask.takeEvent();
    if (async) return BLOCKED;
    instance.thread.block(subtask, false, () => subtask.takeEvent());
    return WAIT;
  };
  if (async) return builtin(instance, (index) => cancel(index) as number);
  return waitingBuiltin(instance, 1, (index) => cancel(index));
}

/** `canon subtask.drop` */
export function subtaskDrop(instance: ComponentInstance): CoreImport {
  return builtin(instance, (index) => {
    const subtask = subtaskAt(instance, index);
    subtask.drop();
    instance.handles.remove(subtask.index);
    return undefined;
  });
}

function subtaskAt(instance: ComponentInstance, index: number): Subtask {
  const entry = instance.handles.get(index >>> 0);
  return entry instanceof Subtask ? entry : trap(`handle ${index >>> 0} is no subtask`);
}
