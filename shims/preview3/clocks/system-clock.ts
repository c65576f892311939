import type { HostInterface, Implements } from '../../canonical-abi/host-function.ts';
import type { Context } from '../context.ts';
import type { ClocksSystemClock } from '../wit.ts';

/** wasi:clocks/system-clock */
export const systemClock: HostInterface<Context> = {
  functions: {
    // now: func() -> instant
    now({ host }) {
      const { wall } = host.clocks;
      wall.read();
      return { seconds: BigInt(wall.seconds), nanoseconds: wall.nanoseconds };
    },
    // get-resolution: func() -> duration
    'get-resolution': ({ host }) => BigInt(host.clocks.wall.resolution),
  } satisfies Implements<ClocksSystemClock, Context>,
  resources: {},
};
