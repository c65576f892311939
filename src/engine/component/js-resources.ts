import type { ComponentInstance } from '../../../shims/canonical-abi/component-instance.ts';
import {
  dropGuestResource,
  GuestResourceType,
  hostResourceType,
  type ImportedResourceType,
  type ResourceType,
} from '../../../shims/canonical-abi/resource.ts';
import type { ResourceRef } from '../../../shims/canonical-abi/types.ts';
import type { GuestResource } from '../../../shims/canonical-abi/values.ts';
import { JsMismatch } from './js-mismatch.ts';
import type { JsScope } from './js-value-types.ts';

type Class = abstract new (...args: never[]) => object;

/**
 * A resource of a component, or of WASI, in the hands of the embedder: it can be passed to functions that take one, and an owned
 * one of a component be dropped.
 */
export class Resource implements Disposable {
  readonly #type: ResourceType | undefined;
  /** Undefined once it was given away or dropped. */
  #resource: object | undefined;
  readonly #dispose: ((resource: object) => void) | undefined;

  /** @internal */
  constructor(
    type: ResourceType | undefined,
    resource: object,
    dispose: ((resource: object) => void) | undefined,
  ) {
    this.#type = type;
    this.#resource = resource;
    this.#dispose = dispose;
  }

  /** @internal @returns what it stands for, where that is of `type` */
  static of(value: unknown, type: ResourceType | undefined): object | undefined {
    return value instanceof Resource && value.#type === type ? value.#resource : undefined;
  }

  /** @internal Its owner is somebody else now. */
  static give(value: unknown): void {
    if (value instanceof Resource) value.#resource = undefined;
  }

  [Symbol.dispose](): void {
    const resource = this.#resource;
    if (this.#dispose === undefined || resource === undefined) return;
    this.#resource = undefined;
    this.#dispose(resource);
  }
}

/** Resources as the embedder of one instance of a program has them; types are by the slots of its outermost component. */
export class JsResources implements JsScope {
  /** Of resource types that the embedder implements, the class. */
  readonly #classes = new Map<ImportedResourceType, Class>();
  readonly #instance: ComponentInstance;

  constructor(instance: ComponentInstance) {
    this.#instance = instance;
  }

  /** A resource type whose resources are objects of `implementation`. A handle that is dropped disposes of its object. */
  define(name: string, implementation: Class): ImportedResourceType {
    const type = hostResourceType(undefined, {
      name,
      release: (_context, resource: object) => dispose(resource),
    });
    this.#classes.set(type, implementation);
    return type;
  }

  resourceToJs(kind: 'own' | 'borrow', { slot }: ResourceRef, resource: object): object {
    const type = this.#instance.resources[slot];
    if (type instanceof GuestResourceType) {
      const drop = (owned: object): void => dropGuestResource(owned as GuestResource);
      return new Resource(type, resource, kind === 'own' ? drop : undefined);
    }
    if (type !== undefined && this.#classes.has(type)) return resource;
    return new Resource(type, resource, kind === 'own' ? (owned) => type?.destroy(owned) : undefined);
  }

  resourceFromJs(kind: 'own' | 'borrow', { slot, name }: ResourceRef, value: unknown): object {
    const type = this.#instance.resources[slot];
    const implementation = type instanceof GuestResourceType ? undefined : type && this.#classes.get(type);
    const found = implementation === undefined ? Resource.of(value, type) : ownObject(value, implementation);
    if (found === undefined) throw new JsMismatch(`a resource of type ${name}`, value);
    if (kind === 'own') Resource.give(value);
    return found;
  }

  fail(error: unknown): void {
    this.#instance.store.fail(error);
  }

  onEnd(listener: () => void): () => void {
    const { store } = this.#instance;
    if (store.isEnded) listener();
    const entry = { ended: listener };
    store.listeners.add(entry);
    return () => void store.listeners.delete(entry);
  }
}

function ownObject(value: unknown, implementation: Class): object | undefined {
  return value instanceof implementation ? value : undefined;
}

function dispose(resource: object): void {
  if (Symbol.dispose in resource && typeof resource[Symbol.dispose] === 'function')
    (resource as Disposable)[Symbol.dispose]();
}
