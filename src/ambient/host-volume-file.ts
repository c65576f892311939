import {
  type BigIntStats,
  constants,
  fdatasyncSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  futimesSync,
  openSync,
  readSync,
  writeSync,
} from 'node:fs';
import { Permit } from '../kernel/permit.ts';
import { ErrorCode, type Status } from '../virtual/error-code.ts';
import type { NewTimestamp, OffThread, Stat, VolumeFile } from '../virtual/filesystem/volume.ts';
import type { Quota } from '../virtual/filesystem/quota.ts';
import type { HostContext } from './host-volume-context.ts';
import { errorCode } from './host-volume-errno.ts';
import type { SharedInode } from './host-volume-inodes.ts';
import { type AppendTarget, HostOffThread } from './host-volume-off-thread.ts';
import { closeQuietly, pathOf } from './host-volume-proc.ts';
import { setBoth } from './host-volume-times.ts';
import { Room, usedBytes } from './host-volume-usage.ts';

/** An open regular file of the host. */
export class HostFile implements VolumeFile {
  readonly #context: HostContext;
  readonly #inode: SharedInode;
  /** -1 once closed: the number may be another file's then. */
  #fd: number;
  /** The same file with O_APPEND, so that appending is atomic among processes; opened on first use. */
  #appendFd = -1;
  #offThread: HostOffThread | undefined;
  /** Operations beside the thread: until they are done the descriptors stay theirs. */
  #inFlight = 0;
  /** What to close when they are. */
  #closing: { readonly fd: number; readonly appendFd: number } | undefined;

  /** Takes `fd` over. */
  constructor(context: HostContext, fd: number, stats: BigIntStats) {
    this.#context = context;
    this.#fd = fd;
    this.#inode = context.inodes.share(stats);
    this.#inode.opens++;
    context.open.add(this);
  }

  get offThread(): OffThread | undefined {
    const threshold = this.#context.offThreadFrom;
    if (threshold === Infinity) return undefined;
    return (this.#offThread ??= new HostOffThread(threshold, {
      fd: () => this.#fd,
      end: () => this.#end(),
      takeRoom: (position, length) => this.#takeRoom(position, length),
      settle: (room, count) => this.#settle(room, count),
      during: (operation) => this.#during(operation),
    }));
  }

  read(permit: Permit, target: Uint8Array, offset: number, length: number, position: number): number {
    Permit.assert(permit);
    try {
      return readSync(this.#fd, target, offset, length, position);
    } catch (error) {
      return -errorCode(error);
    }
  }

  write(permit: Permit, source: Uint8Array, offset: number, length: number, position: number): number {
    Permit.assert(permit);
    if (length === 0) return 0;
    return this.#writing(position, length, () => writeSync(this.#fd, source, offset, length, position));
  }

  append(permit: Permit, source: Uint8Array, offset: number, length: number): number {
    Permit.assert(permit);
    if (length === 0) return 0;
    return this.#writing(undefined, length, () => {
      const { fd, position } = this.#end();
      return writeSync(fd, source, offset, length, position);
    });
  }

  stat(permit: Permit, out: Stat): Status {
    Permit.assert(permit);
    try {
      this.#context.inodes.fill(this.#stats(), out);
      return 0;
    } catch (error) {
      return errorCode(error);
    }
  }

  setSize(permit: Permit, size: number): Status {
    Permit.assert(permit);
    try {
      const { quota } = this.#context;
      if (quota === undefined) ftruncateSync(this.#fd, size);
      else return this.#setSizeWithin(quota, size);
      return 0;
    } catch (error) {
      return errorCode(error);
    }
  }

  setTimes(permit: Permit, accessed: NewTimestamp, modified: NewTimestamp): Status {
    Permit.assert(permit);
    const set = (atime: number, mtime: number): void => futimesSync(this.#fd, atime, mtime);
    return setBoth(this.#context.inodes, () => this.#stats(), set, accessed, modified);
  }

  sync(permit: Permit, dataOnly: boolean): Status {
    Permit.assert(permit);
    try {
      if (dataOnly) fdatasyncSync(this.#fd);
      else fsyncSync(this.#fd);
      return 0;
    } catch (error) {
      return errorCode(error);
    }
  }

  close(): void {
    if (this.#fd < 0) return;
    const [fd, appendFd] = [this.#fd, this.#appendFd];
    this.#fd = this.#appendFd = -1;
    this.#context.open.delete(this);
    if (this.#inFlight === 0) this.#finish(fd, appendFd);
    else this.#closing = { fd, appendFd };
  }

  #finish(fd: number, appendFd: number): void {
    closeQuietly(fd);
    if (appendFd >= 0) closeQuietly(appendFd);
    if (--this.#inode.opens === 0) this.#inode.release?.();
  }

  /** The number of a closed descriptor may become another file's at once, and an operation would go there. */
  async #during<Result>(operation: () => Promise<Result>): Promise<Result> {
    this.#inFlight++;
    try {
      return await operation();
    } finally {
      const closing = --this.#inFlight === 0 ? this.#closing : undefined;
      if (closing !== undefined) {
        this.#closing = undefined;
        this.#finish(closing.fd, closing.appendFd);
      }
    }
  }

  /** Where to append: nowhere in particular with O_APPEND, else at what is the end now. */
  #end(): AppendTarget {
    if (!this.#context.byDescriptor) return { fd: this.#fd, position: Number(this.#stats().size) };
    if (this.#appendFd < 0)
      this.#appendFd = openSync(pathOf(this.#fd), constants.O_WRONLY | constants.O_APPEND);
    return { fd: this.#appendFd, position: null };
  }

  #stats(): BigIntStats {
    return fstatSync(this.#fd, { bigint: true });
  }

  /** What lies beyond the old end is a hole, but for the rest of the last block. */
  #setSizeWithin(quota: Quota, size: number): Status {
    const before = this.#stats();
    const used = usedBytes(before);
    const growth = Math.max(0, Math.min(size, Number(before.blocks) * 512) - used);
    if (!quota.takeBytes(growth)) return ErrorCode.quota;
    try {
      ftruncateSync(this.#fd, size);
    } catch (error) {
      quota.giveBytes(growth);
      throw error;
    }
    const kept = size < Number(before.size) ? Math.min(used, usedBytes(this.#stats())) - used : growth;
    quota.giveBytes(growth - kept);
    this.#inode.counted += kept;
    return 0;
  }

  /** @param position undefined: at the end */
  #writing(position: number | undefined, length: number, write: () => number): number {
    try {
      const room = this.#takeRoom(position, length);
      if (room === null) return -ErrorCode.quota;
      let count = 0;
      try {
        count = write();
        return count;
      } finally {
        this.#settle(room, count);
      }
    } catch (error) {
      return -errorCode(error);
    }
  }

  /** @returns null when it would pass the quota, undefined when there is none @throws what node:fs throws */
  #takeRoom(position: number | undefined, length: number): Room | null | undefined {
    const { quota } = this.#context;
    return quota === undefined ? undefined : (Room.take(quota, this.#stats(), position, length) ?? null);
  }

  /** Gives back what a write of `count` bytes has not cost. */
  #settle(room: Room | undefined, count: number): void {
    if (room === undefined) return;
    const cost = room.cost(count, () => fstatSync(this.#closing?.fd ?? this.#fd, { bigint: true }));
    this.#context.quota?.giveBytes(room.taken - cost);
    this.#inode.counted += cost;
  }
}
