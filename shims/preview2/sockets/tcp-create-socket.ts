import type { AddressFamily } from '../../../src/virtual/network/socket-address.ts';
import type { Lowerings } from '../abi/lowering.ts';
import { checked } from '../abi/values.ts';
import { storeHandle } from '../filesystem/results.ts';
import type { Bindings } from '../plain/resource.ts';
import { storeError, unwrap } from './results.ts';
import { createTcpSocket } from './socket-operations.ts';
import type { TcpSocket } from './tcp.ts';

export interface TcpCreateSocket {
  readonly createTcpSocket: (family: AddressFamily) => TcpSocket;
}

export function tcpCreateSocket(bindings: Bindings): TcpCreateSocket {
  return {
    // create-tcp-socket: func(address-family: ip-address-family) -> result<tcp-socket, error-code>
    createTcpSocket(family) {
      return bindings.make('tcp-socket', unwrap(createTcpSocket(bindings.context, family)));
    },
  };
}

/** wasi:sockets/tcp-create-socket */
export const tcpCreateSocketLowerings: Lowerings = {
  'create-tcp-socket': {
    resources: ['tcp-socket'],
    lower:
      (context, { memory, handles }) =>
      (family: number, result: number): void => {
        const socket = createTcpSocket(context, checked(family, 1) === 0 ? 'ipv4' : 'ipv6');
        if (typeof socket === 'string') storeError(memory, result, 8, 4, socket);
        else storeHandle(memory, result, handles['tcp-socket'].add(socket));
      },
  },
};
