import type { Permit } from '../../kernel/permit.ts';
import type { ErrorCode, Status } from '../error-code.ts';
import type { Quota } from './quota.ts';

/**
 * A virtual file system backend. Volumes know directories, files and single names; paths, symlinks, rights, quotas of
 * handles and WASI semantics are the virtual file system's (resolve.ts, filesystem.ts), once for all backends.
 *
 * Every `name` below is one validated component: not empty, not `.` or `..`, no `/`, no NUL.
 * No call follows a symlink: a name that is one answers `ErrorCode.loop`, and the resolver reads it.
 */
export interface Volume {
  /** @returns the root directory; the caller closes it. */
  openRoot(permit: Permit): VolumeDirectory | ErrorCode;
  /** Whose refusals are `ErrorCode.quota`; the virtual file system puts them on record. */
  readonly quota: Quota | undefined;
  /** Whether a name is the volume's own, so that no guest may make anything under it. */
  reserves?(name: string): boolean;
  /** Whether its files may have {@link VolumeFile.offThread}. */
  readonly offThread?: boolean;
  /** Releases everything; open files and directories are invalid afterwards. */
  close(): void;
}

/** `descriptor-type` of wasi:filesystem/types. */
export const FileType = {
  unknown: 0,
  blockDevice: 1,
  characterDevice: 2,
  directory: 3,
  fifo: 4,
  symbolicLink: 5,
  regularFile: 6,
  socket: 7,
} as const;
export type FileType = (typeof FileType)[keyof typeof FileType];

/** Filled in place, so that a stat allocates nothing. Timestamps are nanoseconds since the Unix epoch. */
export interface Stat {
  type: FileType;
  /** Virtual: stable within an instance, tells nothing of the host. */
  inode: bigint;
  linkCount: number;
  size: number;
  accessed: bigint;
  modified: bigint;
  changed: bigint;
}

/** How {@link VolumeDirectory.openFile} opens: bits. */
export const OpenMode = { read: 1, write: 2, create: 4, exclusive: 8, truncate: 16 } as const;

/** A time to set: nanoseconds since the Unix epoch, or undefined to leave it. */
export type NewTimestamp = bigint | undefined;

export interface DirectoryEntry {
  readonly name: string;
  readonly type: FileType;
  readonly inode: bigint;
}

export interface VolumeDirectory {
  /**
   * Opens a directory that lies several names below in one step, `a/b/c`, where that is cheaper than going name by name.
   *
   * @returns undefined when one of the names is no directory itself (a symlink, a file, nothing): the caller goes name by
   *   name then and learns why
   */
  openDescendant?(permit: Permit, path: string): VolumeDirectory | undefined;
  /** @returns another handle of this directory, closed by its taker. */
  reopen(permit: Permit): VolumeDirectory | ErrorCode;
  openDirectory(permit: Permit, name: string): VolumeDirectory | ErrorCode;
  /** @param mode bits of {@link OpenMode}; a directory answers `isDirectory`, a special file `access`. */
  openFile(permit: Permit, name: string, mode: number): VolumeFile | ErrorCode;
  createDirectory(permit: Permit, name: string): Status;
  stat(permit: Permit, out: Stat): Status;
  statAt(permit: Permit, name: string, out: Stat): Status;
  readlink(permit: Permit, name: string): string | ErrorCode;
  removeDirectory(permit: Permit, name: string): Status;
  unlinkFile(permit: Permit, name: string): Status;
  /** `to` belongs to the same volume. */
  rename(permit: Permit, name: string, to: VolumeDirectory, toName: string): Status;
  link(permit: Permit, name: string, to: VolumeDirectory, toName: string): Status;
  symlink(permit: Permit, name: string, target: string): Status;
  setTimes(permit: Permit, accessed: NewTimestamp, modified: NewTimestamp): Status;
  setTimesAt(permit: Permit, name: string, accessed: NewTimestamp, modified: NewTimestamp): Status;
  /** Without `.` and `..`, in a stable order. */
  entries(permit: Permit): DirectoryEntry[] | ErrorCode;
  sync(permit: Permit): Status;
  close(): void;
}

/** Counts are bytes, or a negative `ErrorCode`. Positions are below 2^53. */
export interface VolumeFile {
  read(permit: Permit, target: Uint8Array, offset: number, length: number, position: number): number;
  write(permit: Permit, source: Uint8Array, offset: number, length: number, position: number): number;
  append(permit: Permit, source: Uint8Array, offset: number, length: number): number;
  stat(permit: Permit, out: Stat): Status;
  setSize(permit: Permit, size: number): Status;
  setTimes(permit: Permit, accessed: NewTimestamp, modified: NewTimestamp): Status;
  sync(permit: Permit, dataOnly: boolean): Status;
  close(): void;
  /** Of backends whose operations can hold the thread; undefined where they never do. */
  readonly offThread: OffThread | undefined;
}

/** Reads and writes of a file beside the thread, for those so large that its other guests would feel them. */
export interface OffThread {
  /** Bytes from which it is worth it; what is smaller is faster on the thread. */
  readonly threshold: number;
  /** As the operations of {@link VolumeFile} of the same name. Promises never reject. */
  read(permit: Permit, target: Uint8Array, offset: number, length: number, position: number): Promise<number>;
  write(
    permit: Permit,
    source: Uint8Array,
    offset: number,
    length: number,
    position: number,
  ): Promise<number>;
  append(permit: Permit, source: Uint8Array, offset: number, length: number): Promise<number>;
}

/** A fresh {@link Stat}; keep one per caller and refill it. */
export function emptyStat(): Stat {
  return {
    type: FileType.unknown,
    inode: 0n,
    linkCount: 0,
    size: 0,
    accessed: 0n,
    modified: 0n,
    changed: 0n,
  };
}
