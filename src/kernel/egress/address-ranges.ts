import { parseCidr } from '../../policy/address/cidr.ts';

interface Block {
  /** In CIDR notation. */
  readonly block: string;
}

interface Range<T> {
  readonly first: bigint;
  readonly last: bigint;
  readonly value: T;
}

/**
 * Which of many blocks of addresses is the smallest that an address lies in. The blocks are laid out as ranges that do not
 * overlap, of which a binary search finds the one; a lookup allocates nothing.
 */
export class AddressRanges<T extends Block> {
  /** 32-bit words of an address. */
  readonly #width: number;
  /** The first address of each range; a range ends where the next begins. */
  readonly #starts: Uint32Array;
  readonly #values: readonly (T | undefined)[];

  /**
   * @param length bytes of an address: 4 or 16
   * @param blocks those of the other family are left out
   */
  constructor(length: 4 | 16, blocks: readonly T[]) {
    const ranges = blocks.flatMap((value) => rangeOf(value, length) ?? []);
    const starts = layOut(ranges, length);
    this.#width = length / 4;
    this.#starts = Uint32Array.from(
      [...starts.keys()].flatMap((start) =>
        Array.from({ length: this.#width }, (_, word) => wordOf(start, this.#width - 1 - word)),
      ),
    );
    this.#values = [...starts.values()];
  }

  /** @param offset where in `bytes` the address begins */
  find(bytes: Uint8Array, offset: number): T | undefined {
    let low = 0;
    let high = this.#values.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#isBefore(bytes, offset, middle)) high = middle;
      else low = middle + 1;
    }
    return this.#values[low - 1];
  }

  /** Whether the address lies before the start of a range. */
  #isBefore(bytes: Uint8Array, offset: number, range: number): boolean {
    const width = this.#width;
    for (let word = 0; word < width; word++) {
      const at = offset + word * 4;
      const own =
        (((bytes[at] as number) << 24) |
          ((bytes[at + 1] as number) << 16) |
          ((bytes[at + 2] as number) << 8) |
          (bytes[at + 3] as number)) >>>
        0;
      const start = this.#starts[range * width + word] as number;
      if (own !== start) return own < start;
    }
    return false;
  }
}

function rangeOf<T extends Block>(value: T, length: number): Range<T> | undefined {
  const cidr = parseCidr(value.block);
  if (cidr === undefined) throw new TypeError(`no block of addresses: ${value.block}`);
  if (cidr.address.bytes.length !== length) return undefined;
  const first = cidr.address.bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  return { first, last: first + (1n << BigInt(length * 8 - cidr.prefix)) - 1n, value };
}

/** @returns where each range starts, in order, with the smallest block that covers it */
function layOut<T>(ranges: readonly Range<T>[], length: number): Map<bigint, T | undefined> {
  const starts = new Map<bigint, T | undefined>([[0n, undefined]]);
  const open: Range<T>[] = [];
  const closeBefore = (first: bigint): void => {
    for (let top = open.at(-1); top !== undefined && top.last < first; top = open.at(-1)) {
      open.pop();
      starts.set(top.last + 1n, open.at(-1)?.value);
    }
  };
  // A block comes before those that lie in it.
  for (const range of ranges.toSorted((a, b) => order(a.first, b.first) || order(b.last, a.last))) {
    closeBefore(range.first);
    starts.set(range.first, range.value);
    open.push(range);
  }
  const end = 1n << BigInt(length * 8);
  closeBefore(end);
  starts.delete(end);
  return starts;
}

function order(a: bigint, b: bigint): number {
  return a < b ? -1 : Number(a > b);
}

/** @param word counted from the least significant one */
function wordOf(address: bigint, word: number): number {
  return Number((address >> BigInt(word * 32)) & 0xffff_ffffn);
}
