import { Permit } from '../../kernel/permit.ts';
import type { IpAddress } from '../../policy/address/ip-address.ts';
import type { NetworkOptions } from '../../virtual/machine.ts';
import type { SocketAddress } from '../../virtual/network/socket-address.ts';
import type {
  HttpExchange,
  HttpRequestHead,
  NetworkStack,
  TcpConnection,
  TcpOptions,
  TcpPort,
  UdpPort,
} from '../../virtual/network/stack.ts';
import { Ends } from './ends.ts';
import { HttpRequests } from './http-client.ts';
import { Names } from './resolve.ts';
import { connectTcp } from './tcp-connect.ts';
import { bindTcp } from './tcp-port.ts';
import { bindUdp } from './udp-port.ts';

/**
 * Opens this machine's network for one instance, through node:net, node:dgram, node:dns and node:http.
 *
 * @throws BindingError BW_BINDING_RESOLVER, BW_BINDING_CERTIFICATE, BW_BINDING_PROXY
 */
export function openNetwork(options: NetworkOptions): NetworkStack {
  return new MachineNetwork(options);
}

class MachineNetwork implements NetworkStack {
  readonly isVirtual = false;
  readonly #ends = new Ends();
  readonly #names: Names;
  readonly #http: HttpRequests;

  constructor(options: NetworkOptions) {
    this.#names = new Names(options.resolver, this.#ends);
    this.#http = new HttpRequests(options, this.#ends);
  }

  resolve(permit: Permit, name: string, signal: AbortSignal): Promise<readonly IpAddress[]> {
    Permit.assert(permit);
    return this.#names.resolve(name, signal);
  }

  connectTcp(
    permit: Permit,
    remote: SocketAddress,
    options: TcpOptions,
    signal: AbortSignal,
  ): Promise<TcpConnection> {
    Permit.assert(permit);
    return connectTcp(remote, options, signal, this.#ends);
  }

  bindTcp(permit: Permit, local: SocketAddress): Promise<TcpPort> {
    Permit.assert(permit);
    return bindTcp(local, this.#ends);
  }

  bindUdp(permit: Permit, local: SocketAddress): Promise<UdpPort> {
    Permit.assert(permit);
    return bindUdp(local, this.#ends);
  }

  request(permit: Permit, request: HttpRequestHead, signal: AbortSignal): HttpExchange {
    Permit.assert(permit);
    return this.#http.start(request, signal);
  }

  close(): void {
    this.#ends.all();
  }
}
