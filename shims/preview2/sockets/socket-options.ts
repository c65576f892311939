import type { NetworkError } from '../../../src/virtual/network/network-error.ts';
import type { Outcome } from '../../../src/virtual/network/network.ts';
import type { Lowering } from '../abi/lowering.ts';
import type { ResourceTypes } from '../abi/resources.ts';
import { storeOk } from '../filesystem/results.ts';
import { storeError, storeOutcome } from './results.ts';

/** The type of an option in WIT, by what it takes in memory. */
export type OptionType = 'bool' | 'u8' | 'u32' | 'u64';

const SIZE: Readonly<Record<OptionType, number>> = { bool: 1, u8: 1, u32: 4, u64: 8 };

type Socket = 'tcp-socket' | 'udp-socket';

/** The lowered form of `func() -> result<T, error-code>`. */
export function optionGetter<R extends Socket>(
  resource: R,
  type: OptionType,
  get: (socket: ResourceTypes[R]) => bigint | boolean | NetworkError,
): Lowering {
  const size = SIZE[type];
  return {
    resources: [resource],
    lower:
      (_context, { memory, handles }) =>
      (self: number, result: number): void => {
        const value = get(handles[resource].get(self));
        if (typeof value === 'string') {
          storeError(memory, result, size * 2, size, value);
          return;
        }
        const at = storeOk(memory, result, size * 2, size);
        if (size === 8) memory.view.setBigUint64(at, BigInt(value), true);
        else if (size === 4) memory.view.setUint32(at, Number(value), true);
        else memory.bytes[at] = Number(value);
      },
  };
}

/** The lowered form of `func(value: T) -> result<_, error-code>`. */
export function optionSetter<R extends Socket>(
  resource: R,
  type: OptionType,
  set: (socket: ResourceTypes[R], value: bigint | boolean) => Outcome,
): Lowering {
  return {
    resources: [resource],
    lower:
      (_context, { memory, handles }) =>
      (self: number, value: number | bigint, result: number): void => {
        const lifted = type === 'bool' ? value !== 0 : BigInt.asUintN(SIZE[type] * 8, BigInt(value));
        storeOutcome(memory, result, set(handles[resource].get(self), lifted));
      },
  };
}
