import type { GuestMemory } from '../guest-memory.ts';
import type { ResourceRef, ValueType } from './types.ts';
import type { FutureSource, StreamSource } from './values.ts';

/** `cabi_realloc` of the guest: `(old pointer, old size, alignment, new size) → pointer`. */
export type Realloc = (oldPointer: number, oldSize: number, alignment: number, newSize: number) => number;

export type StringEncoding = 'utf8' | 'utf16' | 'latin1+utf16';

/** Types of core WebAssembly that values are flattened to. */
export type CoreType = 'i32' | 'i64' | 'f32' | 'f64';

/** i64 as a signed or unsigned bigint, all else as a number; i32 may come signed. */
export type CoreValue = number | bigint;

/** What values are lifted from and lowered to: one use of a function by one component instance. */
export interface Abi {
  readonly memory: GuestMemory;
  /** Runs guest code: views of the memory are stale afterwards. */
  readonly realloc: Realloc;
  readonly encoding: StringEncoding;
  readonly handles: HandleScope;
}

/** Handles of one component instance, within one call of it. All of these trap for an index of another kind. */
export interface HandleScope {
  /** Takes the handle away. */
  liftOwn(resource: ResourceRef, index: number): object;
  /** Lends the handle until the call is over. */
  liftBorrow(resource: ResourceRef, index: number): object;
  lowerOwn(resource: ResourceRef, value: object): number;
  /** @returns a handle that the callee must drop before it returns; the rep where it is the callee's own resource type */
  lowerBorrow(resource: ResourceRef, value: object): number;
  /** Takes the readable end away. */
  liftStream(element: ValueType | undefined, index: number): StreamSource;
  lowerStream(element: ValueType | undefined, source: StreamSource): number;
  liftFuture(element: ValueType | undefined, index: number): FutureSource;
  lowerFuture(element: ValueType | undefined, source: FutureSource): number;
}

/** How values of one type look in memory and as core values; made once for a type, see codec.ts. */
export interface Codec {
  /** Bytes. */
  readonly size: number;
  readonly alignment: number;
  readonly flat: readonly CoreType[];
  /** The caller has checked that `pointer` is aligned and that `size` bytes are in the memory. */
  load(abi: Abi, pointer: number): unknown;
  /** Likewise. Strings and lists run guest code: views that the caller took before are stale, those of `abi.memory` current. */
  store(abi: Abi, pointer: number, value: unknown): void;
  /** @param at where the first of this value's `flat.length` core values stands in `values` */
  lift(abi: Abi, values: ArrayLike<CoreValue>, at: number): unknown;
  /** Appends `flat.length` core values to `values`. */
  lower(abi: Abi, value: unknown, values: CoreValue[]): void;
}
