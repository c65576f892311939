/** What a volume, or all volumes of an instance together, may hold: from `quota` of a rule or of `limits.filesystem`. */
export interface QuotaLimits {
  /** Bytes that are really kept: the hole in a sparse file costs nothing until it is written to. */
  readonly bytes: number;
  /** Names: files, directories, symlinks and further hard links alike. */
  readonly files: number;
  /** Directories among them. */
  readonly directories: number;
}

/** What a memory mount holds at most when its rule names no quota. */
export const DEFAULT_MEMORY_QUOTA: QuotaLimits = {
  bytes: 64 * 1024 * 1024,
  files: 10_000,
  directories: Infinity,
};

export const NO_QUOTA: QuotaLimits = { bytes: Infinity, files: Infinity, directories: Infinity };

/**
 * Counts what a volume holds, or for a host directory what was added to it through the mount (then the counts can be
 * negative: what a guest deletes it may write again).
 *
 * Bytes are given back when a file shrinks, and when its last name is gone and its last descriptor closed. Whatever is
 * taken here is taken from `shared` as well, the quota of the instance.
 */
export class Quota {
  readonly limits: QuotaLimits;
  readonly shared: Quota | undefined;
  bytes = 0;
  files = 0;
  directories = 0;
  /** The bound that the last refusal hit, until whoever puts it on record takes it away. */
  exceeded: { readonly quota: Quota; readonly bound: keyof QuotaLimits } | undefined;

  constructor(limits: Partial<QuotaLimits> = {}, shared?: Quota) {
    this.limits = { ...NO_QUOTA, ...limits };
    this.shared = shared;
  }

  /** @returns false, and takes nothing, when `count` more bytes would pass a bound. */
  takeBytes(count: number): boolean {
    if (count > 0 && this.bytes + count > this.limits.bytes) return this.#refuse(this, 'bytes');
    const { shared } = this;
    if (shared?.takeBytes(count) === false) return this.#refuse(shared, 'bytes');
    this.bytes += count;
    return true;
  }

  giveBytes(count: number): void {
    this.bytes -= count;
    this.shared?.giveBytes(count);
  }

  /** @returns false, and takes nothing, when one more name would pass a bound. */
  takeName(isDirectory: boolean): boolean {
    if (this.files >= this.limits.files) return this.#refuse(this, 'files');
    if (isDirectory && this.directories >= this.limits.directories) return this.#refuse(this, 'directories');
    const { shared } = this;
    if (shared?.takeName(isDirectory) === false)
      return this.#refuse(
        shared,
        isDirectory && shared.directories >= shared.limits.directories ? 'directories' : 'files',
      );
    this.files++;
    if (isDirectory) this.directories++;
    return true;
  }

  giveName(isDirectory: boolean): void {
    this.files--;
    if (isDirectory) this.directories--;
    this.shared?.giveName(isDirectory);
  }

  #refuse(quota: Quota, bound: keyof QuotaLimits): false {
    this.exceeded = { quota, bound };
    return false;
  }
}
