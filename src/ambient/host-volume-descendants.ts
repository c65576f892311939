import type { DescriptorPlace } from './host-volume-place.ts';

/** Directories that one volume keeps open to come back to. */
const KEPT_PER_VOLUME = 64;

/** And all volumes of the process together: descriptors are few, and the guests' own come first. */
const KEPT_IN_ALL = 1024;

let keptInAll = 0;

/**
 * Directories below others, several names at once, kept open between uses: a walk name by name costs an open for each.
 *
 * They are filled by that walk, so no symlink was followed, and each use asks the kernel where the directory is now, in
 * one call. Only the exact place that the path names will do. What attackers on the host can try in between:
 *
 * - Move, rename or replace the directory or one above it, or put a symlink there: the kernel tells the new names, which
 *   differ, so it is given up and the walk decides. What is moved right after the question was there when it was asked,
 *   as with any open directory. Moved out and back again, it is where it belongs.
 * - Delete it: the kernel appends ` (deleted)`. A directory whose own name ends so is never kept, as it would be taken
 *   for a deleted one, and a deleted one for it.
 * - Move the root: its path is asked again when a place does not fit. Until then an old root path could fit a directory
 *   that was moved to just there: one that did lie in the volume under just this path before, as one that a guest
 *   still had open would be. No directory that was not in the volume can be reached that way.
 * - Names with newlines, backslashes and the like: the kernel escapes nothing here (unlike in /proc/mounts). Names that
 *   are not UTF-8 would all read alike, so a place with a replacement character in it is never kept.
 * - Mount something over it (which takes root): the kernel tells the same path for what lies below the mount. Its
 *   directory goes on being used for as long as it is kept, as an open one would.
 * - Paths of over a page: the kernel does not tell them, and nothing is kept.
 */
export class Descendants {
  readonly #root: DescriptorPlace;
  /** By their location; the least recently used first. */
  readonly #places = new Map<string, DescriptorPlace>();
  #rootLocation: string;
  #newest = '';

  constructor(root: DescriptorPlace) {
    this.#root = root;
    this.#rootLocation = root.location();
  }

  /**
   * @param path names of directories with single slashes, none of them `.` or `..`
   * @returns a place that the caller releases; undefined when one of the names is no directory
   */
  open(base: DescriptorPlace, path: string): DescriptorPlace | undefined {
    const location = base === this.#root ? this.#rootLocation : base.location();
    if (location === '') return this.#walk(base, path);
    const wanted = below(location, path);
    const kept = this.#places.get(wanted);
    if (kept === undefined) return this.#walk(base, path);
    if (kept.location() === wanted) {
      this.#touch(wanted, kept);
      return kept.hold();
    }
    this.#drop(wanted, kept);
    return this.#walk(base, path);
  }

  close(): void {
    for (const [location, place] of this.#places) this.#drop(location, place);
  }

  #walk(base: DescriptorPlace, path: string): DescriptorPlace | undefined {
    let place = base.hold();
    try {
      for (const name of path.split('/')) {
        const next = place.enter(name);
        place.release();
        place = next;
      }
    } catch {
      place.release();
      return undefined;
    }
    this.#keep(base, path, place);
    return place;
  }

  #keep(base: DescriptorPlace, path: string, place: DescriptorPlace): void {
    const location = base.location();
    if (base === this.#root) this.#rootLocation = location;
    const wanted = below(location, path);
    if (location === '' || wanted.endsWith(' (deleted)') || place.location() !== wanted) return;
    const oldest = this.#places.size < KEPT_PER_VOLUME ? undefined : this.#places.entries().next().value;
    if (oldest !== undefined) this.#drop(...oldest);
    const replaced = this.#places.get(wanted);
    if (replaced !== undefined) this.#drop(wanted, replaced);
    if (keptInAll >= KEPT_IN_ALL) return;
    keptInAll++;
    this.#places.set(wanted, place.hold());
    this.#newest = wanted;
  }

  #drop(location: string, place: DescriptorPlace): void {
    this.#places.delete(location);
    keptInAll--;
    place.release();
  }

  #touch(location: string, place: DescriptorPlace): void {
    if (location === this.#newest) return;
    this.#places.delete(location);
    this.#places.set(location, place);
    this.#newest = location;
  }
}

function below(location: string, path: string): string {
  return location === '/' ? `/${path}` : `${location}/${path}`;
}
