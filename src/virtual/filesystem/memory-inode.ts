import { Link, Node, type Superblock } from '@jsonjoy.com/fs-core';
import { ErrorCode, type Status } from '../error-code.ts';
import type { Quota } from './quota.ts';
import { FileType, type NewTimestamp, type Stat, type VolumeDirectory } from './volume.ts';

/** What the inodes of one memory volume share. */
export interface MemoryContext {
  readonly quota: Quota;
  /** memfs wants one in every link; it holds nothing of ours. */
  readonly superblock: Superblock;
  /** Nanoseconds since the Unix epoch, by the clock that the guest may see. */
  readonly now: () => bigint;
  /** Numbers are not used again, so that a guest never takes a new file for one that it knew. */
  lastInode: number;
}

const NO_BYTES = Buffer.alloc(0);
/** S_IFDIR and S_IFREG: how memfs tells directories. Permission bits mean nothing here. */
const DIRECTORY_MODE = 0o040777;
const FILE_MODE = 0o100666;

/**
 * A memfs node with times and contents of our own. memfs stamps nodes with `new Date()`, which would show real time to
 * a guest whose clock is denied or fixed. It takes small buffers from a pool, where a guest could pin 64 KiB with each
 * byte that it keeps, and keeps a shrunk file's memory, so that the bytes held would not be the bytes counted.
 *
 * Reading leaves the access time alone, as on a file system mounted with `noatime`.
 */
export class MemoryInode extends Node {
  readonly context: MemoryContext;
  readonly inode: bigint;
  readonly type: FileType;
  /** Logical size; `buf` may be longer, and is zero beyond it. */
  length = 0;
  /** Names of a file or symlink; memfs counts those of directories. */
  names = 0;
  opens = 0;
  accessed: bigint;
  modified: bigint;
  changed: bigint;

  constructor(context: MemoryContext, type: FileType) {
    super(++context.lastInode, type === FileType.directory ? DIRECTORY_MODE : FILE_MODE, 0, 0);
    this.context = context;
    this.inode = BigInt(this.ino);
    this.type = type;
    this.buf = NO_BYTES;
    this.accessed = this.modified = this.changed = context.now();
  }

  override getSize(): number {
    return this.length;
  }

  /** Grows with zeros or shrinks. @returns `quota`, or `insufficientSpace` when the process has no memory left. */
  resize(size: number): Status {
    const growth = size - this.length;
    if (growth > 0) {
      if (!this.context.quota.takeBytes(growth)) return ErrorCode.quota;
      if (size > this.buf.length && !this.#reallocate(capacityFor(size, this.context.quota))) {
        this.context.quota.bytes -= growth;
        return ErrorCode.insufficientSpace;
      }
    } else {
      this.context.quota.bytes += growth;
      // Held memory stays below twice the counted bytes.
      const released = size * 2 < this.buf.length && this.#reallocate(size);
      if (!released) this.buf.fill(0, size, this.length);
    }
    this.length = size;
    return 0;
  }

  fillStat(out: Stat): void {
    out.type = this.type;
    out.inode = this.inode;
    out.linkCount = this.type === FileType.directory ? this.nlink : this.names;
    out.size = this.length;
    out.accessed = this.accessed;
    out.modified = this.modified;
    out.changed = this.changed;
  }

  setTimes(accessed: NewTimestamp, modified: NewTimestamp): void {
    if (accessed !== undefined) this.accessed = accessed;
    if (modified !== undefined) this.modified = modified;
    this.changed = this.context.now();
  }

  /** Contents or entries changed. */
  modify(): void {
    this.modified = this.changed = this.context.now();
  }

  /** Gives the bytes back once neither a name nor a descriptor is left. */
  releaseIfUnused(): void {
    if (this.names > 0 || this.opens > 0) return;
    this.context.quota.bytes -= this.length;
    this.length = 0;
    this.buf = NO_BYTES;
  }

  #reallocate(capacity: number): boolean {
    try {
      // Never from the pool, and zeroed: what lies beyond `length` must read as zeros when the file grows.
      const grown = capacity === 0 ? NO_BYTES : Buffer.alloc(capacity);
      this.buf.copy(grown, 0, 0, Math.min(this.length, capacity));
      this.buf = grown;
      return true;
    } catch {
      return false;
    }
  }
}

/** Doubles, so that appending is linear; never beyond what the quota could ever let it hold. */
function capacityFor(size: number, quota: Quota): number {
  return Math.max(size, Math.min(size * 2, quota.limits.bytes));
}

/** A name in a directory. memfs keeps the whole path in each link, which a guest could make quadratic. */
export class MemoryLink extends Link {
  /** The one object for a directory's users; made on first use. */
  directory: VolumeDirectory | undefined;

  constructor(context: MemoryContext, parent: MemoryLink | undefined, name: string, inode: MemoryInode) {
    super(context.superblock, parent, name);
    this.setNode(inode);
    // A directory's own `.`; memfs counts the `..` of its children.
    if (inode.type === FileType.directory) inode.nlink++;
    else inode.names++;
  }

  override syncSteps(): void {}

  override getName(): string {
    return this.name;
  }

  get inode(): MemoryInode {
    // Memory volumes put nothing else into their links.
    return this.node as MemoryInode;
  }
}
