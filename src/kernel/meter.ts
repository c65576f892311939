/** Bounds of one instance, from the policy's `limits` and the defaults of {@link DEFAULT_LIMITS}. */
export interface Limits {
  /** Bytes of all linear memories of the instance together. */
  readonly memory: number;
  /** Wall clock, waiting included, in nanoseconds; undefined: none. */
  readonly deadline: number | undefined;
  /** Open descriptors, streams, pollables and other resources at one time. */
  readonly handles: number;
  /** Instructions, as the metering counts them; undefined: no bound. */
  readonly fuel: number | undefined;
  /** Nanoseconds of computing, without what is waited; undefined: no bound. */
  readonly cpu: number | undefined;
  /** Nanoseconds after which others get their turn; undefined: as {@link DEFAULT_SLICE}, where the guest is metered at all. */
  readonly slice: number | undefined;
  /** Share of the processor beside other tenants. */
  readonly weight: number;
  /** Entries of all tables of the instance together. */
  readonly tables: number;
  /** Instances of the tenant at one time; undefined: no bound. */
  readonly instances: number | undefined;
}

/** Nanoseconds. */
export const DEFAULT_SLICE = 5_000_000;

/**
 * What holds when the policy names no limit. Handles are few, because each may be a descriptor of the process, which all
 * tenants share.
 */
export const DEFAULT_LIMITS: Limits = {
  memory: 1 << 30,
  deadline: undefined,
  handles: 1000,
  fuel: undefined,
  cpu: undefined,
  slice: undefined,
  weight: 100,
  tables: 1_000_000,
  instances: undefined,
};

/** Counts what an instance consumes. Plain integers: they are written on every call. */
export class Meter {
  readonly limits: Limits;
  handles = 0;
  handlesPeak = 0;
  /** Bytes that the guest read from and wrote to files. */
  fileBytesRead = 0;
  fileBytesWritten = 0;
  /** Bytes of connections, datagrams, and bodies of HTTP. */
  networkBytesSent = 0;
  networkBytesReceived = 0;
  stdinBytes = 0;
  stdoutBytes = 0;
  stderrBytes = 0;
  randomBytes = 0;
  /** Calls by the embedder: of a command, of exports, with requests. */
  calls = 0;
  /** Units of what it executed, as the metering counts them; 0 for a guest that is not metered. As of its last pause. */
  fuel = 0;
  /** Nanoseconds that it computed, functions of the host that it called included; 0 for a guest that is not metered. */
  cpuTime = 0;
  #room: PromiseWithResolvers<void> | undefined;

  constructor(limits: Limits) {
    this.limits = limits;
  }

  /** @returns false when one more handle would pass the limit. */
  openHandle(): boolean {
    if (this.handles >= this.limits.handles) return false;
    if (++this.handles > this.handlesPeak) this.handlesPeak = this.handles;
    return true;
  }

  closeHandle(): void {
    this.handles--;
    if (this.#room !== undefined) this.#wake(this.#room);
  }

  /** Settles when a handle is given back. */
  room(): Promise<void> {
    return (this.#room ??= Promise.withResolvers()).promise;
  }

  #wake(room: PromiseWithResolvers<void>): void {
    this.#room = undefined;
    room.resolve();
  }
}
