import { MAX_PART } from '../../src/virtual/bounds.ts';
import type { Descriptor } from '../../src/virtual/filesystem/descriptor.ts';
import { leavesThread } from '../../src/virtual/filesystem/file-transfers.ts';
import type { GuestMemory } from '../guest-memory.ts';
import { IOVEC_SIZE } from './abi.ts';
import type { Context } from './context.ts';
import { iovecCount, MAX_TRANSFER } from './iovec.ts';
import { whileOpen } from '../while-open.ts';

/** @returns whether a transfer through checked vectors is better done beside the thread */
export function isLarge({ memory }: Context, file: Descriptor, iovs: number, iovsLen: number): boolean {
  if (file.file?.offThread === undefined) return false;
  const start = iovs >>> 0;
  const end = start + iovecCount(iovsLen) * IOVEC_SIZE;
  let total = 0;
  for (let vector = start; vector < end; vector += IOVEC_SIZE)
    total += memory.view.getUint32(vector + 4, true);
  return leavesThread(file, total);
}

/** @returns bytes, or a negative ErrorCode when there are none */
export async function readLarge(
  context: Context,
  file: Descriptor,
  iovs: number,
  iovsLen: number,
  position: number,
): Promise<number> {
  const { filesystem } = context.host;
  const vectors = new Vectors(context.memory, iovs, iovsLen);
  const buffer = new Uint8Array(Math.min(MAX_PART, vectors.length));
  let total = 0;
  while (total < vectors.length) {
    const wanted = Math.min(buffer.length, vectors.length - total);
    const count = await whileOpen(
      context.host,
      filesystem.readOffThread(file, buffer, 0, wanted, position + total),
    );
    if (count < 0) return total > 0 ? total : count;
    vectors.scatter(buffer, count);
    total += count;
    if (count < wanted) break;
  }
  return total;
}

/** @param position undefined to append @returns bytes, or a negative ErrorCode when there are none */
export async function writeLarge(
  context: Context,
  file: Descriptor,
  iovs: number,
  iovsLen: number,
  position: number | undefined,
): Promise<number> {
  const { filesystem } = context.host;
  const vectors = new Vectors(context.memory, iovs, iovsLen);
  const buffer = new Uint8Array(Math.min(MAX_PART, vectors.length));
  let total = 0;
  while (total < vectors.length) {
    const wanted = Math.min(buffer.length, vectors.length - total);
    vectors.gather(buffer, wanted);
    const at = position === undefined ? undefined : position + total;
    const count = await whileOpen(context.host, filesystem.writeOffThread(file, buffer, 0, wanted, at));
    if (count < 0) return total > 0 ? total : count;
    total += count;
    if (count < wanted) break;
  }
  return total;
}

/**
 * The vectors of a call as they were when it was made, one after the other. Another export of the guest can run while the
 * call waits, and change them; what they name it cannot take away, as memories only grow.
 */
class Vectors {
  readonly length: number;
  readonly #memory: GuestMemory;
  readonly #regions: { pointer: number; length: number }[] = [];
  #next = 0;

  constructor(memory: GuestMemory, iovs: number, iovsLen: number) {
    this.#memory = memory;
    const start = iovs >>> 0;
    const end = start + iovecCount(iovsLen) * IOVEC_SIZE;
    let total = 0;
    for (let vector = start; vector < end; vector += IOVEC_SIZE) {
      const length = Math.min(memory.view.getUint32(vector + 4, true), MAX_TRANSFER - total);
      if (length > 0) this.#regions.push({ pointer: memory.view.getUint32(vector, true), length });
      total += length;
    }
    this.length = total;
  }

  scatter(buffer: Uint8Array, count: number): void {
    this.#pass(count, (bytes, pointer, at, length) => bytes.set(buffer.subarray(at, at + length), pointer));
  }

  gather(buffer: Uint8Array, count: number): void {
    this.#pass(count, (bytes, pointer, at, length) =>
      buffer.set(bytes.subarray(pointer, pointer + length), at),
    );
  }

  #pass(count: number, copy: (bytes: Uint8Array, pointer: number, at: number, length: number) => void): void {
    for (let done = 0; done < count;) {
      const region = this.#regions[this.#next] as { pointer: number; length: number };
      const length = Math.min(region.length, count - done);
      // Refreshes the view of a memory that has grown; throws when the instance has ended.
      this.#memory.holds(region.pointer, length);
      copy(this.#memory.bytes, region.pointer, done, length);
      done += length;
      region.pointer += length;
      region.length -= length;
      if (region.length === 0) this.#next++;
    }
  }
}
