import { BindingError } from '../../errors.ts';
import { directoryOf, type MemoryDirectory } from './memory-directory.ts';
import { type MemoryContext, MemoryInode, MemoryLink } from './memory-inode.ts';
import { isName } from './path.ts';
import { DEFAULT_MEMORY_QUOTA, Quota } from './quota.ts';
import { FileType, type Volume, type VolumeDirectory } from './volume.ts';

export interface MemoryVolumeOptions {
  /** Nanoseconds since the Unix epoch for timestamps, by the clock that the guest may see. */
  readonly now: () => bigint;
  /** {@link DEFAULT_MEMORY_QUOTA} when absent. */
  readonly quota?: Quota | undefined;
  /**
   * What the volume holds at first, by path (`a/b.txt`); a path that ends in `/` is a directory and has an empty
   * content. Counts against the quota.
   */
  readonly content?: Readonly<Record<string, string | Uint8Array>> | undefined;
}

/** Files in memory. The volume is built on first use. */
export class MemoryVolume implements Volume {
  readonly quota: Quota;
  readonly #now: () => bigint;
  #root: MemoryDirectory | undefined;

  /** @throws BindingError when the initial content has an impossible path or passes the quota. */
  constructor({ now, quota = new Quota(DEFAULT_MEMORY_QUOTA), content = {} }: MemoryVolumeOptions) {
    this.#now = now;
    this.quota = quota;
    for (const [path, bytes] of Object.entries(content)) this.#put(path, bytes);
  }

  openRoot(): VolumeDirectory {
    return this.#openRoot();
  }

  close(): void {
    this.#root = undefined;
  }

  #openRoot(): MemoryDirectory {
    if (this.#root === undefined) {
      const context: MemoryContext = {
        quota: this.quota,
        now: this.#now,
        lastInode: 0,
      };
      this.#root = directoryOf(new MemoryLink(undefined, '', new MemoryInode(context, FileType.directory)));
    }
    return this.#root;
  }

  #put(path: string, content: string | Uint8Array): void {
    const names = path.replace(/^\//, '').split('/');
    const last = names.pop() ?? '';
    let directory: MemoryDirectory | undefined = this.#openRoot();
    for (const name of names) directory = isName(name) ? directory?.seedDirectory(name) : undefined;
    const bytes = typeof content === 'string' ? Buffer.from(content) : content;
    const isDirectory = last === '' && names.length > 0 && bytes.length === 0;
    const done =
      directory !== undefined && (isDirectory || (isName(last) && directory.seedFile(last, bytes)));
    if (!done) {
      throw new BindingError(
        'BW_BINDING_CONTENT',
        `the initial content ${JSON.stringify(path)} cannot be in a memory volume`,
        {
          hint: 'paths are relative, without `.` and `..`, each names one thing, and all of it fits the quota',
        },
      );
    }
  }
}
