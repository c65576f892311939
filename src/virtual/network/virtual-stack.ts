import { Permit } from '../../kernel/permit.ts';
import type { IpAddress } from '../../policy/address/ip-address.ts';
import { NetworkFailure } from './network-error.ts';
import { OpenEnds } from './open-ends.ts';
import { familyOf, type SocketAddress, unspecified } from './socket-address.ts';
import type {
  HttpExchange,
  HttpRequestHead,
  NetworkStack,
  TcpConnection,
  TcpOptions,
  TcpPort,
  UdpPort,
} from './stack.ts';
import { type Timers, Turns } from './turns.ts';
import { isLoopback } from './virtual-addresses.ts';
import { VirtualExchange } from './virtual-http.ts';
import type { VirtualNode } from './virtual-node.ts';
import { VirtualTcpPort } from './virtual-tcp.ts';
import { VirtualUdpPort } from './virtual-udp.ts';

/** A host in memory as one of its instances reaches it. */
export class VirtualStack implements NetworkStack {
  readonly isVirtual = true;
  readonly #node: VirtualNode;
  readonly #turns: Turns;
  readonly #ends = new OpenEnds();

  constructor(node: VirtualNode, timers: Timers) {
    this.#node = node;
    this.#turns = new Turns(timers);
  }

  async resolve(permit: Permit, name: string): Promise<readonly IpAddress[]> {
    Permit.assert(permit);
    await this.#turns.next();
    const addresses = this.#node.resolve(name);
    if (addresses.length === 0) throw new NetworkFailure('name-unresolvable');
    return addresses;
  }

  async connectTcp(
    permit: Permit,
    remote: SocketAddress,
    { local }: TcpOptions,
    signal: AbortSignal,
  ): Promise<TcpConnection> {
    Permit.assert(permit);
    await this.#turns.next();
    if (signal.aborted) throw new NetworkFailure('connection-aborted');
    const node = this.#node.find(remote.address);
    if (node === undefined) throw new NetworkFailure('remote-unreachable');
    const port = node.tcp.find(remote);
    if (port === undefined) throw new NetworkFailure('connection-refused');
    return port.connect(this.#sourceFor(remote, local), remote, this.#ends);
  }

  async bindTcp(permit: Permit, local: SocketAddress): Promise<TcpPort> {
    Permit.assert(permit);
    await this.#turns.next();
    this.#node.checkOwn(local);
    return new VirtualTcpPort(this.#node, this.#node.tcp.choose(local), this.#ends, this.#turns);
  }

  async bindUdp(permit: Permit, local: SocketAddress): Promise<UdpPort> {
    Permit.assert(permit);
    await this.#turns.next();
    this.#node.checkOwn(local);
    return new VirtualUdpPort(this.#node, this.#node.udp.choose(local), this.#ends, this.#turns);
  }

  request(permit: Permit, head: HttpRequestHead, signal: AbortSignal): HttpExchange {
    Permit.assert(permit);
    const handler = this.#node.find(head.address)?.handler;
    const exchange = new VirtualExchange(head, handler, this.#turns);
    const abort = (): void => exchange.abort();
    const forget = this.#ends.add(abort);
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
    void exchange.over.then(() => {
      forget();
      signal.removeEventListener('abort', abort);
    });
    return exchange;
  }

  close(): void {
    this.#ends.closeAll();
  }

  #sourceFor(remote: SocketAddress, local: SocketAddress | undefined): SocketAddress {
    const from = local ?? { ...unspecified(familyOf(remote)), port: this.#node.tcp.ephemeral() };
    return this.#node.sourceFor(from, isLoopback(remote.address));
  }
}
