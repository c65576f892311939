import type { HostInterface } from '../../canonical-abi/host-function.ts';
import type { Context } from '../context.ts';
import type { Functions } from './functions.ts';
import { optionFunctions } from './option-functions.ts';
import { tcpFunctions } from './tcp-functions.ts';
import type { TcpSocket } from './tcp-socket.ts';
import { udpFunctions } from './udp-functions.ts';
import type { UdpSocket } from './udp-socket.ts';

/** wasi:sockets/types */
export const socketsTypes: HostInterface<Context> = {
  functions: { ...tcpFunctions, ...udpFunctions, ...optionFunctions } satisfies Functions,
  resources: {
    'tcp-socket': { name: 'tcp-socket', release: (_context, socket: TcpSocket) => socket.release() },
    'udp-socket': { name: 'udp-socket', release: (_context, socket: UdpSocket) => socket.close() },
  },
};
