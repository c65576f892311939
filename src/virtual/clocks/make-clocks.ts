import { GRANTED, type Grant } from '../../kernel/grant.ts';
import type { Guard } from '../../kernel/guard.ts';
import type { Operation } from '../../kernel/request.ts';
import type { Machine } from '../machine.ts';
import type { Clocks, MonotonicClock, WallClock } from './clocks.ts';
import { RealMonotonicClock, RealWallClock } from './real-clocks.ts';
import { VirtualMonotonicClock, VirtualTime, VirtualWallClock } from './virtual-time.ts';

/** What the policy says of one clock, bound to the instance. Instants are nanoseconds since the Unix epoch. */
export type ClockSource =
  | { readonly kind: 'absent' }
  | { readonly kind: 'real'; readonly grant: Grant; readonly resolution: number }
  | { readonly kind: 'fixed' | 'virtual'; readonly grant: Grant; readonly at: bigint };

const WAITS_BEFORE_BREATHER = 64;
/** Nanoseconds; long enough for a timer, so that the event loop comes round. */
const BREATHER = 100_000;

/**
 * The clocks of an instance. A clock that is not granted stands still at zero (the Unix epoch) and its first read is
 * a recorded denial: WIT and many a libc have no way to be told "no", and a frozen clock tells nothing.
 */
export function makeClocks(
  wall: ClockSource,
  monotonic: ClockSource,
  guard: Guard,
  machine: Machine,
  signal: AbortSignal,
): Clocks {
  const time = new VirtualTime();
  let waits = 0;
  const waitsAreReal = monotonic.kind === 'real' || (monotonic.kind === 'absent' && wall.kind === 'real');
  return {
    monotonic: makeMonotonic(monotonic, time, guard, machine),
    wall: makeWall(wall, time, guard, machine),
    sleep(nanoseconds, waitSignal) {
      if (!waitsAreReal) {
        time.advance(nanoseconds);
        return undefined;
      }
      const slept = machine.sleep(nanoseconds, ...(waitSignal ? [signal, waitSignal] : [signal]));
      // A virtual calendar beside a real steady clock moves with the waits as well.
      return wall.kind === 'virtual' ? slept.then(() => time.advance(nanoseconds)) : slept;
    },
    breather() {
      if (++waits % WAITS_BEFORE_BREATHER !== 0) return undefined;
      return machine.sleep(BREATHER, signal);
    },
  };
}

function makeMonotonic(
  source: ClockSource,
  time: VirtualTime,
  guard: Guard,
  machine: Machine,
): MonotonicClock {
  if (source.kind === 'real') return new RealMonotonicClock(source.grant, guard, machine, source.resolution);
  const onRead = noteRead(source, guard, 'monotonic-clock', 'monotonic');
  // Like a real one, a virtual or fixed monotonic clock counts from the start of the instance; an absent one stands.
  return new VirtualMonotonicClock(time, 0, source.kind === 'virtual', onRead);
}

function makeWall(source: ClockSource, time: VirtualTime, guard: Guard, machine: Machine): WallClock {
  if (source.kind === 'real') return new RealWallClock(source.grant, guard, machine, source.resolution);
  const onRead = noteRead(source, guard, 'wall-clock', 'wall');
  const start = source.kind === 'absent' ? 0n : source.at;
  return new VirtualWallClock(time, start, source.kind === 'virtual', onRead);
}

/** An absent clock is denied on record once; repeats of a standing answer tell an auditor nothing. */
function noteRead(source: ClockSource, guard: Guard, operation: Operation, subject: string): () => void {
  if (source.kind !== 'absent') {
    const { grant } = source;
    return () => void guard.admit(grant, GRANTED, operation, subject);
  }
  let refused = false;
  return () => {
    if (refused) return;
    refused = true;
    guard.refuse(operation, subject);
  };
}
