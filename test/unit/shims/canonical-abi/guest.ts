import { GuestMemory } from '../../../../shims/guest-memory.ts';
import type { Abi, HandleScope, Realloc, StringEncoding } from '../../../../shims/canonical-abi/abi.ts';
import type { FutureSource, StreamSource } from '../../../../shims/canonical-abi/values.ts';

const PAGE = 65_536;

/** Enough to make every view stale that a value of the tests needs, and no more than a memory can have. */
const MAX_GROWTH = 1000;

/** A table that keeps what it is given, whatever its type. */
class TestHandles implements HandleScope {
  readonly objects: object[] = [];

  #add(value: object): number {
    return this.objects.push(value) - 1;
  }

  #get(index: number): object {
    const value = this.objects[index];
    if (value === undefined) throw new RangeError(`no handle ${index}`);
    return value;
  }

  liftOwn = (_resource: unknown, index: number): object => this.#get(index);
  liftBorrow = (_resource: unknown, index: number): object => this.#get(index);
  lowerOwn = (_resource: unknown, value: object): number => this.#add(value);
  lowerBorrow = (_resource: unknown, value: object): number => this.#add(value);
  liftStream = (_element: unknown, index: number): StreamSource => this.#get(index) as StreamSource;
  lowerStream = (_element: unknown, value: object): number => this.#add(value);
  liftFuture = (_element: unknown, index: number): FutureSource => this.#get(index) as FutureSource;
  lowerFuture = (_element: unknown, value: object): number => this.#add(value);
}

export interface TestGuest extends Abi {
  readonly wasmMemory: WebAssembly.Memory;
  readonly handles: TestHandles;
  /** What realloc was asked for. */
  readonly allocations: { readonly alignment: number; readonly size: number }[];
  /** Room at the end of what was allocated, without being asked for on record. */
  reserve(alignment: number, size: number): number;
}

/**
 * A guest with a memory that grows by a page at a time: nearly every allocation of size makes views stale.
 *
 * @param realloc instead of the one that allocates
 */
export function testGuest(
  options: {
    encoding?: StringEncoding;
    realloc?: Realloc;
    pages?: number;
    limited?: (limit: string, value: number) => void;
  } = {},
): TestGuest {
  const wasmMemory = new WebAssembly.Memory({ initial: options.pages ?? 1, maximum: 4096 });
  const memory = new GuestMemory(options.limited);
  memory.bind(wasmMemory);
  // The first bytes stay free: a pointer of 0 would hide mistakes.
  let end = 16;
  const reserve = (alignment: number, size: number): number => {
    const pointer = Math.ceil(end / alignment) * alignment;
    end = pointer + size;
    const missing = Math.ceil(end / PAGE) - wasmMemory.buffer.byteLength / PAGE;
    if (missing > 0) wasmMemory.grow(missing);
    return pointer;
  };
  const allocations: { alignment: number; size: number }[] = [];
  return {
    wasmMemory,
    memory,
    handles: new TestHandles(),
    encoding: options.encoding ?? 'utf8',
    allocations,
    reserve,
    realloc:
      options.realloc ??
      ((_pointer, _oldSize, alignment, size) => {
        allocations.push({ alignment, size });
        const pointer = reserve(alignment, size);
        // Any code of the guest may grow its memory.
        if (allocations.length < MAX_GROWTH) wasmMemory.grow(1);
        // As a core function gives it: signed.
        return pointer | 0;
      }),
  };
}
