import { isUtf8 } from 'node:buffer';
import {
  type BigIntStats,
  constants,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  linkSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  openSync,
  readlinkSync,
  renameSync,
  rmdirSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
} from 'node:fs';
import { Permit } from '../kernel/permit.ts';
import { ErrorCode, type Status } from '../virtual/error-code.ts';
import {
  type DirectoryEntry,
  type NewTimestamp,
  OpenMode,
  type Stat,
  type VolumeDirectory,
  type VolumeFile,
} from '../virtual/filesystem/volume.ts';
import type { HostContext } from './host-volume-context.ts';
import { errorCode } from './host-volume-errno.ts';
import { HostFile } from './host-volume-file.ts';
import { typeOf } from './host-volume-inodes.ts';
import { utf8Names } from './host-volume-names.ts';
import { closeQuietly, DIRECTORY_FLAGS, FILE_FLAGS, pathOf, REOPEN_FLAGS } from './host-volume-proc.ts';
import { setBoth } from './host-volume-times.ts';

/** An open directory of the host. Names are validated single components, joined to its descriptor's path. */
export class HostDirectory implements VolumeDirectory {
  readonly #context: HostContext;
  /** -1 once closed: the number may be another directory's then. */
  #fd: number;

  private constructor(context: HostContext, fd: number) {
    this.#context = context;
    this.#fd = fd;
    context.open.add(this);
  }

  /** Another handle of the directory that `fd` has open; no permit, for this volume's own code. */
  static reopen(context: HostContext, fd: number): HostDirectory {
    return new HostDirectory(context, openSync(pathOf(fd), REOPEN_FLAGS));
  }

  reopen(permit: Permit): VolumeDirectory | ErrorCode {
    return this.#attempt(permit, () => HostDirectory.reopen(this.#context, this.#fd));
  }

