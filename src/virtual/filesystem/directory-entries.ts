import { MAX_LISTED_ENTRIES } from '../bounds.ts';
import { ErrorCode } from '../error-code.ts';
import type { Host } from '../host.ts';
import type { Descriptor } from './descriptor.ts';
import type { DirectoryEntry } from './volume.ts';

/** What the listings of one instance hold: all its `directory-entry-stream`s together. */
export class ListingBudget {
  held = 0;

  /** @returns whether a listing of `count` entries may be held beside those that are */
  admits(count: number): boolean {
    return this.held === 0 || this.held + count <= MAX_LISTED_ENTRIES;
  }
}

/** What a `directory-entry-stream` goes through: the directory as it was when it was opened. */
export class DirectoryEntries {
  readonly #budget: ListingBudget;
  #entries: readonly DirectoryEntry[];
  #next = 0;

  constructor(entries: readonly DirectoryEntry[], budget: ListingBudget) {
    this.#entries = entries;
    this.#budget = budget;
    budget.held += entries.length;
  }

  /** @returns undefined at the end */
  next(): DirectoryEntry | undefined {
    const entry = this.#entries[this.#next++];
    if (entry === undefined) this.release();
    return entry;
  }

  release(): void {
    this.#budget.held -= this.#entries.length;
    this.#entries = [];
  }
}

/** `descriptor.read-directory`, within what all listings of the instance may hold. */
export function openListing(
  { filesystem, guard }: Host,
  directory: Descriptor,
  budget: ListingBudget,
): DirectoryEntries | ErrorCode {
  const entries = filesystem.readDirectory(directory);
  if (typeof entries === 'number') return entries;
  if (budget.admits(entries.length)) return new DirectoryEntries(entries, budget);
  guard.limited('listed directory entries', MAX_LISTED_ENTRIES, 'read-directory', directory.path);
  return ErrorCode.insufficientMemory;
}
