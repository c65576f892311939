import type { DatagramStreams, IncomingDatagrams, OutgoingDatagrams, Outcome } from './network.ts';
import type { NetworkError } from './network-error.ts';
import { SharedWait } from './signals.ts';
import { type AddressFamily, type SocketAddress, sameEndpoint } from './socket-address.ts';
import type { Datagram } from './stack.ts';
import type { UdpTraffic } from './udp-traffic.ts';
import { isOfFamily, isRemote } from './valid-address.ts';

/** One association of a UDP socket; the next one takes its place. */
export interface Association {
  readonly traffic: UdpTraffic;
  readonly family: AddressFamily;
  /** undefined: any peer. */
  readonly remote: SocketAddress | undefined;
  readonly isCurrent: () => boolean;
  /** Called once for each of the two streams. */
  readonly onClose: () => void;
}

export function makeDatagramStreams(association: Association): DatagramStreams {
  return { incoming: new Incoming(association), outgoing: new Outgoing(association) };
}

class Incoming implements IncomingDatagrams {
  readonly #association: Association;
  readonly #wait: SharedWait;
  #closed = false;

  constructor(association: Association) {
    this.#association = association;
    this.#wait = new SharedWait(
      () => this.ready(),
      () => association.traffic.arrivals.next(),
    );
  }

  /** receive: func(max-results: u64) -> result<list<incoming-datagram>, error-code> */
  receive(max: number): readonly Datagram[] | NetworkError {
    const { traffic, isCurrent } = this.#association;
    if (this.#closed || !isCurrent()) return 'invalid-state';
    const datagrams = traffic.take(max);
    if (datagrams.length > 0 || traffic.failure === undefined) return datagrams;
    return traffic.failure;
  }

  ready(): boolean {
    const { traffic, isCurrent } = this.#association;
    return this.#closed || !isCurrent() || traffic.hasArrivals || traffic.failure !== undefined;
  }

  wait(): Promise<void> | undefined {
    return this.#wait.wait();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#association.onClose();
  }
}

class Outgoing implements OutgoingDatagrams {
  readonly #association: Association;
  readonly #wait: SharedWait;
  #closed = false;

  constructor(association: Association) {
    this.#association = association;
    this.#wait = new SharedWait(
      () => this.ready(),
      () => association.traffic.departures.next(),
    );
  }

  /** check-send: func() -> result<u64, error-code> */
  checkSend(): number | NetworkError {
    const { traffic, isCurrent } = this.#association;
    if (this.#closed || !isCurrent()) return 'invalid-state';
    return traffic.takeSendError() ?? traffic.end ?? traffic.sendable;
  }

  /** send: func(datagrams: list<outgoing-datagram>) -> result<u64, error-code> */
  send(bytes: Uint8Array, remote: SocketAddress | undefined): Outcome {
    const { traffic, family, isCurrent, remote: connected } = this.#association;
    if (this.#closed || !isCurrent()) return 'invalid-state';
    const to = remote ?? connected;
    if (to === undefined || !isRemote(to) || !isOfFamily(to, family)) return 'invalid-argument';
    if (connected !== undefined && !sameEndpoint(to, connected)) return 'invalid-argument';
    return traffic.send(bytes, to);
  }

  ready(): boolean {
    const { traffic, isCurrent } = this.#association;
    if (this.#closed || !isCurrent() || traffic.hasSendError) return true;
    return traffic.end !== undefined || traffic.sendable > 0;
  }

  wait(): Promise<void> | undefined {
    return this.#wait.wait();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#association.onClose();
  }
}
