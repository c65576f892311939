import type { Grant } from '../kernel/grant.ts';
import type { Meter } from '../kernel/meter.ts';

/** What an instance has consumed so far. */
export interface Usage {
  /** Nanoseconds since it was opened, waiting included. */
  readonly wallTime: number;
  /** Bytes of its linear memories; they never shrink, so this is the peak as well. */
  readonly memory: number;
  readonly handles: number;
  readonly handlesPeak: number;
  readonly fileBytesRead: number;
  readonly fileBytesWritten: number;
  readonly stdinBytes: number;
  readonly stdoutBytes: number;
  readonly stderrBytes: number;
  readonly randomBytes: number;
}

/** @returns the counts of `meter` as they stand. */
export function readUsage(meter: Meter, wallTime: number, memories: readonly WebAssembly.Memory[]): Usage {
  return {
    wallTime,
    memory: memories.reduce((sum, memory) => sum + memory.buffer.byteLength, 0),
    handles: meter.handles,
    handlesPeak: meter.handlesPeak,
    fileBytesRead: meter.fileBytesRead,
    fileBytesWritten: meter.fileBytesWritten,
    stdinBytes: meter.stdinBytes,
    stdoutBytes: meter.stdoutBytes,
    stderrBytes: meter.stderrBytes,
    randomBytes: meter.randomBytes,
  };
}

/** @returns how often the guard let each grant be used. */
export function readUses(grants: readonly Grant[]): Record<string, number> {
  return Object.fromEntries(grants.map((grant) => [grant.id, grant.uses]));
}
