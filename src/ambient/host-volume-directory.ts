import { isUtf8 } from 'node:buffer';
import {
  type BigIntStats,
  constants,
  fsyncSync,
  linkSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  openSync,
  readlinkSync,
  renameSync,
  rmdirSync,
  type Stats,
  symlinkSync,
  unlinkSync,
  utimesSync,
} from 'node:fs';
import { Permit } from '../kernel/permit.ts';
import { ErrorCode, type Status } from '../virtual/error-code.ts';
import {
  type DirectoryEntry,
  type NewTimestamp,
  type Stat,
  type VolumeDirectory,
  type VolumeFile,
} from '../virtual/filesystem/volume.ts';
import type { HostContext } from './host-volume-context.ts';
import { errorCode } from './host-volume-errno.ts';
import { isExact, typeOf } from './host-volume-inodes.ts';
import { utf8Names } from './host-volume-names.ts';
import { openFileAt } from './host-volume-open.ts';
import type { DescriptorPlace, Place } from './host-volume-place.ts';
import { closeQuietly, pathOf } from './host-volume-proc.ts';
import { setBoth } from './host-volume-times.ts';
import { usedBytes } from './host-volume-usage.ts';

/** An open directory of the host. Names are validated single components, joined to its place. */
export class HostDirectory implements VolumeDirectory {
  readonly #context: HostContext;
  /** Undefined once closed: what it named may be another directory then. */
  #place: Place | undefined;

  /** Takes one hold of `place` over. */
  constructor(context: HostContext, place: Place) {
    this.#context = context;
    this.#place = place;
    context.open.add(this);
  }

  openDescendant(permit: Permit, path: string): VolumeDirectory | undefined {
    Permit.assert(permit);
    const { descendants } = this.#context;
    const place = this.#place && descendants?.open(this.#place as DescriptorPlace, path);
    return place && new HostDirectory(this.#context, place);
  }

  reopen(permit: Permit): VolumeDirectory | ErrorCode {
    return this.#attempt(permit, (place) => new HostDirectory(this.#context, place.hold()));
  }

  openDirectory(permit: Permit, name: string): VolumeDirectory | ErrorCode {
    return this.#attempt(permit, (place) => {
      try {
        return new HostDirectory(this.#context, place.enter(name));
      } catch (error) {
        const code = errorCode(error);
        // The kernel says "not a directory" of a symlink as well.
        return code === ErrorCode.notDirectory && this.#lstat(name).isSymbolicLink() ? ErrorCode.loop : code;
      }
    });
  }

  openFile(permit: Permit, name: string, mode: number): VolumeFile | ErrorCode {
    return this.#attempt(permit, () => openFileAt(this.#context, this.#at(name), mode));
  }

  createDirectory(permit: Permit, name: string): Status {
    return this.#adding(permit, true, () => mkdirSync(this.#at(name), this.#context.directoryMode));
  }

  stat(permit: Permit, out: Stat): Status {
    return this.#attempt(permit, (place) => {
      this.#context.inodes.fill(place.stat(), out);
      return 0;
    });
  }

  statAt(permit: Permit, name: string, out: Stat): Status {
    return this.#attempt<Status>(permit, () => {
      const stats = lstatSync(this.#at(name), IF_THERE);
      if (stats === undefined) return ErrorCode.noEntry;
      this.#context.inodes.fill(stats, out);
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
    return this.#removing(permit, name, (place) => {
      const path = this.#at(name);
      rmdirSync(path);
      place.removed(path);
    });
  }

  unlinkFile(permit: Permit, name: string): Status {
    return this.#removing(permit, name, () => unlinkSync(this.#at(name)));
  }

  rename(permit: Permit, name: string, to: VolumeDirectory, toName: string): Status {
    const target = to as HostDirectory;
    return this.#attempt(permit, (place) => {
      const source = this.#lstat(name);
      const [path, toPath] = [this.#at(name), target.#at(toName)];
      const replaced = lstatSync(toPath, IF_THERE);
      renameSync(path, toPath);
      place.moved(path, toPath);
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
    return this.#attempt(permit, (place) => {
      const set = (atime: number, mtime: number): void => utimesSync(place.path, atime, mtime);
      return setBoth(this.#context.inodes, () => place.stat(), set, accessed, modified);
    });
  }

  setTimesAt(permit: Permit, name: string, accessed: NewTimestamp, modified: NewTimestamp): Status {
    return this.#attempt(permit, () => {
      const set = (atime: number, mtime: number): void => lutimesSync(this.#at(name), atime, mtime);
      return setBoth(this.#context.inodes, () => this.#lstat(name), set, accessed, modified);
    });
  }

  entries(permit: Permit): DirectoryEntry[] | ErrorCode {
    return this.#attempt(permit, (place) => {
      const entries: DirectoryEntry[] = [];
      for (const name of utf8Names(place.path).toSorted()) {
        const stats = identify(place.at(name));
        if (stats === undefined) continue;
        entries.push({ name, type: typeOf(stats), inode: this.#context.inodes.of(stats).number });
      }
      return entries;
    });
  }

  sync(permit: Permit): Status {
    return this.#attempt(permit, (place) => {
      // A descriptor that is only a place cannot be synchronised.
      const fd = openSync(place.path, constants.O_RDONLY | constants.O_DIRECTORY);
      try {
        fsyncSync(fd);
      } finally {
        closeQuietly(fd);
      }
      return 0;
    });
  }

  close(): void {
    if (this.#place === undefined) return;
    this.#place.release();
    this.#place = undefined;
    this.#context.open.delete(this);
  }

  #at(name: string): string {
    return this.#place === undefined ? CLOSED : this.#place.at(name);
  }

  #lstat(name: string): BigIntStats {
    return lstatSync(this.#at(name), { bigint: true });
  }

  #attempt<Result>(permit: Permit, action: (place: Place) => Result): Result | ErrorCode {
    Permit.assert(permit);
    const place = this.#place;
    if (place === undefined) return ErrorCode.badDescriptor;
    try {
      return action(place);
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

  #removing(permit: Permit, name: string, remove: (place: Place) => void): Status {
    return this.#attempt<Status>(permit, (place) => {
      const stats = this.#lstat(name);
      remove(place);
      this.#dropped(stats);
      return 0;
    });
  }

  /** A name is gone; `stats` are from before. Bytes are given back with the last name and the last descriptor. */
  #dropped(stats: BigIntStats): void {
    const { quota, inodes } = this.#context;
    quota?.giveName(stats.isDirectory());
    if (!stats.isDirectory() && stats.nlink > 1n) return;
    const shared = inodes.known(stats);
    const release = (): void => {
      quota?.giveBytes(shared?.counted ?? (stats.isFile() ? usedBytes(stats) : 0));
      inodes.forget(stats);
    };
    if (shared !== undefined && shared.opens > 0) shared.release = release;
    else release();
  }
}

/** Looks at a file for no more than its type and identity; times are what takes bigints. */
function identify(path: string): Stats | BigIntStats | undefined {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  return stats === undefined || isExact(stats) ? stats : lstatSync(path, IF_THERE);
}

/** What no path leads through. */
const CLOSED = pathOf(-1);

/** Guests look for what is not there often, and an exception costs as much as the call. */
const IF_THERE = { bigint: true, throwIfNoEntry: false } as const;
