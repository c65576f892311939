import { trap } from '../trap.ts';
import type { GuestFunction } from './canon-options.ts';
import type { ComponentInstance } from './component-instance.ts';
import type { TableEntry } from './handle-table.ts';
import type { HostResourceType } from './host-function.ts';
import type { GuestResource } from './values.ts';

/** What a resource type stands for in one instance of a program. Two are the same type if they are the same object. */
export type ResourceType = GuestResourceType | ImportedResourceType;

/** Of a component: its resources are numbers, which mean something to that component alone. */
export class GuestResourceType {
  readonly name: string;
  /** The instance that defines it. */
  readonly instance: ComponentInstance;
  readonly #destructor: GuestFunction | undefined;

  constructor(name: string, instance: ComponentInstance, destructor?: GuestFunction) {
    this.name = name;
    this.instance = instance;
    this.#destructor = destructor;
  }

  /** Runs the destructor. @param caller undefined for the host, while no guest runs */
  destroy(resource: GuestResource, caller: ComponentInstance | undefined): void {
    const destructor = this.#destructor as ((rep: number) => void) | undefined;
    if (destructor === undefined) return;
    const { instance } = this;
    if (!instance.mayEnterFrom(caller)) trap(`the component of resource ${this.name} is running already`);
    instance.enterFrom(caller);
    instance.callPlain(true, () => destructor(resource.rep));
    instance.leaveTo(caller);
  }
}

/** Of the host: its resources are objects. */
export class ImportedResourceType {
  readonly name: string;
  readonly #release: (resource: object) => void;

  constructor(name: string, release: (resource: object) => void) {
    this.name = name;
    this.#release = release;
  }

  destroy(resource: object): void {
    this.#release(resource);
  }
}

/** @returns the host's type `type` for one instance of a program */
export function hostResourceType<C>(context: C, type: HostResourceType<C, never>): ImportedResourceType {
  const release = type.release as (context: C, resource: object) => void;
  return new ImportedResourceType(type.name, (resource) => release(context, resource));
}

/**
 * Drops a resource of a component that the host owns. Its destructor runs once no guest runs.
 *
 * @param resource as the host got it for `own<…>`
 */
export function dropGuestResource(resource: GuestResource): void {
  const { type } = resource;
  if (!(type instanceof GuestResourceType)) throw new TypeError('not a resource of a component');
  type.instance.store.enter(() => type.destroy(resource, undefined));
}

/** Counts the borrowed handles that a task has not dropped yet. */
export interface BorrowScope {
  borrows: number;
}

/** @see definitions.py of the Canonical ABI, `ResourceHandle` */
export class ResourceHandle implements TableEntry {
  readonly type: ResourceType;
  readonly resource: object;
  /** Undefined: it owns the resource. */
  readonly scope: BorrowScope | undefined;
  /** Calls that have borrowed from it. */
  lends = 0;

  constructor(type: ResourceType, resource: object, scope?: BorrowScope) {
    this.type = type;
    this.resource = resource;
    this.scope = scope;
  }

  get counted(): string | undefined {
    return this.type instanceof GuestResourceType ? 'resource' : undefined;
  }

  /** Destructors of guests do not run when everything ends. */
  release(): void {
    if (this.scope === undefined && this.type instanceof ImportedResourceType)
      this.type.destroy(this.resource);
  }
}
