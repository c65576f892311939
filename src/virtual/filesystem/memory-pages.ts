import { ErrorCode, type Status } from '../error-code.ts';
import type { Quota } from './quota.ts';

/**
 * Bytes of a page: what a write into a hole or into a file of a shared base costs at most. Smaller pages would make
 * large files slow, larger ones would make small changes dear.
 */
export const PAGE_BYTES = 65_536;

/** Pages so far behind the last one go to a map, so that one byte far out costs one page and no row of empty places. */
const MAX_GAP = 16;

/**
 * What a file holds, in pages of {@link PAGE_BYTES}. Only what was written is kept: a hole costs nothing, growing copies
 * no old content, shrinking gives pages back.
 *
 * Counted are the pages that are there, each up to the file's end, so that a file without holes counts its size. Held is
 * at most about twice as much: a page grows by doubling, and is made whole at once only in a file that counts a page
 * already.
 *
 * With a `base` a file starts with the content of an image and shares its bytes: what was not written is read from there
 * and counts nothing. A page that is written to is copied first.
 */
export class MemoryPages {
  size: number;
  /** Bytes taken from the quota. */
  counted = 0;
  /** By index; a place may be empty. A page shorter than {@link PAGE_BYTES} is zero from its end on. */
  readonly #near: (Buffer | undefined)[] = [];
  /** Pages with an index from `#near.length` on. */
  #far: Map<number, Buffer> | undefined;
  readonly #base: Buffer;
  /** How much of the base still shows where no page is; shrinking the file hides the rest for ever. */
  #baseSize: number;

  constructor(base: Uint8Array = NO_BYTES) {
    this.#base = base === NO_BYTES ? NO_BYTES : Buffer.from(base.buffer, base.byteOffset, base.length);
    this.#baseSize = this.size = base.length;
  }

  /** @returns bytes; 0 at the end. */
  read(target: Uint8Array, offset: number, length: number, position: number): number {
    const available = this.size - position;
    if (available <= 0) return 0;
    const count = length < available ? length : available;
    const index = Math.floor(position / PAGE_BYTES);
    const start = position - index * PAGE_BYTES;
    if (start + count <= PAGE_BYTES) this.#readPage(index, target, offset, start, count);
    else if (this.#near.length === 0 && this.#far === undefined)
      copyOrZero(this.#base, this.#baseSize, target, offset, position, count);
    else this.#readPages(target, offset, count, position);
    return count;
  }

  /** @returns bytes, all of them, or a negative ErrorCode; then nothing has changed. */
  write(quota: Quota, source: Uint8Array, offset: number, length: number, position: number): number {
    if (length === 0) return 0;
    const end = position + length;
    if (end > Number.MAX_SAFE_INTEGER) return -ErrorCode.fileTooLarge;
    const first = Math.floor(position / PAGE_BYTES);
    const start = position - first * PAGE_BYTES;
    // Most writes change what is there: nothing to count, nothing to make.
    const there = end <= this.size ? this.#get(first) : undefined;
    if (there !== undefined && start + length <= there.length) {
      there.set(source.subarray(offset, offset + length), start);
      return length;
    }
    return this.#extend(quota, source, offset, position, end);
  }

  /** What reappears by growing again is zero. */
  resize(quota: Quota, size: number): Status {
    if (size > Number.MAX_SAFE_INTEGER) return ErrorCode.fileTooLarge;
    if (size >= this.size) {
      const cost = this.#tailCost(size);
      if (cost > 0 && !quota.takeBytes(cost)) return ErrorCode.quota;
      this.counted += cost;
      this.size = size;
      return 0;
    }
    const before = this.counted;
    this.#shrink(size);
    quota.giveBytes(before - this.counted);
    return 0;
  }

  /** A write that makes or lengthens pages, or the file. */
  #extend(quota: Quota, source: Uint8Array, offset: number, position: number, end: number): number {
    const size = end > this.size ? end : this.size;
    const first = Math.floor(position / PAGE_BYTES);
    const last = Math.floor((end - 1) / PAGE_BYTES);
    const cost = this.#cost(first, last, size);
    if (cost > 0 && !quota.takeBytes(cost)) return -ErrorCode.quota;
    try {
      for (let index = first; index <= last; index++) {
        const start = index * PAGE_BYTES;
        const from = position > start ? position - start : 0;
        const to = end - start < PAGE_BYTES ? end - start : PAGE_BYTES;
        const page = this.#page(index, from, to);
        const at = offset + start + from - position;
        page.set(source.subarray(at, at + to - from), from);
      }
    } catch {
      return this.#undo(quota, cost);
    }
    this.counted += cost;
    this.size = size;
    return end - position;
  }

  #readPages(target: Uint8Array, offset: number, count: number, position: number): void {
    for (let done = 0; done < count;) {
      const index = Math.floor((position + done) / PAGE_BYTES);
      const start = position + done - index * PAGE_BYTES;
      const length = Math.min(PAGE_BYTES - start, count - done);
      this.#readPage(index, target, offset + done, start, length);
      done += length;
    }
  }

