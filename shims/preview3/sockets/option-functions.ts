import type { NetworkError } from '../../../src/virtual/network/network-error.ts';
import type { TcpOption, UdpOption } from '../../../src/virtual/network/network.ts';
import type { Result } from '../../canonical-abi/values.ts';
import type { SocketsErrorCode } from '../wit.ts';
import { failed, outcomeResult } from './error-code.ts';
import type { OptionFunctions } from './functions.ts';
import type { TcpSocket } from './tcp-socket.ts';
import type { UdpSocket } from './udp-socket.ts';

type Value = bigint | boolean;

/** The options of `tcp-socket` and `udp-socket`: `func() -> result<T, error-code>`, `func(value: T) -> result<_, error-code>`. */
export const optionFunctions: OptionFunctions = {
  // set-listen-backlog-size: func(value: u64) -> result<_, error-code>
  '[method]tcp-socket.set-listen-backlog-size': (_context, { inner }, value) =>
    outcomeResult(inner.setListenBacklogSize(value)),

  // bool
  '[method]tcp-socket.get-keep-alive-enabled': (_context, self) => tcp(self, 'keep-alive-enabled', Boolean),
  '[method]tcp-socket.set-keep-alive-enabled': (_context, self, value) =>
    setTcp(self, 'keep-alive-enabled', value),

  // duration
  '[method]tcp-socket.get-keep-alive-idle-time': (_context, self) =>
    tcp(self, 'keep-alive-idle-time', BigInt),
  '[method]tcp-socket.set-keep-alive-idle-time': (_context, self, value) =>
    setTcp(self, 'keep-alive-idle-time', value),
  '[method]tcp-socket.get-keep-alive-interval': (_context, self) => tcp(self, 'keep-alive-interval', BigInt),
  '[method]tcp-socket.set-keep-alive-interval': (_context, self, value) =>
    setTcp(self, 'keep-alive-interval', value),

  // u32
  '[method]tcp-socket.get-keep-alive-count': (_context, self) => tcp(self, 'keep-alive-count', Number),
  '[method]tcp-socket.set-keep-alive-count': (_context, self, value) =>
    setTcp(self, 'keep-alive-count', BigInt(value)),

  // u8
  '[method]tcp-socket.get-hop-limit': (_context, self) => tcp(self, 'hop-limit', Number),
  '[method]tcp-socket.set-hop-limit': (_context, self, value) => setTcp(self, 'hop-limit', BigInt(value)),
  '[method]udp-socket.get-unicast-hop-limit': (_context, self) => udp(self, 'unicast-hop-limit', Number),
  '[method]udp-socket.set-unicast-hop-limit': (_context, self, value) =>
    setUdp(self, 'unicast-hop-limit', BigInt(value)),

  // u64
  '[method]tcp-socket.get-receive-buffer-size': (_context, self) => tcp(self, 'receive-buffer-size', BigInt),
  '[method]tcp-socket.set-receive-buffer-size': (_context, self, value) =>
    setTcp(self, 'receive-buffer-size', value),
  '[method]tcp-socket.get-send-buffer-size': (_context, self) => tcp(self, 'send-buffer-size', BigInt),
  '[method]tcp-socket.set-send-buffer-size': (_context, self, value) =>
    setTcp(self, 'send-buffer-size', value),
  '[method]udp-socket.get-receive-buffer-size': (_context, self) => udp(self, 'receive-buffer-size', BigInt),
  '[method]udp-socket.set-receive-buffer-size': (_context, self, value) =>
    setUdp(self, 'receive-buffer-size', value),
  '[method]udp-socket.get-send-buffer-size': (_context, self) => udp(self, 'send-buffer-size', BigInt),
  '[method]udp-socket.set-send-buffer-size': (_context, self, value) =>
    setUdp(self, 'send-buffer-size', value),
};

function tcp<T>(
  { inner }: TcpSocket,
  option: TcpOption,
  as: (value: Value) => T,
): Result<T, SocketsErrorCode> {
  return valueResult(inner.getOption(option), as);
}

function setTcp({ inner }: TcpSocket, option: TcpOption, value: Value): Result<undefined, SocketsErrorCode> {
  return outcomeResult(inner.setOption(option, value));
}

function udp<T>(
  { inner }: UdpSocket,
  option: UdpOption,
  as: (value: Value) => T,
): Result<T, SocketsErrorCode> {
  return valueResult(inner.getOption(option), as);
}

function setUdp({ inner }: UdpSocket, option: UdpOption, value: bigint): Result<undefined, SocketsErrorCode> {
  return outcomeResult(inner.setOption(option, value));
}

function valueResult<T>(value: Value | NetworkError, as: (value: Value) => T): Result<T, SocketsErrorCode> {
  return typeof value === 'string' ? failed(value) : { tag: 'ok', val: as(value) };
}
