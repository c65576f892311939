import { type AddressFamily, refuseUdpSocket } from '../../../src/virtual/network/refusals.ts';
import { ComponentError } from '../plain/component-error.ts';
import type { Bindings } from '../plain/resource.ts';
import type { NetworkError } from './network.ts';

/** wasi:sockets/udp-create-socket */
export interface UdpCreateSocket {
  readonly createUdpSocket: (bindings: Bindings, family: AddressFamily) => never;
}

export const udpCreateSocket: UdpCreateSocket = {
  // create-udp-socket: func(address-family: ip-address-family) -> result<udp-socket, error-code>
  createUdpSocket({ context }, family) {
    refuseUdpSocket(context.host.guard, family);
    throw new ComponentError<NetworkError>('access-denied');
  },
};
