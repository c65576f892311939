import type { DirectoryEntry } from '../../../src/virtual/filesystem/volume.ts';

/** What a `directory-entry-stream` goes through: the directory as it was when it was opened. */
export class DirectoryEntries {
  readonly #entries: readonly DirectoryEntry[];
  #next = 0;

  constructor(entries: readonly DirectoryEntry[]) {
    this.#entries = entries;
  }

  /** @returns undefined at the end */
  next(): DirectoryEntry | undefined {
    return this.#entries[this.#next++];
  }
}
