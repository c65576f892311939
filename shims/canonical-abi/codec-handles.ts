import { scalarCodec } from './part-codec.ts';
import type { Abi, HandleScope } from './abi.ts';
import type { PartCodec } from './part-codec.ts';
import type { ResourceRef, ValueType } from './types.ts';
import type { FutureSource, StreamSource } from './values.ts';

export function ownCodec(resource: ResourceRef): PartCodec {
  return handleCodec(
    (handles, index) => handles.liftOwn(resource, index),
    (handles, value) => handles.lowerOwn(resource, value as object),
  );
}

export function borrowCodec(resource: ResourceRef): PartCodec {
  return handleCodec(
    (handles, index) => handles.liftBorrow(resource, index),
    (handles, value) => handles.lowerBorrow(resource, value as object),
  );
}

export function streamCodec(element: ValueType | undefined): PartCodec {
  return handleCodec(
    (handles, index) => handles.liftStream(element, index),
    (handles, value) => handles.lowerStream(element, value as StreamSource),
  );
}

export function futureCodec(element: ValueType | undefined): PartCodec {
  return handleCodec(
    (handles, index) => handles.liftFuture(element, index),
    (handles, value) => handles.lowerFuture(element, value as FutureSource),
  );
}

/** An index of the component instance's table. */
function handleCodec(
  lift: (handles: HandleScope, index: number) => object,
  lower: (handles: HandleScope, value: unknown) => number,
): PartCodec {
  return scalarCodec(4, 'i32', {
    load: (abi: Abi, pointer) => lift(abi.handles, abi.memory.view.getUint32(pointer, true)),
    store: (abi, pointer, value) => abi.memory.view.setUint32(pointer, lower(abi.handles, value), true),
    lift: (value, abi) => lift(abi.handles, (value as number) >>> 0),
    lower: (value, abi) => lower(abi.handles, value),
  });
}
