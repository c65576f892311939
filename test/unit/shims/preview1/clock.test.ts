import { assert, constantFrom, nat, oneof, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ClockId } from '../../../../shims/preview1/abi.ts';
import { clock } from '../../../../shims/preview1/clock.ts';
import { Context } from '../../../../shims/preview1/context.ts';
import { Errno } from '../../../../shims/preview1/errno.ts';
import { testHost } from '../../../support/host.ts';
import { MAX_U64, OUTSIDE, Shim } from './harness.ts';

/** A wall clock that shows what it is set to. */
function settable(): { set(seconds: number, nanoseconds: number): void; read(): bigint | number } {
  const wall = { seconds: 0, nanoseconds: 0, resolution: 1, read: () => undefined, peek: () => 0n };
  const { host } = testHost();
  const context = new Context({ ...host, clocks: { ...host.clocks, wall } });
  const memory = new WebAssembly.Memory({ initial: 1 });
  context.memory.bind(memory);
  const functions = clock(context);
  return {
    set(seconds, nanoseconds) {
      wall.seconds = seconds;
      wall.nanoseconds = nanoseconds;
    },
    read() {
      const errno = functions.clock_time_get(ClockId.realtime, 0n, 8);
      return errno === 0 ? new DataView(memory.buffer).getBigUint64(8, true) : errno;
    },
  };
}

describe('clock_time_get', () => {
  it('gives exact nanoseconds for every datetime that fits', () => {
    const wall = settable();
    assert(
      property(
        oneof(nat({ max: 18_446_744_072 }), constantFrom(0, 1, 65_535, 65_536, 18_446_744_072)),
        nat({ max: 999_999_999 }),
        (seconds, nanoseconds) => {
          wall.set(seconds, nanoseconds);
          expect(wall.read()).toBe(BigInt(seconds) * 1_000_000_000n + BigInt(nanoseconds));
        },
      ),
    );
  });

  it('overflows for what does not fit', () => {
    const wall = settable();
    for (const seconds of [-1, 18_446_744_073, 2 ** 53]) {
      wall.set(seconds, 0);
      expect(wall.read()).toBe(Errno.overflow);
    }
  });

  it('reads both clocks, whatever precision is asked for', () => {
    const shim = new Shim({ clocks: 'fixed', at: 1_700_000_000_000_000_123n });
    const out = shim.room(8);
    expect(shim.call.clock_time_get(ClockId.realtime, MAX_U64, out)).toBe(Errno.success);
    expect(shim.u64(out)).toBe(1_700_000_000_000_000_123n);
    expect(shim.call.clock_time_get(ClockId.monotonic, 0n, out)).toBe(Errno.success);
    expect(shim.u64(out)).toBe(0n);
  });
});

describe('clock ids', () => {
  it.each([ClockId.processCputimeId, ClockId.threadCputimeId, 4, -1])('%i is invalid', (id) => {
    const shim = new Shim();
    const out = shim.room(8);
    expect(shim.call.clock_time_get(id, 0n, out)).toBe(Errno.inval);
    expect(shim.call.clock_res_get(id, out)).toBe(Errno.inval);
    expect(shim.u64(out)).toBe(0n);
  });
});

it('never gives a resolution of zero', () => {
  const { host } = testHost();
  const clocks = { ...host.clocks, monotonic: { now: () => 0, nowU64: () => 0n, resolution: 0 } };
  const context = new Context({ ...host, clocks });
  const memory = new WebAssembly.Memory({ initial: 1 });
  context.memory.bind(memory);
  expect(clock(context).clock_res_get(ClockId.monotonic, 8)).toBe(Errno.success);
  expect(new DataView(memory.buffer).getBigUint64(8, true)).toBe(1n);
});

it('faults for a result outside of the memory', () => {
  const shim = new Shim();
  expect(shim.call.clock_time_get(ClockId.monotonic, 0n, OUTSIDE - 7)).toBe(Errno.fault);
  expect(shim.call.clock_res_get(ClockId.monotonic, OUTSIDE)).toBe(Errno.fault);
});
