import type { UdpOption, UdpSocket } from '../../../src/virtual/network/network.ts';
import type { Lowering, Lowerings } from '../abi/lowering.ts';
import { checked } from '../abi/values.ts';
import { FLAT_ADDRESS, liftFlatAddress } from './address-memory.ts';
import { datagramLowerings } from './datagram-lowerings.ts';
import { storeAddressResult, storeError, storeHandles, storeOutcome } from './results.ts';
import { optionGetter, optionSetter, type OptionType } from './socket-options.ts';
import { streamDatagrams } from './socket-operations.ts';
import { subscribe } from './subscribe.ts';

const resources = ['udp-socket'] as const;

/** wasi:sockets/udp; udp.ts has the WIT signatures. */
export const udpLowerings: Lowerings = {
  ...datagramLowerings,
  '[method]udp-socket.start-bind': {
    resources: ['network', 'udp-socket'],
    lower:
      (_context, { memory, handles }) =>
      (self: number, network: number, ...rest: number[]): void => {
        const socket = handles['udp-socket'].get(self);
        handles.network.get(network);
        storeOutcome(memory, rest[FLAT_ADDRESS] as number, socket.startBind(liftFlatAddress(rest, 0)));
      },
  },
  '[method]udp-socket.finish-bind': {
    resources,
    lower:
      (_context, { memory, handles }) =>
      (self: number, result: number): void =>
        storeOutcome(memory, result, handles['udp-socket'].get(self).finishBind()),
  },
  '[method]udp-socket.stream': {
    resources: ['udp-socket', 'incoming-datagram-stream', 'outgoing-datagram-stream'],
    lower:
      (context, { memory, handles }) =>
      (self: number, some: number, ...rest: number[]): void => {
        const socket = handles['udp-socket'].get(self);
        const remote = checked(some, 1) === 1 ? liftFlatAddress(rest, 0) : undefined;
        const result = rest[FLAT_ADDRESS] as number;
        const pair = streamDatagrams(context, socket, remote);
        if (typeof pair === 'string') storeError(memory, result, 12, 4, pair);
        else {
          const incoming = handles['incoming-datagram-stream'].add(pair.incoming);
          const outgoing = handles['outgoing-datagram-stream'].add(pair.outgoing);
          storeHandles(memory, result, [incoming, outgoing]);
        }
      },
  },
  '[method]udp-socket.local-address': address((socket) => socket.localAddress()),
  '[method]udp-socket.remote-address': address((socket) => socket.remoteAddress()),
  '[method]udp-socket.address-family': {
    resources,
    lower:
      (_context, { handles }) =>
      (self: number): number =>
        handles['udp-socket'].get(self).family === 'ipv4' ? 0 : 1,
  },
  ...option('unicast-hop-limit', 'u8'),
  ...option('receive-buffer-size', 'u64'),
  ...option('send-buffer-size', 'u64'),
  '[method]udp-socket.subscribe': subscribe('udp-socket', 'udp-bind'),
};

/** `func() -> result<ip-socket-address, error-code>` */
function address(get: (socket: UdpSocket) => ReturnType<UdpSocket['localAddress']>): Lowering {
  return {
    resources,
    lower:
      (_context, { memory, handles }) =>
      (self: number, result: number): void =>
        storeAddressResult(memory, result, get(handles['udp-socket'].get(self))),
  };
}

/** The two functions of an option. */
function option(name: UdpOption, type: OptionType): Lowerings {
  return {
    [`[method]udp-socket.${name}`]: optionGetter('udp-socket', type, (socket) => socket.getOption(name)),
    [`[method]udp-socket.set-${name}`]: optionSetter('udp-socket', type, (socket, value) =>
      socket.setOption(name, BigInt(value)),
    ),
  };
}
