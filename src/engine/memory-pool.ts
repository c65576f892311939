import type { MemoryType } from './core-memory.ts';
import { makeMemories } from './make-memories.ts';

/** Bytes of memories that are kept for one program. */
const MAX_KEPT = 8 << 20;

/**
 * Linear memories of one program. Making one costs the host more than all else about a small instance, and collecting it
 * again as much: those of instances that came to a quiet end are cleared and used again.
 */
export class MemoryPool {
  readonly #types: readonly MemoryType[];
  /** Bytes of one set, as it starts. */
  readonly #size: number;
  readonly #kept: { readonly limit: number; readonly memories: readonly WebAssembly.Memory[] }[] = [];

  constructor(types: readonly MemoryType[]) {
    this.#types = types;
    this.#size = types.reduce((sum, { initial }) => sum + initial, 0) * 65_536;
  }

  /**
   * @returns memories that hold nothing but zeros
   * @throws InstanceError BW_LIMIT_MEMORY
   */
  take(limit: number): readonly WebAssembly.Memory[] {
    const last = this.#kept.findLastIndex((each) => each.limit === limit);
    const [found] = last < 0 ? [] : this.#kept.splice(last, 1);
    return found?.memories ?? makeMemories(this.#types, limit);
  }

  /**
   * Takes memories back that nobody can reach any more: what runs in their instance, or can be called from outside of it.
   * They are cleared at once, so that nothing of a tenant stays. A memory that has grown never shrinks again, and is left to
   * the garbage collector.
   */
  giveBack(memories: readonly WebAssembly.Memory[], limit: number): void {
    const size = memories.reduce((sum, { buffer }) => sum + buffer.byteLength, 0);
    const isShared = this.#types.some(({ shared }) => shared);
    if (isShared || size !== this.#size || (this.#kept.length + 1) * size > MAX_KEPT) return;
    for (const { buffer } of memories) new Uint8Array(buffer).fill(0);
    this.#kept.push({ limit, memories });
  }
}
