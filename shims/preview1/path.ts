import { DescriptorFlags, type Descriptor } from '../../src/virtual/filesystem/descriptor.ts';
import { MAX_PATH_BYTES } from '../../src/virtual/filesystem/path.ts';
import { ALL_FD_FLAGS, ALL_OPEN_FLAGS, FdFlags, LookupFlags } from './abi.ts';
import type { Context } from './context.ts';
import { Errno, errnoOf } from './errno.ts';
import { FdEntry } from './fd-table.ts';
import { putFilestat, setTimes } from './filestat.ts';
import { Rights } from './rights.ts';
import type { Snapshot } from './snapshot.ts';

export type PathFunctions = {
  /** `path_create_directory(fd: fd, path: string)` */
  path_create_directory(fd: number, path: number, pathLen: number): number;
  /** `path_filestat_get(fd: fd, flags: lookupflags, path: string) -> filestat` */
  path_filestat_get(fd: number, flags: number, path: number, pathLen: number, filestat: number): number;
  /** `path_filestat_set_times(fd: fd, flags: lookupflags, path: string, atim: timestamp, mtim: timestamp, fst_flags: fstflags)` */
  path_filestat_set_times(
    fd: number,
    flags: number,
    path: number,
    pathLen: number,
    atim: bigint,
    mtim: bigint,
    fstFlags: number,
  ): number;
  /** `path_link(old_fd: fd, old_flags: lookupflags, old_path: string, new_fd: fd, new_path: string)` */
  path_link(
    oldFd: number,
    oldFlags: number,
    oldPath: number,
    oldPathLen: number,
    newFd: number,
    newPath: number,
    newPathLen: number,
  ): number;
  /** `path_open(fd: fd, dirflags: lookupflags, path: string, oflags: oflags, fs_rights_base: rights, fs_rights_inheriting: rights, fdflags: fdflags) -> fd` */
  path_open(
    fd: number,
    dirflags: number,
    path: number,
    pathLen: number,
    oflags: number,
    rightsBase: bigint,
    rightsInheriting: bigint,
    fdflags: number,
    opened: number,
  ): number;
  /** `path_readlink(fd: fd, path: string, buf: Pointer<u8>, buf_len: size) -> size` */
  path_readlink(fd: number, path: number, pathLen: number, buf: number, bufLen: number, used: number): number;
  /** `path_remove_directory(fd: fd, path: string)` */
  path_remove_directory(fd: number, path: number, pathLen: number): number;
  /** `path_rename(fd: fd, old_path: string, new_fd: fd, new_path: string)` */
  path_rename(
    fd: number,
    oldPath: number,
    oldPathLen: number,
    newFd: number,
    newPath: number,
    newPathLen: number,
  ): number;
  /** `path_symlink(old_path: string, fd: fd, new_path: string)` */
  path_symlink(oldPath: number, oldPathLen: number, fd: number, newPath: number, newPathLen: number): number;
  /** `path_unlink_file(fd: fd, path: string)` */
  path_unlink_file(fd: number, path: number, pathLen: number): number;
};

