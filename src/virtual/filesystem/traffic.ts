import type { SharedBytes } from '../../kernel/byte-budget.ts';

/** Bytes that may be read or written over the life of an instance, with a bound that several mounts share above it. */
export class Traffic {
  /** The rule's id, or `limits.filesystem`. */
  readonly owner: string;
  readonly readBytes: number;
  readonly writeBytes: number;
  readonly shared: Traffic | undefined;
  #read = 0;
  #written = 0;

  constructor(owner: string, bounds: { readBytes?: number; writeBytes?: number }, shared?: Traffic) {
    this.owner = owner;
    this.readBytes = bounds.readBytes ?? Infinity;
    this.writeBytes = bounds.writeBytes ?? Infinity;
    this.shared = shared;
  }

  /** @returns how many of `length` bytes may be read now; 0 when none is left */
  readable(length: number): number {
    return Math.min(length, this.readBytes - this.#read, this.shared?.readable(length) ?? Infinity);
  }

  writable(length: number): number {
    return Math.min(length, this.writeBytes - this.#written, this.shared?.writable(length) ?? Infinity);
  }

  /** @param count below 0 to give back what was counted ahead */
  read(count: number): void {
    this.#read += count;
    this.shared?.read(count);
  }

  wrote(count: number): void {
    this.#written += count;
    this.shared?.wrote(count);
  }

  /** As the log names a bound of it: `limits.filesystem budget.readBytes`. */
  nameOf(bound: 'readBytes' | 'writeBytes'): string {
    return `${this.owner} budget.${bound}`;
  }

  /** @returns whose bound leaves nothing to read, or to write */
  spent(bound: 'readBytes' | 'writeBytes'): Traffic {
    const used = bound === 'readBytes' ? this.#read : this.#written;
    return used >= this[bound] || this.shared === undefined ? this : this.shared.spent(bound);
  }
}

/** {@link Traffic} that is counted against what several instances have together, both ways alike. */
export class SharedTraffic extends Traffic {
  readonly #bytes: SharedBytes;

  constructor(bytes: SharedBytes) {
    super(bytes.name, { readBytes: bytes.limit, writeBytes: bytes.limit });
    this.#bytes = bytes;
  }

  override readable(length: number): number {
    return Math.min(length, Math.max(0, this.#bytes.left));
  }

  override writable(length: number): number {
    return this.readable(length);
  }

  override read(count: number): void {
    this.#bytes.use(count);
  }

  override wrote(count: number): void {
    this.#bytes.use(count);
  }

  override nameOf(): string {
    return this.#bytes.name;
  }

  override spent(): Traffic {
    return this;
  }
}
