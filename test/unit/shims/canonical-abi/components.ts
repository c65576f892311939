import { DeadlineExecutor } from '../../../../src/engine/deadline.ts';
import { type InstanceExecutor, PlainInstanceExecutor } from '../../../../src/engine/executor.ts';
import * as builtins from '../../../../shims/canonical-abi/builtins/index.ts';
import { canonLift } from '../../../../shims/canonical-abi/canon-lift.ts';
import { canonLower } from '../../../../shims/canonical-abi/canon-lower.ts';
import { ComponentInstance } from '../../../../shims/canonical-abi/component-instance.ts';
import { hostFunction } from '../../../../shims/canonical-abi/host-call.ts';
import { invokeFromHost } from '../../../../shims/canonical-abi/invoke.ts';
import { Store } from '../../../../shims/canonical-abi/store.ts';
import { GuestMemory } from '../../../../shims/guest-memory.ts';
import { trap } from '../../../../shims/trap.ts';
import { watGuest } from '../../../guests/index.ts';
import type { Realloc } from '../../../../shims/canonical-abi/abi.ts';
import type {
  CanonOptions,
  CoreImport,
  GuestFunction,
} from '../../../../shims/canonical-abi/canon-options.ts';
import type { ComponentFunction } from '../../../../shims/canonical-abi/component-function.ts';
import type { HostCall, WaitingCall } from '../../../../shims/canonical-abi/host-function.ts';
import type { FunctionType, ValueType } from '../../../../shims/canonical-abi/types.ts';

/** Both ways of running guests; a deadline puts them into a realm of their own. */
export const EXECUTORS: readonly (readonly [string, () => InstanceExecutor])[] = [
  ['without a deadline', () => new PlainInstanceExecutor()],
  ['with a deadline', () => new DeadlineExecutor(60_000, () => undefined)],
];

/** A store, and everything that it says. */
export class TestStore {
  readonly store: Store;
  readonly failures: unknown[] = [];
  open = 0;
  limit = 100_000;

  constructor(executor: InstanceExecutor = new PlainInstanceExecutor()) {
    this.store = new Store({
      executor,
      handles: {
        open: (what) => {
          if (this.open >= this.limit) trap(`too many handles: ${what}`);
          this.open++;
        },
        close: () => void this.open--,
      },
      onFailure: (error) => void this.failures.push(error),
      later: (callback) => void setImmediate(callback),
      mustWait: () => false,
    });
  }

  call(fn: ComponentFunction, ...args: unknown[]): Promise<unknown> {
    return invokeFromHost(this.store, fn, args).promise;
  }

  /** A component with one core module, whose builtins and imports are what `imports` makes. */
  async component(
    text: string,
    imports: (component: TestComponent) => Readonly<Record<string, CoreImport>> = () => ({}),
    parent?: ComponentInstance,
  ): Promise<TestComponent> {
    const component = new TestComponent(this.store, parent);
    component.instantiate(await watGuest(text), imports(component));
    return component;
  }
}

export class TestComponent {
  readonly instance: ComponentInstance;
  readonly memory: GuestMemory = new GuestMemory();
  #exports: WebAssembly.Exports = {};

  constructor(store: Store, parent?: ComponentInstance) {
    this.instance = new ComponentInstance(store, parent);
  }

  instantiate(bytes: Uint8Array, imports: Readonly<Record<string, CoreImport>>): void {
    const module = new WebAssembly.Module(bytes as Uint8Array<ArrayBuffer>);
    const { exports } = this.instance.store.executor.instantiate(module, { '': { ...imports } });
    this.#exports = exports;
    const { memory } = exports;
    if (memory !== undefined) this.memory.bind(memory as WebAssembly.Memory);
  }

