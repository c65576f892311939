import { MAX_PART } from '../../../src/virtual/bounds.ts';
import type { Descriptor } from '../../../src/virtual/filesystem/descriptor.ts';
import type { GuestMemory } from '../../guest-memory.ts';
import type { Context } from '../context.ts';
import { whileOpen } from '../../while-open.ts';

/** Fills `buffer`, or as much of it as the file has. @returns bytes, or a negative ErrorCode when there are none */
export async function readLarge(
  context: Context,
  descriptor: Descriptor,
  buffer: Uint8Array,
  position: number,
): Promise<number> {
  const { filesystem } = context.host;
  return whileOpen(context.host, filesystem.readOffThread(descriptor, buffer, 0, buffer.length, position));
}

/** @returns bytes, or a negative ErrorCode when there are none */
export async function writeLarge(
  context: Context,
  descriptor: Descriptor,
  source: { readonly memory: GuestMemory; readonly start: number; readonly length: number },
  position: number,
): Promise<number> {
  const { filesystem } = context.host;
  const { memory, start, length } = source;
  let total = 0;
  while (total < length) {
    const wanted = Math.min(MAX_PART, length - total);
    // Refreshes the view of a memory that has grown; throws when the instance has ended.
    memory.holds(start + total, wanted);
    const bytes = memory.bytes.slice(start + total, start + total + wanted);
    const writing = filesystem.writeOffThread(descriptor, bytes, 0, wanted, position + total);
    const count = await whileOpen(context.host, writing);
    if (count < 0) return total > 0 ? total : count;
    total += count;
    if (count < wanted) break;
  }
  return total;
}
