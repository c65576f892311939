import { type SocketAddress, sameEndpoint } from './socket-address.ts';

/** Peers that one socket is kept; whoever came first leaves first. */
const MAX_PEERS = 1024;

/** Something kept for an endpoint. Belongs to one table. */
export interface Peer {
  readonly remote: SocketAddress;
  /** @internal The next one with the same hash. */
  next?: Peer | undefined;
}

/**
 * Finds what is kept for an endpoint without building a key for it: it is asked for every datagram. Peers choose their
 * addresses, so those with one hash form a chain and none pushes another out.
 */
export class PeerTable<P extends Peer> {
  readonly #hash: (remote: SocketAddress) => number;
  readonly #byHash = new Map<number, P>();
  readonly #inOrder = new Set<P>();

  /** @param hash of an endpoint */
  constructor(hash: (remote: SocketAddress) => number = hashOf) {
    this.#hash = hash;
  }

  find(remote: SocketAddress): P | undefined {
    let peer = this.#byHash.get(this.#hash(remote));
    while (peer !== undefined && !sameEndpoint(peer.remote, remote)) peer = peer.next as P | undefined;
    return peer;
  }

  add(peer: P): void {
    const hash = this.#hash(peer.remote);
    peer.next = this.#byHash.get(hash);
    this.#byHash.set(hash, peer);
    this.#inOrder.add(peer);
    if (this.#inOrder.size <= MAX_PEERS) return;
    for (const first of this.#inOrder) {
      this.delete(first);
      break;
    }
  }

  delete(peer: P): void {
    if (!this.#inOrder.delete(peer)) return;
    const hash = this.#hash(peer.remote);
    let before = this.#byHash.get(hash);
    if (before === peer) {
      if (peer.next === undefined) this.#byHash.delete(hash);
      else this.#byHash.set(hash, peer.next as P);
      return;
    }
    while (before !== undefined && before.next !== peer) before = before.next as P | undefined;
    if (before !== undefined) before.next = peer.next;
  }
}

/** FNV-1a, 32 bits. */
function hashOf({ address, port }: SocketAddress): number {
  let hash = Math.imul(0x811c9dc5 ^ port, 0x01000193);
  for (const byte of address.bytes) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash;
}
