import type { FunctionType, ResourceRef, ValueType } from '../../../shims/canonical-abi/types.ts';
import { ProgramError } from '../../errors.ts';
import type { BinaryReader } from '../binary-reader.ts';
import type {
  ComponentDefinition,
  CoreSort,
  Definition,
  ExportDefinition,
  ImportDefinition,
  InstanceShape,
  TypeDefinition,
} from './definition.ts';
import { TypeWork } from './type-extent.ts';

/** What both components and the types of components and instances are: an index space of types and of instances. */
export class Scope {
  readonly parent: Scope | undefined;
  readonly types: TypeDefinition[] = [];
  readonly instances: InstanceShape[] = [];
  /** One for the whole program. */
  readonly work: TypeWork;

  constructor(parent: Scope | undefined) {
    this.parent = parent;
    this.work = parent?.work ?? new TypeWork();
  }

  /** It is a component: who goes out of it leaves what its slots of resource types mean. */
  readonly isComponent: boolean = false;

  /**
   * @param depth 0 is this scope
   * @returns the scope, and whether it is out of the component
   */
  outer(depth: number, reader: BinaryReader): { readonly scope: Scope; readonly crosses: boolean } {
    if (depth === 0) return { scope: this, crosses: false };
    const { parent } = this;
    if (parent === undefined) invalid(reader, 'an alias goes further out than the component itself');
    const { scope, crosses } = parent.outer(depth - 1, reader);
    return { scope, crosses: crosses || this.isComponent };
  }
}

/** A component while it is read. */
export class ComponentScope extends Scope {
  override readonly isComponent = true;
  readonly definitions: Definition[] = [];
  readonly imports: ImportDefinition[] = [];
  readonly exports: ExportDefinition[] = [];
  readonly functions: FunctionType[] = [];
  readonly components: (ComponentDefinition | undefined)[] = [];
  /** Sizes of the index spaces whose entries have no type that matters here. */
  readonly coreCounts: Record<CoreSort | 'instance' | 'module', number> = {
    func: 0,
    table: 0,
    memory: 0,
    global: 0,
    tag: 0,
    instance: 0,
    module: 0,
  };
  #resources = 0;

  get resourceCount(): number {
    return this.#resources;
  }

  newResource(name: string): ResourceRef {
    return { slot: this.#resources++, name };
  }
}

/** @returns `index` where it is one of an index space of that size. @throws ProgramError */
export function checked(reader: BinaryReader, what: string, index: number, size: number): number {
  return index < size ? index : invalid(reader, `${what} ${index} does not exist; there are ${size}`);
}

/** @throws ProgramError unless there is such an entry */
export function entry<T>(reader: BinaryReader, what: string, index: number, space: readonly T[]): T {
  return space[checked(reader, what, index, space.length)] as T;
}

export function valueTypeAt(scope: Scope, reader: BinaryReader, index: number): ValueType {
  const found = entry(reader, 'type', index, scope.types);
  return found.kind === 'value' ? found.type : invalid(reader, `type ${index} is no type of values`);
}

export function functionTypeAt(scope: Scope, reader: BinaryReader, index: number): FunctionType {
  const found = entry(reader, 'type', index, scope.types);
  return found.kind === 'func' ? found.type : invalid(reader, `type ${index} is no type of functions`);
}

export function resourceAt(scope: Scope, reader: BinaryReader, index: number): ResourceRef {
  const found = entry(reader, 'type', index, scope.types);
  return found.kind === 'resource' ? found.ref : invalid(reader, `type ${index} is no resource type`);
}

/** @throws ProgramError BW_PROGRAM_INVALID that says where */
export function invalid(reader: BinaryReader, problem: string): never {
  throw new ProgramError(
    'BW_PROGRAM_INVALID',
    `The component is broken: ${problem} (at byte ${reader.position}).`,
  );
}

/** @throws ProgramError BW_PROGRAM_UNSUPPORTED */
export function unsupportedPart(what: string): never {
  throw new ProgramError('BW_PROGRAM_UNSUPPORTED', `The component has ${what}, which is not supported yet.`);
}
