import { Agent, type ClientRequest, type ClientRequestArgs } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Ends } from './ends.ts';
import { type Dial, dialDirect, type Tunnels } from './http-dial.ts';

/** Connections that wait for another request, at most, and for how long (in milliseconds): servers of Node.js close at 5 s. */
const MAX_IDLE = 16;
const IDLE_TIME = 4000;

/** What a request tells its pool beside what node:http knows of. */
export interface PoolOptions {
  readonly dial: Dial;
  /** Requests with the same one may use each other's connections. */
  readonly poolKey: string;
}

/** The connections of one stack. A request gets one that was made for its very address, port, scheme and host. */
export class ConnectionPool extends Agent {
  readonly #tunnels: Tunnels | undefined;
  readonly #ends: Ends;

  constructor(tunnels: Tunnels | undefined, ends: Ends) {
    super({ keepAlive: true, timeout: IDLE_TIME, maxFreeSockets: MAX_IDLE });
    this.#tunnels = tunnels;
    this.#ends = ends;
    ends.add(() => this.destroy());
  }

  override getName(options?: object): string {
    return (options as PoolOptions).poolKey;
  }

  override createConnection(
    options: ClientRequestArgs,
    callback?: (error: Error | null, socket: Duplex) => void,
  ): Duplex | undefined {
    const { dial } = options as unknown as PoolOptions;
    if (this.#tunnels === undefined) return dialDirect(dial);
    this.#tunnels.open(dial, callback as (error: Error | null, socket?: Socket) => void);
    return undefined;
  }

  /** @internal of Agent: whether a connection waits for another request */
  override keepSocketAlive(socket: Duplex): boolean {
    const idle = Object.values(this.freeSockets).reduce((sum, sockets) => sum + (sockets?.length ?? 0), 0);
    if (idle >= MAX_IDLE || this.#ends.ended) return false;
    // False when the server said that it will close soon.
    const isKept: unknown = super.keepSocketAlive(socket);
    if (isKept !== true) return false;
    socket.on('data', destroyUnasked);
    return true;
  }

  /** @internal of Agent */
  override reuseSocket(socket: Duplex, request: ClientRequest): void {
    socket.off('data', destroyUnasked);
    super.reuseSocket(socket, request);
  }
}

/** What a server sends while nobody asks would be read as the answer to the next request. Not every Node.js 24 sees to it. */
function destroyUnasked(this: Duplex): void {
  this.destroy();
}
