import { trap } from '../trap.ts';
import { abiOf, CallScope, containsBorrow } from './call-scope.ts';
import { GuestEntry } from './guest-entry.ts';
import { MAX_FLAT_PARAMS, MAX_FLAT_RESULTS } from './layout.ts';
import { paramsCodec, type ParamsCodec } from './params-codec.ts';
import { Task } from './task.ts';
import { EventCode } from './waitable.ts';
import { WaitableSet } from './waitable-set.ts';
import type { Abi, CoreType, CoreValue } from './abi.ts';
import type { CanonOptions, GuestFunction } from './canon-options.ts';
import type { ComponentFunction, OnCancel, OnResolve, OnStart } from './component-function.ts';
import type { ComponentInstance } from './component-instance.ts';
import type { CoreSignature } from './core-module.ts';
import type { Wait } from './thread.ts';
import type { FunctionType } from './types.ts';

const CallbackCode = { exit: 0, yield: 1, wait: 2 } as const;

const CALLBACK: CoreSignature = { params: ['i32', 'i32', 'i32'], result: 'i32' };

/** `canon lift`: a core function as a function of the component model. */
export function canonLift(
  callee: GuestFunction,
  type: FunctionType,
  options: CanonOptions,
  instance: ComponentInstance,
): ComponentFunction {
  return new LiftedFunction(callee, type, options, instance);
}

class LiftedFunction implements ComponentFunction {
  readonly type: FunctionType;
  readonly #options: CanonOptions;
  readonly #instance: ComponentInstance;
  readonly #params: ParamsCodec;
  readonly #results: ParamsCodec;
  readonly #entry: GuestEntry;
  readonly #callback: GuestEntry | undefined;
  readonly #borrows: boolean;
  /** Of calls that borrow nothing, and of all results. */
  readonly #abi: Abi;

  constructor(callee: GuestFunction, type: FunctionType, options: CanonOptions, instance: ComponentInstance) {
    this.type = type;
    this.#options = options;
    this.#instance = instance;
    const types = type.params.map((param) => param.type);
    this.#params = paramsCodec(types, MAX_FLAT_PARAMS);
    this.#results = paramsCodec(type.result === undefined ? [] : [type.result], MAX_FLAT_RESULTS);
    this.#borrows = containsBorrow(types);
    this.#abi = abiOf(instance, options, new CallScope(instance));
    const { store } = instance;
    const { callback } = options;
    this.#entry = new GuestEntry(store, callee, { params: this.#params.flat, result: this.#coreResult() });
    this.#callback = callback && new GuestEntry(store, callback, CALLBACK);
  }

  /** `flatten_functype` of the Canonical ABI. */
  #coreResult(): CoreType | undefined {
    if (!this.#options.async) return this.#results.flat[0];
    return this.#options.callback && 'i32';
  }

  invoke(onStart: OnStart, onResolve: OnResolve, caller?: ComponentInstance, onExit?: () => void): OnCancel {
    const instance = this.#instance;
    const { store } = instance;
    store.check();
    if (!instance.mayEnterFrom(caller)) trap('a component is called that is running already');
    const { current } = store;
    const { blockedDepth } = store.ready;
    const task = new Task(
      this.type,
      this.#options,
      instance,
      { onStart, onResolve, onExit },
      caller !== undefined,
    );
    instance.enterFrom(caller);
    store.current = task.thread;
    task.enter(() => this.#start(task));
    store.current = current;
    instance.leaveTo(caller);
    if (!this.type.async && task.state !== 'resolved') store.blockSync(task, blockedDepth);
    return (canceller) => task.requestCancellation(canceller);
  }

  #start(task: Task): void {
    const instance = this.#instance;
    const abi = this.#borrows
      ? abiOf(instance, this.#options, new CallScope(instance, undefined, task))
      : this.#abi;
    const flat: CoreValue[] = [];
    this.#params.lower(abi, task.start(), flat);
    task.thread.run(this.#entry, flat, (result) => this.#returned(task, result));
  }

  #returned(task: Task, result: CoreValue | undefined): void {
    if (!this.#options.async) this.#returnedSync(task, result);
    else if (this.#callback === undefined) task.exit();
    else this.#goOn(task, this.#callback, result as number);
  }

  #returnedSync(task: Task, result: CoreValue | undefined): void {
    const instance = this.#instance;
    const flat = result === undefined ? [] : [result];
    task.return(this.#results.lift(this.#abi, flat));
    const postReturn = this.#options.postReturn as ((...flat: CoreValue[]) => void) | undefined;
    if (postReturn !== undefined) {
      instance.mayLeave = false;
      postReturn(...flat);
      instance.mayLeave = true;
    }
    task.exit();
  }

  /** @param packed what the guest says that it waits for */
  #goOn(task: Task, callback: GuestEntry, packed: number): void {
    const code = packed & 0xf;
    if (code === CallbackCode.exit) {
      task.exit();
      return;
    }
    const set = this.#setOf(code, packed >>> 4);
    const instance = this.#instance;
    const { thread } = task;
    const call = (cancelled: boolean): void => {
      instance.exclusive = thread;
      thread.run(callback, eventOf(set, cancelled), (next) => this.#goOn(task, callback, next as number));
    };
    instance.releaseExclusive();
    if (task.deliverPendingCancel(true)) {
      call(true);
      return;
    }
    const wait: Wait = set ?? instance.yielding;
    thread.waitFor(wait, { cancellable: true, exclusive: true }, call);
  }

  /** @returns undefined for a thread that only lets others go first */
  #setOf(code: number, index: number): WaitableSet | undefined {
    if (code === CallbackCode.yield) return undefined;
    if (code !== CallbackCode.wait) trap(`unknown callback code ${code}`);
    const set = this.#instance.handles.get(index);
    return set instanceof WaitableSet ? set : trap(`handle ${index} is no waitable set`);
  }
}

function eventOf(set: WaitableSet | undefined, cancelled: boolean): readonly number[] {
  if (cancelled) return [EventCode.taskCancelled, 0, 0];
  if (set === undefined) return [EventCode.none, 0, 0];
  const waitable = set.next();
  return [waitable.code, waitable.index, waitable.takeEvent()];
}
