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

/** Entries that all readdirs in progress of an instance keep together; past it the oldest lists again. */
const KEPT_ENTRIES = 65_536;

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

  #keep(entry: FdEntry, listing: readonly DirectoryEntry[]): void {
    this.#kept.delete(entry);
    let total = listing.length;
    for (const other of this.#kept) {
      if (other.listing === undefined) this.#kept.delete(other);
      else total += other.listing.length;
    }
    for (const other of this.#kept) {
      if (total <= KEPT_ENTRIES) break;
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
    const dirent = direntOf(listing[index] as DirectoryEntry, index + 1);
    const size = Math.min(dirent.length, length - written);
    memory.bytes.set(size < dirent.length ? dirent.subarray(0, size) : dirent, at + written);
    written += size;
  }
  return written;
}

function direntOf({ name, type, inode }: DirectoryEntry, next: number): Uint8Array {
  const encoded = encoder.encode(name);
  const bytes = new Uint8Array(Dirent.size + encoded.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(Dirent.next, next, true);
  view.setBigUint64(Dirent.inode, inode, true);
  view.setUint32(Dirent.nameLength, encoded.length, true);
  view.setUint8(Dirent.type, FILETYPE_OF_TYPE[type] ?? Filetype.unknown);
  bytes.set(encoded, Dirent.size);
  return bytes;
}
