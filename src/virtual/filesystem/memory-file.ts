import type { Permit } from '../../kernel/permit.ts';
import type { Status } from '../error-code.ts';
import type { MemoryInode } from './memory-inode.ts';
import type { NewTimestamp, Stat, VolumeFile } from './volume.ts';

/** An open file of a memory volume. Its inode lives on when the last name is gone. */
export class MemoryFile implements VolumeFile {
  readonly offThread = undefined;
  readonly #inode: MemoryInode;
  #open = true;

  constructor(inode: MemoryInode) {
    this.#inode = inode;
    inode.opens++;
  }

  read(_permit: Permit, target: Uint8Array, offset: number, length: number, position: number): number {
    const inode = this.#inode;
    const available = inode.length - position;
    if (available <= 0) return 0;
    const count = length < available ? length : available;
    inode.buf.copy(target, offset, position, position + count);
    return count;
  }

  write(_permit: Permit, source: Uint8Array, offset: number, length: number, position: number): number {
    const inode = this.#inode;
    if (length === 0) return 0;
    const end = position + length;
    if (end > inode.length) {
      const status = inode.resize(end);
      if (status !== 0) return -status;
    }
    inode.buf.set(source.subarray(offset, offset + length), position);
    inode.modify();
    return length;
  }

  append(permit: Permit, source: Uint8Array, offset: number, length: number): number {
    return this.write(permit, source, offset, length, this.#inode.length);
  }

  stat(_permit: Permit, out: Stat): Status {
    this.#inode.fillStat(out);
    return 0;
  }

  setSize(_permit: Permit, size: number): Status {
    const status = this.#inode.resize(size);
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
    this.#inode.opens--;
    this.#inode.releaseIfUnused();
  }
}
