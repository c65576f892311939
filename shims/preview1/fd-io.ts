import type { Descriptor } from '../../src/virtual/filesystem/descriptor.ts';
import type { InputStream } from '../../src/virtual/io/streams.ts';
import { IOVEC_SIZE } from './abi.ts';
import type { Context } from './context.ts';
import { Errno, errnoOf } from './errno.ts';
import type { FdEntry } from './fd-table.ts';
import { MAX_TRANSFER, checkIovecs, iovecCount } from './iovec.ts';
import { isLarge, readLarge, writeLarge } from './large-transfer.ts';
import { NOTHING_YET, OutputCall, readInput } from './stdio.ts';

export type FdIoFunctions = {
  /** `fd_pread(fd: fd, iovs: iovec_array, offset: filesize) -> size`; waits for large files of the host */
  fd_pread(fd: number, iovs: number, iovsLen: number, offset: bigint, size: number): Answer;
  /** `fd_pwrite(fd: fd, iovs: ciovec_array, offset: filesize) -> size`; waits for large files of the host */
  fd_pwrite(fd: number, iovs: number, iovsLen: number, offset: bigint, size: number): Answer;
  /** `fd_read(fd: fd, iovs: iovec_array) -> size`; waits for standard input, connections and large files of the host */
  fd_read(fd: number, iovs: number, iovsLen: number, size: number): Answer;
  /** `fd_write(fd: fd, iovs: ciovec_array) -> size`; waits for standard output, connections and large files of the host */
  fd_write(fd: number, iovs: number, iovsLen: number, size: number): Answer;
};

/** An errno, or a promise of one. */
type Answer = number | Promise<number>;

export function fdIo(context: Context): FdIoFunctions {
  const { fds } = context;

  function fdRead(fd: number, iovs: number, iovsLen: number, size: number): Answer {
    const entry = fds.get(fd);
    if (entry === undefined || (entry.output !== undefined && entry.input === undefined)) return Errno.badf;
    if (entry.directory !== undefined) return Errno.isdir;
    const errno = checkCall(context, iovs, iovsLen, size);
    if (errno !== Errno.success) return errno;
    const { file, position } = entry;
    if (entry.socket !== undefined && entry.input === undefined) return Errno.notconn;
    if (file === undefined) return fdReadInput(entry, fd, iovs, iovsLen, size);
    if (isLarge(context, file, iovs, iovsLen))
      return moved(entry, false, size, readLarge(context, file, iovs, iovsLen, position));
    const count = readFile(context, file, iovs, iovsLen, position);
    if (count > 0) entry.position = position + count;
    return putSize(context, size, count);
  }

  /** What a transfer at the offset does once it is done. */
  async function moved(
    entry: FdEntry,
    appends: boolean,
    size: number,
    transfer: Promise<number>,
  ): Promise<number> {
    const count = await transfer;
    if (count > 0) entry.position = positionAfter(context, entry, appends, count);
    return putSize(context, size, count);
  }

  function fdReadInput(entry: FdEntry, fd: number, iovs: number, iovsLen: number, size: number): Answer {
    const input = entry.input as InputStream;
    const errno = readInput(context, input, iovs, iovsLen, size);
    if (errno !== NOTHING_YET) return errno;
    const wait = entry.nonblocking ? undefined : input.wait();
    return wait === undefined ? Errno.again : context.suspend(wait, () => fdRead(fd, iovs, iovsLen, size));
  }

  function fdWrite(fd: number, iovs: number, iovsLen: number, size: number): Answer {
    const entry = fds.get(fd);
    if (entry === undefined) return Errno.badf;
    if (entry.output !== undefined)
      return new OutputCall(context, entry, entry.output, iovs, iovsLen, size).run();
    if (entry.socket !== undefined) return Errno.notconn;
    if (entry.file === undefined) return Errno.badf;
    const errno = checkCall(context, iovs, iovsLen, size);
    if (errno !== Errno.success) return errno;
    const { file } = entry;
    const { position, appends } = entry;
    if (isLarge(context, file, iovs, iovsLen)) {
      const at = appends ? undefined : position;
      return moved(entry, appends, size, writeLarge(context, file, iovs, iovsLen, at));
    }
    const count = writeFile(context, entry, file, iovs, iovsLen, position);
    if (count > 0) entry.position = positionAfter(context, entry, appends, count);
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
      if (isLarge(context, entry.file, iovs, iovsLen))
        return whenPut(context, size, readLarge(context, entry.file, iovs, iovsLen, position));
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
      if (isLarge(context, entry.file, iovs, iovsLen)) {
        const at = entry.appends ? undefined : position;
        return whenPut(context, size, writeLarge(context, entry.file, iovs, iovsLen, at));
      }
      return putSize(context, size, writeFile(context, entry, entry.file, iovs, iovsLen, position));
    },
  };
}

function checkCall({ memory }: Context, iovs: number, iovsLen: number, size: number): number {
  return memory.holds(size >>> 0, 4) ? checkIovecs(memory, iovs >>> 0, iovecCount(iovsLen)) : Errno.fault;
}

/** An append moves the offset to the end; where the size may not be read, to where the bytes would have ended. */
function positionAfter({ host, stat }: Context, entry: FdEntry, appends: boolean, count: number): number {
  const otherwise = entry.position + count;
  if (!appends) return otherwise;
  return host.filesystem.stat(entry.file as Descriptor, stat) === 0 ? stat.size : otherwise;
}

async function whenPut(context: Context, size: number, transfer: Promise<number>): Promise<number> {
  return putSize(context, size, await transfer);
}

/** @param count bytes, or a negative ErrorCode */
function putSize({ memory }: Context, size: number, count: number): number {
  if (count < 0) return errnoOf(-count);
  // The memory may have grown while the call waited, which leaves the view stale.
  memory.holds(size >>> 0, 4);
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
