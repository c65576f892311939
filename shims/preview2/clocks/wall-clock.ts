import type { Canon, Lowerings } from '../abi/lowering.ts';
import { resultArea } from '../abi/values.ts';
import type { Context } from '../context.ts';

/** record datetime { seconds: u64, nanoseconds: u32 } */
export interface Datetime {
  readonly seconds: bigint;
  readonly nanoseconds: number;
}

/** wasi:clocks/wall-clock */
export interface WallClock {
  readonly now: () => Datetime;
  readonly resolution: () => Datetime;
}

export function wallClock(context: Context): WallClock {
  const { wall } = context.host.clocks;
  return {
    // now: func() -> datetime
    now() {
      wall.read();
      return { seconds: BigInt(wall.seconds), nanoseconds: wall.nanoseconds };
    },
    // resolution: func() -> datetime
    resolution: () => ({
      seconds: BigInt(Math.floor(wall.resolution / 1e9)),
      nanoseconds: wall.resolution % 1e9,
    }),
  };
}

export const wallClockLowerings: Lowerings = {
  now: {
    lower:
      ({ host }, canon) =>
      (result: number): void => {
        const { wall } = host.clocks;
        wall.read();
        storeDatetime(canon, wall.seconds, wall.nanoseconds, result);
      },
  },
  resolution: {
    lower:
      ({ host }, canon) =>
      (result: number): void => {
        const { resolution } = host.clocks.wall;
        storeDatetime(canon, Math.floor(resolution / 1e9), resolution % 1e9, result);
      },
  },
};

function storeDatetime({ memory }: Canon, seconds: number, nanoseconds: number, result: number): void {
  const at = resultArea(memory, result, 16, 8);
  memory.setU64(at, seconds);
  memory.view.setUint32(at + 8, nanoseconds, true);
}
