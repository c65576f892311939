import { GuestMemory } from '../../../shims/guest-memory.ts';
import { type ImportedResourceType, hostResourceType } from '../../../shims/canonical-abi/resource.ts';
import type { HostResourceType } from '../../../shims/canonical-abi/host-function.ts';
import type { Store } from '../../../shims/canonical-abi/store.ts';
import { Context as Preview2Context } from '../../../shims/preview2/context.ts';
import type { Resource } from '../../../shims/preview2/abi/resources.ts';
import type { Context } from '../../../shims/preview3/context.ts';
import type { Executor } from '../../virtual/executor.ts';
import type { Host } from '../../virtual/host.ts';

/** What all components of one instance of a program have in common while they are linked, and afterwards. */
export class Linking {
  readonly host: Host;
  readonly executor: Executor;
  readonly store: Store;
  readonly context: Context;
  /** The program's core modules. */
  readonly modules: readonly WebAssembly.Module[];
  /** Adds what the next core instance is given beyond what its component gives it: its memories. */
  readonly adjustImports: (imports: WebAssembly.Imports) => void;
  readonly #memories = new Map<WebAssembly.Memory, GuestMemory>();
  readonly #hostTypes = new Map<HostResourceType<Context, never>, ImportedResourceType>();
  readonly #preview2Types = new Map<Resource, ImportedResourceType>();
  readonly #preview2Names = new Map<object, Resource>();
  #preview2: Preview2Context | undefined;

  constructor(parts: Pick<Linking, 'host' | 'executor' | 'store' | 'context' | 'modules' | 'adjustImports'>) {
    this.host = parts.host;
    this.executor = parts.executor;
    this.store = parts.store;
    this.context = parts.context;
    this.modules = parts.modules;
    this.adjustImports = parts.adjustImports;
  }

  /** One view for each memory, however many functions use it. */
  memoryOf(memory: WebAssembly.Memory): GuestMemory {
    let view = this.#memories.get(memory);
    if (view === undefined) {
      view = new GuestMemory((limit, value) => this.host.guard.limited(limit, value));
      view.bind(memory);
      this.#memories.set(memory, view);
    }
    return view;
  }

  hostType(type: HostResourceType<Context, never>): ImportedResourceType {
    return remembered(this.#hostTypes, type, () => hostResourceType(this.context, type));
  }

  /** For components that import WASI 0.2 as well. */
  get preview2(): Preview2Context {
    return (this.#preview2 ??= new Preview2Context(this.host));
  }

  /** A type of WASI 0.2. Its handles are in tables of their own, see shims/preview2. */
  preview2Type(name: Resource): ImportedResourceType {
    return remembered(this.#preview2Types, name, () => {
      const type = hostResourceType(undefined, { name, release: () => undefined });
      this.#preview2Names.set(type, name);
      return type;
    });
  }

  preview2Name(type: object | undefined): Resource | undefined {
    return type && this.#preview2Names.get(type);
  }

  /** Nothing of the guest is touched any more. */
  end(reason: unknown): void {
    this.store.end(reason);
    this.context.end(reason);
    this.#preview2?.end(reason);
    for (const memory of this.#memories.values()) memory.end(reason);
  }
}

function remembered<K, V>(known: Map<K, V>, key: K, make: () => V): V {
  const found = known.get(key);
  if (found !== undefined) return found;
  const made = make();
  known.set(key, made);
  return made;
}