  core(name: string): GuestFunction {
    return (...args) => (this.#exports[name] as (...args: unknown[]) => unknown)(...args);
  }

  options(async = false): CanonOptions {
    return {
      memory: this.memory,
      realloc: (...args) => (this.#exports['realloc'] as unknown as Realloc)(...args),
      encoding: 'utf8',
      async,
    };
  }

  #lift(name: string, type: FunctionType, options: CanonOptions): ComponentFunction {
    return canonLift(this.#exports[name] as GuestFunction, type, options, this.instance);
  }

  /** Lifted without `async`. */
  sync(name: string, type: FunctionType): ComponentFunction {
    return this.#lift(name, type, this.options());
  }

  /** Lifted with `async`, without a callback. */
  stackful(name: string, type: FunctionType): ComponentFunction {
    return this.#lift(name, type, this.options(true));
  }

  /** Lifted with `async` and a callback, which is `NAME-callback`. */
  callback(name: string, type: FunctionType): ComponentFunction {
    const callback = this.#exports[`${name}-callback`] as GuestFunction;
    return this.#lift(name, type, { ...this.options(true), callback });
  }

  lower(fn: ComponentFunction, async = false): CoreImport {
    return canonLower(fn, fn.type, this.options(async), this.instance);
  }

  host(type: FunctionType, call: HostCall<undefined> | WaitingCall<undefined>, async = false): CoreImport {
    return this.lower(hostFunction(undefined, call, type), async);
  }
}

export const U8: ValueType = { kind: 'u8' };
export const U32: ValueType = { kind: 'u32' };
export const STRING: ValueType = { kind: 'string' };

/** `func(p0: …) -> …` */
export function func(params: readonly ValueType[], result?: ValueType, async = false): FunctionType {
  return {
    params: params.map((type, index) => ({ name: `p${index}`, type })),
    ...(result === undefined ? {} : { result }),
    async,
  };
}

export function asyncFunc(params: readonly ValueType[], result?: ValueType): FunctionType {
  return func(params, result, true);
}

/** A promise that a test settles. */
export function gate<T = void>(): { promise: Promise<T>; open: (value: T) => void } {
  const { promise, resolve } = Promise.withResolvers<T>();
  return { promise, open: resolve };
}

export function turn(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}

/** Every builtin that a component can have, for streams and futures of one type. Waiting ones are without `async`. */
export function allBuiltins(
  component: TestComponent,
  element: ValueType | undefined,
  result?: ValueType,
): Readonly<Record<string, CoreImport>> {
  const { instance, memory } = component;
  const sync = component.options();
  const async = component.options(true);
  return {
    'task.return': builtins.taskReturn(instance, result, async),
    'task.cancel': builtins.taskCancel(instance),
    'context.get': builtins.contextGet(instance, 0),
    'context.set': builtins.contextSet(instance, 0),
    'backpressure.inc': builtins.backpressureInc(instance),
    'backpressure.dec': builtins.backpressureDec(instance),
    'subtask.cancel': builtins.subtaskCancel(instance, false),
    'subtask.cancel-async': builtins.subtaskCancel(instance, true),
    'subtask.drop': builtins.subtaskDrop(instance),
    'thread.yield': builtins.threadYield(instance),
    'thread.yield-cancellable': builtins.threadYield(instance, true),
    'set.new': builtins.waitableSetNew(instance),
    'set.wait': builtins.waitableSetWait(instance, memory, false),
    'set.wait-cancellable': builtins.waitableSetWait(instance, memory, true),
    'set.poll': builtins.waitableSetPoll(instance, memory, false),
    'set.drop': builtins.waitableSetDrop(instance),
    join: builtins.waitableJoin(instance),
    'stream.new': builtins.streamNew(instance, element),
    'stream.read': builtins.streamRead(instance, element, sync),
    'stream.read-async': builtins.streamRead(instance, element, async),
    'stream.write': builtins.streamWrite(instance, element, sync),
    'stream.write-async': builtins.streamWrite(instance, element, async),
    'stream.cancel-read': builtins.streamCancelRead(instance, element, true),
    'stream.cancel-write': builtins.streamCancelWrite(instance, element, true),
    'stream.drop-readable': builtins.streamDropReadable(instance, element),
    'stream.drop-writable': builtins.streamDropWritable(instance, element),
    'future.new': builtins.futureNew(instance, element),
    'future.read': builtins.futureRead(instance, element, sync),
    'future.read-async': builtins.futureRead(instance, element, async),
    'future.write': builtins.futureWrite(instance, element, sync),
    'future.write-async': builtins.futureWrite(instance, element, async),
    'future.cancel-read': builtins.futureCancelRead(instance, element, true),
    'future.cancel-write': builtins.futureCancelWrite(instance, element, true),
    'future.drop-readable': builtins.futureDropReadable(instance, element),
    'future.drop-writable': builtins.futureDropWritable(instance, element),
  };
}
