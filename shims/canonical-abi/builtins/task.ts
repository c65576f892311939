import { trap } from '../../trap.ts';
import { abiOf, CallScope } from '../call-scope.ts';
import { MAX_FLAT_PARAMS } from '../layout.ts';
import { paramsCodec } from '../params-codec.ts';
import { sameType } from '../type-text.ts';
import { builtin, mustMayLeave, plainImport, WAIT, waitingBuiltin } from '../waiting-import.ts';
import type { CanonOptions, CoreImport } from '../canon-options.ts';
import type { ComponentInstance } from '../component-instance.ts';
import type { Task } from '../task.ts';
import type { ValueType } from '../types.ts';

/** `canon task.return (result t) opts`: the result of a task that was lifted with `async`. */
export function taskReturn(
  instance: ComponentInstance,
  result: ValueType | undefined,
  options: CanonOptions,
): CoreImport {
  const params = paramsCodec(result === undefined ? [] : [result], MAX_FLAT_PARAMS);
  const abi = abiOf(instance, options, new CallScope(instance));
  /** Types of functions whose result was found to be `result`. */
  const same = new WeakSet<object>();
  const check = (task: Task): void => {
    // Without a memory there is nothing in it that could be meant.
    const { memory = task.options.memory, encoding } = options;
    if (task.options.memory !== memory || task.options.encoding !== encoding)
      trap('task.return with other options than its task');
    if (same.has(task.type)) return;
    const { resources } = instance;
    if (!sameType(task.type.result, result, (a, b) => resources[a.slot] === resources[b.slot]))
      trap('task.return with another type than its task');
    same.add(task.type);
  };
  return plainImport(instance, (flat) => {
    mustMayLeave(instance);
    const task = asyncTask(instance);
    check(task);
    task.return(params.lift(abi, flat));
    return undefined;
  });
}

/** `canon task.cancel`: the task confirms that it was cancelled. */
export function taskCancel(instance: ComponentInstance): CoreImport {
  return builtin(instance, () => {
    asyncTask(instance).cancel();
    return undefined;
  });
}

function asyncTask(instance: ComponentInstance): Task {
  const { task } = instance.thread;
  if (task?.options.async !== true) trap('only a task that was lifted with async gives its result by a call');
  return task;
}

/** `canon thread.yield`: other threads go first. @returns 1 if the task was cancelled */
export function threadYield(instance: ComponentInstance, cancellable = false): CoreImport {
  return waitingBuiltin(instance, 0, () => {
    const { thread } = instance;
    // What cannot wait has nobody that could go first.
    if (thread.task === undefined) return 0;
    if (thread.task.deliverPendingCancel(cancellable)) return 1;
    thread.block(instance.yielding, cancellable, Number);
    return WAIT;
  });
}