  openDirectory(permit: Permit, name: string): VolumeDirectory | ErrorCode {
    return this.#attempt(permit, () => {
      try {
        return new HostDirectory(this.#context, openSync(this.#at(name), DIRECTORY_FLAGS));
      } catch (error) {
        const code = errorCode(error);
        // The kernel says "not a directory" of a symlink as well.
        return code === ErrorCode.notDirectory && this.#lstat(name).isSymbolicLink() ? ErrorCode.loop : code;
      }
    });
  }

  openFile(permit: Permit, name: string, mode: number): VolumeFile | ErrorCode {
    return this.#attempt(permit, () => {
      const fd =
        (mode & OpenMode.create) === 0 ? openSync(this.#at(name), flagsOf(mode)) : this.#create(name, mode);
      return fd < 0 ? (-fd as ErrorCode) : this.#toFile(fd, mode);
    });
  }

  createDirectory(permit: Permit, name: string): Status {
    return this.#adding(permit, true, () => mkdirSync(this.#at(name), 0o755));
  }

  stat(permit: Permit, out: Stat): Status {
    return this.#attempt(permit, () => {
      this.#context.inodes.fill(fstatSync(this.#fd, { bigint: true }), out);
      return 0;
    });
  }

  statAt(permit: Permit, name: string, out: Stat): Status {
    return this.#attempt(permit, () => {
      this.#context.inodes.fill(this.#lstat(name), out);
      return 0;
    });
  }

  readlink(permit: Permit, name: string): string | ErrorCode {
    return this.#attempt(permit, () => {
      const target = readlinkSync(this.#at(name), 'buffer');
      return isUtf8(target) ? target.toString() : ErrorCode.illegalByteSequence;
    });
  }

  removeDirectory(permit: Permit, name: string): Status {
    return this.#removing(permit, name, () => rmdirSync(this.#at(name)));
  }

  unlinkFile(permit: Permit, name: string): Status {
    return this.#removing(permit, name, () => unlinkSync(this.#at(name)));
  }

  rename(permit: Permit, name: string, to: VolumeDirectory, toName: string): Status {
    const target = to as HostDirectory;
    return this.#attempt(permit, () => {
      const source = this.#lstat(name);
      const replaced = lstatSync(target.#at(toName), { bigint: true, throwIfNoEntry: false });
      renameSync(this.#at(name), target.#at(toName));
      // POSIX: two names of one file both stay.
      if (replaced !== undefined && (replaced.ino !== source.ino || replaced.dev !== source.dev))
        this.#dropped(replaced);
      return 0;
    });
  }

  link(permit: Permit, name: string, to: VolumeDirectory, toName: string): Status {
    return this.#adding(permit, false, () => linkSync(this.#at(name), (to as HostDirectory).#at(toName)));
  }

  symlink(permit: Permit, name: string, target: string): Status {
    return this.#adding(permit, false, () => symlinkSync(target, this.#at(name)));
  }

  setTimes(permit: Permit, accessed: NewTimestamp, modified: NewTimestamp): Status {
    Permit.assert(permit);
    const set = (atime: number, mtime: number): void => utimesSync(pathOf(this.#fd), atime, mtime);
    return setBoth(
      this.#context.inodes,
      () => fstatSync(this.#fd, { bigint: true }),
      set,
      accessed,
      modified,
    );
  }

  setTimesAt(permit: Permit, name: string, accessed: NewTimestamp, modified: NewTimestamp): Status {
    Permit.assert(permit);
    const set = (atime: number, mtime: number): void => lutimesSync(this.#at(name), atime, mtime);
    return setBoth(this.#context.inodes, () => this.#lstat(name), set, accessed, modified);
  }

  entries(permit: Permit): DirectoryEntry[] | ErrorCode {
    return this.#attempt(permit, () => {
      const entries: DirectoryEntry[] = [];
      for (const name of utf8Names(pathOf(this.#fd)).toSorted()) {
        const stats = lstatSync(this.#at(name), { bigint: true, throwIfNoEntry: false });
        if (stats === undefined) continue;
        entries.push({ name, type: typeOf(stats), inode: this.#context.inodes.of(stats).number });
      }
      return entries;
    });
  }

  sync(permit: Permit): Status {
    return this.#attempt(permit, () => {
      // A descriptor that is only a place cannot be synchronised.
      const fd = openSync(pathOf(this.#fd), constants.O_RDONLY | constants.O_DIRECTORY);
      try {
        fsyncSync(fd);
      } finally {
        closeQuietly(fd);
      }
      return 0;
    });
  }

  close(): void {
    if (this.#fd < 0) return;
    closeQuietly(this.#fd);
    this.#fd = -1;
    this.#context.open.delete(this);
  }

  #at(name: string): string {
    return `${pathOf(this.#fd)}/${name}`;
  }

  #lstat(name: string): BigIntStats {
    return lstatSync(this.#at(name), { bigint: true });
  }

  #attempt<Result>(permit: Permit, action: () => Result): Result | ErrorCode {
    Permit.assert(permit);
    if (this.#fd < 0) return ErrorCode.badDescriptor;
    try {
      return action();
    } catch (error) {
      return errorCode(error);
    }
  }

  /** Adds a name, for which the quota must have room. */
  #adding(permit: Permit, isDirectory: boolean, add: () => void): Status {
    const { quota } = this.#context;
    if (quota?.takeName(isDirectory) === false) return ErrorCode.quota;
    const status = this.#attempt<Status>(permit, () => {
      add();
      return 0;
    });
    if (status !== 0) quota?.giveName(isDirectory);
    return status;
  }

  #removing(permit: Permit, name: string, remove: () => void): Status {
    return this.#attempt<Status>(permit, () => {
      const stats = this.#lstat(name);
      remove();
      this.#dropped(stats);
      return 0;
    });
  }

  /** A name is gone; `stats` are from before. Bytes are given back with the last name and the last descriptor. */
  #dropped(stats: BigIntStats): void {
    const { quota, inodes } = this.#context;
    quota?.giveName(stats.isDirectory());
    if (!stats.isDirectory() && stats.nlink > 1n) return;
    const inode = inodes.of(stats);
    if (inode.opens > 0) {
      inode.unlinked = true;
      return;
    }
    if (stats.isFile()) quota?.giveBytes(Number(stats.size));
    inodes.forget(stats);
  }

  /** @returns the descriptor of a file that was there or is new, or a negative ErrorCode */
  #create(name: string, mode: number): number {
    const { quota } = this.#context;
    const exclusive = (mode & OpenMode.exclusive) !== 0;
    if (quota?.takeName(false) === false) {
      if (lstatSync(this.#at(name), { throwIfNoEntry: false }) === undefined) return -ErrorCode.quota;
      return exclusive ? -ErrorCode.exist : openSync(this.#at(name), flagsOf(mode));
    }
    try {
      // Exclusive, so that it is known whether the name is new. The mode has no set-id bit.
      return openSync(this.#at(name), flagsOf(mode) | constants.O_CREAT | constants.O_EXCL, 0o644);
    } catch (error) {
      quota?.giveName(false);
      const code = errorCode(error);
      return exclusive || code !== ErrorCode.exist ? -code : openSync(this.#at(name), flagsOf(mode));
    }
  }

  /** Hands on regular files, and truncates only once it is known to be one. Takes `fd` over. */
  #toFile(fd: number, mode: number): VolumeFile | ErrorCode {
    try {
      const stats = fstatSync(fd, { bigint: true });
      if (stats.isFile()) {
        if ((mode & OpenMode.truncate) !== 0) this.#truncate(fd, stats);
        return new HostFile(this.#context, fd, stats);
      }
      closeQuietly(fd);
      return stats.isDirectory() ? ErrorCode.isDirectory : ErrorCode.access;
    } catch (error) {
      closeQuietly(fd);
      return errorCode(error);
    }
  }

  #truncate(fd: number, stats: BigIntStats): void {
    ftruncateSync(fd, 0);
    this.#context.quota?.giveBytes(Number(stats.size));
  }
}

function flagsOf(mode: number): number {
  const write = (mode & (OpenMode.write | OpenMode.truncate)) !== 0;
  if (!write) return FILE_FLAGS | constants.O_RDONLY;
  return FILE_FLAGS | ((mode & OpenMode.read) === 0 ? constants.O_WRONLY : constants.O_RDWR);
}
