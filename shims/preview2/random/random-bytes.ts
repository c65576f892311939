import { MAX_RANDOM_BYTES } from '../../../src/virtual/random/random.ts';
import type { Context } from '../context.ts';
import type { Canon } from '../abi/lowering.ts';
import { type Fill, filledBytes, limitRandom } from '../../random-fill.ts';
import { trap } from '../../trap.ts';
import { allocate, clampU64, resultArea, storeList } from '../abi/values.ts';

/** `get-…-bytes` has no error and must give as many bytes as were asked for, so what is too much traps. */
function bytesWanted({ host }: Context, length: bigint): number {
  const wanted = clampU64(length, Number.MAX_SAFE_INTEGER);
  if (wanted <= MAX_RANDOM_BYTES) return wanted;
  limitRandom(host);
  return trap(`more than ${MAX_RANDOM_BYTES} random bytes at once`);
}

export function plainBytes(context: Context, fill: Fill, length: bigint): Uint8Array {
  return filledBytes(fill, bytesWanted(context, length));
}

/** Has the guest make room and fills it in place. */
export function storeBytes(
  context: Context,
  canon: Canon,
  fill: Fill,
  request: { readonly length: bigint; readonly result: number },
): void {
  const wanted = bytesWanted(context, request.length);
  const pointer = allocate(canon, 1, wanted);
  fill(canon.memory.bytes, pointer, wanted);
  storeList(canon.memory, resultArea(canon.memory, request.result, 8, 4), pointer, wanted);
}
