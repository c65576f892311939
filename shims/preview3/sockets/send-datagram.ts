import { isDestination } from '../../../src/virtual/network/datagram-streams.ts';
import type { Outcome } from '../../../src/virtual/network/network.ts';
import type { SocketAddress } from '../../../src/virtual/network/socket-address.ts';
import type { UdpSocket } from './udp-socket.ts';
import type { Waits } from './waiting.ts';

/** Bytes of datagrams that may wait on one socket: a guest can start as many calls as it has handles. */
const MAX_WAITING_BYTES = 256 << 10;

/** One datagram on its way: the socket is bound, the system has room for it, the system has taken it. */
export class SendDatagram implements Waits {
  readonly #socket: UdpSocket;
  readonly #bytes: Uint8Array;
  readonly #remote: SocketAddress | undefined;
  readonly #sent = Promise.withResolvers<void>();
  #state: 'new' | 'waiting' | 'sending' | 'sent' = 'new';
  #outcome: Outcome;

  /** @param remote undefined: the peer that the socket is connected to */
  constructor(socket: UdpSocket, bytes: Uint8Array, remote: SocketAddress | undefined) {
    this.#socket = socket;
    this.#bytes = bytes;
    this.#remote = remote;
  }

  /** @returns `would-block`: ask again after {@link wait} */
  go(): Outcome {
    if (this.#state === 'sent') return this.#outcome;
    const outcome = this.#isSending ? 'would-block' : this.#handOver();
    if (outcome === 'would-block') return this.#isSending ? outcome : this.#queue();
    this.abandon();
    return outcome;
  }

  wait(): Promise<void> | undefined {
    return this.#isSending ? this.#sent.promise : this.#socket.departure.wait();
  }

  /** Nobody wants to know any more. What the system was given is sent all the same. */
  abandon(): void {
    if (this.#state === 'waiting') this.#socket.waitingBytes -= this.#bytes.length;
    if (this.#state === 'waiting') this.#state = 'new';
  }

  get #isSending(): boolean {
    return this.#state === 'sending';
  }

  #handOver(): Outcome {
    const { inner } = this.#socket;
    // Who can send nowhere is not bound for it.
    if (inner.isUnbound && !isDestination(this.#remote, inner.family)) return 'invalid-argument';
    const bound = this.#socket.bindImplicitly();
    if (bound !== undefined) return bound;
    const { streams } = this.#socket;
    if (typeof streams === 'string') return streams;
    const room = streams.outgoing.checkSend();
    if (typeof room === 'string') return room;
    if (room === 0) return 'would-block';
    const refused = streams.outgoing.send(this.#bytes, this.#remote, (outcome) => this.#onSent(outcome));
    if (refused !== undefined) return refused;
    this.abandon();
    this.#state = 'sending';
    return 'would-block';
  }

  #queue(): Outcome {
    if (this.#state === 'waiting') return 'would-block';
    if (this.#socket.waitingBytes + this.#bytes.length > MAX_WAITING_BYTES) return 'out-of-memory';
    this.#socket.waitingBytes += this.#bytes.length;
    this.#state = 'waiting';
    return 'would-block';
  }

  #onSent(outcome: Outcome): void {
    this.#outcome = outcome;
    this.#state = 'sent';
    this.#sent.resolve();
  }
}
