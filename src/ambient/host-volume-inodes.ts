import { type BigIntStats, constants, type Stats } from 'node:fs';
import { usedBytes } from './host-volume-usage.ts';
import { FileType, type NewTimestamp, type Stat } from '../virtual/filesystem/volume.ts';

/**
 * What all volumes of the process know of a file that one of them opened. Several may lie over one directory of the host,
 * and what one of them gives back must be what is freed, not what it remembers from before another one's changes.
 */
export interface SharedInode {
  /** Descriptors of the volumes that have the file open. */
  opens: number;
  /** The last name went while the file was open: gives back its bytes, which count until it is closed. */
  release: (() => void) | undefined;
  /** Bytes of it that a quota counts, or would give back. */
  counted: number;
  readonly holders: Set<HostInodes>;
}

/** What the volume remembers of a file or directory of the host for as long as it has a name. */
export interface HostInode {
  /** What the guest sees: counted up, so that it tells nothing of the host. */
  readonly number: bigint;
  /** Undefined until the volume has had the file open. */
  shared: SharedInode | undefined;
  accessed: SetTime | undefined;
  modified: SetTime | undefined;
}

/** node:fs sets times as doubles of seconds: what was asked for is remembered next to what the host made of it. */
interface SetTime {
  readonly asked: bigint;
  readonly stored: bigint;
}

/** Files that a volume remembers at most, about 50 MB of them: a guest may list and stat without end. */
const MAX_KNOWN = 1 << 18;

const MAX_TRIES = 1000;

const sharedInodes = new Map<bigint, SharedInode>();

/**
 * Virtual inode numbers, stable while the volume is open: a file gets another one only after {@link MAX_KNOWN} others were
 * looked at since it was first seen, and never while it is open.
 */
export class HostInodes {
  readonly #maxKnown: number;
  readonly #byIdentity = new Map<number | bigint, HostInode>();
  /** Where the first file lay, and most others will: there the host's number alone is the identity. */
  #device = -1;
  #last = 0n;

  constructor(maxKnown: number = MAX_KNOWN) {
    this.#maxKnown = maxKnown;
  }

  /** @param stats if they are no bigints: {@link isExact} */
  of(stats: BigIntStats | Stats): HostInode {
    const identity = this.#identityOf(stats);
    let inode = this.#byIdentity.get(identity);
    if (inode === undefined) {
      if (this.#byIdentity.size >= this.#maxKnown) this.#forgetOldest();
      inode = {
        number: ++this.#last,
        shared: undefined,
        accessed: undefined,
        modified: undefined,
      };
      this.#byIdentity.set(identity, inode);
    }
    return inode;
  }

  /** Of those that nobody has open; there are far more than most may open, and it gives up where there are not. */
  #forgetOldest(): void {
    let tries = 0;
    for (const [identity, inode] of this.#byIdentity) {
      this.#byIdentity.delete(identity);
      if (inode.shared === undefined || inode.shared.opens === 0) {
        this.#leave(identity, inode);
        return;
      }
      this.#byIdentity.set(identity, inode);
      if (++tries === MAX_TRIES) return;
    }
  }

  /** @returns what all volumes know of a file; `stats` are of now */
  share(stats: BigIntStats): SharedInode {
    const inode = this.of(stats);
    if (inode.shared !== undefined) return inode.shared;
    const identity = fullIdentity(stats);
    let shared = sharedInodes.get(identity);
    if (shared === undefined) {
      shared = { opens: 0, release: undefined, counted: usedBytes(stats), holders: new Set() };
      sharedInodes.set(identity, shared);
    }
    shared.holders.add(this);
    return (inode.shared = shared);
  }

  /** @returns what {@link share} does, if some volume has had the file open */
  known(stats: BigIntStats): SharedInode | undefined {
    return sharedInodes.get(fullIdentity(stats));
  }

  /** Neither a name nor a descriptor is left: the host may give the number to another file from now on. */
  forget(stats: BigIntStats): void {
    const identity = fullIdentity(stats);
    const holders = sharedInodes.get(identity)?.holders;
    if (holders !== undefined) {
      for (const holder of holders) holder.#byIdentity.delete(holder.#identityOf(stats));
      sharedInodes.delete(identity);
    }
    this.#byIdentity.delete(this.#identityOf(stats));
  }

  /** Forgets everything. */
  close(): void {
    for (const [identity, inode] of this.#byIdentity) this.#leave(identity, inode);
    this.#byIdentity.clear();
  }

  #leave(identity: number | bigint, { shared }: HostInode): void {
    if (shared?.holders.delete(this) !== true || shared.holders.size > 0) return;
    const full = typeof identity === 'bigint' ? identity : (BigInt(this.#device) << 64n) | BigInt(identity);
    sharedInodes.delete(full);
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

  /** A number where it tells the whole, which a map finds several times as fast as a bigint. */
  #identityOf(stats: BigIntStats | Stats): number | bigint {
    const [device, number] = [Number(stats.dev), Number(stats.ino)];
    if (this.#device === -1) this.#device = device;
    if (device === this.#device && number <= Number.MAX_SAFE_INTEGER) return number;
    return fullIdentity(stats);
  }
}

function fullIdentity({ dev, ino }: BigIntStats | Stats): bigint {
  return (BigInt(dev) << 64n) | BigInt(ino);
}

/** @returns whether nothing of the file's identity was lost by reading it as doubles */
export function isExact(stats: Stats): boolean {
  return Number.isSafeInteger(stats.ino) && Number.isSafeInteger(stats.dev);
}

function shown(time: SetTime | undefined, actual: bigint): bigint {
  return time !== undefined && time.stored === actual ? time.asked : actual;
}

/** @returns the type of a file of the host. */
export function typeOf(stats: BigIntStats | Stats): FileType {
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
