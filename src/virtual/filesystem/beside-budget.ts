/** Bytes: sixteen of the largest parts. */
export const MAX_BESIDE_BYTES: number = 16 << 20;

/**
 * What the streams of one instance have beside the thread: on the way from or to files, or waiting for the guest to take it.
 * Handles are bounded too, but each stream can have a part of a mebibyte there, and need not take it.
 */
export class BesideBudget {
  #held = 0;

  get held(): number {
    return this.#held;
  }

  /** @returns false when there is no room for so many bytes: then the transfer stays on the thread, and is short */
  take(bytes: number): boolean {
    if (this.#held + bytes > MAX_BESIDE_BYTES) return false;
    this.#held += bytes;
    return true;
  }

  giveBack(bytes: number): void {
    this.#held -= bytes;
  }
}
