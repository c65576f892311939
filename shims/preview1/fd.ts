import {
  ADVICE_CASES,
  ALL_FD_FLAGS,
  Fdstat,
  Filetype,
  PREOPENTYPE_DIR,
  Prestat,
  SYNC_FD_FLAGS,
} from './abi.ts';
import type { Context } from './context.ts';
import { Errno, errnoOf } from './errno.ts';
import type { FdEntry } from './fd-table.ts';
import { baseRights, inheritingRights } from './rights.ts';

export type FdFunctions = {
  /** `fd_advise(fd: fd, offset: filesize, len: filesize, advice: advice)` */
  fd_advise(fd: number, offset: bigint, len: bigint, advice: number): number;
  /** `fd_allocate(fd: fd, offset: filesize, len: filesize)` */
  fd_allocate(fd: number, offset: bigint, len: bigint): number;
  /** `fd_close(fd: fd)` */
  fd_close(fd: number): number;
  /** `fd_datasync(fd: fd)` */
  fd_datasync(fd: number): number;
  /** `fd_fdstat_get(fd: fd) -> fdstat` */
  fd_fdstat_get(fd: number, fdstat: number): number;
  /** `fd_fdstat_set_flags(fd: fd, flags: fdflags)` */
  fd_fdstat_set_flags(fd: number, flags: number): number;
  /** `fd_fdstat_set_rights(fd: fd, fs_rights_base: rights, fs_rights_inheriting: rights)` */
  fd_fdstat_set_rights(fd: number, base: bigint, inheriting: bigint): number;
  /** `fd_prestat_get(fd: fd) -> prestat` */
  fd_prestat_get(fd: number, prestat: number): number;
  /** `fd_prestat_dir_name(fd: fd, path: Pointer<u8>, path_len: size)` */
  fd_prestat_dir_name(fd: number, path: number, pathLen: number): number;
  /** `fd_renumber(fd: fd, to: fd)` */
  fd_renumber(fd: number, to: number): number;
  /** `fd_sync(fd: fd)` */
  fd_sync(fd: number): number;
};

export function fd(context: Context): FdFunctions {
  const { memory, fds } = context;
  return {
    fd_advise(number, _offset, _len, advice) {
      const entry = fds.get(number);
      if (entry === undefined) return Errno.badf;
      if (entry.file === undefined) return entry.directory === undefined ? Errno.spipe : Errno.badf;
      return advice >>> 0 < ADVICE_CASES ? Errno.success : Errno.inval;
    },
    // Space cannot be promised through 0.2's file system either; libcs fall back to writing.
    fd_allocate: (number) => (fds.get(number)?.file === undefined ? Errno.badf : Errno.notsup),
    fd_close: (number) => (fds.close(number >>> 0) ? Errno.success : Errno.badf),
    fd_datasync: (number) => sync(context, number, true),
    fd_sync: (number) => sync(context, number, false),
    fd_renumber: (number, to) => (fds.renumber(number >>> 0, to >>> 0) ? Errno.success : Errno.badf),

    fd_fdstat_get(number, fdstat) {
      const entry = fds.get(number);
      if (entry === undefined) return Errno.badf;
      const at = fdstat >>> 0;
      if (!memory.holds(at, Fdstat.size)) return Errno.fault;
      const { view } = memory;
      memory.setU64(at, 0);
      view.setUint8(at + Fdstat.filetype, filetypeOf(entry));
      view.setUint16(at + Fdstat.flags, entry.flags, true);
      memory.setU64(at + Fdstat.rightsBase, baseRights(entry));
      memory.setU64(at + Fdstat.rightsInheriting, inheritingRights(entry));
      return Errno.success;
    },

    fd_fdstat_set_flags(number, flags) {
      const entry = fds.get(number);
      if (entry === undefined) return Errno.badf;
      if (flags >>> 0 > ALL_FD_FLAGS) return Errno.inval;
      // Synchronous writing is a property of the open; saying again what holds already is no change.
      if (((flags ^ entry.flags) & SYNC_FD_FLAGS) !== 0) return Errno.inval;
      entry.flags = flags;
      return Errno.success;
    },

    fd_fdstat_set_rights: (number) => (fds.get(number) === undefined ? Errno.badf : Errno.notsup),

    fd_prestat_get(number, prestat) {
      const name = fds.get(number)?.preopenName;
      if (name === undefined) return Errno.badf;
      const at = prestat >>> 0;
      if (!memory.holds(at, Prestat.size)) return Errno.fault;
      memory.view.setUint32(at + Prestat.tag, PREOPENTYPE_DIR, true);
      memory.view.setUint32(at + Prestat.nameLength, name.length, true);
      return Errno.success;
    },

    fd_prestat_dir_name(number, path, pathLen) {
      const entry = fds.get(number);
      if (entry === undefined) return Errno.badf;
      if (entry.preopenName === undefined) return Errno.notdir;
      if (pathLen >>> 0 < entry.preopenName.length) return Errno.nametoolong;
      const at = path >>> 0;
      if (!memory.holds(at, entry.preopenName.length)) return Errno.fault;
      memory.bytes.set(entry.preopenName, at);
      return Errno.success;
    },
  };
}

function sync({ host, fds }: Context, number: number, dataOnly: boolean): number {
  const entry = fds.get(number);
  if (entry === undefined) return Errno.badf;
  const descriptor = entry.file ?? entry.directory;
  return descriptor === undefined ? Errno.inval : errnoOf(host.filesystem.sync(descriptor, dataOnly));
}

export function filetypeOf({ file, directory, socket }: FdEntry): number {
  if (file !== undefined) return Filetype.regularFile;
  if (socket !== undefined) return Filetype.socketStream;
  return directory === undefined ? Filetype.characterDevice : Filetype.directory;
}
