import { isDestination } from '../../../src/virtual/network/datagram-streams.ts';
import type { NetworkError } from '../../../src/virtual/network/network-error.ts';
import type { Datagram } from '../../../src/virtual/network/stack.ts';
import { fromPlain, toPlain } from '../../socket-addresses.ts';
import { addressResult } from './address-result.ts';
import { failed, outcomeResult } from './error-code.ts';
import type { UdpFunctions } from './functions.ts';
import { SendDatagram } from './send-datagram.ts';
import { UdpSocket } from './udp-socket.ts';
import { answerOf, inTurn } from './waiting.ts';

/** The functions of `udp-socket` but its options. */
export const udpFunctions: UdpFunctions = {
  // create: static func(address-family: ip-address-family) -> result<udp-socket, error-code>
  '[static]udp-socket.create'(context, family) {
    if (!context.tryTakeHandle('create-udp-socket', family)) return failed('new-socket-limit');
    const socket = context.host.network.createUdpSocket(family);
    if (typeof socket !== 'string') return { tag: 'ok', val: new UdpSocket(context, socket) };
    context.host.meter.closeHandle();
    return failed(socket);
  },

  // bind: func(local-address: ip-socket-address) -> result<_, error-code>
  '[method]udp-socket.bind': {
    waits(_context, { inner }, address) {
      const local = fromPlain(address);
      const bind = inTurn([() => inner.startBind(local), () => inner.finishBind()]);
      return answerOf(inner, bind, outcomeResult, () => inner.abandon());
    },
  },

  // connect: func(remote-address: ip-socket-address) -> result<_, error-code>
  '[method]udp-socket.connect': {
    waits(_context, self, address) {
      const remote = fromPlain(address);
      if (!isDestination(remote, self.inner.family)) return failed('invalid-argument');
      const connect = inTurn([() => self.bindImplicitly(), () => self.associate(remote)]);
      return answerOf(self.inner, connect, outcomeResult);
    },
  },

  // disconnect: func() -> result<_, error-code>
  '[method]udp-socket.disconnect': (_context, self) =>
    outcomeResult(self.isConnected ? self.associate(undefined) : 'invalid-state'),

  // send: async func(data: list<u8>, remote-address: option<ip-socket-address>) -> result<_, error-code>
  '[method]udp-socket.send': {
    waits(_context, self, data, address) {
      const datagram = new SendDatagram(self, data, address && fromPlain(address));
      return answerOf(
        datagram,
        () => datagram.go(),
        outcomeResult,
        () => datagram.abandon(),
      );
    },
  },

  // receive: async func() -> result<tuple<list<u8>, ip-socket-address>, error-code>
  '[method]udp-socket.receive': {
    waits: (_context, self) =>
      answerOf(
        self.arrival,
        () => receive(self),
        (answer) =>
          typeof answer === 'string'
            ? failed(answer)
            : { tag: 'ok' as const, val: [answer.bytes, toPlain(answer.remote)] as const },
      ),
  },

  // get-local-address: func() -> result<ip-socket-address, error-code>
  '[method]udp-socket.get-local-address': (_context, { inner }) => addressResult(inner.localAddress()),

  // get-remote-address: func() -> result<ip-socket-address, error-code>
  '[method]udp-socket.get-remote-address': (_context, { inner }) => addressResult(inner.remoteAddress()),

  // get-address-family: func() -> ip-address-family
  '[method]udp-socket.get-address-family': (_context, { inner }) => inner.family,
};

function receive({ streams }: UdpSocket): Datagram | NetworkError {
  if (typeof streams === 'string') return streams;
  const datagrams = streams.incoming.receive(1);
  return typeof datagrams === 'string' ? datagrams : (datagrams[0] ?? 'would-block');
}
