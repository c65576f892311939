import type { Image } from './image.ts';
import { type ImageFiles, imageOfFiles } from './image-files.ts';
import { directoryOf, type MemoryDirectory } from './memory-directory.ts';
import { MemoryLink } from './memory-entries.ts';
import { memoryContext, MemoryInode } from './memory-inode.ts';
import { DEFAULT_MEMORY_QUOTA, Quota } from './quota.ts';
import { FileType, type Volume, type VolumeDirectory } from './volume.ts';

export interface MemoryVolumeOptions {
  /** Nanoseconds since the Unix epoch for timestamps, by the clock that the guest may see. */
  readonly now: () => bigint;
  /**
   * {@link DEFAULT_MEMORY_QUOTA} when absent. It counts what is changed or added: names and bytes of the base are free,
   * a page of it that is written to counts from then on, and what is deleted of the base gives nothing back.
   */
  readonly quota?: Quota | undefined;
  /**
   * What the volume holds at first. Any number of volumes share one base; each holds only what it changed, page by page,
   * and what it has open.
   */
  readonly base?: Image | undefined;
  /** A base as a flat tree; its times are those of the clock now. */
  readonly content?: ImageFiles | undefined;
}

/** Files in memory. The volume is built on first use. */
export class MemoryVolume implements Volume {
  readonly quota: Quota;
  readonly #now: () => bigint;
  readonly #base: Image | undefined;
  #root: MemoryDirectory | undefined;

  /** @throws BindingError BW_IMAGE_… when `content` cannot be in a volume. */
  constructor({ now, quota = new Quota(DEFAULT_MEMORY_QUOTA), base, content }: MemoryVolumeOptions) {
    this.#now = now;
    this.quota = quota;
    this.#base = content === undefined ? base : imageOfFiles(content, { modified: now() });
  }

  openRoot(): VolumeDirectory {
    if (this.#root === undefined) {
      const node = this.#base?.root;
      const context = memoryContext(this.quota, this.#now, this.#base);
      const inode = new MemoryInode(context, FileType.directory, node);
      this.#root = directoryOf(new MemoryLink(undefined, '', inode, node));
    }
    return this.#root;
  }

  /** Nothing has to be released. The content stays for as long as somebody has the volume: it may be exported yet. */
  close(): void {}
}
