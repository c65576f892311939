import type { Context } from './context.ts';
import { Errno } from './errno.ts';

export type ArgsFunctions = {
  /** `args_get(argv: Pointer<Pointer<u8>>, argv_buf: Pointer<u8>)` */
  args_get(argv: number, argvBuf: number): number;
  /** `args_sizes_get() -> (size, size)` */
  args_sizes_get(count: number, size: number): number;
  /** `environ_get(environ: Pointer<Pointer<u8>>, environ_buf: Pointer<u8>)` */
  environ_get(environ: number, environBuf: number): number;
  /** `environ_sizes_get() -> (size, size)` */
  environ_sizes_get(count: number, size: number): number;
};

/** Strings as the guest gets them: NUL-terminated UTF-8, one after the other. */
interface Block {
  readonly bytes: Uint8Array;
  readonly offsets: readonly number[];
}

export function args(context: Context): ArgsFunctions {
  const { host } = context;
  // Taken when the guest asks, not before: asking is what the log calls the first use.
  let argv: Block | undefined;
  let environ: Block | undefined;
  const argvBlock = (): Block => (argv ??= blockOf(host.arguments));
  const environBlock = (): Block =>
    (environ ??= blockOf(host.environment.map(([name, value]) => `${name}=${value}`)));
  return {
    args_get: (pointers, buffer) => putBlock(context, argvBlock(), pointers, buffer),
    args_sizes_get: (count, size) => putSizes(context, argvBlock(), count, size),
    environ_get: (pointers, buffer) => putBlock(context, environBlock(), pointers, buffer),
    environ_sizes_get: (count, size) => putSizes(context, environBlock(), count, size),
  };
}

function blockOf(strings: readonly string[]): Block {
  const encoder = new TextEncoder();
  const encoded = strings.map((text) => encoder.encode(text));
  const bytes = new Uint8Array(encoded.reduce((sum, { length }) => sum + length + 1, 0));
  const offsets: number[] = [];
  let end = 0;
  for (const text of encoded) {
    offsets.push(end);
    bytes.set(text, end);
    end += text.length + 1;
  }
  return { bytes, offsets };
}

function putSizes({ memory }: Context, { bytes, offsets }: Block, count: number, size: number): number {
  const countAt = count >>> 0;
  const sizeAt = size >>> 0;
  if (!memory.holds(countAt, 4) || !memory.holds(sizeAt, 4)) return Errno.fault;
  memory.view.setUint32(countAt, offsets.length, true);
  memory.view.setUint32(sizeAt, bytes.length, true);
  return Errno.success;
}

function putBlock({ memory }: Context, { bytes, offsets }: Block, pointers: number, buffer: number): number {
  const pointersAt = pointers >>> 0;
  const bufferAt = buffer >>> 0;
  if (!memory.holds(pointersAt, offsets.length * 4) || !memory.holds(bufferAt, bytes.length))
    return Errno.fault;
  for (const [index, offset] of offsets.entries()) {
    memory.view.setUint32(pointersAt + index * 4, bufferAt + offset, true);
  }
  if (bytes.length > 0) memory.bytes.set(bytes, bufferAt);
  return Errno.success;
}
