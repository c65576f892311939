/**
 * Types of the component model as a component declares them. Static: they are read once for a program, and serve all of its
 * instances. What differs between instances (which resource type a name stands for) is reached through {@link ResourceRef}.
 *
 * @see https://github.com/WebAssembly/component-model/blob/main/design/mvp/Explainer.md#type-definitions
 */
export type PrimitiveKind =
  | 'bool'
  | 's8'
  | 'u8'
  | 's16'
  | 'u16'
  | 's32'
  | 'u32'
  | 's64'
  | 'u64'
  | 'f32'
  | 'f64'
  | 'char'
  | 'string';

export type ValueType =
  | { readonly kind: PrimitiveKind }
  /** @property length of a list of fixed length, which is laid out inline */
  | { readonly kind: 'list'; readonly element: ValueType; readonly length?: number }
  | { readonly kind: 'record'; readonly fields: readonly RecordField[] }
  | { readonly kind: 'tuple'; readonly elements: readonly ValueType[] }
  | { readonly kind: 'variant'; readonly cases: readonly VariantCase[] }
  | { readonly kind: 'enum'; readonly names: readonly string[] }
  | { readonly kind: 'option'; readonly some: ValueType }
  | { readonly kind: 'result'; readonly ok?: ValueType; readonly error?: ValueType }
  | { readonly kind: 'flags'; readonly names: readonly string[] }
  | { readonly kind: 'own' | 'borrow'; readonly resource: ResourceRef }
  | { readonly kind: 'stream' | 'future'; readonly element?: ValueType };

export interface RecordField {
  readonly name: string;
  readonly type: ValueType;
}

export interface VariantCase {
  readonly name: string;
  readonly type?: ValueType;
}

/** A resource type as one component knows it: `instance.resources[slot]` is what it stands for in an instance. */
export interface ResourceRef {
  readonly slot: number;
  /** For messages, and for what is written of types. */
  readonly name: string;
}

export interface FunctionType {
  readonly params: readonly RecordField[];
  readonly result?: ValueType;
  /** `async func`: it may block, so who lowers it synchronously must be able to wait. */
  readonly async: boolean;
}
