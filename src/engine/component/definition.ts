import type { StringEncoding } from '../../../shims/canonical-abi/abi.ts';
import type { FunctionType, ResourceRef, ValueType } from '../../../shims/canonical-abi/types.ts';

/**
 * A component as its binary defines it: definitions in order, each of which adds to the index space of its sort. Static: one
 * serves all instances of a program. instantiate.ts evaluates it.
 *
 * @see https://github.com/WebAssembly/component-model/blob/main/design/mvp/Binary.md
 */
export interface ComponentDefinition {
  readonly definitions: readonly Definition[];
  /** Of imports and exports, in order; names as they are written. */
  readonly imports: readonly ImportDefinition[];
  readonly exports: readonly ExportDefinition[];
  /** How many resource types it knows: each {@link ResourceRef.slot} is below. */
  readonly resourceCount: number;
}

/** Everything that the bytes of one program hold. */
export interface DecodedProgram {
  readonly root: ComponentDefinition;
  /** Core modules of all its components, in the order in which they come. */
  readonly cores: readonly Uint8Array[];
  /** Which of them one instance of the program instantiates, in order; some maybe more than once. */
  readonly coreInstances: readonly number[];
}

export type CoreSort = 'func' | 'table' | 'memory' | 'global' | 'tag';
export type Sort = 'func' | 'type' | 'component' | 'instance' | 'module';

export interface CoreSortIndex {
  readonly sort: CoreSort;
  readonly index: number;
}

export interface SortIndex {
  readonly sort: Sort;
  readonly index: number;
  /** Of a type that is a resource type: its slot. */
  readonly resource?: number;
}

export interface Named<T> {
  readonly name: string;
  readonly item: T;
}

export interface CanonOptionIndices {
  readonly encoding: StringEncoding;
  readonly async: boolean;
  readonly memory?: number;
  readonly realloc?: number;
  readonly postReturn?: number;
  readonly callback?: number;
}

/** What a name of an instance or component stands for, as far as it is known without running anything. */
export type ExternShape =
  | { readonly sort: 'func'; readonly type: FunctionType }
  | { readonly sort: 'instance'; readonly shape: InstanceShape }
  | { readonly sort: 'type'; readonly type: TypeDefinition }
  | { readonly sort: 'component' | 'module' };

export interface InstanceShape {
  readonly exports: ReadonlyMap<string, ExternShape>;
}

/** An entry of a component's index space of types. */
export type TypeDefinition =
  | { readonly kind: 'value'; readonly type: ValueType }
  | { readonly kind: 'func'; readonly type: FunctionType }
  | { readonly kind: 'resource'; readonly ref: ResourceRef }
  | { readonly kind: 'instance'; readonly shape: InstanceShape; readonly fresh: readonly FreshResource[] }
  | { readonly kind: 'component' }
  | { readonly kind: 'core' };

/** A resource type that comes into being with each instance of a type, under the names that lead to it. */
export interface FreshResource {
  readonly ref: ResourceRef;
  readonly path: readonly string[];
}

/** Where a resource type of an import or of an inner instance comes from. */
export interface ResourceSource {
  readonly slot: number;
  /** Names that lead from the import to it; empty where the import is the type itself. */
  readonly path: readonly string[];
}

export interface ImportDefinition {
  readonly kind: 'import';
  readonly name: string;
  readonly shape: ExternShape;
  readonly resources: readonly ResourceSource[];
}

export interface ExportDefinition extends SortIndex {
  readonly kind: 'export';
  readonly name: string;
  readonly shape: ExternShape;
}

/** Resource types that an inner component made itself, by its slot and ours. */
export interface InnerResource {
  readonly slot: number;
  readonly inner: number;
}

/** A built-in function of the Canonical ABI. */
export type BuiltinDefinition =
  | { readonly name: 'resource.new' | 'resource.drop' | 'resource.rep'; readonly resource: ResourceRef }
  | {
      readonly name: 'task.return';
      readonly result: ValueType | undefined;
      readonly options: CanonOptionIndices;
    }
  | { readonly name: 'context.get' | 'context.set'; readonly slot: number }
  | { readonly name: 'subtask.cancel'; readonly async: boolean }
  | { readonly name: StreamBuiltin; readonly element: ValueType | undefined }
  | {
      readonly name: CopyBuiltin;
      readonly element: ValueType | undefined;
      readonly options: CanonOptionIndices;
    }
  | { readonly name: CancelBuiltin; readonly element: ValueType | undefined; readonly async: boolean }
  | {
      readonly name: 'waitable-set.wait' | 'waitable-set.poll';
      readonly cancellable: boolean;
      readonly memory: number;
    }
  | { readonly name: 'thread.yield'; readonly cancellable: boolean }
  | { readonly name: PlainBuiltin };

export type PlainBuiltin =
  | 'backpressure.inc'
  | 'backpressure.dec'
  | 'task.cancel'
  | 'subtask.drop'
  | 'waitable-set.new'
  | 'waitable-set.drop'
  | 'waitable.join';

type Transfer = 'stream' | 'future';
export type StreamBuiltin = `${Transfer}.${'new' | 'drop-readable' | 'drop-writable'}`;
export type CopyBuiltin = `${Transfer}.${'read' | 'write'}`;
export type CancelBuiltin = `${Transfer}.${'cancel-read' | 'cancel-write'}`;

export type Definition =
  | ImportDefinition
  | ExportDefinition
  /** @property module index into {@link DecodedProgram.cores} */
  | { readonly kind: 'core-module'; readonly module: number }
  | {
      readonly kind: 'core-instance';
      readonly module: number;
      /** Names of modules, and the core instances that stand for them. */
      readonly args: readonly Named<number>[];
    }
  | { readonly kind: 'core-exports'; readonly exports: readonly Named<CoreSortIndex>[] }
  | { readonly kind: 'component'; readonly component: ComponentDefinition }
  | {
      readonly kind: 'instance';
      readonly component: number;
      readonly args: readonly Named<SortIndex>[];
      readonly resources: readonly InnerResource[];
    }
  | { readonly kind: 'exports'; readonly exports: readonly Named<SortIndex>[] }
  | { readonly kind: 'alias-core'; readonly sort: CoreSort; readonly instance: number; readonly name: string }
  /** @property sort never `type`: types are known without running anything */
  | { readonly kind: 'alias'; readonly sort: Sort; readonly instance: number; readonly name: string }
  | { readonly kind: 'alias-outer-component'; readonly depth: number; readonly index: number }
  | { readonly kind: 'alias-outer-module'; readonly depth: number; readonly index: number }
  | { readonly kind: 'resource'; readonly slot: number; readonly destructor?: number }
  | {
      readonly kind: 'lift';
      readonly callee: number;
      readonly type: FunctionType;
      readonly options: CanonOptionIndices;
    }
  | {
      readonly kind: 'lower';
      readonly callee: number;
      readonly type: FunctionType;
      readonly options: CanonOptionIndices;
    }
  | { readonly kind: 'builtin'; readonly builtin: BuiltinDefinition };
