import type { Outcome, TcpOption, TcpSocket } from '../../../src/virtual/network/network.ts';
import type { SocketAddress } from '../../../src/virtual/network/socket-address.ts';
import type { Lowering, Lowerings } from '../abi/lowering.ts';
import { checked } from '../abi/values.ts';
import { FLAT_ADDRESS, liftFlatAddress } from './address-memory.ts';
import { storeAddressResult, storeError, storeHandles, storeOutcome } from './results.ts';
import { optionGetter, optionSetter, type OptionType } from './socket-options.ts';
import { accept, finishConnect } from './socket-operations.ts';
import { subscribe } from './subscribe.ts';

const resources = ['tcp-socket'] as const;

/** The cases of `shutdown-type` in the order of WIT. */
const SHUTDOWN = ['receive', 'send', 'both'] as const;

/** wasi:sockets/tcp; tcp.ts has the WIT signatures. */
export const tcpLowerings: Lowerings = {
  '[method]tcp-socket.start-bind': withAddress((socket, local) => socket.startBind(local)),
  '[method]tcp-socket.finish-bind': step((socket) => socket.finishBind()),
  '[method]tcp-socket.start-connect': withAddress((socket, remote) => socket.startConnect(remote)),
  '[method]tcp-socket.finish-connect': {
    resources: ['input-stream', 'output-stream', 'tcp-socket'],
    lower:
      (context, { memory, handles }) =>
      (self: number, result: number): void => {
        const pair = finishConnect(context, handles['tcp-socket'].get(self));
        if (typeof pair === 'string') storeError(memory, result, 12, 4, pair);
        else {
          const input = handles['input-stream'].add(pair.input);
          storeHandles(memory, result, [input, handles['output-stream'].add(pair.output)]);
        }
      },
  },
  '[method]tcp-socket.start-listen': step((socket) => socket.startListen()),
  '[method]tcp-socket.finish-listen': step((socket) => socket.finishListen()),
  '[method]tcp-socket.accept': {
    resources: ['input-stream', 'output-stream', 'tcp-socket'],
    lower:
      (context, { memory, handles }) =>
      (self: number, result: number): void => {
        const accepted = accept(context, handles['tcp-socket'].get(self));
        if (typeof accepted === 'string') storeError(memory, result, 16, 4, accepted);
        else {
          const socket = handles['tcp-socket'].add(accepted.socket);
          const input = handles['input-stream'].add(accepted.input);
          storeHandles(memory, result, [socket, input, handles['output-stream'].add(accepted.output)]);
        }
      },
  },
  '[method]tcp-socket.local-address': address((socket) => socket.localAddress()),
  '[method]tcp-socket.remote-address': address((socket) => socket.remoteAddress()),
  '[method]tcp-socket.is-listening': {
    resources,
    lower:
      (_context, { handles }) =>
      (self: number): number =>
        handles['tcp-socket'].get(self).isListening ? 1 : 0,
  },
  '[method]tcp-socket.address-family': {
    resources,
    lower:
      (_context, { handles }) =>
      (self: number): number =>
        handles['tcp-socket'].get(self).family === 'ipv4' ? 0 : 1,
  },
  '[method]tcp-socket.set-listen-backlog-size': optionSetter('tcp-socket', 'u64', (socket, value) =>
    socket.setListenBacklogSize(BigInt(value)),
  ),
  ...option('keep-alive-enabled', 'bool'),
  ...option('keep-alive-idle-time', 'u64'),
  ...option('keep-alive-interval', 'u64'),
  ...option('keep-alive-count', 'u32'),
  ...option('hop-limit', 'u8'),
  ...option('receive-buffer-size', 'u64'),
  ...option('send-buffer-size', 'u64'),
  '[method]tcp-socket.subscribe': subscribe('tcp-socket', 'tcp-connect'),
  '[method]tcp-socket.shutdown': {
    resources,
    lower:
      (_context, { memory, handles }) =>
      (self: number, which: number, result: number): void => {
        const type = SHUTDOWN[checked(which, 2)] as (typeof SHUTDOWN)[number];
        storeOutcome(memory, result, handles['tcp-socket'].get(self).shutdown(type));
      },
  },
};

/** `func() -> result<_, error-code>` */
function step(act: (socket: TcpSocket) => Outcome): Lowering {
  return {
    resources,
    lower:
      (_context, { memory, handles }) =>
      (self: number, result: number): void =>
        storeOutcome(memory, result, act(handles['tcp-socket'].get(self))),
  };
}

/** `func(network: borrow<network>, address: ip-socket-address) -> result<_, error-code>` */
function withAddress(act: (socket: TcpSocket, address: SocketAddress) => Outcome): Lowering {
  return {
    resources: ['network', 'tcp-socket'],
    lower:
      (_context, { memory, handles }) =>
      (self: number, network: number, ...rest: number[]): void => {
        const socket = handles['tcp-socket'].get(self);
        handles.network.get(network);
        storeOutcome(memory, rest[FLAT_ADDRESS] as number, act(socket, liftFlatAddress(rest, 0)));
      },
  };
}

/** `func() -> result<ip-socket-address, error-code>` */
function address(get: (socket: TcpSocket) => ReturnType<TcpSocket['localAddress']>): Lowering {
  return {
    resources,
    lower:
      (_context, { memory, handles }) =>
      (self: number, result: number): void =>
        storeAddressResult(memory, result, get(handles['tcp-socket'].get(self))),
  };
}

/** The two functions of an option. */
function option(name: TcpOption, type: OptionType): Lowerings {
  return {
    [`[method]tcp-socket.${name}`]: optionGetter('tcp-socket', type, (socket) => socket.getOption(name)),
    [`[method]tcp-socket.set-${name}`]: optionSetter('tcp-socket', type, (socket, value) =>
      socket.setOption(name, value),
    ),
  };
}
