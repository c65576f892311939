import { type BigIntStats, constants } from 'node:fs';
import { usedBytes } from './host-volume-usage.ts';
import { FileType, type NewTimestamp, type Stat } from '../virtual/filesystem/volume.ts';

/**
 * What all volumes of the process know of a file or directory. Several may lie over one directory of the host, and what
 * one of them gives back must be what is freed, not what it remembers from before another one's changes.
 */
export interface SharedInode {
  /** Descriptors of the volumes that have the file open. */
  opens: number;
  /** The last name went while the file was open: gives back its bytes, which count until it is closed. */
  release: (() => void) | undefined;
  /** Bytes of it that a quota counts, or would give back. */
  counted: number;
  /** Where the volumes that know it have it. */
  readonly holders: Map<bigint, HostInode>[];
}

/** What the volume remembers of a file or directory of the host for as long as it has a name. */
export interface HostInode {
  /** What the guest sees: counted up, so that it tells nothing of the host. */
  readonly number: bigint;
  readonly shared: SharedInode;
  accessed: SetTime | undefined;
  modified: SetTime | undefined;
}

/** node:fs sets times as doubles of seconds: what was asked for is remembered next to what the host made of it. */
interface SetTime {
  readonly asked: bigint;
  readonly stored: bigint;
}

const sharedInodes = new Map<bigint, SharedInode>();

/** Virtual inode numbers, stable while the volume is open. */
export class HostInodes {
  readonly #byIdentity = new Map<bigint, HostInode>();
  #last = 0n;

  of(stats: BigIntStats): HostInode {
    const identity = identityOf(stats);
    const known = this.#byIdentity.get(identity);
    if (known !== undefined) return known;
    const inode = {
      number: ++this.#last,
      shared: share(identity, stats, this.#byIdentity),
      accessed: undefined,
      modified: undefined,
    };
    this.#byIdentity.set(identity, inode);
    return inode;
  }

  /** Neither a name nor a descriptor is left: the host may give the number to another file from now on. */
  forget(stats: BigIntStats): void {
    const identity = identityOf(stats);
    for (const holder of sharedInodes.get(identity)?.holders ?? []) holder.delete(identity);
    sharedInodes.delete(identity);
  }

  /** Forgets everything. */
  close(): void {
    for (const [identity, { shared }] of this.#byIdentity) {
      shared.holders.splice(shared.holders.indexOf(this.#byIdentity), 1);
      if (shared.holders.length === 0) sharedInodes.delete(identity);
    }
    this.#byIdentity.clear();
  }

  fill(stats: BigIntStats, out: Stat): void {
    const inode = this.of(stats);
    out.type = typeOf(stats);
    out.inode = inode.number;
    out.linkCount = Number(stats.nlink);
    out.size = Number(stats.size);
    out.accessed = shown(inode.accessed, stats.atimeNs);
    out.modified = shown(inode.modified, stats.mtimeNs);
    out.changed = stats.ctimeNs;
  }

  /** Remembers what `setTimes` asked for. @param stats after the times were set */
  remember(stats: BigIntStats, accessed: NewTimestamp, modified: NewTimestamp): void {
    const inode = this.of(stats);
    if (accessed !== undefined) inode.accessed = { asked: accessed, stored: stats.atimeNs };
    if (modified !== undefined) inode.modified = { asked: modified, stored: stats.mtimeNs };
  }
}

function share(identity: bigint, stats: BigIntStats, holder: Map<bigint, HostInode>): SharedInode {
  let shared = sharedInodes.get(identity);
  if (shared === undefined) {
    const counted = stats.isFile() ? usedBytes(stats) : 0;
    shared = { opens: 0, release: undefined, counted, holders: [] };
    sharedInodes.set(identity, shared);
  }
  shared.holders.push(holder);
  return shared;
}

function identityOf(stats: BigIntStats): bigint {
  return (stats.dev << 64n) | stats.ino;
}

function shown(time: SetTime | undefined, actual: bigint): bigint {
  return time !== undefined && time.stored === actual ? time.asked : actual;
}

/** @returns the type of a file of the host. */
export function typeOf(stats: BigIntStats): FileType {
  switch (Number(stats.mode) & constants.S_IFMT) {
    case constants.S_IFREG:
      return FileType.regularFile;
    case constants.S_IFDIR:
      return FileType.directory;
    case constants.S_IFLNK:
      return FileType.symbolicLink;
    case constants.S_IFIFO:
      return FileType.fifo;
    case constants.S_IFSOCK:
      return FileType.socket;
    case constants.S_IFCHR:
      return FileType.characterDevice;
    case constants.S_IFBLK:
      return FileType.blockDevice;
    default:
      return FileType.unknown;
  }
}
