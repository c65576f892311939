import { trap } from '../../trap.ts';
import { EventCode, Waitable } from '../waitable.ts';
import { WaitableSet } from '../waitable-set.ts';
import { builtin, WAIT, waitingBuiltin } from '../waiting-import.ts';
import type { GuestMemory } from '../../guest-memory.ts';
import type { CoreImport } from '../canon-options.ts';
import type { ComponentInstance } from '../component-instance.ts';

/** In a row, by one component: then others have their turn. */
const POLLS_IN_VAIN = 16;

/** `canon waitable-set.new` */
export function waitableSetNew(instance: ComponentInstance): CoreImport {
  return builtin(instance, () => instance.handles.add(new WaitableSet(instance)));
}

/** `canon waitable-set.wait cancellable? (memory m)`: `(set, pointer to two i32) → event code` */
export function waitableSetWait(
  instance: ComponentInstance,
  memory: GuestMemory,
  cancellable: boolean,
): CoreImport {
  return waitingBuiltin(instance, 2, (index, pointer) => {
    const set = setAt(instance, index);
    const { thread } = instance;
    const finish = (cancelled: boolean): number =>
      cancelled ? storeCancelled(memory, pointer) : storeEvent(memory, pointer, set);
    if (thread.task?.deliverPendingCancel(cancellable) === true) return finish(true);
    if (set.isReady()) return finish(false);
    thread.block(set, cancellable, finish);
    return WAIT;
  });
}

/**
 * `canon waitable-set.poll cancellable? (memory m)`
 *
 * It never waits for an event, but a guest that does nothing but poll would keep everybody else from running: now and then,
 * when there is nothing, others have their turn first.
 */
export function waitableSetPoll(
  instance: ComponentInstance,
  memory: GuestMemory,
  cancellable: boolean,
): CoreImport {
  let inVain = 0;
  return waitingBuiltin(instance, 2, (index, pointer) => {
    const set = setAt(instance, index);
    const { thread } = instance;
    if (thread.task?.deliverPendingCancel(cancellable) === true) return storeCancelled(memory, pointer);
    if (set.isReady()) inVain = 0;
    // Who must not wait polls on.
    else if (thread.task?.type.async === true && ++inVain === POLLS_IN_VAIN) {
      inVain = 0;
      thread.block(instance.yielding, cancellable, (cancelled) =>
        cancelled ? storeCancelled(memory, pointer) : storePolled(memory, pointer, set),
      );
      return WAIT;
    }
    return storePolled(memory, pointer, set);
  });
}

/** `canon waitable-set.drop` */
export function waitableSetDrop(instance: ComponentInstance): CoreImport {
  return builtin(instance, (index) => {
    setAt(instance, index).drop();
    instance.handles.remove(index >>> 0);
    return undefined;
  });
}

/** `canon waitable.join`: `(waitable, set or 0)` */
export function waitableJoin(instance: ComponentInstance): CoreImport {
  return builtin(instance, (index, setIndex) => {
    const entry = instance.handles.get(index >>> 0);
    if (!(entry instanceof Waitable)) trap('waitable.join of something that is no waitable');
    if (entry.hasSyncWaiter) trap('waitable.join of a waitable that is being waited for');
    entry.join(setIndex === 0 ? undefined : setAt(instance, setIndex));
    return undefined;
  });
}

function setAt(instance: ComponentInstance, index: number): WaitableSet {
  const entry = instance.handles.get(index >>> 0);
  return entry instanceof WaitableSet ? entry : trap(`handle ${index >>> 0} is no waitable set`);
}

function storeEvent(memory: GuestMemory, pointer: number, set: WaitableSet): number {
  const waitable = set.next();
  const { code, index } = waitable;
  return storeWords(memory, pointer, code, index, waitable.takeEvent());
}

function storePolled(memory: GuestMemory, pointer: number, set: WaitableSet): number {
  return set.isReady() ? storeEvent(memory, pointer, set) : storeWords(memory, pointer, EventCode.none, 0, 0);
}

function storeCancelled(memory: GuestMemory, pointer: number): number {
  return storeWords(memory, pointer, EventCode.taskCancelled, 0, 0);
}

function storeWords(
  memory: GuestMemory,
  pointer: number,
  code: number,
  first: number,
  second: number,
): number {
  const start = pointer >>> 0;
  if ((start & 3) !== 0) trap('the place for an event is not aligned');
  if (!memory.holds(start, 8)) trap('the place for an event is out of bounds');
  memory.view.setUint32(start, first, true);
  memory.view.setUint32(start + 4, second, true);
  return code;
}
