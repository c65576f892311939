import { ReadableFutureEnd, WritableFutureEnd } from '../copy-end.ts';
import { Element, GuestOrigin, GuestTarget } from '../guest-buffer.ts';
import { SharedFuture } from '../future.ts';
import { EndBuiltins } from './copy.ts';
import { builtin } from '../waiting-import.ts';
import { addEnds } from './ends.ts';
import type { CanonOptions, CoreImport } from '../canon-options.ts';
import type { ComponentInstance } from '../component-instance.ts';
import type { ValueType } from '../types.ts';

/** `canon future.new t` @returns both handles: the readable end in the lower half @param element of the future */
export function futureNew(instance: ComponentInstance, element: ValueType | undefined): CoreImport {
  const { isNoneOrNumber } = new Element(element);
  return builtin(instance, () => {
    const shared = new SharedFuture(instance.store, isNoneOrNumber);
    return addEnds(
      instance,
      new ReadableFutureEnd(instance, element, shared),
      new WritableFutureEnd(instance, element, shared),
    );
  });
}

/** `canon future.read t opts`: `(end, pointer) → how it ended` */
export function futureRead(
  instance: ComponentInstance,
  element: ValueType | undefined,
  options: CanonOptions,
): CoreImport {
  return readable(instance, element).copy(options, 2, (end, abi, of, pointer, length) =>
    end.read(new GuestTarget(instance.store, abi, of, pointer, length)),
  );
}

/** `canon future.write t opts` */
export function futureWrite(
  instance: ComponentInstance,
  element: ValueType | undefined,
  options: CanonOptions,
): CoreImport {
  return writable(instance, element).copy(options, 2, (end, abi, of, pointer, length) =>
    end.write(new GuestOrigin(instance.store, abi, of, pointer, length)),
  );
}

/** `canon future.cancel-read t async?` */
export function futureCancelRead(
  instance: ComponentInstance,
  element: ValueType | undefined,
  async: boolean,
): CoreImport {
  return readable(instance, element).cancel(async);
}

/** `canon future.cancel-write t async?` */
export function futureCancelWrite(
  instance: ComponentInstance,
  element: ValueType | undefined,
  async: boolean,
): CoreImport {
  return writable(instance, element).cancel(async);
}

/** `canon future.drop-readable t` */
export function futureDropReadable(instance: ComponentInstance, element: ValueType | undefined): CoreImport {
  return readable(instance, element).drop();
}

/** `canon future.drop-writable t` */
export function futureDropWritable(instance: ComponentInstance, element: ValueType | undefined): CoreImport {
  return writable(instance, element).drop();
}

function readable(
  instance: ComponentInstance,
  element: ValueType | undefined,
): EndBuiltins<ReadableFutureEnd> {
  return new EndBuiltins(instance, ReadableFutureEnd, element);
}

function writable(
  instance: ComponentInstance,
  element: ValueType | undefined,
): EndBuiltins<WritableFutureEnd> {
  return new EndBuiltins(instance, WritableFutureEnd, element);
}
