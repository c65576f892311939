import { ExitSignal } from '../../src/virtual/host.ts';
import { SIGNAL_CASES } from './abi.ts';
import type { Context } from './context.ts';
import { Errno } from './errno.ts';

export type ProcFunctions = {
  /** `proc_exit(rval: exitcode)`; does not return */
  proc_exit(rval: number): never;
  /** `proc_raise(sig: signal)` */
  proc_raise(sig: number): number;
  /** `sched_yield()` */
  sched_yield(): number;
};

/** @param end makes every later call fail */
export function proc(_context: Context, end: (reason: unknown) => void): ProcFunctions {
  return {
    proc_exit(rval) {
      const signal = new ExitSignal(rval >>> 0);
      end(signal);
      throw signal;
    },
    // There are no signals here; Wasmtime answers the same. A libc's abort() traps.
    proc_raise: (sig) => (sig >>> 0 < SIGNAL_CASES ? Errno.notsup : Errno.inval),
    // One thread, nothing to yield to: waiting is poll_oneoff's.
    sched_yield: () => Errno.success,
  };
}
