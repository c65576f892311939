import type { AddressFamily } from '../../../src/virtual/network/socket-address.ts';
import type { Lowerings } from '../abi/lowering.ts';
import { checked } from '../abi/values.ts';
import { storeHandle } from '../filesystem/results.ts';
import type { Bindings } from '../plain/resource.ts';
import { storeError, unwrap } from './results.ts';
import { createUdpSocket } from './socket-operations.ts';
import type { UdpSocket } from './udp.ts';

export interface UdpCreateSocket {
  readonly createUdpSocket: (family: AddressFamily) => UdpSocket;
}

export function udpCreateSocket(bindings: Bindings): UdpCreateSocket {
  return {
    // create-udp-socket: func(address-family: ip-address-family) -> result<udp-socket, error-code>
    createUdpSocket(family) {
      return bindings.make('udp-socket', unwrap(createUdpSocket(bindings.context, family)));
    },
  };
}

/** wasi:sockets/udp-create-socket */
export const udpCreateSocketLowerings: Lowerings = {
  'create-udp-socket': {
    resources: ['udp-socket'],
    lower:
      (context, { memory, handles }) =>
      (family: number, result: number): void => {
        const socket = createUdpSocket(context, checked(family, 1) === 0 ? 'ipv4' : 'ipv6');
        if (typeof socket === 'string') storeError(memory, result, 8, 4, socket);
        else storeHandle(memory, result, handles['udp-socket'].add(socket));
      },
  },
};
