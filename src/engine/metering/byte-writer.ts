/** Bytes that grow at the end. */
export class ByteWriter {
  #bytes: Uint8Array<ArrayBuffer>;
  #length = 0;

  constructor(capacity = 1024) {
    this.#bytes = new Uint8Array(capacity);
  }

  get length(): number {
    return this.#length;
  }

  /** What was written. Good until more is. */
  get written(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.#length);
  }

  clear(): void {
    this.#length = 0;
  }

  byte(value: number): void {
    if (this.#length === this.#bytes.length) this.#grow(1);
    this.#bytes[this.#length++] = value;
  }

  /** For what is written again and again: no rest parameter, no array. */
  two(first: number, second: number): void {
    this.byte(first);
    this.byte(second);
  }

  /** An unsigned LEB128. */
  unsigned(value: number): void {
    let rest = value;
    while (rest >= 0x80) {
      this.byte((rest % 0x80) | 0x80);
      rest = Math.floor(rest / 0x80);
    }
    this.byte(rest);
  }

  /** A LEB128 with a sign, of a number that has none. */
  constant(value: number): void {
    let rest = value;
    while (rest >= 0x40) {
      this.byte((rest % 0x80) | 0x80);
      rest = Math.floor(rest / 0x80);
    }
    this.byte(rest);
  }

  /** Copies `source` from `start` to `end`. */
  copy(source: Uint8Array, start: number, end: number): void {
    const count = end - start;
    if (this.#length + count > this.#bytes.length) this.#grow(count);
    const bytes = this.#bytes;
    let at = this.#length;
    // Most runs are short: a view of them would cost more than their bytes.
    if (count > 64) bytes.set(source.subarray(start, end), at);
    else for (let i = start; i < end; i++) bytes[at++] = source[i] as number;
    this.#length += count;
  }

  all(source: readonly number[] | Uint8Array): void {
    if (this.#length + source.length > this.#bytes.length) this.#grow(source.length);
    this.#bytes.set(source, this.#length);
    this.#length += source.length;
  }

  #grow(count: number): void {
    const bytes = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + count));
    bytes.set(this.#bytes);
    this.#bytes = bytes;
  }
}

/** @returns an unsigned LEB128 */
export function leb(value: number): readonly number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...leb(value >>> 7)];
}

/** @returns a LEB128 with a sign, of a number that has none */
export function constant(value: number): readonly number[] {
  return value < 0x40 ? [value] : [(value & 0x7f) | 0x80, ...constant(value >>> 7)];
}
