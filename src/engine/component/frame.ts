import { ComponentInstance } from '../../../shims/canonical-abi/component-instance.ts';
import type { CanonOptions, GuestFunction } from '../../../shims/canonical-abi/canon-options.ts';
import type { Realloc } from '../../../shims/canonical-abi/abi.ts';
import type { GuestMemory } from '../../../shims/guest-memory.ts';
import { ProgramError } from '../../errors.ts';
import type { CanonOptionIndices, CoreSort, SortIndex } from './definition.ts';
import type { Extern } from './extern.ts';
import type { Linking } from './linking.ts';

/** An entry of an index space of functions. */
export type FunctionExtern = Extract<Extern, { sort: 'func' | 'lowering' }>;
export type InstanceExtern = Extract<Extern, { sort: 'instance' }>;
export type ComponentExtern = Extract<Extern, { sort: 'component' }>;

/** One instance of one component, with its index spaces as far as they are filled. */
export class ComponentFrame {
  readonly linking: Linking;
  readonly parent: ComponentFrame | undefined;
  readonly instance: ComponentInstance;
  readonly modules: number[] = [];
  readonly coreInstances: Readonly<Record<string, unknown>>[] = [];
  readonly core: Readonly<Record<CoreSort, unknown[]>> = {
    func: [],
    table: [],
    memory: [],
    global: [],
    tag: [],
  };
  readonly components: ComponentExtern[] = [];
  readonly instances: InstanceExtern[] = [];
  readonly functions: FunctionExtern[] = [];
  readonly exports: Map<string, Extern> = new Map();

  constructor(linking: Linking, parent: ComponentFrame | undefined) {
    this.linking = linking;
    this.parent = parent;
    this.instance = new ComponentInstance(linking.store, parent?.instance);
  }

  /** Adds what a name or an alias stands for to the index space of its sort. */
  push(extern: Extern): void {
    switch (extern.sort) {
      case 'func':
      case 'lowering':
        this.functions.push(extern);
        return;
      case 'instance':
        this.instances.push(extern);
        return;
      case 'component':
        this.components.push(extern);
        return;
      case 'module':
        this.modules.push(extern.module);
        return;
      case 'type':
    }
  }

  at({ sort, index, resource }: SortIndex): Extern {
    switch (sort) {
      case 'func':
        return this.functions[index] as Extern;
      case 'instance':
        return this.instances[index] as Extern;
      case 'component':
        return this.components[index] as Extern;
      case 'module':
        return { sort, module: this.modules[index] as number };
      case 'type': {
        const type = resource === undefined ? undefined : this.instance.resources[resource];
        return type === undefined ? { sort } : { sort, resource: type };
      }
    }
  }

  outer(depth: number): ComponentFrame {
    return depth === 0 ? this : (this.parent as ComponentFrame).outer(depth - 1);
  }

  options({ encoding, async, memory, realloc, postReturn, callback }: CanonOptionIndices): CanonOptions {
    return {
      encoding,
      async,
      ...(memory !== undefined && { memory: this.view(memory) }),
      ...(realloc !== undefined && { realloc: this.coreFunction(realloc) as Realloc }),
      ...(postReturn !== undefined && { postReturn: this.coreFunction(postReturn) }),
      ...(callback !== undefined && { callback: this.coreFunction(callback) }),
    };
  }

  view(memory: number): GuestMemory {
    return this.linking.memoryOf(this.core.memory[memory] as WebAssembly.Memory);
  }

  coreFunction(index: number): GuestFunction {
    return this.core.func[index] as GuestFunction;
  }

  /** An export of a core instance; that it is of the sort is not known before. */
  coreExport(sort: CoreSort, instance: number, name: string): unknown {
    const exports = this.coreInstances[instance] as Readonly<Record<string, unknown>>;
    const value = Object.hasOwn(exports, name) ? exports[name] : undefined;
    if (isOfSort(sort, value)) return value;
    throw new ProgramError(
      'BW_PROGRAM_INVALID',
      `The component is broken: a core instance has no ${sort} ${JSON.stringify(name)}.`,
    );
  }
}

const CLASSES: Readonly<Record<Exclude<CoreSort, 'func'>, string>> = {
  table: '[object WebAssembly.Table]',
  memory: '[object WebAssembly.Memory]',
  global: '[object WebAssembly.Global]',
  tag: '[object WebAssembly.Tag]',
};

/** Not `instanceof`: guests with a deadline have a realm of their own. */
function isOfSort(sort: CoreSort, value: unknown): boolean {
  if (sort === 'func') return typeof value === 'function';
  return Object.prototype.toString.call(value) === CLASSES[sort];
}
