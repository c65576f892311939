import type { BigIntStats, Stats } from 'node:fs';
import type { Quota } from '../virtual/filesystem/quota.ts';

/** The unit of `st_blocks`, whatever the file system's own blocks are (stat(2)). */
const BLOCK = 512;

/**
 * @returns bytes of a file that are really kept: of a hole none, of what is written densely all, and never more than its
 *   size, however much the file system has set aside for it
 */
export function usedBytes({ size, blocks }: BigIntStats | Stats): number {
  return Math.min(Number(size), Number(blocks) * BLOCK);
}

/** What was taken from the quota for one write, before it is known what it costs. */
export class Room {
  readonly #before: BigIntStats;
  readonly #position: number;
  readonly taken: number;

  private constructor(before: BigIntStats, position: number, taken: number) {
    this.#before = before;
    this.#position = position;
    this.taken = taken;
  }

  /**
   * Takes what writing `length` bytes can cost at most.
   *
   * @param position undefined: at the end
   * @returns undefined when that would pass the quota
   */
  static take(
    quota: Quota,
    before: BigIntStats,
    position: number | undefined,
    length: number,
  ): Room | undefined {
    const size = Number(before.size);
    const start = position ?? size;
    const end = start + length;
    const room = new Room(before, start, Room.#most(before, start, end));
    return quota.takeBytes(room.taken) ? room : undefined;
  }

  /** In a file without holes only what it grows by; in one with holes the blocks that the write touches. */
  static #most(before: BigIntStats, start: number, end: number): number {
    const size = Number(before.size);
    const used = usedBytes(before);
    if (used === size && start <= size) return Math.max(0, end - size);
    const block = Number(before.blksize);
    const touched = Math.ceil(end / block) * block - Math.floor(start / block) * block;
    return Math.max(0, Math.min(Math.max(size, end), Number(before.blocks) * BLOCK + touched) - used);
  }

  /**
   * @param count bytes that were written
   * @param after asked for only where the size does not tell
   * @returns what the write cost, of what was taken
   */
  cost(count: number, after: () => BigIntStats): number {
    const size = Number(this.#before.size);
    const used = usedBytes(this.#before);
    const grown = Math.max(0, Math.min(count, this.#position + count - size));
    if (used === size && this.#position <= size) return grown;
    // Some file systems count blocks late (ZFS, NFS): what lies beyond the old end is new in any case.
    return Math.min(this.taken, Math.max(grown, usedBytes(after()) - used));
  }
}
