import type { Pending } from '../../../../shims/canonical-abi/host-function.ts';
import type { FutureSource, Result, StreamSource } from '../../../../shims/canonical-abi/values.ts';
import { HOST_INTERFACES } from '../../../../shims/preview3/interfaces.ts';
import type { TcpSocket } from '../../../../shims/preview3/sockets/tcp-socket.ts';
import type { UdpSocket } from '../../../../shims/preview3/sockets/udp-socket.ts';
import type { IpAddress, IpSocketAddress } from '../../../../shims/preview3/wit.ts';
import { type GivenSocketAddress, fromPlain, toPlain } from '../../../../shims/socket-addresses.ts';
import { formatIpAddress } from '../../../../src/policy/address/ip-address.ts';
import { formatSocketAddress } from '../../../../src/virtual/network/socket-address.ts';
import { nodeMachine } from '../../../../src/ambient/machine.ts';
import type { NetworkStack } from '../../../../src/virtual/network/stack.ts';
import { readOnce, streamOf, textToEnd, valueOf } from '../../../support/component-streams.ts';
import { at, type GuestRules, NetworkGuest } from '../../virtual/network/network-guest.ts';
import { Caller, isPending } from './caller.ts';

export type Socket = TcpSocket | UdpSocket;
type Outcome = Result<unknown, { readonly tag: string; readonly val?: string | undefined }>;

/** An instance of 0.3 on a network, whose calls are values; an answer is `ok`, or the name of the error. */
export class SocketsGuest {
  readonly network: NetworkGuest;
  readonly caller: Caller;

  constructor(stack: NetworkStack | (() => Promise<NetworkStack>), rules: GuestRules) {
    this.network = new NetworkGuest(stack, rules);
    this.caller = new Caller(this.network.test.host);
  }

  /** One on the network of this machine. */
  static machine(rules: GuestRules): SocketsGuest {
    return new SocketsGuest(() => nodeMachine.openNetwork({}), rules);
  }

  get handles(): number {
    return this.network.test.host.meter.handles;
  }

  get refusals(): readonly string[] {
    return this.network.refusals;
  }

  tcp(family: 'ipv4' | 'ipv6' = 'ipv4'): TcpSocket {
    return okOf(this.create('tcp', family)) as TcpSocket;
  }

  udp(family: 'ipv4' | 'ipv6' = 'ipv4'): UdpSocket {
    return okOf(this.create('udp', family)) as UdpSocket;
  }

  create(kind: 'tcp' | 'udp', family: 'ipv4' | 'ipv6' = 'ipv4'): unknown {
    return this.caller.call(`wasi:sockets/types#[static]${kind}-socket.create`, family);
  }

  /** Begins a call: its result, or what it waits for. */
  begin(socket: Socket, member: string, ...args: unknown[]): unknown {
    const kind = 'takeInput' in socket ? 'tcp' : 'udp';
    return this.caller.call(`wasi:sockets/types#[method]${kind}-socket.${member}`, socket, ...args);
  }

  async call(socket: Socket, member: string, ...args: unknown[]): Promise<unknown> {
    const result = this.begin(socket, member, ...args);
    return isPending(result) ? result.promise : result;
  }

  async answer(socket: Socket, member: string, ...args: unknown[]): Promise<string> {
    return textOf((await this.call(socket, member, ...args)) as Outcome);
  }

  bind(socket: Socket, local: string): Promise<string> {
    return this.answer(socket, 'bind', address(local));
  }

  connect(socket: Socket, remote: string): Promise<string> {
    return this.answer(socket, 'connect', address(remote));
  }

  /** @returns the connections that come */
  async listen(socket: TcpSocket): Promise<StreamSource> {
    return okOf(await this.call(socket, 'listen')) as StreamSource;
  }

  /** A socket that listens, and its connections. */
  async server(local: string): Promise<{ readonly socket: TcpSocket; readonly accept: StreamSource }> {
    const socket = this.tcp(local.startsWith('[') ? 'ipv6' : 'ipv4');
    const bound = await this.bind(socket, local);
    if (bound !== 'ok') throw new Error(bound);
    return { socket, accept: await this.listen(socket) };
  }

