import type { ComponentInstance } from './component-instance.ts';
import type { FunctionType } from './types.ts';

/** Gives the parameters as soon as the callee can take them, or never; called once at most. */
export type OnStart = () => readonly unknown[];
/** Takes the result (no or one value); undefined when the call was cancelled. */
export type OnResolve = (result: readonly unknown[] | undefined) => void;
/** The caller does not want the result any more. The callee may give one all the same. */
export type OnCancel = (caller?: ComponentInstance) => void;

/**
 * A function of the component model, whoever implements it.
 *
 * @see definitions.py of the Canonical ABI, `FuncInst`
 */
export interface ComponentFunction {
  readonly type: FunctionType;
  /**
   * @param caller undefined for the host, which must not call while guest code runs: see {@link invokeFromHost}
   * @param onExit called when the callee is done with the call, which may be long after its result
   */
  invoke(onStart: OnStart, onResolve: OnResolve, caller?: ComponentInstance, onExit?: () => void): OnCancel;
}
