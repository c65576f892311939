/** A bound on how many there are of something at one time, with one that several share above it. */
export class Slots {
  /** As the log names it: `out quota.descriptors`. */
  readonly name: string;
  readonly limit: number;
  readonly shared: Slots | undefined;
  #taken = 0;

  constructor(name: string, limit: number, shared?: Slots) {
    this.name = name;
    this.limit = limit;
    this.shared = shared;
  }

  /** @returns undefined when there was room, or whose bound it would pass; nothing is taken then */
  take(): Slots | undefined {
    if (this.#taken >= this.limit) return this;
    const full = this.shared?.take();
    if (full === undefined) this.#taken++;
    return full;
  }

  give(): void {
    this.#taken--;
    this.shared?.give();
  }
}
