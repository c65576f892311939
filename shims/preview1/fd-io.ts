import type { Descriptor } from '../../src/virtual/filesystem/descriptor.ts';
import type { InputStream } from '../../src/virtual/io/streams.ts';
import { IOVEC_SIZE } from './abi.ts';
import type { Context } from './context.ts';
import { Errno, errnoOf } from './errno.ts';
import type { FdEntry } from './fd-table.ts';
import { MAX_TRANSFER, checkIovecs, iovecCount } from './iovec.ts';
import { NOTHING_YET, OutputCall, readInput } from './stdio.ts';

export type FdIoFunctions = {
  /** `fd_pread(fd: fd, iovs: iovec_array, offset: filesize) -> size` */
  fd_pread(fd: number, iovs: number, iovsLen: number, offset: bigint, size: number): number;
  /** `fd_pwrite(fd: fd, iovs: ciovec_array, offset: filesize) -> size` */
  fd_pwrite(fd: number, iovs: number, iovsLen: number, offset: bigint, size: number): number;
  /** `fd_read(fd: fd, iovs: iovec_array) -> size`; waits for standard input */
  fd_read(fd: number, iovs: number, iovsLen: number, size: number): number | Promise<number>;
  /** `fd_write(fd: fd, iovs: ciovec_array) -> size`; waits for standard output and error */
  fd_write(fd: number, iovs: number, iovsLen: number, size: number): number | Promise<number>;
};

export function fdIo(context: Context): FdIoFunctions {
  const { fds } = context;

  function fdRead(fd: number, iovs: number, iovsLen: number, size: number): number | Promise<number> {
    const entry = fds.get(fd);
    if (entry === undefined || entry.output !== undefined) return Errno.badf;
    if (entry.directory !== undefined) return Errno.isdir;
    const errno = checkCall(context, iovs, iovsLen, size);
    if (errno !== Errno.success) return errno;
    if (entry.file === undefined) return fdReadInput(entry, fd, iovs, iovsLen, size);
    const count = readFile(context, entry.file, iovs, iovsLen, entry.position);
    if (count > 0) entry.position += count;
    return putSize(context, size, count);
  }

  function fdReadInput(
    entry: FdEntry,
    fd: number,
    iovs: number,
    iovsLen: number,
    size: number,
  ): number | Promise<number> {
    const input = entry.input as InputStream;
    const errno = readInput(context, input, iovs, iovsLen, size);
    if (errno !== NOTHING_YET) return errno;
    const wait = entry.nonblocking ? undefined : input.wait();
    return wait === undefined ? Errno.again : context.suspend(wait, () => fdRead(fd, iovs, iovsLen, size));
  }

  function fdWrite(fd: number, iovs: number, iovsLen: number, size: number): number | Promise<number> {
    const entry = fds.get(fd);
    if (entry === undefined || entry.input !== undefined || entry.directory !== undefined) return Errno.badf;
    if (entry.output !== undefined)
      return new OutputCall(context, entry, entry.output, iovs, iovsLen, size).run();
    const errno = checkCall(context, iovs, iovsLen, size);
    if (errno !== Errno.success) return errno;
    const file = entry.file as Descriptor;
    const count = writeFile(context, entry, file, iovs, iovsLen, entry.position);
    if (count > 0)
      entry.position = entry.appends ? endOf(context, file, entry.position + count) : entry.position + count;
    return putSize(context, size, count);
  }

  return {
    fd_read: fdRead,
    fd_write: fdWrite,

    fd_pread(fd, iovs, iovsLen, offset, size) {
      const entry = fds.get(fd);
      if (entry === undefined) return Errno.badf;
      if (entry.file === undefined) return entry.directory === undefined ? Errno.spipe : Errno.isdir;
      const errno = checkCall(context, iovs, iovsLen, size);
      if (errno !== Errno.success) return errno;
      const position = Number(offset);
      // A u64 from 2^63 on arrives negative; no file of ours reaches 2^53.
      if (position < 0) return Errno.inval;
      if (position > Number.MAX_SAFE_INTEGER) return putSize(context, size, 0);
      return putSize(context, size, readFile(context, entry.file, iovs, iovsLen, position));
    },

    fd_pwrite(fd, iovs, iovsLen, offset, size) {
      const entry = fds.get(fd);
      if (entry === undefined) return Errno.badf;
      if (entry.file === undefined) return entry.directory === undefined ? Errno.spipe : Errno.badf;
      const errno = checkCall(context, iovs, iovsLen, size);
      if (errno !== Errno.success) return errno;
      const position = Number(offset);
      if (position < 0) return Errno.inval;
      if (position > Number.MAX_SAFE_INTEGER) return Errno.fbig;
      return putSize(context, size, writeFile(context, entry, entry.file, iovs, iovsLen, position));
    },
  };
}

function checkCall({ memory }: Context, iovs: number, iovsLen: number, size: number): number {
  return memory.holds(size >>> 0, 4) ? checkIovecs(memory, iovs >>> 0, iovecCount(iovsLen)) : Errno.fault;
}

/** An append moves the offset to the end; where the size may not be read, to where the bytes would have ended. */
function endOf({ host, stat }: Context, file: Descriptor, otherwise: number): number {
  return host.filesystem.stat(file, stat) === 0 ? stat.size : otherwise;
}

/** @param count bytes, or a negative ErrorCode */
function putSize({ memory }: Context, size: number, count: number): number {
  if (count < 0) return errnoOf(-count);
  memory.view.setUint32(size >>> 0, count, true);
  return Errno.success;
}

/** @returns bytes, or a negative ErrorCode when there are none */
function readFile(
  { host, memory }: Context,
  file: Descriptor,
  iovs: number,
  iovsLen: number,
  position: number,
): number {
  const { bytes, view } = memory;
  const start = iovs >>> 0;
  const end = start + iovecCount(iovsLen) * IOVEC_SIZE;
  let total = 0;
  for (let vector = start; vector < end; vector += IOVEC_SIZE) {
    const length = Math.min(view.getUint32(vector + 4, true), MAX_TRANSFER - total);
    if (length === 0) continue;
    const count = host.filesystem.read(file, bytes, view.getUint32(vector, true), length, position + total);
    if (count < 0) return total > 0 ? total : count;
    total += count;
    if (count < length) break;
  }
  return total;
}

/** Like Linux, a file opened for appending appends, whatever the offset says. */
function writeFile(
  { host, memory }: Context,
  entry: FdEntry,
  file: Descriptor,
  iovs: number,
  iovsLen: number,
  position: number,
): number {
  const { bytes, view } = memory;
  const { appends } = entry;
  const start = iovs >>> 0;
  const end = start + iovecCount(iovsLen) * IOVEC_SIZE;
  let total = 0;
  for (let vector = start; vector < end; vector += IOVEC_SIZE) {
    const length = Math.min(view.getUint32(vector + 4, true), MAX_TRANSFER - total);
    if (length === 0) continue;
    const pointer = view.getUint32(vector, true);
    const count = appends
      ? host.filesystem.append(file, bytes, pointer, length)
      : host.filesystem.write(file, bytes, pointer, length, position + total);
    if (count < 0) return total > 0 ? total : count;
    total += count;
    if (count < length) break;
  }
  return total;
}
