import { unspecified } from '../../../src/virtual/network/socket-address.ts';
import { itemSource } from '../../canonical-abi/host-streams.ts';
import type { FutureSource, Result, StreamSource } from '../../canonical-abi/values.ts';
import { fromPlain } from '../../socket-addresses.ts';
import type { Context } from '../context.ts';
import { NOTHING, readVia, settled, writeVia } from '../via-stream.ts';
import type { SocketsErrorCode } from '../wit.ts';
import { AcceptStream } from './accept-stream.ts';
import { addressResult } from './address-result.ts';
import { failed, outcomeResult, streamFailure } from './error-code.ts';
import type { TcpFunctions } from './functions.ts';
import { TcpSocket } from './tcp-socket.ts';
import { answerOf, inTurn } from './waiting.ts';

/** The functions of `tcp-socket` but its options. */
export const tcpFunctions: TcpFunctions = {
  // create: static func(address-family: ip-address-family) -> result<tcp-socket, error-code>
  '[static]tcp-socket.create'(context, family) {
    if (!context.tryTakeHandle('create-tcp-socket', family)) return failed('new-socket-limit');
    const socket = context.host.network.createTcpSocket(family);
    if (typeof socket !== 'string') return { tag: 'ok', val: new TcpSocket(context, socket) };
    context.host.meter.closeHandle();
    return failed(socket);
  },

  // bind: func(local-address: ip-socket-address) -> result<_, error-code>
  '[method]tcp-socket.bind': {
    waits(_context, { inner }, address) {
      const local = fromPlain(address);
      const bind = inTurn([() => inner.startBind(local), () => inner.finishBind()]);
      return answerOf(inner, bind, outcomeResult, () => inner.abandon());
    },
  },

  // connect: async func(remote-address: ip-socket-address) -> result<_, error-code>
  '[method]tcp-socket.connect': {
    waits(_context, self, address) {
      const { inner } = self;
      const remote = fromPlain(address);
      const connect = inTurn([() => inner.startConnect(remote), () => self.finishConnect()]);
      return answerOf(inner, connect, outcomeResult, () => inner.abandon());
    },
  },

  // listen: func() -> result<stream<tcp-socket>, error-code>
  '[method]tcp-socket.listen': {
    waits(context, self) {
      const { inner } = self;
      const bind = [() => inner.startBind(unspecified(inner.family)), () => inner.finishBind()];
      const listen = [() => inner.startListen(), () => inner.finishListen()];
      const steps = inTurn(inner.isUnbound ? [...bind, ...listen] : listen);
      const use = (outcome: ReturnType<typeof steps>): Result<StreamSource, SocketsErrorCode> =>
        outcome === undefined
          ? { tag: 'ok', val: itemSource(new AcceptStream(context, self)) }
          : failed(outcome);
      return answerOf(inner, steps, use, () => inner.abandon());
    },
  },

  // send: func(data: stream<u8>) -> future<result<_, error-code>>
  '[method]tcp-socket.send': (context, self, data) => send(context, self, data),

  // receive: func() -> tuple<stream<u8>, future<result<_, error-code>>>
  '[method]tcp-socket.receive'(_context, self) {
    const input = self.takeInput();
    if (typeof input === 'string') return [NOTHING, settled(failed(input))];
    return readVia(
      input,
      () => streamFailure(input, 'connection-aborted'),
      () => self.finish('receive'),
    );
  },

  // get-local-address: func() -> result<ip-socket-address, error-code>
  '[method]tcp-socket.get-local-address': (_context, { inner }) => addressResult(inner.localAddress()),

  // get-remote-address: func() -> result<ip-socket-address, error-code>
  '[method]tcp-socket.get-remote-address': (_context, { inner }) => addressResult(inner.remoteAddress()),

  // get-is-listening: func() -> bool
  '[method]tcp-socket.get-is-listening': (_context, { inner }) => inner.isListening,

  // get-address-family: func() -> ip-address-family
  '[method]tcp-socket.get-address-family': (_context, { inner }) => inner.family,
};

/** What cannot be written any more without a reason of its own is a pipe that broke. */
function send(context: Context, self: TcpSocket, data: StreamSource): FutureSource {
  const output = self.takeOutput();
  if (typeof output === 'string') {
    data.drop();
    return settled(failed(output));
  }
  return writeVia(
    context,
    data,
    output,
    () => streamFailure(output, 'connection-broken'),
    () => self.finish('send'),
  );
}
