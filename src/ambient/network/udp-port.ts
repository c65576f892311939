import { createSocket, type Socket } from 'node:dgram';
import { formatIpAddress } from '../../policy/address/ip-address.ts';
import { type NetworkError, NetworkFailure } from '../../virtual/network/network-error.ts';
import { familyOf, type AddressFamily, type SocketAddress } from '../../virtual/network/socket-address.ts';
import type { Datagram, UdpPort } from '../../virtual/network/stack.ts';
import { isUnspecified } from '../../virtual/network/valid-address.ts';
import { isLoopback, LOOPBACK_V4, LOOPBACK_V6 } from '../../virtual/network/virtual-addresses.ts';
import type { Ends } from './ends.ts';
import { socketFailure } from './network-failure.ts';
import { refuseZone, socketAddressOf } from './socket-addresses.ts';

/** Takes a port of this host for datagrams. @throws NetworkFailure */
export async function bindUdp(local: SocketAddress, ends: Ends): Promise<UdpPort> {
  if (ends.ended) throw new NetworkFailure('connection-aborted');
  const family = familyOf(local);
  const socket = createSocket({
    type: family === 'ipv4' ? 'udp4' : 'udp6',
    ...(family === 'ipv6' && { ipv6Only: true }),
    // Destinations are addresses. Node.js would hand them to its resolver all the same.
    lookup: (address, _options, callback) => callback(null, address, family === 'ipv4' ? 4 : 6),
  });
  try {
    refuseZone(local);
    await bound(socket, local);
  } catch (error) {
    socket.close();
    throw socketFailure(error);
  }
  const port = new DatagramPort(socket, family, ends);
  if (ends.ended) {
    port.close();
    throw new NetworkFailure('connection-aborted');
  }
  return port;
}

function bound(socket: Socket, { address, port }: SocketAddress): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.bind({ address: formatIpAddress(address), port, exclusive: true }, () => {
      socket.off('error', reject);
      resolve();
    });
  });
}

class DatagramPort implements UdpPort {
  readonly local: SocketAddress;
  readonly #socket: Socket;
  readonly #family: AddressFamily;
  readonly #ends: Ends;
  /** Sends that the system has not taken: a socket that is closed never says what came of them. */
  readonly #sending = new Set<(error: NetworkError) => void>();
  #closed = false;

  constructor(socket: Socket, family: AddressFamily, ends: Ends) {
    const { address, port } = socket.address();
    this.local = socketAddressOf(address, port);
    this.#socket = socket;
    this.#family = family;
    this.#ends = ends;
    // Of a datagram that could not be received; the next one may.
    socket.on('error', () => undefined);
    ends.add(this.#close);
  }

  /** The bytes must not change before it settles. */
  send(datagram: Datagram): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#closed) return reject(new NetworkFailure('connection-aborted'));
      const fail = (error: NetworkError): void => {
        this.#sending.delete(fail);
        reject(new NetworkFailure(error));
      };
      this.#sending.add(fail);
      try {
        this.#start(datagram, (error) => {
          if (error !== null) return fail(socketFailure(error).code);
          this.#sending.delete(fail);
          resolve();
        });
      } catch (error) {
        fail(socketFailure(error).code);
      }
    });
  }

  receive(accept: (datagram: Datagram) => void): void {
    this.#socket.removeAllListeners('message');
    this.#socket.on('message', (bytes, { address, port }) => {
      if (!this.#closed) accept({ bytes, remote: socketAddressOf(address, port) });
    });
  }

  setHopLimit(hops: number): void {
    if (this.#closed) return;
    try {
      this.#socket.setTTL(hops);
    } catch (error) {
      throw socketFailure(error);
    }
  }

  localFor(remote: SocketAddress): SocketAddress {
    const isAny = isUnspecified(this.local.address) && isLoopback(remote.address);
    return isAny
      ? { ...this.local, address: this.#family === 'ipv4' ? LOOPBACK_V4 : LOOPBACK_V6 }
      : this.local;
  }

  close(): void {
    this.#close();
  }

  #start({ bytes, remote }: Datagram, done: (error: Error | null) => void): void {
    refuseZone(remote);
    // The system would take an IPv4 address on an IPv6 socket for a mapped one.
    if (familyOf(remote) !== this.#family) throw new NetworkFailure('invalid-argument');
    this.#socket.send(bytes, remote.port, formatIpAddress(remote.address), done);
  }

  readonly #close = (): void => {
    if (this.#closed) return;
    this.#closed = true;
    this.#socket.close();
    this.#ends.delete(this.#close);
    for (const fail of this.#sending) fail('connection-aborted');
  };
}
