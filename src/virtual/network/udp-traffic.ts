import type { Grant } from '../../kernel/grant.ts';
import { DatagramQueue } from './datagram-queue.ts';
import type { SocketEgressRule } from './egress-rules.ts';
import type { OnSent, Outcome } from './network.ts';
import type { NetworkError } from './network-error.ts';
import { codeOf } from './pending.ts';
import { type Peer, PeerTable } from './peer-table.ts';
import { Signals } from './signals.ts';
import { type SocketAddress, sameEndpoint } from './socket-address.ts';
import type { SocketContext } from './socket-context.ts';
import type { Candidates } from './socket-decisions.ts';
import type { Datagram, UdpPort } from './stack.ts';

/** Datagrams of one socket that the system has not taken yet. */
const MAX_IN_FLIGHT = 8;

/** What an IPv4 or IPv6 packet has room for. */
const MAX_BYTES = { ipv4: 65_507, ipv6: 65_527 } as const;

/** Somebody whom a guest sends to, or who has written to it. */
interface KnownPeer extends Peer {
  readonly subject: string;
  /** The rules for the peer, once they are known. */
  candidates: Candidates | undefined;
  /** Settles when they are. */
  decided: Promise<void> | undefined;
  /** The rule that a datagram to it went out under last. */
  allowedBy: SocketEgressRule | undefined;
  /** Why nothing goes to it. */
  refusal: NetworkError | undefined;
}

/**
 * What goes out of a bound UDP socket and what comes in. Out goes what a rule for the destination allows, and, on a port that
 * is listened on, what answers somebody who wrote to it. In comes what a listening port gets, or what comes from a destination
 * that was allowed.
 */
export class UdpTraffic {
  readonly port: UdpPort;
  readonly arrivals: Signals = new Signals();
  readonly departures: Signals = new Signals();
  /** Once set, only datagrams from there come in. */
  connectedTo: SocketAddress | undefined;
  /** Why nothing comes in any more. */
  failure: NetworkError | undefined;
  readonly #context: SocketContext;
  readonly #family: 'ipv4' | 'ipv6';
  readonly #listenRule: SocketEgressRule | undefined;
  readonly #destinations = new PeerTable<KnownPeer>();
  readonly #writers = new PeerTable<KnownPeer>();
  readonly #rules = new Map<SocketEgressRule, () => void>();
  readonly #abort = new AbortController();
  readonly #queue = new DatagramQueue();
  #inFlight = 0;
  /** Called once nothing is in flight. */
  #onIdle: (() => void) | undefined;
  #sendError: NetworkError | undefined;
  #limitTold = false;
  #closed = false;

  /** @param listenRule that the port was bound under, where it was one; it is in use already */
  constructor(
    context: SocketContext,
    family: 'ipv4' | 'ipv6',
    port: UdpPort,
    listenRule: SocketEgressRule | undefined,
  ) {
    this.#context = context;
    this.#family = family;
    this.port = port;
    this.#listenRule = listenRule;
    if (listenRule !== undefined) this.#watch(listenRule);
    port.receive((datagram) => this.#accept(datagram));
  }

  /** Why it is over. */
  get end(): NetworkError | undefined {
    return this.#closed ? this.failure : undefined;
  }

  get sendable(): number {
    return this.#closed ? 0 : MAX_IN_FLIGHT - this.#inFlight;
  }

  get hasSendError(): boolean {
    return this.#sendError !== undefined;
  }

  /** What became of a datagram that was taken; told once. */
  takeSendError(): NetworkError | undefined {
    const error = this.#sendError;
    this.#sendError = undefined;
    return error;
  }

  /** @param remote a valid destination @param onSent who is told what became of it, instead of {@link takeSendError} */
  send(bytes: Uint8Array, remote: SocketAddress, onSent?: OnSent): Outcome {
    if (this.end !== undefined) return this.end;
    if (bytes.length > MAX_BYTES[this.#family]) return 'datagram-too-large';
    const peer = this.#peerOf(remote);
    // Not `slice`: that of a Buffer copies nothing.
    const copy = new Uint8Array(bytes);
    if (peer.candidates !== undefined) return this.#transmit(peer, copy, onSent);
    this.#inFlight++;
    void peer.decided?.then(() => {
      const refusal = this.end ?? this.#transmit(peer, copy, onSent);
      // Who waits for this one hears of it later, unless it is over here.
      if (refusal === undefined) this.#sent(undefined);
      else this.#sent(this.#closed && onSent === undefined ? undefined : refusal, onSent);
    });
    return undefined;
  }

  get hasArrivals(): boolean {
    return !this.#queue.isEmpty;
  }

  take(max: number): readonly Datagram[] {
    const from = this.connectedTo;
    if (from !== undefined) this.#queue.keep(({ remote }) => sameEndpoint(remote, from));
    return this.#queue.take(max);
  }

  /** Nobody uses it any more. @param onIdle called when what was taken is sent */
  finish(onIdle: () => void): void {
    if (this.#inFlight === 0) onIdle();
    else this.#onIdle = onIdle;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.failure ??= 'invalid-state';
    this.#abort.abort();
    this.port.close();
    this.#queue.clear();
    for (const [{ concurrent }, unwatch] of this.#rules) {
      unwatch();
      concurrent?.give();
    }
    this.#rules.clear();
    this.arrivals.wake();
    this.departures.wake();
  }

  #peerOf(remote: SocketAddress): KnownPeer {
    const known = this.#destinations.find(remote) ?? this.#writers.find(remote);
    if (known !== undefined) return known;
    const { decisions } = this.#context;
    const peer: KnownPeer = {
      remote,
      subject: decisions.subjectOf('udp', remote),
      candidates: decisions.remoteRulesNow('udp', remote),
      decided: undefined,
      allowedBy: undefined,
      refusal: undefined,
    };
    this.#destinations.add(peer);
    if (peer.candidates === undefined) peer.decided = this.#decide(peer);
    return peer;
  }

  async #decide(peer: KnownPeer): Promise<void> {
    try {
      peer.candidates = await this.#context.decisions.remoteRules('udp', peer.remote, this.#abort.signal);
    } catch (error) {
      peer.refusal = codeOf(error);
      peer.candidates = { rules: [] };
      this.#destinations.delete(peer);
    }
  }

  #transmit(peer: KnownPeer, bytes: Uint8Array, onSent?: OnSent): Outcome {
    const refusal = peer.refusal ?? this.#permit(peer, bytes.length);
    if (refusal !== undefined) return refusal;
    this.#inFlight++;
    this.port.send({ bytes, remote: peer.remote }).then(
      () => this.#sent(undefined, onSent),
      (error: unknown) => this.#sent(codeOf(error), onSent),
    );
    return undefined;
  }

  #sent(error: Outcome, onSent?: OnSent): void {
    this.#inFlight--;
    if (onSent === undefined) this.#sendError ??= error;
    else onSent(error);
    this.departures.wake();
    if (this.#inFlight === 0) this.#onIdle?.();
  }

  #permit(peer: KnownPeer, length: number): NetworkError | undefined {
    const { decisions, guard } = this.#context;
    const candidates = peer.candidates ?? { rules: [] };
    const allowed = decisions.permit(candidates, 'udp-send', peer.subject, 'new-socket-limit');
    if (typeof allowed === 'string') {
      // What is used up may come back; what is denied is decided anew when it is asked for again.
      if (allowed === 'access-denied') this.#forget(peer, allowed);
      return allowed;
    }
    const { rule } = allowed;
    if (!this.#rules.has(rule)) {
      if (!decisions.takeOne(rule, 'udp-send', peer.subject)) return 'new-socket-limit';
      this.#watch(rule);
    }
    const budget = rule.sentBytes;
    if (budget !== undefined && budget.left < length) {
      guard.limited(budget.name, budget.limit, 'udp-send', peer.subject);
      return 'access-denied';
    }
    budget?.use(length);
    this.#context.meter.networkBytesSent += length;
    peer.allowedBy = rule;
    return undefined;
  }

