import { MAX_LISTED_ENTRIES } from '../../src/virtual/bounds.ts';
import { type DirectoryEntry, FileType } from '../../src/virtual/filesystem/volume.ts';
import type { GuestMemory } from '../guest-memory.ts';
import { Dirent, FILETYPE_OF_TYPE, Filetype } from './abi.ts';
import type { Context } from './context.ts';
import { Errno, errnoOf } from './errno.ts';
import type { FdEntry } from './fd-table.ts';

export type ReaddirFunctions = {
  /** `fd_readdir(fd: fd, buf: Pointer<u8>, buf_len: size, cookie: dircookie) -> size` */
  fd_readdir(fd: number, buf: number, bufLen: number, cookie: bigint, used: number): number;
};

/**
 * A cookie is the position in the listing that the guest began with cookie 0: `.`, `..`, then the entries. The listing
 * is kept until its end has been read, so that a guest that deletes what it has read misses nothing.
 */
export function readdir(context: Context): ReaddirFunctions {
  const { memory, fds } = context;
  const listings = new Listings(context);
  return {
    fd_readdir(fd, buf, bufLen, cookie, used) {
      const entry = fds.get(fd);
      if (entry === undefined) return Errno.badf;
      if (entry.directory === undefined) return Errno.notdir;
      const at = buf >>> 0;
      const length = bufLen >>> 0;
      const usedAt = used >>> 0;
      if (!memory.holds(usedAt, 4) || !memory.holds(at, length)) return Errno.fault;
      const from = Number(BigInt.asUintN(64, cookie));
      const listing = listings.of(entry, from === 0);
      if (typeof listing === 'number') return errnoOf(listing);
      const written = putEntries(memory, at, length, listing, from);
      memory.view.setUint32(usedAt, written, true);
      if (written < length) entry.listing = undefined;
      return Errno.success;
    },
  };
}

class Listings {
  readonly #context: Context;
  readonly #kept = new Set<FdEntry>();

  constructor(context: Context) {
    this.#context = context;
  }

  /** @returns the listing in progress or, when there is none or `fresh` is asked for, a new one; or an ErrorCode */
  of(entry: FdEntry, fresh: boolean): readonly DirectoryEntry[] | number {
    if (entry.listing !== undefined && !fresh) return entry.listing;
    const { host, stat } = this.#context;
    if (entry.directory === undefined) return [];
    const entries = host.filesystem.readDirectory(entry.directory);
    if (typeof entries === 'number') return entries;
    // Without the right to stat, 0 says "unknown"; libcs ask for the inode when they need it. So it is for "..".
    const own = host.filesystem.stat(entry.directory, stat) === 0 ? stat.inode : 0n;
    const listing: readonly DirectoryEntry[] = [
      { name: '.', type: FileType.directory, inode: own },
      { name: '..', type: FileType.directory, inode: 0n },
      ...entries,
    ];
    this.#keep(entry, listing);
    return listing;
  }

  /** Past the bound the oldest of the others list again. */
  #keep(entry: FdEntry, listing: readonly DirectoryEntry[]): void {
    this.#kept.delete(entry);
    let total = listing.length;
    for (const other of this.#kept) {
      if (other.listing === undefined) this.#kept.delete(other);
      else total += other.listing.length;
    }
    for (const other of this.#kept) {
      if (total <= MAX_LISTED_ENTRIES) break;
      total -= other.listing?.length ?? 0;
      other.listing = undefined;
      this.#kept.delete(other);
    }
    entry.listing = listing;
    this.#kept.add(entry);
  }
}

const encoder = new TextEncoder();

/** Fills the buffer as far as entries go; the last one may be cut off anywhere. @returns bytes written */
function putEntries(
  memory: GuestMemory,
  at: number,
  length: number,
  listing: readonly DirectoryEntry[],
  from: number,
): number {
  let written = 0;
  for (let index = from; index < listing.length && written < length; index++) {
    const entry = listing[index] as DirectoryEntry;
    const room = length - written;
    const start = at + written;
    // A UTF-16 unit takes at most three bytes.
    if (Dirent.size + entry.name.length * 3 <= room) {
      const nameLength = memory.setText(start + Dirent.size, room - Dirent.size, entry.name);
      putHead(memory.view, start, entry, nameLength, index + 1);
      written += Dirent.size + nameLength;
    } else {
      const dirent = direntOf(entry, index + 1);
      const size = Math.min(dirent.length, room);
      memory.bytes.set(size < dirent.length ? dirent.subarray(0, size) : dirent, start);
      written += size;
    }
  }
  return written;
}

/** An entry that may not fit: a guest's buffer has one or two of them. */
function direntOf(entry: DirectoryEntry, next: number): Uint8Array {
  const encoded = encoder.encode(entry.name);
  const bytes = new Uint8Array(Dirent.size + encoded.length);
  putHead(new DataView(bytes.buffer), 0, entry, encoded.length, next);
  bytes.set(encoded, Dirent.size);
  return bytes;
}

function putHead(
  view: DataView,
  at: number,
  { type, inode }: DirectoryEntry,
  nameLength: number,
  next: number,
): void {
  view.setUint32(at + Dirent.next, next, true);
  view.setUint32(at + Dirent.next + 4, 0, true);
  view.setBigUint64(at + Dirent.inode, inode, true);
  view.setUint32(at + Dirent.nameLength, nameLength, true);
  // With the padding behind it.
  view.setUint32(at + Dirent.type, FILETYPE_OF_TYPE[type] ?? Filetype.unknown, true);
}
