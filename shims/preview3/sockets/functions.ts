import type { Implements } from '../../canonical-abi/host-function.ts';
import type { Context } from '../context.ts';
import type { SocketsTypes } from '../wit.ts';
import type { TcpSocket } from './tcp-socket.ts';
import type { UdpSocket } from './udp-socket.ts';

/** All of wasi:sockets/types. */
export type Functions = Implements<
  SocketsTypes<{ 'tcp-socket': TcpSocket; 'udp-socket': UdpSocket }>,
  Context
>;

type OptionName = Extract<
  keyof Functions,
  `${string}-${'enabled' | 'time' | 'interval' | 'count' | 'limit' | 'buffer-size' | 'backlog-size'}`
>;

/** Those of the options of both kinds of sockets. */
export type OptionFunctions = Pick<Functions, OptionName>;
/** The others of `tcp-socket`. */
export type TcpFunctions = Omit<
  Pick<Functions, Extract<keyof Functions, `${string}]tcp-socket.${string}`>>,
  OptionName
>;
/** The others of `udp-socket`. */
export type UdpFunctions = Omit<
  Pick<Functions, Extract<keyof Functions, `${string}]udp-socket.${string}`>>,
  OptionName
>;
