/** What an instance has open: sockets, connections, lookups. Whatever happens to the instance, all of it ends with it. */
export class OpenEnds {
  readonly #ends = new Set<() => void>();
  #closed = false;

  /**
   * @param end called when everything ends; soon, when it already has
   * @returns a function that forgets `end`
   */
  add(end: () => void): () => void {
    // Not at once: who calls is still being made.
    if (this.#closed) queueMicrotask(end);
    else this.#ends.add(end);
    return () => void this.#ends.delete(end);
  }

  closeAll(): void {
    this.#closed = true;
    for (const end of this.#ends) end();
    this.#ends.clear();
  }
}
