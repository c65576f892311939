import type { Guard } from '../kernel/guard.ts';
import type { Meter } from '../kernel/meter.ts';
import type { Clocks } from './clocks/clocks.ts';
import type { Filesystem } from './filesystem/filesystem.ts';
import type { HttpClient } from './http/client.ts';
import type { InputStream, OutputStream } from './io/streams.ts';
import type { Network, TcpSocket } from './network/network.ts';
import type { Random } from './random/random.ts';

/** Everything that an instance can reach: what the shims of each WASI version translate to. One per instance. */
export interface Host {
  readonly guard: Guard;
  readonly meter: Meter;
  readonly filesystem: Filesystem;
  readonly clocks: Clocks;
  readonly random: Random;
  readonly network: Network;
  readonly http: HttpClient;
  /** Sockets that listen, for guests that can only be given some: those of WASI 0.1. */
  readonly preopenedSockets: readonly TcpSocket[];
  /** argv, the program's name first; empty when the policy grants no arguments. */
  readonly arguments: readonly string[];
  /** Name and value, in the policy's order. */
  readonly environment: readonly (readonly [name: string, value: string])[];
  readonly stdin: InputStream;
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  /** Ends when the instance does: waits hang on it, so that a closed instance leaves no timer behind. */
  readonly signal: AbortSignal;
}

/** Thrown through the guest's frames by `proc_exit` and `wasi:cli/exit`. Not an error: it carries the exit code. */
export class ExitSignal {
  readonly exitCode: number;

  constructor(exitCode: number) {
    this.exitCode = exitCode;
  }
}

/** Thrown through the guest's frames where the specification says that a call traps (bad handle, bad pointer). */
export class GuestTrap extends Error {
  override readonly name = 'GuestTrap';
}

/** One for all that end: with its stack trace, an error costs more than the rest of an instance's end. */
export const INSTANCE_ENDED: GuestTrap = new GuestTrap('the instance has ended');
