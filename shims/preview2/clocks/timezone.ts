import type { Lowerings } from '../abi/lowering.ts';
import { lowerBytes, resultArea, storeList, utf8 } from '../abi/values.ts';
import type { Datetime } from './wall-clock.ts';

/** record timezone-display { utc-offset: s32, name: string, in-daylight-saving-time: bool } */
export interface TimezoneDisplay {
  readonly utcOffset: number;
  readonly name: string;
  readonly inDaylightSavingTime: boolean;
}

/** wasi:clocks/timezone, an unstable feature since 0.2.1. Where the host stands is nobody's business: it is UTC everywhere. */
export interface Timezone {
  readonly display: (when: Datetime) => TimezoneDisplay;
  readonly utcOffset: (when: Datetime) => number;
}

const UTC = 'UTC';

export function timezone(): Timezone {
  return {
    // display: func(when: datetime) -> timezone-display
    display: () => ({ utcOffset: 0, name: UTC, inDaylightSavingTime: false }),
    // utc-offset: func(when: datetime) -> s32
    utcOffset: () => 0,
  };
}

export const timezoneLowerings: Lowerings = {
  display: {
    lower:
      (_context, canon) =>
      (_seconds: bigint, _nanoseconds: number, result: number): void => {
        const { memory } = canon;
        const name = utf8(UTC);
        const pointer = lowerBytes(canon, name, name.length);
        const at = resultArea(memory, result, 16, 4);
        memory.view.setInt32(at, 0, true);
        storeList(memory, at + 4, pointer, name.length);
        memory.bytes[at + 12] = 0;
      },
  },
  'utc-offset': { lower: () => (_seconds: bigint, _nanoseconds: number) => 0 },
};
