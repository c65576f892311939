import type {
  DatagramStreams,
  IncomingDatagrams,
  OnSent,
  OutgoingDatagrams,
  Outcome,
  Waitable,
} from './network.ts';
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

/** Whether a socket of `family` can send there at all. */
export function isDestination(to: SocketAddress | undefined, family: AddressFamily): to is SocketAddress {
  return to !== undefined && isRemote(to) && isOfFamily(to, family);
}

export function makeDatagramStreams(association: Association): DatagramStreams {
  return { incoming: new Incoming(association), outgoing: new Outgoing(association) };
}

/** What both directions have in common: they are of no use once they are closed, or the socket has newer ones. */
abstract class DatagramStream implements Waitable {
  protected readonly association: Association;
  readonly #wait: SharedWait;
  #closed = false;

  /** @param next settles when `ready` may have changed */
  constructor(association: Association, next: () => Promise<void>) {
    this.association = association;
    this.#wait = new SharedWait(() => this.ready(), next);
  }

  abstract ready(): boolean;

  wait(): Promise<void> | undefined {
    return this.#wait.wait();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.association.onClose();
  }

  protected get isOver(): boolean {
    return this.#closed || !this.association.isCurrent();
  }
}

class Incoming extends DatagramStream implements IncomingDatagrams {
  constructor(association: Association) {
    super(association, () => association.traffic.arrivals.next());
  }

  /** receive: func(max-results: u64) -> result<list<incoming-datagram>, error-code> */
  receive(max: number): readonly Datagram[] | NetworkError {
    if (this.isOver) return 'invalid-state';
    const { traffic } = this.association;
    const datagrams = traffic.take(max);
    if (datagrams.length > 0 || traffic.failure === undefined) return datagrams;
    return traffic.failure;
  }

  ready(): boolean {
    const { traffic } = this.association;
    return this.isOver || traffic.hasArrivals || traffic.failure !== undefined;
  }
}

class Outgoing extends DatagramStream implements OutgoingDatagrams {
  constructor(association: Association) {
    super(association, () => association.traffic.departures.next());
  }

  /** check-send: func() -> result<u64, error-code> */
  checkSend(): number | NetworkError {
    if (this.isOver) return 'invalid-state';
    const { traffic } = this.association;
    return traffic.takeSendError() ?? traffic.end ?? traffic.sendable;
  }

  /** send: func(datagrams: list<outgoing-datagram>) -> result<u64, error-code> */
  send(bytes: Uint8Array, remote: SocketAddress | undefined, onSent?: OnSent): Outcome {
    if (this.isOver) return 'invalid-state';
    const { traffic, family, remote: connected } = this.association;
    const to = remote ?? connected;
    if (!isDestination(to, family)) return 'invalid-argument';
    if (connected !== undefined && !sameEndpoint(to, connected)) return 'invalid-argument';
    return traffic.send(bytes, to, onSent);
  }

  ready(): boolean {
    const { traffic } = this.association;
    if (this.isOver || traffic.hasSendError) return true;
    return traffic.end !== undefined || traffic.sendable > 0;
  }
}
