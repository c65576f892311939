import { NetworkFailure } from './network-error.ts';
import type { OpenEnds } from './open-ends.ts';
import type { SocketAddress } from './socket-address.ts';
import type { Datagram, UdpPort } from './stack.ts';
import type { Turns } from './turns.ts';
import { isLoopback } from './virtual-addresses.ts';
import type { VirtualNode } from './virtual-node.ts';

/** A UDP port of a host in memory. */
export class VirtualUdpPort implements UdpPort {
  readonly local: SocketAddress;
  readonly #node: VirtualNode;
  readonly #turns: Turns;
  /** Who it is for a peer on another host, and for one on its own. */
  readonly #source: SocketAddress;
  readonly #loopbackSource: SocketAddress;
  readonly #forget: () => void;
  #accept: ((datagram: Datagram) => void) | undefined;
  /** What is sent meanwhile keeps its order. */
  #turning: Promise<void> | undefined;
  #closed = false;

  /** @param ends of the stack that it belongs to */
  constructor(node: VirtualNode, local: SocketAddress, ends: OpenEnds, turns: Turns) {
    this.local = local;
    this.#node = node;
    this.#turns = turns;
    this.#source = node.sourceFor(local, false);
    this.#loopbackSource = node.sourceFor(local, true);
    node.udp.add(this);
    this.#forget = ends.add(() => this.close());
  }

  async send(datagram: Datagram): Promise<void> {
    const turn = (this.#turning ??= this.#turns.next());
    if (turn !== undefined) {
      await turn;
      if (this.#turning === turn) this.#turning = undefined;
    }
    if (this.#closed) throw new NetworkFailure('invalid-state');
    this.#deliver(datagram);
  }

  receive(accept: (datagram: Datagram) => void): void {
    this.#accept = accept;
  }

  setHopLimit(): void {
    // There are no hops.
  }

  localFor(remote: SocketAddress): SocketAddress {
    return isLoopback(remote.address) ? this.#loopbackSource : this.#source;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#accept = undefined;
    this.#node.udp.delete(this);
    this.#forget();
  }

  /** Where nobody is, a datagram is lost; where no host is, there is no way. */
  #deliver({ bytes, remote }: Datagram): void {
    const node = this.#node.find(remote.address);
    if (node === undefined) throw new NetworkFailure('remote-unreachable');
    const source = this.localFor(remote);
    const port = node.udp.find(remote);
    if (port !== undefined) port.#accept?.({ bytes, remote: source });
  }
}