export function path(context: Context, { filestat: layout }: Snapshot): PathFunctions {
  const { host, fds, memory, stat } = context;
  const { filesystem } = host;
  return {
    path_create_directory: (fd, at, length) =>
      onPath(context, fd, at, length, (directory, name) =>
        errnoOf(filesystem.createDirectoryAt(directory, name)),
      ),
    path_remove_directory: (fd, at, length) =>
      onPath(context, fd, at, length, (directory, name) =>
        errnoOf(filesystem.removeDirectoryAt(directory, name)),
      ),
    path_unlink_file: (fd, at, length) =>
      onPath(context, fd, at, length, (directory, name) => errnoOf(filesystem.unlinkFileAt(directory, name))),

    path_filestat_get(fd, flags, at, length, filestat) {
      const directory = directoryOf(context, fd);
      if (typeof directory === 'number') return directory;
      const name = pathOf(context, at, length);
      if (typeof name === 'number') return name;
      if (!isLookupFlags(flags)) return Errno.inval;
      const out = filestat >>> 0;
      if (!memory.holds(out, layout.size)) return Errno.fault;
      const status = filesystem.statAt(directory, flags === LookupFlags.symlinkFollow, name, stat);
      return status === 0 ? putFilestat(memory, out, layout, stat) : errnoOf(status);
    },

    path_filestat_set_times(fd, flags, at, length, atim, mtim, fstFlags) {
      if (!isLookupFlags(flags)) return Errno.inval;
      return onPath(context, fd, at, length, (directory, name) =>
        setTimes(context, atim, mtim, fstFlags, (accessed, modified) =>
          filesystem.setTimesAt(directory, flags === LookupFlags.symlinkFollow, name, accessed, modified),
        ),
      );
    },

    path_open(fd, dirflags, at, length, oflags, rightsBase, _rightsInheriting, fdflags, opened) {
      const directory = directoryOf(context, fd);
      if (typeof directory === 'number') return directory;
      const name = pathOf(context, at, length);
      if (typeof name === 'number') return name;
      if (!isLookupFlags(dirflags) || oflags >>> 0 > ALL_OPEN_FLAGS || fdflags >>> 0 > ALL_FD_FLAGS)
        return Errno.inval;
      const out = opened >>> 0;
      if (!memory.holds(out, 4)) return Errno.fault;
      const follow = dirflags === LookupFlags.symlinkFollow;
      const descriptor = filesystem.openAt(
        directory,
        follow,
        name,
        oflags,
        descriptorFlags(rightsBase, fdflags),
      );
      if (typeof descriptor === 'number') return errnoOf(descriptor);
      const entry = new FdEntry(
        descriptor.file === undefined ? { directory: descriptor } : { file: descriptor },
      );
      entry.flags = fdflags;
      memory.view.setUint32(out, fds.add(entry), true);
      return Errno.success;
    },

    path_readlink(fd, at, length, buf, bufLen, used) {
      const bufAt = buf >>> 0;
      const usedAt = used >>> 0;
      if (!memory.holds(bufAt, bufLen >>> 0) || !memory.holds(usedAt, 4)) return Errno.fault;
      return onPath(context, fd, at, length, (directory, name) => {
        const target = filesystem.readlinkAt(directory, name);
        if (typeof target === 'number') return errnoOf(target);
        // As readlink(2): what does not fit is cut off, wherever that is.
        const bytes = new TextEncoder().encode(target).subarray(0, bufLen >>> 0);
        if (bytes.length > 0) memory.bytes.set(bytes, bufAt);
        memory.view.setUint32(usedAt, bytes.length, true);
        return Errno.success;
      });
    },

    path_symlink: (oldPath, oldPathLen, fd, newPath, newPathLen) =>
      onPath(context, fd, newPath, newPathLen, (directory, name) => {
        const target = pathOf(context, oldPath, oldPathLen);
        return typeof target === 'number' ? target : errnoOf(filesystem.symlinkAt(directory, target, name));
      }),

    path_link(oldFd, oldFlags, oldPath, oldPathLen, newFd, newPath, newPathLen) {
      if (!isLookupFlags(oldFlags)) return Errno.inval;
      const follow = oldFlags === LookupFlags.symlinkFollow;
      return onPath(context, oldFd, oldPath, oldPathLen, (from, name) =>
        onPath(context, newFd, newPath, newPathLen, (to, newName) =>
          errnoOf(filesystem.linkAt(from, follow, name, to, newName)),
        ),
      );
    },

    path_rename: (fd, oldPath, oldPathLen, newFd, newPath, newPathLen) =>
      onPath(context, fd, oldPath, oldPathLen, (from, name) =>
        onPath(context, newFd, newPath, newPathLen, (to, newName) =>
          errnoOf(filesystem.renameAt(from, name, to, newName)),
        ),
      ),
  };
}

/** Calls that nobody makes in a hot loop: `act` gets the directory and the path and answers an errno. */
function onPath(
  context: Context,
  fd: number,
  at: number,
  length: number,
  act: (directory: Descriptor, name: string) => number,
): number {
  const directory = directoryOf(context, fd);
  if (typeof directory === 'number') return directory;
  const name = pathOf(context, at, length);
  return typeof name === 'number' ? name : act(directory, name);
}

/** @returns the descriptor of an open directory, or an errno */
function directoryOf({ fds }: Context, fd: number): Descriptor | number {
  const entry = fds.get(fd);
  if (entry === undefined) return Errno.badf;
  return entry.directory ?? Errno.notdir;
}

/** @returns the path, or an errno. What no path can be is refused before it is decoded. */
function pathOf({ memory }: Context, path: number, pathLen: number): string | number {
  const at = path >>> 0;
  const length = pathLen >>> 0;
  if (!memory.holds(at, length)) return Errno.fault;
  if (length > MAX_PATH_BYTES) return Errno.nametoolong;
  return memory.getText(at, length) ?? Errno.ilseq;
}

function isLookupFlags(flags: number): boolean {
  return flags === 0 || flags === LookupFlags.symlinkFollow;
}

/** Of the rights that a guest asks for, reading and writing are what its descriptor is opened for. */
function descriptorFlags(rightsBase: bigint, fdflags: number): number {
  const rights = Number(BigInt.asUintN(32, rightsBase));
  let flags = 0;
  if ((rights & (Rights.fdRead | Rights.fdReaddir)) !== 0) flags |= DescriptorFlags.read;
  if ((rights & Rights.fdWrite) !== 0) flags |= DescriptorFlags.write;
  if ((fdflags & FdFlags.sync) !== 0) flags |= DescriptorFlags.fileIntegritySync;
  if ((fdflags & FdFlags.dsync) !== 0) flags |= DescriptorFlags.dataIntegritySync;
  if ((fdflags & FdFlags.rsync) !== 0) flags |= DescriptorFlags.requestedWriteSync;
  return flags;
}
