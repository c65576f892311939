import type { Grant } from '../kernel/grant.ts';
import type { Meter } from '../kernel/meter.ts';

/** What an instance has consumed so far. */
export interface Usage {
  /** Nanoseconds since it was opened, waiting included. */
  readonly wallTime: number;
  /** Nanoseconds that it computed, functions of the host that it called included; 0 for a guest that is not metered. */
  readonly cpuTime: number;
  /** Units that it executed; 0 for a guest that is not metered. After a trap, up to the last time that it was looked at. */
  readonly fuel: number;
  /** Calls by the embedder: of a command, of exports, with requests. */
  readonly calls: number;
  /** Bytes of its linear memories. Memories of WebAssembly never shrink, so this is the peak as well. */
  readonly memory: number;
  /** Descriptors, streams, pollables and other resources that are open. */
  readonly handles: number;
  /** The most of them that were open at one time. */
  readonly handlesPeak: number;
  /** Requests of the guest that were denied, repeated ones included. */
  readonly denials: number;
  /** Bytes that it read from files, under all mounts together. */
  readonly fileBytesRead: number;
  /** Bytes that it wrote to files, overwritten ones included. */
  readonly fileBytesWritten: number;
  /** Bytes that it sent over connections, in datagrams and in bodies of HTTP. */
  readonly networkBytesSent: number;
  /** Bytes that it received in the same ways. */
  readonly networkBytesReceived: number;
  /** Bytes that it took from standard input. */
  readonly stdinBytes: number;
  /** Bytes that its standard output took. */
  readonly stdoutBytes: number;
  /** Bytes that its standard error took. */
  readonly stderrBytes: number;
  /** Bytes of randomness that a grant gave it. */
  readonly randomBytes: number;
}

/** @returns the counts of `meter` and its like as they stand. */
export function readUsage(
  meter: Meter,
  wallTime: number,
  memories: readonly WebAssembly.Memory[],
  denials: number,
): Usage {
  return {
    wallTime,
    cpuTime: Math.round(meter.cpuTime),
    fuel: meter.fuel,
    calls: meter.calls,
    memory: memories.reduce((sum, memory) => sum + memory.buffer.byteLength, 0),
    handles: meter.handles,
    handlesPeak: meter.handlesPeak,
    denials,
    fileBytesRead: meter.fileBytesRead,
    fileBytesWritten: meter.fileBytesWritten,
    networkBytesSent: meter.networkBytesSent,
    networkBytesReceived: meter.networkBytesReceived,
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
