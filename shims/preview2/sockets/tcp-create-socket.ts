import { type AddressFamily, refuseTcpSocket } from '../../../src/virtual/network/refusals.ts';
import { ComponentError } from '../plain/component-error.ts';
import type { Bindings } from '../plain/resource.ts';
import type { NetworkError } from './network.ts';

/** wasi:sockets/tcp-create-socket */
export interface TcpCreateSocket {
  readonly createTcpSocket: (bindings: Bindings, family: AddressFamily) => never;
}

export const tcpCreateSocket: TcpCreateSocket = {
  // create-tcp-socket: func(address-family: ip-address-family) -> result<tcp-socket, error-code>
  createTcpSocket({ context }, family) {
    refuseTcpSocket(context.host.guard, family);
    throw new ComponentError<NetworkError>('access-denied');
  },
};
