import { abiOf, type Borrower, CallScope } from './call-scope.ts';
import { type HostFunction, isPending, PendingCall } from './host-call.ts';
import { Subtask, SubtaskState } from './subtask.ts';
import { mustMayLeave, plainImport, WAIT, waitingImport } from './waiting-import.ts';
import type { CoreValue } from './abi.ts';
import type { CanonOptions, CoreImport } from './canon-options.ts';
import type { ComponentInstance } from './component-instance.ts';
import type { Pending } from './host-function.ts';
import type { LoweredType } from './lowered-type.ts';
import type { ResourceHandle } from './resource.ts';

/** A function of the host, lowered: no task, and a subtask only for a call that has to wait. */
export function lowerHostFunction(
  callee: HostFunction,
  lowered: LoweredType,
  options: CanonOptions,
  instance: ComponentInstance,
): CoreImport {
  const call = new HostImport(callee, lowered, options, instance);
  if (options.async) return plainImport(instance, (flat) => call.async(flat));
  if (!callee.waits) return plainImport(instance, (flat) => call.sync(flat));
  return waitingImport(instance, lowered.signature, (flat) => call.waiting(flat));
}

class HostImport implements Borrower {
  readonly #callee: HostFunction;
  readonly #lowered: LoweredType;
  readonly #instance: ComponentInstance;
  readonly #abi;
  /** Handles that the call under way borrows. Most calls are over before any code of the guest could drop one. */
  readonly #lenders: ResourceHandle[] = [];

  constructor(
    callee: HostFunction,
    lowered: LoweredType,
    options: CanonOptions,
    instance: ComponentInstance,
  ) {
    this.#callee = callee;
    this.#lowered = lowered;
    this.#instance = instance;
    this.#abi = abiOf(instance, options, new CallScope(instance, callee.waits ? this : undefined));
  }

  addLender(handle: ResourceHandle): void {
    this.#lenders.push(handle);
  }

  #call(flat: readonly CoreValue[]): unknown {
    mustMayLeave(this.#instance);
    this.#lenders.length = 0;
    return this.#callee.call(this.#lowered.params.lift(this.#abi, flat));
  }

  /** @returns what core code gets; nothing, if the result goes through memory */
  #lower(value: unknown, flat: readonly CoreValue[]): CoreValue | undefined {
    if (this.#callee.type.result === undefined) return undefined;
    const out: CoreValue[] = [];
    this.#lowered.results.lowerOne(this.#abi, value, out, this.#lowered.outParam(flat));
    return out[0];
  }

  sync(flat: readonly CoreValue[]): CoreValue | undefined {
    return this.#lower(this.#call(flat), flat);
  }

  waiting(flat: readonly CoreValue[]): CoreValue | undefined | typeof WAIT {
    const value = this.#call(flat);
    if (!isPending(value)) return this.#lower(value, flat);
    const subtask = this.#wait(value, flat);
    const finish = (): CoreValue | undefined => {
      subtask.deliverResolve();
      return subtask.flatResults[0];
    };
    this.#instance.thread.block(subtask, false, finish, !this.#callee.type.async);
    return WAIT;
  }

  async(flat: readonly CoreValue[]): number {
    const value = this.#call(flat);
    if (!isPending(value)) {
      this.#lower(value, flat);
      return SubtaskState.returned;
    }
    const subtask = this.#wait(value, flat);
    subtask.enterTable(this.#instance.handles.add(subtask));
    return subtask.state | (subtask.index << 4);
  }

  #wait(pending: Pending<unknown>, flat: readonly CoreValue[]): Subtask {
    const subtask = new Subtask(this.#instance);
    subtask.started();
    for (const handle of this.#lenders) subtask.addLender(handle);
    const call = new PendingCall(this.#instance.store, pending, (value) => {
      const result = this.#lower(value, flat);
      subtask.resolve(SubtaskState.returned, result === undefined ? [] : [result]);
    });
    subtask.onCancel = () => {
      call.cancel();
      subtask.cancelled();
    };
    return subtask;
  }
}
