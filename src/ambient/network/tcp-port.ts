import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { formatIpAddress } from '../../policy/address/ip-address.ts';
import { NetworkFailure } from '../../virtual/network/network-error.ts';
import type { SocketAddress } from '../../virtual/network/socket-address.ts';
import type { TcpPort } from '../../virtual/network/stack.ts';
import type { Ends } from './ends.ts';
import { socketFailure } from './network-failure.ts';
import { refuseZone, socketAddressOf } from './socket-addresses.ts';
import { SocketConnection } from './tcp-connection.ts';

/** Connections that wait for an accept, at most; what the system holds back beside them is the same again. */
const MAX_BACKLOG = 128;

/** Takes a port of this host. @throws NetworkFailure */
export async function bindTcp(local: SocketAddress, ends: Ends): Promise<TcpPort> {
  if (ends.ended) throw new NetworkFailure('connection-aborted');
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true, noDelay: true });
  try {
    refuseZone(local);
    await bound(server, local);
  } catch (error) {
    throw socketFailure(error);
  }
  const port = new ServerPort(server, ends);
  if (ends.ended) {
    port.close();
    throw new NetworkFailure('connection-aborted');
  }
  return port;
}

function bound(server: Server, { address, port }: SocketAddress): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(
      {
        host: formatIpAddress(address),
        port,
        // In a cluster as well: the port is this instance's alone.
        exclusive: true,
        ipv6Only: address.family === 6,
        backlog: MAX_BACKLOG,
      },
      () => {
        server.off('error', reject);
        resolve();
      },
    );
  });
}

/**
 * A port that was taken. Node.js binds and listens in one step, so that the system lets peers in before the guest
 * listens; they are sent away.
 */
class ServerPort implements TcpPort {
  readonly local: SocketAddress;
  readonly #server: Server;
  readonly #ends: Ends;
  readonly #queue: Socket[] = [];
  /** How many may wait; 0 before `listen`. */
  #backlog = 0;
  #closed = false;
  #waiting: PromiseWithResolvers<void> | undefined;

  constructor(server: Server, ends: Ends) {
    const { address, port } = server.address() as AddressInfo;
    this.local = socketAddressOf(address, port);
    this.#server = server;
    this.#ends = ends;
    server.on('connection', (socket) => this.#onConnection(socket));
    // An accept that fails (too many files) is the peer's to notice; without a listener it would end the host.
    server.on('error', () => undefined);
    ends.add(this.#close);
  }

  listen(backlog: number): Promise<void> {
    if (this.#closed) return Promise.reject(new NetworkFailure('connection-aborted'));
    this.#backlog = Math.max(1, Math.min(MAX_BACKLOG, backlog));
    return Promise.resolve();
  }

  accept(): SocketConnection | undefined {
    this.#dropGone();
    const socket = this.#queue.shift();
    if (socket === undefined) return undefined;
    socket.off('error', ignore);
    return new SocketConnection(socket, this.#ends);
  }

  ready(): boolean {
    this.#dropGone();
    return this.#queue.length > 0 || this.#closed;
  }

  wait(): Promise<void> | undefined {
    return this.ready() ? undefined : (this.#waiting ??= Promise.withResolvers()).promise;
  }

  close(): void {
    this.#close();
  }

  readonly #close = (): void => {
    if (this.#closed) return;
    this.#closed = true;
    this.#server.close();
    for (const socket of this.#queue.splice(0)) socket.destroy();
    this.#ends.delete(this.#close);
    this.#wake();
  };

  #onConnection(socket: Socket): void {
    socket.on('error', ignore);
    this.#dropGone();
    if (this.#closed || this.#queue.length >= this.#backlog) {
      socket.destroy();
      return;
    }
    this.#queue.push(socket);
    this.#wake();
  }

  /** Peers that went away before they were let in. */
  #dropGone(): void {
    while (this.#queue[0]?.destroyed === true) this.#queue.shift();
  }

  #wake(): void {
    this.#waiting?.resolve();
    this.#waiting = undefined;
  }
}

function ignore(): void {
  // The socket is destroyed, which is what whoever takes it from the queue looks at.
}
