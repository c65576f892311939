import type { Image, ImageFile, ImageNode } from './image.ts';
import { MemoryPages } from './memory-pages.ts';
import type { Quota } from './quota.ts';
import { FileType, type NewTimestamp, type Stat } from './volume.ts';

/** What the inodes of one memory volume share. */
export interface MemoryContext {
  readonly quota: Quota;
  /** Nanoseconds since the Unix epoch, by the clock that the guest may see. */
  readonly now: () => bigint;
  /** Numbers are not used again, so that a guest never takes a new file for one that it knew. */
  lastInode: number;
  /** Inodes of nodes of the base that have several names there, so that all of them lead to one. */
  readonly linked: Map<ImageNode, MemoryInode>;
}

/** @returns what the inodes of a volume over `base` share */
export function memoryContext(quota: Quota, now: () => bigint, base: Image | undefined): MemoryContext {
  return { quota, now, lastInode: base?.lastInode ?? 0, linked: new Map() };
}

/**
 * A file, directory or symbolic link, whatever its names.
 *
 * Reading leaves the access time alone, as on a file system mounted with `noatime`.
 */
export class MemoryInode {
  readonly context: MemoryContext;
  readonly inode: bigint;
  readonly type: FileType;
  /** Of a regular file. */
  readonly pages: MemoryPages | undefined;
  /** Where a symbolic link leads, its bytes, and how many of those the quota counts. */
  target = '';
  length = 0;
  counted = 0;
  names = 0;
  subdirectories = 0;
  opens = 0;
  accessed: bigint;
  modified: bigint;
  changed: bigint;
  /** It is still what the base says. */
  pristine: boolean;

  /** @param node of the base that it stands for */
  constructor(context: MemoryContext, type: FileType, node?: ImageNode) {
    this.context = context;
    this.type = type;
    this.pristine = node !== undefined;
    this.inode = node?.inode ?? BigInt(++context.lastInode);
    this.accessed = this.modified = this.changed = node?.modified ?? context.now();
    this.pages =
      type === FileType.regularFile ? new MemoryPages((node as ImageFile | undefined)?.bytes) : undefined;
    if (node === undefined) return;
    this.names = node.links;
    if (node.type === FileType.directory) this.subdirectories = node.subdirectories;
    else if (node.type === FileType.symbolicLink) {
      this.target = node.target;
      this.length = Buffer.byteLength(node.target);
    }
  }

  fillStat(out: Stat): void {
    out.type = this.type;
    out.inode = this.inode;
    out.linkCount = this.#linkCount();
    out.size = this.pages === undefined ? this.length : this.pages.size;
    out.accessed = this.accessed;
    out.modified = this.modified;
    out.changed = this.changed;
  }

  setTimes(accessed: NewTimestamp, modified: NewTimestamp): void {
    if (accessed !== undefined) this.accessed = accessed;
    if (modified !== undefined) this.modified = modified;
    this.touch();
  }

  /** Contents or entries changed. */
  modify(): void {
    this.pristine = false;
    this.modified = this.changed = this.context.now();
  }

  /** Names or times changed. */
  touch(): void {
    this.pristine = false;
    this.changed = this.context.now();
  }

  /** Gives the bytes back once neither a name nor a descriptor is left. */
  releaseIfUnused(): void {
    if (this.names > 0 || this.opens > 0) return;
    this.pages?.resize(this.context.quota, 0);
    this.context.quota.giveBytes(this.counted);
    this.counted = 0;
  }

  /** A directory has its name, its own `.` and the `..` of each directory in it, until it is removed. */
  #linkCount(): number {
    return this.type === FileType.directory && this.names > 0 ? 2 + this.subdirectories : this.names;
  }
}
