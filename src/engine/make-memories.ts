import { InstanceError } from '../errors.ts';
import { type MemoryType, PAGE } from './core-memory.ts';

/**
 * Makes the memories of an instance so that together they never pass `limit` bytes: what the limit leaves above the
 * initial sizes is shared evenly.
 *
 * @throws InstanceError BW_LIMIT_MEMORY when the initial sizes alone pass the limit
 */
export function makeMemories(types: readonly MemoryType[], limit: number): WebAssembly.Memory[] {
  const initial = types.reduce((sum, type) => sum + type.initial, 0) * PAGE;
  if (initial > limit) {
    throw new InstanceError(
      'BW_LIMIT_MEMORY',
      `The program starts with ${initial} bytes of memory; the policy's limits.memory is ${limit}.`,
      { hint: `Raise limits.memory to at least ${initial} bytes.` },
    );
  }
  const slack = Math.floor((limit - initial) / PAGE / types.length);
  return types.map((type) => makeMemory(type, Math.min(type.maximum ?? Infinity, type.initial + slack)));
}

function makeMemory(type: MemoryType, maximum: number): WebAssembly.Memory {
  // V8's own bound for 32-bit memories is 65,536 pages.
  const pages = type.wide ? maximum : Math.min(maximum, 65_536);
  if (!type.wide)
    return new WebAssembly.Memory({ initial: type.initial, maximum: pages, shared: type.shared });
  // The type library does not know memory64 yet: https://github.com/WebAssembly/memory64
  const wide = { initial: BigInt(type.initial), maximum: BigInt(pages), shared: type.shared, address: 'i64' };
  return new WebAssembly.Memory(wide as unknown as WebAssembly.MemoryDescriptor);
}
