import type { IpAddress } from '../../policy/address/ip-address.ts';
import { NetworkFailure } from './network-error.ts';
import { PortTable } from './port-table.ts';
import { sameBytes, type SocketAddress } from './socket-address.ts';
import { isUnspecified } from './valid-address.ts';
import { ipv4Of, ipv6Of, isLoopback, LOOPBACK_V4, LOOPBACK_V6 } from './virtual-addresses.ts';
import type { VirtualTcpPort } from './virtual-tcp.ts';
import type { VirtualUdpPort } from './virtual-udp.ts';

/** Answers the HTTP requests to a host in memory. */
export type RequestHandler = (request: Request) => Response | Promise<Response>;

/** What a host needs of the network that it is in. */
export interface Neighbours {
  byAddress(address: IpAddress): VirtualNode | undefined;
  byName(name: string): VirtualNode | undefined;
}

/** A host in memory: what all instances on it share. */
export class VirtualNode {
  readonly ipv4: IpAddress;
  readonly ipv6: IpAddress;
  readonly tcp: PortTable<VirtualTcpPort> = new PortTable();
  readonly udp: PortTable<VirtualUdpPort> = new PortTable();
  handler: RequestHandler | undefined;
  readonly #neighbours: Neighbours;

  /** @param index of the host in its network, from 1 */
  constructor(index: number, neighbours: Neighbours) {
    this.ipv4 = ipv4Of(index);
    this.ipv6 = ipv6Of(index);
    this.#neighbours = neighbours;
  }

  /** The host that an address leads to from here. */
  find(address: IpAddress): VirtualNode | undefined {
    return isLoopback(address) ? this : this.#neighbours.byAddress(address);
  }

  /** @returns its addresses, IPv4 first; none when there is no such name */
  resolve(name: string): readonly IpAddress[] {
    if (name === 'localhost' || name.endsWith('.localhost')) return [LOOPBACK_V4, LOOPBACK_V6];
    const node = this.#neighbours.byName(name);
    return node === undefined ? [] : [node.ipv4, node.ipv6];
  }

  /** @throws NetworkFailure `address-not-bindable` for an address of somebody else */
  checkOwn({ address }: SocketAddress): void {
    const own = address.family === 4 ? this.ipv4 : this.ipv6;
    if (isUnspecified(address) || isLoopback(address) || sameBytes(own.bytes, address.bytes)) return;
    throw new NetworkFailure('address-not-bindable');
  }

  /** Who somebody bound to `local` is for a peer. @param loopback whether the peer was addressed as this very host */
  sourceFor(local: SocketAddress, loopback: boolean): SocketAddress {
    const { address, port } = local;
    if (!isUnspecified(address)) return local;
    if (address.family === 4) return { address: loopback ? LOOPBACK_V4 : this.ipv4, port };
    return { address: loopback ? LOOPBACK_V6 : this.ipv6, port };
  }
}
