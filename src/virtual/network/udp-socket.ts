import { bindPort } from './bind.ts';
import { isDestination, makeDatagramStreams } from './datagram-streams.ts';
import type { DatagramStreams, Outcome, UdpOption, UdpSocket } from './network.ts';
import type { NetworkError } from './network-error.ts';
import { Pending } from './pending.ts';
import type { AddressFamily, SocketAddress } from './socket-address.ts';
import type { SocketContext } from './socket-context.ts';
import type { Allowed } from './socket-decisions.ts';
import { UdpTraffic } from './udp-traffic.ts';
import { isOfFamily } from './valid-address.ts';

const MAX_HOPS = 255n;
const MAX_BUFFER = 0x7fff_ffffn;

/**
 * A UDP socket: unbound, bound, and from then on with one association after the other.
 *
 * Sizes of buffers are kept and given back, and nothing else comes of them: how much is queued is bounded by the host.
 */
export class InstanceUdpSocket implements UdpSocket {
  readonly family: AddressFamily;
  readonly #context: SocketContext;
  readonly #options: Record<UdpOption, bigint> = {
    'unicast-hop-limit': 64n,
    'receive-buffer-size': 212_992n,
    'send-buffer-size': 212_992n,
  };
  #hopLimitSet = false;
  #binding: Pending<UdpTraffic> | undefined;
  #traffic: UdpTraffic | undefined;
  /** Which pair of streams is the current one. */
  #association = 0;
  /** The socket and the streams that the guest has not dropped. */
  #holders = 1;
  #dropped = false;
  /** Set as soon as there is anything to end. */
  #end: (() => void) | undefined;
  readonly #forget: () => void;

  constructor(context: SocketContext, family: AddressFamily) {
    this.#context = context;
    this.family = family;
    this.#forget = context.ends.add(() => this.#destroy());
  }

  /** start-bind: func(network: borrow<network>, local-address: ip-socket-address) -> result<_, error-code> */
  startBind(local: SocketAddress): Outcome {
    if (this.#binding !== undefined) return 'concurrency-conflict';
    if (this.#traffic !== undefined || this.#dropped) return 'invalid-state';
    if (!isOfFamily(local, this.family)) return 'invalid-argument';
    const { decisions } = this.#context;
    const listenRules = decisions.listenRules('udp', local);
    const rules = decisions.bindRules('udp', local);
    const subject = decisions.subjectOf('udp', local);
    const allowed = decisions.permit({ rules }, 'udp-bind', subject, 'new-socket-limit');
    if (typeof allowed === 'string') return allowed;
    const listens = listenRules.includes(allowed.rule);
    if (listens && !decisions.takeOne(allowed.rule, 'udp-bind', subject)) return 'new-socket-limit';
    this.#binding = new Pending(this.#bind(local, allowed, listens));
    return undefined;
  }

  /** finish-bind: func() -> result<_, error-code> */
  finishBind(): Outcome {
    if (this.#binding === undefined) return 'not-in-progress';
    const { result } = this.#binding;
    if (result === undefined) return 'would-block';
    this.#binding = undefined;
    if (typeof result === 'string') return result;
    this.#traffic = result;
    return undefined;
  }

  /** stream: func(remote-address: option<ip-socket-address>) -> result<tuple<incoming-datagram-stream, outgoing-datagram-stream>, error-code> */
  stream(remote: SocketAddress | undefined): DatagramStreams | NetworkError {
    const traffic = this.#traffic;
    if (traffic === undefined) return 'invalid-state';
    if (remote !== undefined && !isDestination(remote, this.family)) return 'invalid-argument';
    const association = ++this.#association;
    traffic.connectedTo = remote;
    // Those who wait on the streams before them have nothing to wait for any more.
    traffic.arrivals.wake();
    traffic.departures.wake();
    this.#holders += 2;
    return makeDatagramStreams({
      traffic,
      family: this.family,
      remote,
      isCurrent: () => association === this.#association,
      onClose: () => this.#release(),
    });
  }

  /** local-address: func() -> result<ip-socket-address, error-code> */
  localAddress(): SocketAddress | NetworkError {
    if (this.#traffic === undefined) return 'invalid-state';
    const { port, connectedTo } = this.#traffic;
    return connectedTo === undefined ? port.local : port.localFor(connectedTo);
  }

  /** remote-address: func() -> result<ip-socket-address, error-code> */
  remoteAddress(): SocketAddress | NetworkError {
    return this.#traffic?.connectedTo ?? 'invalid-state';
  }

  getOption(option: UdpOption): bigint {
    return this.#options[option];
  }

  setOption(option: UdpOption, value: bigint): Outcome {
    if (value <= 0n) return 'invalid-argument';
    const most = option === 'unicast-hop-limit' ? MAX_HOPS : MAX_BUFFER;
    this.#options[option] = value < most ? value : most;
    if (option !== 'unicast-hop-limit') return undefined;
    this.#hopLimitSet = true;
    if (this.#traffic !== undefined) this.#applyHopLimit(this.#traffic);
    return undefined;
  }

  get isUnbound(): boolean {
    return this.#traffic === undefined && this.#binding === undefined && !this.#dropped;
  }

  abandon(): void {
    if (this.#binding === undefined) return;
    this.#binding = undefined;
    this.#destroy();
  }

  /** Whether I/O is worth trying, the streams tell; the socket itself only waits to be bound. */
  ready(): boolean {
    return this.#binding === undefined || this.#binding.ready();
  }

  wait(): Promise<void> | undefined {
    return this.#binding?.wait();
  }

  close(): void {
    if (this.#dropped) return;
    this.#dropped = true;
    this.#release();
  }

  #release(): void {
    if (--this.#holders > 0) return;
    if (this.#traffic === undefined) this.#destroy();
    // What was taken is sent all the same.
    else this.#traffic.finish(() => this.#destroy());
  }

  #destroy(): void {
    this.#dropped = true;
    this.#holders = 0;
    this.#end?.();
    this.#forget();
  }

  async #bind(local: SocketAddress, allowed: Allowed, listens: boolean): Promise<UdpTraffic | NetworkError> {
    const { rule, permit } = allowed;
    let traffic: UdpTraffic | undefined;
    try {
      const stack = await this.#context.stack();
      const port = await bindPort(local, listens ? rule.matcher : undefined, (address) =>
        stack.bindUdp(permit, address),
      );
      if (this.#dropped || rule.grant.revoked) {
        port.close();
        return 'access-denied';
      }
      traffic = new UdpTraffic(this.#context, this.family, port, listens ? rule : undefined);
      const bound = traffic;
      this.#end = () => bound.close();
      this.#applyHopLimit(traffic);
      return traffic;
    } finally {
      if (traffic === undefined && listens) rule.concurrent?.give();
    }
  }

  #applyHopLimit({ port }: UdpTraffic): void {
    if (this.#hopLimitSet) port.setHopLimit(Number(this.#options['unicast-hop-limit']));
  }
}
