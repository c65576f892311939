import { trap } from './trap.ts';

const TWO_TO_32 = 0x1_0000_0000;

/** Short strings that guests repeat: paths, names. A power of two. */
const CACHE_SLOTS = 64;
const CACHED_LENGTH = 128;

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();

const NO_BYTES = new Uint8Array(0);
const NO_VIEW = new DataView(NO_BYTES.buffer);

/**
 * The linear memory of a guest with cached views.
 *
 * Growing a memory detaches its buffer, and a detached view has length 0. So the bounds check that every access needs
 * anyway ({@link holds}) also tells a stale view from a current one, and the getter `memory.buffer` is off the fast path.
 *
 * Pointers and lengths are u32 as JavaScript numbers (`>>> 0`). Call `holds` for a region before touching it, and again
 * after anything that may have run guest code: a suspension, a call of `realloc`.
 */
export class GuestMemory {
  bytes: Uint8Array<ArrayBuffer> = NO_BYTES;
  view: DataView<ArrayBuffer> = NO_VIEW;
  #memory: WebAssembly.Memory | undefined;
  #ended: { readonly reason: unknown } | undefined;
  readonly #cache: string[] = new Array<string>(CACHE_SLOTS).fill('');
  /** Refilled for every name that the cache does not have; half the time of the decoder. */
  readonly #units: number[] = [];
  readonly #limited: (limit: string, value: number) => void;

  /** @param limited puts a passed bound on record */
  constructor(limited: (limit: string, value: number) => void = () => undefined) {
    this.#limited = limited;
  }

  /** After {@link end} it stays ended: a start function that exits and swallows the exception is not revived. */
  bind(memory: WebAssembly.Memory): void {
    if (this.#ended !== undefined) return;
    this.#memory = memory;
    this.#refresh();
  }

  /** A value that the guest names is more than the host takes out of its memory: that ends the guest. */
  trapAtLimit(limit: string, value: number, reason: string): never {
    this.#limited(limit, value);
    trap(reason);
  }

  /**
   * No access succeeds any more: every further `holds` throws `reason`, so that a guest that swallowed the exception
   * of an exit or a trap (`catch_all`) cannot go on. Costs running guests nothing.
   */
  end(reason: unknown): void {
    this.#ended ??= { reason };
    this.#memory = undefined;
    this.bytes = NO_BYTES;
    this.view = NO_VIEW;
  }

  /** @returns whether `[pointer, pointer + length)` lies in the memory; the views are current when it does. */
  holds(pointer: number, length: number): boolean {
    // The sum of two u32 is exact; a detached view has length 0 and takes the slow path.
    return pointer + length <= this.bytes.length || this.#holdsAfterRefresh(pointer, length);
  }

  #holdsAfterRefresh(pointer: number, length: number): boolean {
    if (this.#ended !== undefined) throw this.#ended.reason;
    this.#refresh();
    return pointer + length <= this.bytes.length;
  }

  #refresh(): void {
    if (this.#memory === undefined) return;
    this.bytes = new Uint8Array(this.#memory.buffer);
    this.view = new DataView(this.#memory.buffer);
  }

  /** Stores a non-negative integer as u64 without a BigInt. Exact below 2^53. */
  setU64(pointer: number, value: number): void {
    // Storing a number as u32 takes it modulo 2^32 (ToUint32), many times faster than `%` on doubles.
    this.view.setUint32(pointer, value, true);
    this.view.setUint32(pointer + 4, value / TWO_TO_32, true);
  }

  /** @returns the u64 as a number: exact below 2^53, rounded above. */
  getU64(pointer: number): number {
    return this.view.getUint32(pointer + 4, true) * TWO_TO_32 + this.view.getUint32(pointer, true);
  }

  /**
   * Reads UTF-8 that {@link holds} admitted.
   *
   * @returns undefined when the bytes are not UTF-8
   */
  getText(pointer: number, length: number): string | undefined {
    if (length > CACHED_LENGTH) return this.#decode(pointer, length);
    const { bytes } = this;
    let hash = length;
    let bits = 0;
    for (let i = pointer; i < pointer + length; i++) {
      const byte = bytes[i] as number;
      bits |= byte;
      hash = Math.imul(hash ^ byte, 0x0100_0193);
    }
    if (bits >= 0x80) return this.#decode(pointer, length);
    const slot = (hash ^ (hash >>> 15)) & (CACHE_SLOTS - 1);
    const cached = this.#cache[slot] as string;
    if (cached.length === length && this.#equalsAscii(pointer, cached)) return cached;
    const text = this.#decodeAscii(pointer, length);
    this.#cache[slot] = text;
    return text;
  }

  #equalsAscii(pointer: number, text: string): boolean {
    const { bytes } = this;
    for (let i = 0; i < text.length; i++) if (bytes[pointer + i] !== text.charCodeAt(i)) return false;
    return true;
  }

  #decodeAscii(pointer: number, length: number): string {
    const { bytes } = this;
    const units = this.#units;
    units.length = length;
    for (let i = 0; i < length; i++) units[i] = bytes[pointer + i] as number;
    return String.fromCharCode.apply(undefined, units);
  }

  #decode(pointer: number, length: number): string | undefined {
    try {
      return decoder.decode(this.bytes.subarray(pointer, pointer + length));
    } catch {
      return undefined;
    }
  }

  /**
   * Writes `text` as UTF-8, whole characters only, into at most `length` bytes that {@link holds} admitted.
   *
   * @returns bytes written
   */
  setText(pointer: number, length: number, text: string): number {
    // Names are short and ASCII nearly always; the encoder costs more than that takes in all.
    if (text.length <= length && text.length <= CACHED_LENGTH && this.#setAscii(pointer, text))
      return text.length;
    return encoder.encodeInto(text, this.bytes.subarray(pointer, pointer + length)).written;
  }

  /** @returns false when `text` is not ASCII; what was written until then is to be overwritten */
  #setAscii(pointer: number, text: string): boolean {
    const { bytes } = this;
    for (let i = 0; i < text.length; i++) {
      const unit = text.charCodeAt(i);
      if (unit >= 0x80) return false;
      bytes[pointer + i] = unit;
    }
    return true;
  }
}