  /** Those of its datagrams that wait for the same decision are refused by it, too. */
  #forget(peer: KnownPeer, refusal: NetworkError): void {
    if (peer.decided !== undefined) peer.refusal = refusal;
    this.#destinations.delete(peer);
  }

  #accept(datagram: Datagram): void {
    const { bytes, remote } = datagram;
    if (this.connectedTo !== undefined && !sameEndpoint(this.connectedTo, remote)) return;
    const rule = this.#listenRule ?? this.#destinations.find(remote)?.allowedBy;
    if (rule === undefined || rule.grant.revoked) return;
    if (!this.#queue.hasRoomFor(bytes.length)) return;
    const budget = rule.receivedBytes;
    if (budget !== undefined && budget.left < bytes.length) return this.#passReceiveLimit(rule, remote);
    budget?.use(bytes.length);
    this.#context.meter.networkBytesReceived += bytes.length;
    if (rule === this.#listenRule) this.#rememberWriter(remote, rule);
    this.#queue.push(datagram, rule);
    this.arrivals.wake();
  }

  #rememberWriter(remote: SocketAddress, rule: SocketEgressRule): void {
    if (this.#writers.find(remote) !== undefined) return;
    this.#writers.add({
      remote,
      subject: this.#context.decisions.subjectOf('udp', remote),
      candidates: { rules: [rule] },
      decided: undefined,
      allowedBy: rule,
      refusal: undefined,
    });
  }

  #passReceiveLimit({ receivedBytes }: SocketEgressRule, remote: SocketAddress): void {
    this.failure = 'access-denied';
    if (!this.#limitTold && receivedBytes !== undefined) {
      const { guard, decisions } = this.#context;
      const subject = decisions.subjectOf('udp', remote);
      guard.limited(receivedBytes.name, receivedBytes.limit, 'udp-receive', subject);
    }
    this.#limitTold = true;
    this.arrivals.wake();
  }

  #watch(rule: SocketEgressRule): void {
    if (rule !== this.#listenRule) this.failure = undefined;
    this.#rules.set(
      rule,
      rule.grant.watch(() => this.#onRevoked(rule.grant)),
    );
  }

  /** Nothing that came under the rule is given any more. The port itself goes with the rule that it was bound under. */
  #onRevoked(grant: Grant): void {
    this.#queue.keep((_, rule) => rule.grant !== grant);
    const isLast = [...this.#rules.keys()].every((rule) => rule.grant.revoked);
    if (isLast) this.failure = 'access-denied';
    if (this.#listenRule?.grant === grant) {
      this.failure = 'access-denied';
      this.close();
    }
    this.arrivals.wake();
    this.departures.wake();
  }
}
