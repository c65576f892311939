import type { Permit } from '../../kernel/permit.ts';
import type { Status } from '../error-code.ts';
import { temporaryName } from './overlay-names.ts';
import type { Stat, Volume, VolumeDirectory } from './volume.ts';

/** A file of the lower layer that somebody has open: it must follow when the file is copied up. */
export interface OpenLowerFile {
  /** Opens the copy, which has a temporary name yet. After 0 comes `commit` or `cancel`. */
  prepareSwitch(permit: Permit, directory: VolumeDirectory, temporary: string): Status;
  commit(): void;
  cancel(): void;
  /** The name by which it was opened, in the lower layer, is gone. */
  forgetName(directory: object, name: string): void;
}

/** What the directories and files of one overlay share. */
export class OverlayContext {
  readonly lower: Volume;
  readonly upper: Volume;
  /** Open files of the lower layer by their inode there. */
  readonly opens: Map<bigint, Set<OpenLowerFile>> = new Map();
  /** Inode numbers of what was copied up, by its inode in the upper layer: they stay those of the lower layer. */
  readonly #copied = new Map<bigint, bigint>();
  /** How many names of a file of the lower layer are hidden, by its inode there. */
  readonly #hidden = new Map<bigint, number>();
  #temporaries = 0;

  constructor(lower: Volume, upper: Volume) {
    this.lower = lower;
    this.upper = upper;
  }

  temporary(): string {
    return temporaryName(++this.#temporaries);
  }

  /** @returns the overlay's number: even ones are of the lower layer, so that the two never meet. */
  numberOf(inUpper: boolean, inode: bigint): bigint {
    return inUpper ? (this.#copied.get(inode) ?? (inode << 1n) | 1n) : inode << 1n;
  }

  /** Turns a stat of a layer into one of the overlay. */
  place(inUpper: boolean, out: Stat): void {
    if (!inUpper) out.linkCount -= this.#hidden.get(out.inode) ?? 0;
    out.inode = this.numberOf(inUpper, out.inode);
  }

  /** @param lower stat in the lower layer */
  copied(upperInode: bigint, lower: Stat): void {
    this.#copied.set(upperInode, lower.inode << 1n);
  }

  forgetCopy(upperInode: bigint): void {
    this.#copied.delete(upperInode);
  }

  /** A name of a file of the lower layer is not seen any more. @param lower stat there */
  hide(directory: object, name: string, lower: Stat): void {
    this.hideLink(lower);
    for (const file of this.opens.get(lower.inode) ?? []) file.forgetName(directory, name);
  }

  hideLink(lower: Stat): void {
    this.#hidden.set(lower.inode, (this.#hidden.get(lower.inode) ?? 0) + 1);
  }
}
