import { type BigIntStats, lstatSync, realpathSync } from 'node:fs';
import { basename, join, sep } from 'node:path';
import type { Place } from './host-volume-place.ts';
import { isPlainOnWindows } from './host-volume-windows-names.ts';

/**
 * By a canonical path that is checked before each use: for systems that cannot hold a directory by a descriptor.
 *
 * Between the check and the use somebody on the host can put a symlink in the way; nobody else can, since a guest's own
 * symlinks are never in a path that was checked. It is for hosts whose other users are trusted.
 */
export class CheckedPlace implements Place {
  #path: string;
  readonly #stats: BigIntStats;
  /** All open places of the volume: their paths change when the guest renames a directory above them. */
  readonly #open: Set<CheckedPlace>;
  #holders = 1;
  #removed = false;

  private constructor(path: string, stats: BigIntStats, open: Set<CheckedPlace>) {
    this.#path = path;
    this.#stats = stats;
    this.#open = open;
    open.add(this);
  }

  /** @param path followed if it is a symlink */
  static open(path: string): CheckedPlace {
    const canonical = realpathSync.native(path);
    return CheckedPlace.#at(canonical, new Set());
  }

  static #at(path: string, open: Set<CheckedPlace>): CheckedPlace {
    const stats = lstatSync(path, { bigint: true });
    if (!stats.isDirectory()) throw failure('ENOTDIR');
    return new CheckedPlace(path, stats, open);
  }

  get path(): string {
    this.stat();
    return this.#path;
  }

  at(name: string): string {
    if (process.platform === 'win32' && !isPlainOnWindows(name)) throw failure('ENOENT');
    const path = join(this.path, name);
    refuseAlias(path, name);
    return path;
  }

  enter(name: string): CheckedPlace {
    return CheckedPlace.#at(this.at(name), this.#open);
  }

  /** Fails unless the same directory is still at its path, and no symlink in it. */
  stat(): BigIntStats {
    if (this.#removed) throw failure('ENOENT');
    const stats = lstatSync(this.#path, { bigint: true });
    if (stats.ino !== this.#stats.ino || stats.dev !== this.#stats.dev) throw failure('ENOENT');
    if (realpathSync.native(this.#path) !== this.#path) throw failure('ENOENT');
    return stats;
  }

  hold(): this {
    this.#holders++;
    return this;
  }

  release(): void {
    if (--this.#holders === 0) this.#open.delete(this);
  }

  moved(from: string, to: string): void {
    if (from === to) return;
    this.removed(to);
    for (const place of this.#open) {
      if (place.#path === from) place.#path = to;
      else if (place.#path.startsWith(from + sep)) place.#path = to + place.#path.slice(from.length);
    }
  }

  removed(path: string): void {
    // The next directory by this path may get the same inode number.
    for (const place of this.#open) if (place.#path === path) place.#removed = true;
  }
}

/**
 * A file system that takes several names for one (by case, by Unicode normalisation, or with short names) would let a guest
 * reach by another name what the rule's patterns keep it from. Only a file's own name is taken.
 */
function refuseAlias(path: string, name: string): void {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats === undefined || stats.isSymbolicLink()) return;
  if (basename(realpathSync.native(path)) !== name) throw failure('ENOENT');
}

/** An error as node:fs would throw it. */
function failure(code: string): Error {
  return Object.assign(new Error(code), { code });
}
