import type { Abi, Codec, CoreType, CoreValue } from './abi.ts';

/** The codec of a type as part of another: it spends the budget of a lift (lift-budget.ts), and does not start one. */
export interface PartCodec extends Codec {
  /** It holds strings or lists: lifting takes from the budget, and lowering runs `realloc`. */
  readonly hasContent: boolean;
}

/** A codec of a type that is one core value, and looks the same in memory. */
export function scalarCodec(
  size: 1 | 2 | 4 | 8,
  flat: CoreType,
  work: {
    readonly load: (abi: Abi, pointer: number) => unknown;
    readonly store: (abi: Abi, pointer: number, value: unknown) => void;
    readonly lift: (value: CoreValue, abi: Abi) => unknown;
    readonly lower: (value: unknown, abi: Abi) => CoreValue;
  },
): PartCodec {
  const { load, store, lift, lower } = work;
  return {
    size,
    alignment: size,
    flat: [flat],
    hasContent: false,
    load,
    store,
    lift: (abi, values, at) => lift(values[at] as CoreValue, abi),
    lower(abi, value, values) {
      values.push(lower(value, abi));
    },
  };
}
