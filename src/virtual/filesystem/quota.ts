/** Bounds of a volume, from a rule's `quota`. */
export interface QuotaLimits {
  /** Logical file bytes: a hole counts in full, since a guest can make one with a single byte. */
  readonly bytes: number;
  /** Names: files, directories, symlinks and further hard links alike. */
  readonly files: number;
}

/** What a memory mount holds at most when its rule names no quota. */
export const DEFAULT_MEMORY_QUOTA: QuotaLimits = { bytes: 64 * 1024 * 1024, files: 10_000 };

/**
 * Counts what a volume holds, or for a host directory what was added to it through the mount (then the counts can be
 * negative: what a guest deletes it may write again).
 *
 * Bytes are given back when a file shrinks, and when its last name is gone and its last descriptor closed.
 */
export class Quota {
  readonly limits: QuotaLimits;
  bytes = 0;
  files = 0;
  /** The bound that the last refusal hit. */
  exceeded: keyof QuotaLimits = 'bytes';

  constructor(limits: QuotaLimits) {
    this.limits = limits;
  }

  /** @returns false, and takes nothing, when `count` more bytes would pass the bound. */
  takeBytes(count: number): boolean {
    if (this.bytes + count > this.limits.bytes) {
      this.exceeded = 'bytes';
      return false;
    }
    this.bytes += count;
    return true;
  }

  /** @returns false, and takes nothing, when one more name would pass the bound. */
  takeFile(): boolean {
    if (this.files >= this.limits.files) {
      this.exceeded = 'files';
      return false;
    }
    this.files++;
    return true;
  }
}
