import type { GuestMemory } from '../../guest-memory.ts';
import type { Context } from '../context.ts';
import type { Handles } from './handles.ts';
import type { Resource, ResourceTypes } from './resources.ts';

/** `cabi_realloc` of the guest: `(old pointer, old size, alignment, new size) → pointer`. */
export type Realloc = (oldPointer: number, oldSize: number, alignment: number, newSize: number) => number;

/** What a lowered function works on: the Canonical ABI's options, and the handle tables of the caller. */
export interface Canon {
  readonly memory: GuestMemory;
  /** Read at the call: a link plan makes functions before the instance that brings `realloc`. */
  readonly realloc: Realloc;
  readonly handles: { readonly [R in Resource]: Handles<ResourceTypes[R]> };
}

/** A function that core WebAssembly calls. i64 comes as a signed BigInt; pointers and lengths come as signed i32. */
export type CoreFunction = (...args: never[]) => unknown;

/** A host function in lowered form, as `canon lower` would make it from the plain one, but without its cost. */
export interface Lowering {
  /** The resource types of its signature, in the order in which WIT must define them. */
  readonly resources?: readonly Resource[];
  /** It may answer a promise and must suspend the guest then; `off-thread`: only where transfers may leave the thread. */
  readonly blocking?: true | 'off-thread';
  lower(context: Context, canon: Canon): CoreFunction;
}

/** The functions of one interface by their names in WIT, methods as `[method]resource.name`. */
export type Lowerings = Readonly<Record<string, Lowering>>;

/** @returns whether the function must be able to suspend in this instance: that costs 0.1 us a call */
export function suspends({ blocking }: Lowering, { host }: Context): boolean {
  return blocking === 'off-thread' ? host.filesystem.offThread : blocking === true;
}