  #readPage(index: number, target: Uint8Array, offset: number, start: number, count: number): void {
    const page = this.#get(index);
    if (page === undefined)
      copyOrZero(this.#base, this.#baseSize, target, offset, index * PAGE_BYTES + start, count);
    else if (start + count <= page.length) page.copy(target, offset, start, start + count);
    else copyOrZero(page, page.length, target, offset, start, count);
  }

  #get(index: number): Buffer | undefined {
    return index < this.#near.length ? this.#near[index] : this.#far?.get(index);
  }

  /** What the file counts more once its size is `size` and the pages from `first` to `last` are there. */
  #cost(first: number, last: number, size: number): number {
    let cost = size > this.size ? this.#tailCost(size) : 0;
    for (let index = first; index <= last; index++)
      if (this.#get(index) === undefined) cost += countedOf(index, size);
    return cost;
  }

  /** The page that the file ended in counts more when the end moves on. */
  #tailCost(size: number): number {
    if (this.size === 0) return 0;
    const index = Math.floor((this.size - 1) / PAGE_BYTES);
    return this.#get(index) === undefined ? 0 : countedOf(index, size) - countedOf(index, this.size);
  }

  /** @returns the page, of its own and long enough for a write from `from` to `to`. @throws when there is no memory */
  #page(index: number, from: number, to: number): Buffer {
    const page = this.#get(index);
    if (page !== undefined && page.length >= to) return page;
    let made: Buffer;
    if (page !== undefined) {
      made = Buffer.alloc(Math.min(PAGE_BYTES, Math.max(to, page.length * 2)));
      page.copy(made);
    } else {
      const start = index * PAGE_BYTES;
      const shown = Math.max(0, Math.min(PAGE_BYTES, this.#baseSize - start));
      const length = this.counted >= PAGE_BYTES ? PAGE_BYTES : Math.max(to, shown);
      // Never from the pool; zeroed unless all of it is about to be written.
      const whole = from === 0 && to === length;
      made = whole ? Buffer.allocUnsafeSlow(length) : Buffer.alloc(length);
      if (shown > 0 && !whole) this.#base.copy(made, 0, start, start + shown);
    }
    this.#put(index, made);
    return made;
  }

  #put(index: number, page: Buffer): void {
    const near = this.#near;
    if (index < near.length) near[index] = page;
    else if (index > near.length + MAX_GAP) (this.#far ??= new Map()).set(index, page);
    else {
      while (near.length < index) near.push(this.#takeFar(near.length));
      this.#far?.delete(index);
      near.push(page);
    }
  }

  #takeFar(index: number): Buffer | undefined {
    const page = this.#far?.get(index);
    if (page !== undefined) this.#far?.delete(index);
    return page;
  }

  #shrink(size: number): void {
    const near = this.#near;
    const keep = Math.ceil(size / PAGE_BYTES);
    for (let index = keep; index < near.length; index++)
      if (near[index] !== undefined) this.counted -= countedOf(index, this.size);
    if (near.length > keep) near.length = keep;
    for (const index of this.#far?.keys() ?? []) {
      if (index < keep) continue;
      this.counted -= countedOf(index, this.size);
      this.#far?.delete(index);
    }
    if (size > 0) this.#cut(keep - 1, size);
    this.#baseSize = Math.min(this.#baseSize, size);
    this.size = size;
  }

  /** Makes the last page end where the file does. */
  #cut(index: number, size: number): void {
    const page = this.#get(index);
    if (page === undefined) return;
    const used = countedOf(index, size);
    this.counted -= countedOf(index, this.size) - used;
    if (used >= page.length) return;
    if (used * 2 >= page.length) page.fill(0, used);
    else {
      // Never from the pool, of which a small piece would keep all.
      const rest = Buffer.allocUnsafeSlow(used);
      page.copy(rest);
      this.#put(index, rest);
    }
  }

  /** The process has no memory left: what was made of pages is kept as far as the file reaches, and counted. */
  #undo(quota: Quota, cost: number): number {
    const before = this.counted;
    for (const index of this.#far?.keys() ?? [])
      if (countedOf(index, this.size) <= 0) this.#far?.delete(index);
    this.#near.length = Math.min(this.#near.length, Math.ceil(this.size / PAGE_BYTES));
    this.counted = 0;
    this.#near.forEach((page, index) => {
      if (page !== undefined) this.counted += countedOf(index, this.size);
    });
    for (const index of this.#far?.keys() ?? []) this.counted += countedOf(index, this.size);
    quota.giveBytes(cost - (this.counted - before));
    return -ErrorCode.insufficientSpace;
  }
}

const NO_BYTES = Buffer.alloc(0);

/** What a page counts in a file of that size; not above 0 when it lies behind the end. */
function countedOf(index: number, size: number): number {
  const reach = size - index * PAGE_BYTES;
  return reach < PAGE_BYTES ? reach : PAGE_BYTES;
}

/** Copies bytes of `source`, of which those from `length` on are zeros. */
function copyOrZero(
  source: Buffer,
  length: number,
  target: Uint8Array,
  offset: number,
  position: number,
  count: number,
): void {
  const there = Math.max(0, Math.min(count, length - position));
  if (there > 0) source.copy(target, offset, position, position + there);
  if (there < count) target.fill(0, offset + there, offset + count);
}
