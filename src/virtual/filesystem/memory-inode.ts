import { ErrorCode, type Status } from '../error-code.ts';
import type { Quota } from './quota.ts';
import { FileType, type NewTimestamp, type Stat, type VolumeDirectory } from './volume.ts';

/** What the inodes of one memory volume share. */
export interface MemoryContext {
  readonly quota: Quota;
  /** Nanoseconds since the Unix epoch, by the clock that the guest may see. */
  readonly now: () => bigint;
  /** Numbers are not used again, so that a guest never takes a new file for one that it knew. */
  lastInode: number;
}

const NO_BYTES = Buffer.alloc(0);
/**
 * A file, directory or symbolic link, whatever its names.
 *
 * Reading leaves the access time alone, as on a file system mounted with `noatime`.
 */
export class MemoryInode {
  readonly context: MemoryContext;
  readonly inode: bigint;
  readonly type: FileType;
  /** Logical size; `buf` may be longer, and is zero beyond it. */
  length = 0;
  buf: Buffer = NO_BYTES;
  /** Where a symbolic link leads. */
  target = '';
  names = 0;
  subdirectories = 0;
  opens = 0;
  accessed: bigint;
  modified: bigint;
  changed: bigint;

  constructor(context: MemoryContext, type: FileType) {
    this.context = context;
    this.inode = BigInt(++context.lastInode);
    this.type = type;
    this.accessed = this.modified = this.changed = context.now();
  }

  /** Grows with zeros or shrinks. @returns `quota`, or `insufficientSpace` when the process has no memory left. */
  resize(size: number): Status {
    const growth = size - this.length;
    if (growth > 0) {
      if (!this.context.quota.takeBytes(growth)) return ErrorCode.quota;
      if (size > this.buf.length && !this.#reallocate(capacityFor(size, this.context.quota))) {
        this.context.quota.giveBytes(growth);
        return ErrorCode.insufficientSpace;
      }
    } else {
      this.context.quota.giveBytes(-growth);
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
    out.linkCount = this.#linkCount();
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
    this.context.quota.giveBytes(this.length);
    this.length = 0;
    this.buf = NO_BYTES;
  }

  /** A directory has its name, its own `.` and the `..` of each directory in it, until it is removed. */
  #linkCount(): number {
    return this.type === FileType.directory && this.names > 0 ? 2 + this.subdirectories : this.names;
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

/** A name in a directory; a directory has one, a file may have several. */
export class MemoryLink {
  name: string;
  parent: MemoryLink | undefined;
  readonly inode: MemoryInode;
  readonly children: Map<string, MemoryLink> = new Map();
  /** The one object for a directory's users; made on first use. */
  directory: VolumeDirectory | undefined;

  constructor(parent: MemoryLink | undefined, name: string, inode: MemoryInode) {
    this.parent = parent;
    this.name = name;
    this.inode = inode;
    inode.names++;
  }

  /** Puts `child` here under its name. */
  adopt(child: MemoryLink): void {
    child.parent = this;
    this.children.set(child.name, child);
    if (child.inode.type === FileType.directory) this.inode.subdirectories++;
  }

  disown(child: MemoryLink): void {
    this.children.delete(child.name);
    if (child.inode.type === FileType.directory) this.inode.subdirectories--;
  }
}
