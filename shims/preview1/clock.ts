import type { WallClock } from '../../src/virtual/clocks/clocks.ts';
import type { GuestMemory } from '../guest-memory.ts';
import { ClockId } from './abi.ts';
import type { Context } from './context.ts';
import { Errno } from './errno.ts';

export type ClockFunctions = {
  /** `clock_res_get(id: clockid) -> timestamp` */
  clock_res_get(id: number, resolution: number): number;
  /** `clock_time_get(id: clockid, precision: timestamp) -> timestamp` */
  clock_time_get(id: number, precision: bigint, time: number): number;
};

/** The last whole second whose every nanosecond fits u64 (in the year 2554). */
const LAST_SECOND = 18_446_744_072;

/**
 * The two clocks of 0.2. The CPU time clocks are unsupported, for which `clock_res_get` names `inval`.
 * The precision that a guest asks for is not looked at: the policy's resolution holds.
 */
export function clock({ host, memory }: Context): ClockFunctions {
  const { monotonic, wall } = host.clocks;
  return {
    clock_res_get(id, resolution) {
      if (id !== ClockId.monotonic && id !== ClockId.realtime) return Errno.inval;
      const at = resolution >>> 0;
      if (!memory.holds(at, 8)) return Errno.fault;
      // "Implementations are required to provide a non-zero value for supported clocks."
      memory.setU64(at, Math.max(1, id === ClockId.monotonic ? monotonic.resolution : wall.resolution));
      return Errno.success;
    },
    clock_time_get(id, _precision, time) {
      const at = time >>> 0;
      if (!memory.holds(at, 8)) return Errno.fault;
      if (id === ClockId.monotonic) {
        memory.view.setBigUint64(at, monotonic.nowU64(), true);
        return Errno.success;
      }
      if (id !== ClockId.realtime) return Errno.inval;
      wall.read();
      return putDatetime(memory, at, wall);
    },
  };
}

/** seconds × 10⁹ + nanoseconds is past 2^53, so the product is made of two exact halves of 16 bits less. */
function putDatetime({ view }: GuestMemory, at: number, { seconds, nanoseconds }: WallClock): number {
  if (seconds < 0 || seconds > LAST_SECOND) return Errno.overflow;
  const upper = Math.floor(seconds / 0x1_0000);
  const high = upper * 1e9;
  const highUpper = Math.floor(high / 0x1_0000);
  const low = (seconds - upper * 0x1_0000) * 1e9 + nanoseconds + (high - highUpper * 0x1_0000) * 0x1_0000;
  // As u32: modulo 2^32.
  view.setUint32(at, low, true);
  view.setUint32(at + 4, highUpper + low / 0x1_0000_0000, true);
  return Errno.success;
}
