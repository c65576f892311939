import type { Permit } from '../../kernel/permit.ts';
import type { Status } from '../error-code.ts';
import type { MemoryLink } from './memory-entries.ts';
import type { MemoryInode } from './memory-inode.ts';
import type { MemoryPages } from './memory-pages.ts';
import type { NewTimestamp, Stat, VolumeFile } from './volume.ts';

/** An open regular file of a memory volume. Its inode lives on when the last name is gone. */
export class MemoryFile implements VolumeFile {
  readonly offThread = undefined;
  readonly #link: MemoryLink;
  readonly #inode: MemoryInode;
  readonly #pages: MemoryPages;
  #open = true;

  /** @param link the name that it was opened by, of a regular file */
  constructor(link: MemoryLink) {
    this.#link = link;
    this.#inode = link.inode;
    this.#pages = link.inode.pages as MemoryPages;
    this.#inode.opens++;
  }

  read(_permit: Permit, target: Uint8Array, offset: number, length: number, position: number): number {
    return this.#pages.read(target, offset, length, position);
  }

  write(_permit: Permit, source: Uint8Array, offset: number, length: number, position: number): number {
    const count = this.#pages.write(this.#inode.context.quota, source, offset, length, position);
    if (count > 0) this.#inode.modify();
    return count;
  }

  append(permit: Permit, source: Uint8Array, offset: number, length: number): number {
    return this.write(permit, source, offset, length, this.#pages.size);
  }

  stat(_permit: Permit, out: Stat): Status {
    this.#inode.fillStat(out);
    return 0;
  }

  setSize(_permit: Permit, size: number): Status {
    const status = this.#pages.resize(this.#inode.context.quota, size);
    if (status === 0) this.#inode.modify();
    return status;
  }

  setTimes(_permit: Permit, accessed: NewTimestamp, modified: NewTimestamp): Status {
    this.#inode.setTimes(accessed, modified);
    return 0;
  }

  sync(): Status {
    return 0;
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    const inode = this.#inode;
    inode.opens--;
    // Several names share one inode, which must stay theirs.
    if (inode.pristine && inode.opens === 0 && inode.names === 1)
      this.#link.parent?.entries?.forget(this.#link);
    else inode.releaseIfUnused();
  }
}
