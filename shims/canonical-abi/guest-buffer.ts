import { trap } from '../trap.ts';
import { codecOf, loadAll, storeAll } from './codec.ts';
import type { Abi } from './abi.ts';
import type { Store } from './store.ts';
import type { ValueType } from './types.ts';
import type { OriginBuffer, TargetBuffer } from './values.ts';

const MAX_LENGTH: number = 2 ** 28 - 1;

/** Values that are copied at once, where they are not copied as bytes: each becomes an object of ours. */
const CHUNK = 1024;

/** `plain`: any bytes are a value, and the same in every component. */
type ElementKind = 'none' | 'bytes' | 'plain' | 'values';

const PLAIN: ReadonlySet<string> = new Set(['s8', 'u16', 's16', 'u32', 's32', 'u64', 's64', 'f32', 'f64']);

/** What a stream or future is of. */
export class Element {
  readonly type: ValueType | undefined;
  readonly kind: ElementKind;
  readonly size: number;
  readonly alignment: number;

  constructor(type: ValueType | undefined) {
    const codec = type && codecOf(type);
    this.type = type;
    this.kind = kindOf(type);
    this.size = codec?.size ?? 0;
    this.alignment = codec?.alignment ?? 1;
  }

  /** `none_or_number_type` of the Canonical ABI. */
  get isNoneOrNumber(): boolean {
    return this.kind !== 'values';
  }
}

function kindOf(type: ValueType | undefined): ElementKind {
  if (type === undefined) return 'none';
  if (type.kind === 'u8') return 'bytes';
  return PLAIN.has(type.kind) ? 'plain' : 'values';
}

/**
 * Memory that a guest lends to a copy, for reading or for writing. What is out of its bounds traps before the copy begins.
 *
 * @see definitions.py of the Canonical ABI, `BufferGuestImpl`
 */
abstract class GuestBuffer {
  readonly element: Element;
  protected readonly abi: Abi;
  protected readonly store: Store;
  /** Elements that were copied. */
  progress = 0;
  readonly #start: number;
  readonly #length: number;

  constructor(store: Store, abi: Abi, element: Element, start: number, length: number) {
    if (length > MAX_LENGTH) trap(`a buffer of ${length} elements`);
    if (element.size > 0 && length > 0) {
      if ((start & (element.alignment - 1)) !== 0) trap('a buffer is not aligned');
      if (!abi.memory.holds(start, length * element.size)) trap('a buffer is out of bounds');
    }
    this.store = store;
    this.abi = abi;
    this.element = element;
    this.#start = start;
    this.#length = length;
  }

  get remain(): number {
    return this.#length - this.progress;
  }

  get isZeroLength(): boolean {
    return this.#length === 0;
  }

  protected get pointer(): number {
    return this.#start + this.progress * this.element.size;
  }

  /** @returns a view of the memory of the next `count` elements */
  view(count: number): Uint8Array {
    const { memory } = this.abi;
    const { pointer } = this;
    const size = count * this.element.size;
    if (!memory.holds(pointer, size)) trap('a buffer is out of bounds');
    return memory.bytes.subarray(pointer, pointer + size);
  }
}

/** What a guest reads into. */
export class GuestTarget extends GuestBuffer implements TargetBuffer {
  bytes(): Uint8Array {
    return this.view(this.remain);
  }

  advance(count: number): void {
    if (count > this.remain) throw new RangeError('more elements than the guest has room for');
    this.progress += count;
  }

  /** Called by the host too, which must not be thrown at for what the guest's `realloc` does. */
  write(elements: Uint8Array | readonly unknown[]): void {
    if (this.store.isEnded) return;
    try {
      this.#put(elements);
    } catch (error) {
      this.store.fail(error);
    }
    this.progress += elements.length;
  }

  #put(elements: Uint8Array | readonly unknown[]): void {
    const { type, kind } = this.element;
    if (elements.length > this.remain) throw new RangeError('more elements than the guest has room for');
    if (type === undefined || elements.length === 0) return;
    const view = this.view(elements.length);
    if (kind === 'bytes') view.set(elements as Uint8Array);
    else storeAll(this.abi, type, this.pointer, elements as readonly unknown[]);
  }
}

/** What a guest writes from. */
export class GuestOrigin extends GuestBuffer implements OriginBuffer {
  read(count: number): Uint8Array | readonly unknown[] {
    const { type, kind } = this.element;
    if (type === undefined) {
      this.progress += count;
      return Array.from({ length: count });
    }
    const view = this.view(count);
    const elements = kind === 'bytes' ? view : loadAll(this.abi, type, this.pointer, count);
    this.progress += count;
    return elements;
  }
}

/** Copies `count` elements, as many as both still have. */
export function copyElements(origin: OriginBuffer, target: TargetBuffer, count: number): void {
  if (!(origin instanceof GuestOrigin && target instanceof GuestTarget)) {
    target.write(origin.read(count));
    return;
  }
  if (origin.element.isNoneOrNumber) {
    // Where there are no elements there may be no memory, and a pointer is not looked at.
    if (origin.element.size > 0) target.view(count).set(origin.view(count));
    origin.progress += count;
    target.progress += count;
    return;
  }
  for (let left = count; left > 0; left -= CHUNK) target.write(origin.read(Math.min(left, CHUNK)));
}
