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
import type { HostContext } from './host-volume-context.ts';
import { errorCode } from './host-volume-errno.ts';
import type { HostInode } from './host-volume-inodes.ts';
import { HostOffThread } from './host-volume-off-thread.ts';
import { closeQuietly, pathOf } from './host-volume-proc.ts';
import { setBoth } from './host-volume-times.ts';

/** An open regular file of the host. */
export class HostFile implements VolumeFile {
  readonly #context: HostContext;
  readonly #inode: HostInode;
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
    this.#inode = context.inodes.of(stats);
    this.#inode.opens++;
    context.open.add(this);
  }

  get offThread(): OffThread | undefined {
    const threshold = this.#context.offThreadFrom;
    if (threshold === Infinity) return undefined;
    return (this.#offThread ??= new HostOffThread(threshold, {
      fd: () => this.#fd,
      appendFd: () => this.#openForAppending(),
      takeGrowth: (end) => this.#takeGrowth(end),
      takeBytes: (count) => this.#context.quota?.takeBytes(count) !== false,
      giveBytes: (count) => this.#context.quota?.giveBytes(count),
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
    try {
      const growth = this.#takeGrowth(position + length);
      if (growth < 0) return growth;
      return this.#written(growth, length, () => writeSync(this.#fd, source, offset, length, position));
    } catch (error) {
      return -errorCode(error);
    }
  }

  append(permit: Permit, source: Uint8Array, offset: number, length: number): number {
    Permit.assert(permit);
    if (length === 0) return 0;
    try {
      const fd = this.#openForAppending();
      if (this.#context.quota?.takeBytes(length) === false) return -ErrorCode.quota;
      return this.#written(length, length, () => writeSync(fd, source, offset, length));
    } catch (error) {
      return -errorCode(error);
    }
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
    const { quota } = this.#context;
    try {
      const growth = quota === undefined ? 0 : size - Number(this.#stats().size);
      if (quota?.takeBytes(growth) === false) return ErrorCode.quota;
      try {
        ftruncateSync(this.#fd, size);
      } catch (error) {
        quota?.giveBytes(growth);
        return errorCode(error);
      }
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
    if (this.#inFlight === 0) this.#end(fd, appendFd);
    else this.#closing = { fd, appendFd };
  }

  #end(fd: number, appendFd: number): void {
    this.#inode.opens--;
    if (this.#inode.unlinked && this.#inode.opens === 0) this.#release(fd);
    closeQuietly(fd);
    if (appendFd >= 0) closeQuietly(appendFd);
  }

  /** The number of a closed descriptor may become another file's at once, and an operation would go there. */
  async #during<Result>(operation: () => Promise<Result>): Promise<Result> {
    this.#inFlight++;
    try {
      return await operation();
    } finally {
      if (--this.#inFlight === 0 && this.#closing !== undefined)
        this.#end(this.#closing.fd, this.#closing.appendFd);
    }
  }

  #openForAppending(): number {
    if (this.#appendFd < 0)
      this.#appendFd = openSync(pathOf(this.#fd), constants.O_WRONLY | constants.O_APPEND);
    return this.#appendFd;
  }

  #stats(): BigIntStats {
    return fstatSync(this.#fd, { bigint: true });
  }

  /** Gives back what a file held whose last name is gone. */
  #release(fd: number): void {
    try {
      const stats = fstatSync(fd, { bigint: true });
      this.#context.quota?.giveBytes(Number(stats.size));
      this.#context.inodes.forget(stats);
    } catch {
      // Then the bytes stay counted, which errs on the safe side.
    }
  }

  /** @returns bytes taken from the quota for a file that is to reach `end`, or a negative ErrorCode */
  #takeGrowth(end: number): number {
    const { quota } = this.#context;
    if (quota === undefined) return 0;
    const growth = Math.max(0, end - Number(this.#stats().size));
    return quota.takeBytes(growth) ? growth : -ErrorCode.quota;
  }

  /** Writes, and gives back the bytes of the quota that were not needed. */
  #written(taken: number, length: number, write: () => number): number {
    let count = 0;
    try {
      count = write();
      return count;
    } finally {
      this.#context.quota?.giveBytes(Math.min(taken, length - count));
    }
  }
}
