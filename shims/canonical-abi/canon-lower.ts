import { abiOf, CallScope, containsBorrow } from './call-scope.ts';
import { HostFunction } from './host-call.ts';
import { lowerHostFunction } from './lower-host.ts';
import { LoweredType } from './lowered-type.ts';
import { Subtask, SubtaskState } from './subtask.ts';
import { mustMayLeave, plainImport, WAIT, waitingImport } from './waiting-import.ts';
import type { CoreValue } from './abi.ts';
import type { CanonOptions, CoreImport } from './canon-options.ts';
import type { ComponentFunction } from './component-function.ts';
import type { ComponentInstance } from './component-instance.ts';
import type { FunctionType } from './types.ts';

/** `canon lower`: a function of the component model as one that core code imports. */
export function canonLower(
  callee: ComponentFunction,
  type: FunctionType,
  options: CanonOptions,
  instance: ComponentInstance,
): CoreImport {
  const lowered = LoweredType.of(type, options.async);
  if (callee instanceof HostFunction) return lowerHostFunction(callee, lowered, options, instance);
  const call = makeCall(callee, lowered, options, instance);
  if (options.async) return plainImport(instance, (flat) => startedCall(call(flat), instance));
  return waitingImport(instance, lowered.signature, (flat) => {
    const subtask = call(flat);
    const finish = (): CoreValue | undefined => {
      subtask.deliverResolve();
      return subtask.flatResults[0];
    };
    if (subtask.isResolved) return finish();
    instance.thread.block(subtask, false, finish);
    return WAIT;
  });
}

function makeCall(
  callee: ComponentFunction,
  { params, results, outParam }: LoweredType,
  options: CanonOptions,
  instance: ComponentInstance,
): (flat: CoreValue[]) => Subtask {
  const borrows = containsBorrow(callee.type.params.map((param) => param.type));
  const shared = abiOf(instance, options, new CallScope(instance));
  return (flat) => {
    mustMayLeave(instance);
    const subtask = new Subtask(instance);
    const abi = borrows ? abiOf(instance, options, new CallScope(instance, subtask)) : shared;
    subtask.onCancel = callee.invoke(
      () => {
        subtask.started();
        return params.lift(abi, flat);
      },
      (result) => {
        if (result === undefined) {
          subtask.cancelled();
          return;
        }
        const flatResults: CoreValue[] = [];
        results.lower(abi, result, flatResults, outParam(flat));
        subtask.resolve(SubtaskState.returned, flatResults);
      },
      instance,
    );
    return subtask;
  };
}

/** What a call with `async` gives: its state, and its handle unless it is over. */
export function startedCall(subtask: Subtask, instance: ComponentInstance): number {
  if (subtask.isResolved) {
    subtask.deliverResolve();
    return SubtaskState.returned;
  }
  subtask.enterTable(instance.handles.add(subtask));
  return subtask.state | (subtask.index << 4);
}
