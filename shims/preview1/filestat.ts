import type { Status } from '../../src/virtual/error-code.ts';
import type { NewTimestamp, Stat } from '../../src/virtual/filesystem/volume.ts';
import type { GuestMemory } from '../guest-memory.ts';
import { ALL_FST_FLAGS, FILETYPE_OF_TYPE, Filetype, FstFlags } from './abi.ts';
import type { Context } from './context.ts';
import { Errno, errnoOf } from './errno.ts';
import { filetypeOf } from './fd.ts';
import type { FilestatLayout, Snapshot } from './snapshot.ts';

export type FilestatFunctions = {
  /** `fd_filestat_get(fd: fd) -> filestat` */
  fd_filestat_get(fd: number, filestat: number): number;
  /** `fd_filestat_set_size(fd: fd, size: filesize)` */
  fd_filestat_set_size(fd: number, size: bigint): number;
  /** `fd_filestat_set_times(fd: fd, atim: timestamp, mtim: timestamp, fst_flags: fstflags)` */
  fd_filestat_set_times(fd: number, atim: bigint, mtim: bigint, fstFlags: number): number;
};

export function filestat(context: Context, { filestat: layout }: Snapshot): FilestatFunctions {
  const { host, memory, fds, stat } = context;
  return {
    fd_filestat_get(fd, filestatAt) {
      const entry = fds.get(fd);
      if (entry === undefined) return Errno.badf;
      const at = filestatAt >>> 0;
      if (!memory.holds(at, layout.size)) return Errno.fault;
      const descriptor = entry.file ?? entry.directory;
      if (descriptor === undefined) return putDevice(memory, at, layout, filetypeOf(entry));
      const status = host.filesystem.stat(descriptor, stat);
      return status === 0 ? putFilestat(memory, at, layout, stat) : errnoOf(status);
    },

    fd_filestat_set_size(fd, size) {
      const entry = fds.get(fd);
      if (entry === undefined) return Errno.badf;
      if (entry.file === undefined) return entry.directory === undefined ? Errno.inval : Errno.isdir;
      const bytes = Number(size);
      if (bytes < 0) return Errno.inval;
      return bytes > Number.MAX_SAFE_INTEGER
        ? Errno.fbig
        : errnoOf(host.filesystem.setSize(entry.file, bytes));
    },

    fd_filestat_set_times(fd, atim, mtim, fstFlags) {
      const entry = fds.get(fd);
      const descriptor = entry?.file ?? entry?.directory;
      if (descriptor === undefined) return Errno.badf;
      return setTimes(context, atim, mtim, fstFlags, (accessed, modified) =>
        host.filesystem.setTimes(descriptor, accessed, modified),
      );
    },
  };
}

/** Writes a `filestat` to a region that `holds` admitted. One device for all mounts: inodes are unique in an instance. */
export function putFilestat(memory: GuestMemory, at: number, layout: FilestatLayout, stat: Stat): number {
  const { view } = memory;
  view.setUint32(at + layout.device, 1, true);
  view.setUint32(at + layout.device + 4, 0, true);
  view.setBigUint64(at + layout.inode, stat.inode, true);
  // With its padding, so that nothing of an earlier life of the buffer shows.
  view.setUint32(at + layout.filetype, FILETYPE_OF_TYPE[stat.type] ?? Filetype.unknown, true);
  view.setUint32(at + layout.filetype + 4, 0, true);
  // Where the link count is a u32, its upper half goes where the size comes next.
  memory.setU64(at + layout.linkCount, stat.linkCount);
  memory.setU64(at + layout.fileSize, stat.size);
  view.setBigUint64(at + layout.accessed, timestamp(stat.accessed), true);
  view.setBigUint64(at + layout.modified, timestamp(stat.modified), true);
  view.setBigUint64(at + layout.changed, timestamp(stat.changed), true);
  return Errno.success;
}

const LAST_TIMESTAMP = 0xffff_ffff_ffff_ffffn;

/** A host's file may be older than 1970 or dated past 2554; it must be possible to stat it all the same. */
function timestamp(nanoseconds: bigint): bigint {
  if (nanoseconds < 0n) return 0n;
  return nanoseconds > LAST_TIMESTAMP ? LAST_TIMESTAMP : nanoseconds;
}

/** Of what is no file: a standard stream or a socket. */
function putDevice({ bytes }: GuestMemory, at: number, layout: FilestatLayout, filetype: number): number {
  bytes.fill(0, at, at + layout.size);
  bytes[at + layout.filetype] = filetype;
  return Errno.success;
}

/** Reads the times and flags of the two calls that set times. `set` is called when they make sense. */
export function setTimes(
  { host }: Context,
  atim: bigint,
  mtim: bigint,
  fstFlags: number,
  set: (accessed: NewTimestamp, modified: NewTimestamp) => Status,
): number {
  const { atim: givenAtim, atimNow, mtim: givenMtim, mtimNow } = FstFlags;
  if (fstFlags >>> 0 > ALL_FST_FLAGS) return Errno.inval;
  if ((fstFlags & givenAtim) !== 0 && (fstFlags & atimNow) !== 0) return Errno.inval;
  if ((fstFlags & givenMtim) !== 0 && (fstFlags & mtimNow) !== 0) return Errno.inval;
  const now = (fstFlags & (atimNow | mtimNow)) === 0 ? undefined : host.clocks.wall.peek();
  const accessed = (fstFlags & givenAtim) === 0 ? undefined : BigInt.asUintN(64, atim);
  const modified = (fstFlags & givenMtim) === 0 ? undefined : BigInt.asUintN(64, mtim);
  return errnoOf(
    set((fstFlags & atimNow) === 0 ? accessed : now, (fstFlags & mtimNow) === 0 ? modified : now),
  );
}