  async dial(remote: string): Promise<TcpSocket> {
    const socket = this.tcp(remote.startsWith('[') ? 'ipv6' : 'ipv4');
    const connected = await this.connect(socket, remote);
    if (connected !== 'ok') throw new Error(connected);
    return socket;
  }

  send(socket: TcpSocket, data: StreamSource): FutureSource {
    return this.begin(socket, 'send', data) as FutureSource;
  }

  receive(socket: TcpSocket): readonly [StreamSource, FutureSource] {
    return this.begin(socket, 'receive') as readonly [StreamSource, FutureSource];
  }

  /** Sends all of it and ends. */
  async sendText(socket: TcpSocket, text: string | Uint8Array): Promise<string> {
    return resultOf(this.send(socket, streamOf(text)));
  }

  /** @returns everything until the end, and how that came */
  async receiveText(socket: TcpSocket): Promise<readonly [string, string]> {
    const [stream, ended] = this.receive(socket);
    return [await textToEnd(stream), await resultOf(ended)];
  }

  where(socket: Socket, which: 'local' | 'remote'): string {
    const result = this.begin(socket, `get-${which}-address`) as Outcome;
    return result.tag === 'ok' ? where(result.val as IpSocketAddress) : textOf(result);
  }

  async lookUp(name: string): Promise<readonly string[] | string> {
    const result = this.caller.call('wasi:sockets/ip-name-lookup#resolve-addresses', name);
    const resolved = (isPending(result) ? await result.promise : result) as Outcome;
    if (resolved.tag !== 'ok') return textOf(resolved);
    return (resolved.val as readonly IpAddress[]).map((one) => whereIp(one));
  }

  beginLookUp(name: string): Pending<unknown> {
    return pendingOf(this.caller.call('wasi:sockets/ip-name-lookup#resolve-addresses', name));
  }

  drop(socket: Socket): void {
    const resource = 'takeInput' in socket ? 'tcp-socket' : 'udp-socket';
    HOST_INTERFACES.get('wasi:sockets/types')?.resources[resource]?.release(
      this.caller.context,
      socket as never,
    );
  }

  end(): void {
    this.caller.context.end(new Error('over'));
    this.network.network.closeAll();
  }
}

/** The next connection. */
export async function acceptFrom(accept: StreamSource): Promise<TcpSocket> {
  const { items } = await readOnce<TcpSocket>(accept, 1);
  const [socket] = items;
  if (socket === undefined) throw new Error('the stream has ended');
  return socket;
}

export function pendingOf(result: unknown): Pending<unknown> {
  if (!isPending(result)) throw new Error(`it does not wait: ${JSON.stringify(result)}`);
  return result;
}

export async function resultOf(future: FutureSource): Promise<string> {
  return textOf((await valueOf(future)) as Outcome);
}

/** `ok`, `access-denied`, `other: new-socket-limit` */
export function textOf(result: Outcome): string {
  if (result.tag === 'ok') return 'ok';
  const { tag, val } = result.val;
  return tag === 'other' ? `other: ${val}` : tag;
}

export function address(text: string): IpSocketAddress {
  return toPlain(at(text));
}

export function where(plain: IpSocketAddress): string {
  return formatSocketAddress(fromPlain(plain));
}

function whereIp(plain: IpAddress): string {
  const port = 0;
  const val =
    plain.tag === 'ipv4'
      ? { port, address: plain.val }
      : { port, address: plain.val, flowInfo: 0, scopeId: 0 };
  return formatIpAddress(fromPlain({ tag: plain.tag, val } as GivenSocketAddress).address);
}

export function okOf(result: unknown): unknown {
  const outcome = result as Result<unknown, unknown>;
  if (outcome.tag === 'err' || outcome.val === undefined)
    throw new Error(`an error: ${JSON.stringify(result)}`);
  return outcome.val;
}
