import { ReadableStreamEnd, WritableStreamEnd } from '../copy-end.ts';
import { Element, GuestOrigin, GuestTarget } from '../guest-buffer.ts';
import { SharedStream } from '../stream.ts';
import { EndBuiltins } from './copy.ts';
import { builtin } from '../waiting-import.ts';
import { addEnds } from './ends.ts';
import type { CanonOptions, CoreImport } from '../canon-options.ts';
import type { ComponentInstance } from '../component-instance.ts';
import type { ValueType } from '../types.ts';

/** `canon stream.new t` @returns both handles: the readable end in the lower half @param element of the stream */
export function streamNew(instance: ComponentInstance, element: ValueType | undefined): CoreImport {
  const { isNoneOrNumber } = new Element(element);
  return builtin(instance, () => {
    const shared = new SharedStream(instance.store, isNoneOrNumber);
    return addEnds(
      instance,
      new ReadableStreamEnd(instance, element, shared),
      new WritableStreamEnd(instance, element, shared),
    );
  });
}

/** `canon stream.read t opts`: `(end, pointer, length) → elements << 4 | how it ended` */
export function streamRead(
  instance: ComponentInstance,
  element: ValueType | undefined,
  options: CanonOptions,
): CoreImport {
  return readable(instance, element).copy(options, 3, (end, abi, of, pointer, length) =>
    end.read(new GuestTarget(instance.store, abi, of, pointer, length)),
  );
}

/** `canon stream.write t opts` */
export function streamWrite(
  instance: ComponentInstance,
  element: ValueType | undefined,
  options: CanonOptions,
): CoreImport {
  return writable(instance, element).copy(options, 3, (end, abi, of, pointer, length) =>
    end.write(new GuestOrigin(instance.store, abi, of, pointer, length)),
  );
}

/** `canon stream.cancel-read t async?` */
export function streamCancelRead(
  instance: ComponentInstance,
  element: ValueType | undefined,
  async: boolean,
): CoreImport {
  return readable(instance, element).cancel(async);
}

/** `canon stream.cancel-write t async?` */
export function streamCancelWrite(
  instance: ComponentInstance,
  element: ValueType | undefined,
  async: boolean,
): CoreImport {
  return writable(instance, element).cancel(async);
}

/** `canon stream.drop-readable t` */
export function streamDropReadable(instance: ComponentInstance, element: ValueType | undefined): CoreImport {
  return readable(instance, element).drop();
}

/** `canon stream.drop-writable t` */
export function streamDropWritable(instance: ComponentInstance, element: ValueType | undefined): CoreImport {
  return writable(instance, element).drop();
}

function readable(
  instance: ComponentInstance,
  element: ValueType | undefined,
): EndBuiltins<ReadableStreamEnd> {
  return new EndBuiltins(instance, ReadableStreamEnd, element);
}

function writable(
  instance: ComponentInstance,
  element: ValueType | undefined,
): EndBuiltins<WritableStreamEnd> {
  return new EndBuiltins(instance, WritableStreamEnd, element);
}
