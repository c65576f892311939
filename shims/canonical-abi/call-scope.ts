import { trap } from '../trap.ts';
import { type CopyEnd, ReadableFutureEnd, ReadableStreamEnd } from './copy-end.ts';
import { GuestResourceType, ResourceHandle, type ResourceType } from './resource.ts';
import { NO_MEMORY, NO_REALLOC, type CanonOptions } from './canon-options.ts';
import type { Abi, HandleScope } from './abi.ts';
import type { ComponentInstance } from './component-instance.ts';
import type { Task } from './task.ts';
import type { ResourceRef, ValueType } from './types.ts';
import type { FutureSource, GuestResource, StreamSource } from './values.ts';

/** Takes note of the handles that were lent for a call. */
export interface Borrower {
  addLender(handle: ResourceHandle): void;
}

/** Handles of `instance` within one call: what is borrowed has to be back when it is over. */
export class CallScope implements HandleScope {
  readonly #instance: ComponentInstance;
  readonly #borrower: Borrower | undefined;
  readonly #task: Task | undefined;

  /** @param borrower for values that the instance gives away @param task for values that it gets */
  constructor(instance: ComponentInstance, borrower?: Borrower, task?: Task) {
    this.#instance = instance;
    this.#borrower = borrower;
    this.#task = task;
  }

  liftOwn(resource: ResourceRef, index: number): object {
    const handle = this.#resource(resource, index);
    if (handle.lends !== 0) trap(`${resource.name} is given away while it is borrowed`);
    if (handle.scope !== undefined) trap(`${resource.name} is given away, but only borrowed`);
    this.#instance.handles.remove(index);
    return handle.resource;
  }

  liftBorrow(resource: ResourceRef, index: number): object {
    const handle = this.#resource(resource, index);
    // Without one, the callee is done with it before any code of the guest runs again.
    this.#borrower?.addLender(handle);
    return handle.resource;
  }

  #resource({ slot, name }: ResourceRef, index: number): ResourceHandle {
    const handle = this.#instance.handles.get(index);
    if (!(handle instanceof ResourceHandle) || handle.type !== this.#instance.resources[slot])
      trap(`handle ${index} is no ${name}`);
    return handle;
  }

  lowerOwn({ slot }: ResourceRef, value: object): number {
    const type = this.#type(slot, value);
    return this.#instance.handles.add(new ResourceHandle(type, value));
  }

  lowerBorrow({ slot }: ResourceRef, value: object): number {
    const type = this.#type(slot, value);
    const instance = this.#instance;
    if (type instanceof GuestResourceType && type.instance === instance) return (value as GuestResource).rep;
    const task = this.#task ?? trap('a borrow outside of a call');
    const index = instance.handles.add(new ResourceHandle(type, value, task));
    task.borrows++;
    return index;
  }

  #type(slot: number, value: object): ResourceType {
    const type = this.#instance.resources[slot] ?? trap(`resource type ${slot} does not exist yet`);
    if (type instanceof GuestResourceType && (value as GuestResource).type !== type)
      throw new TypeError(`not a resource of type ${type.name}`);
    return type;
  }

  liftStream(element: ValueType | undefined, index: number): StreamSource {
    const end = this.#instance.handles.get(index);
    if (!(end instanceof ReadableStreamEnd)) trap(`handle ${index} is no readable end of a stream`);
    return this.#takeEnd(end, element).source;
  }

  lowerStream(element: ValueType | undefined, source: StreamSource): number {
    return this.#addEnd(new ReadableStreamEnd(this.#instance, element, source));
  }

  liftFuture(element: ValueType | undefined, index: number): FutureSource {
    const end = this.#instance.handles.get(index);
    if (!(end instanceof ReadableFutureEnd)) trap(`handle ${index} is no readable end of a future`);
    return this.#takeEnd(end, element).source;
  }

  lowerFuture(element: ValueType | undefined, source: FutureSource): number {
    return this.#addEnd(new ReadableFutureEnd(this.#instance, element, source));
  }

  #takeEnd<E extends CopyEnd>(end: E, element: ValueType | undefined): E {
    end.checkElement(element);
    if (end.state !== 'idle') trap('a stream or future is given away that is being read, or at its end');
    if (end.set !== undefined) trap('a stream or future is given away that is in a waitable set');
    this.#instance.handles.remove(end.index);
    return end;
  }

  #addEnd(end: CopyEnd): number {
    end.index = this.#instance.handles.add(end);
    return end.index;
  }
}

/** How values cross the border of `instance`; `handles` is that of one call, or of all that borrow nothing. */
export function abiOf(instance: ComponentInstance, options: CanonOptions, handles: HandleScope): Abi {
  const { memory = NO_MEMORY, encoding, realloc } = options;
  return {
    memory,
    encoding,
    handles,
    realloc: realloc === undefined ? NO_REALLOC : instance.guardedRealloc(realloc),
  };
}

/** Whether values of these types can only be lifted or lowered for one call. */
export function containsBorrow(types: readonly (ValueType | undefined)[]): boolean {
  return types.some((type) => type !== undefined && borrows(type));
}

function borrows(type: ValueType): boolean {
  switch (type.kind) {
    case 'borrow':
      return true;
    case 'list':
      return borrows(type.element);
    case 'record':
      return containsBorrow(type.fields.map((field) => field.type));
    case 'tuple':
      return containsBorrow(type.elements);
    case 'variant':
      return containsBorrow(type.cases.map((each) => each.type));
    case 'option':
      return borrows(type.some);
    case 'result':
      return containsBorrow([type.ok, type.error]);
    default:
      return false;
  }
}
