import { BindingError } from '../../errors.ts';
import { parseHost } from '../../policy/address/host.ts';
import { formatIpAddress, type IpAddress } from '../../policy/address/ip-address.ts';
import type { NetworkStack } from './stack.ts';
import type { Timers } from './turns.ts';
import { indexOf, MAX_HOSTS } from './virtual-addresses.ts';
import { type Neighbours, type RequestHandler, VirtualNode } from './virtual-node.ts';
import { VirtualStack } from './virtual-stack.ts';

export type { RequestHandler };

/**
 * A network in memory, for policies with `network: "virtual"`: its hosts reach each other by name and address over TCP, UDP
 * and HTTP, and nothing leaves the process. What an instance may do on it, the rules of its policy say as on a real network,
 * except that none of its addresses is special.
 */
export class VirtualNetwork {
  readonly #names = new Map<string, VirtualNode>();
  /** By index; there is none at 0. */
  readonly #nodes: (VirtualNode | undefined)[] = [undefined];
  readonly #neighbours: Neighbours = {
    byAddress: (address: IpAddress) => this.#nodes[indexOf(address)],
    byName: (name: string) => this.#names.get(name),
  };

  /**
   * The host of that name; made when it is first asked for. It has an address in 198.18.0.0/16 and one in 2001:db8::/112, in
   * the order in which hosts are made, and is `localhost` to itself.
   *
   * @throws BindingError BW_BINDING_NETWORK when it is no name of a host, or there are 65,535 of them
   */
  host(name: string): VirtualHost {
    const node = this.#nodeOf(name);
    return {
      addresses: [formatIpAddress(node.ipv4), formatIpAddress(node.ipv6)],
      open: (timers) => new VirtualStack(node, timers),
    };
  }

  /**
   * Answers the http and https requests to that name, at every port, in the terms of the Fetch API: bodies stream both ways,
   * there are no trailers. The request's `signal` ends when the guest gives it up.
   *
   * @param handler takes the place of one that was there
   * @throws BindingError BW_BINDING_NETWORK like {@link host}
   */
  serve(name: string, handler: RequestHandler): void {
    this.#nodeOf(name).handler = handler;
  }

  #nodeOf(name: string): VirtualNode {
    const host = parseHost(name);
    if (typeof host !== 'string' || host === 'localhost' || host.endsWith('.localhost')) {
      throw new BindingError(
        'BW_BINDING_NETWORK',
        `${JSON.stringify(name)} is no name for a host of a virtual network`,
        {
          hint: 'Take a name such as "db" or "api.internal"; addresses are given out, and each host is its own localhost.',
        },
      );
    }
    const known = this.#names.get(host);
    if (known !== undefined) return known;
    if (this.#nodes.length > MAX_HOSTS)
      throw new BindingError('BW_BINDING_NETWORK', `a virtual network has at most ${MAX_HOSTS} hosts`);
    const node = new VirtualNode(this.#nodes.length, this.#neighbours);
    this.#nodes.push(node);
    this.#names.set(host, node);
    return node;
  }
}

/** A host of a {@link VirtualNetwork}, to be bound to one instance or to several. */
export interface VirtualHost {
  /** Its IPv4 and its IPv6 address, in text. */
  readonly addresses: readonly string[];
  /** @internal */
  open(timers: Timers): NetworkStack;
}
