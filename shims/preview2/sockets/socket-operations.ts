import type { Operation } from '../../../src/kernel/request.ts';
import type { NetworkError } from '../../../src/virtual/network/network-error.ts';
import type {
  IncomingDatagrams,
  NameLookup,
  StreamPair,
  TcpSocket,
  UdpSocket,
} from '../../../src/virtual/network/network.ts';
import type { AddressFamily, SocketAddress } from '../../../src/virtual/network/socket-address.ts';
import type { Context } from '../context.ts';
import { OutgoingDatagrams } from './outgoing-datagrams.ts';

// What makes resources, for plain and lowered functions alike. The handles are taken first, so that nothing is there that
// the guest cannot be given. What a socket and its streams share ends with the last of them: see src/virtual/network/.
// (WIT lets a host trap when a socket is dropped before its streams. wasmtime does; here they go on working.)

export function createTcpSocket(context: Context, family: AddressFamily): TcpSocket | NetworkError {
  if (!context.tryTakeHandles(1, 'create-tcp-socket', family)) return 'new-socket-limit';
  return kept(context, 1, context.host.network.createTcpSocket(family), (socket) =>
    context.closeOnDrop(socket),
  );
}

export function createUdpSocket(context: Context, family: AddressFamily): UdpSocket | NetworkError {
  if (!context.tryTakeHandles(1, 'create-udp-socket', family)) return 'new-socket-limit';
  return kept(context, 1, context.host.network.createUdpSocket(family), (socket) =>
    context.closeOnDrop(socket),
  );
}

export function finishConnect(context: Context, socket: TcpSocket): StreamPair | NetworkError {
  if (!takeHandles(context, 2, 'tcp-connect')) return 'out-of-memory';
  return kept(context, 2, socket.finishConnect(), (pair) => closePairOnDrop(context, pair));
}

export function accept(
  context: Context,
  listener: TcpSocket,
): ({ readonly socket: TcpSocket } & StreamPair) | NetworkError {
  if (!takeHandles(context, 3, 'tcp-accept')) return 'new-socket-limit';
  return kept(context, 3, listener.accept(), (accepted) => {
    context.closeOnDrop(accepted.socket);
    closePairOnDrop(context, accepted);
  });
}

/** The streams of `udp-socket.stream`. */
export interface DatagramPair {
  readonly incoming: IncomingDatagrams;
  readonly outgoing: OutgoingDatagrams;
}

export function streamDatagrams(
  context: Context,
  socket: UdpSocket,
  remote: SocketAddress | undefined,
): DatagramPair | NetworkError {
  if (!takeHandles(context, 2, 'udp-receive')) return 'out-of-memory';
  const streams = kept(context, 2, socket.stream(remote), () => undefined);
  if (typeof streams === 'string') return streams;
  const pair = { incoming: streams.incoming, outgoing: new OutgoingDatagrams(streams.outgoing) };
  context.closeOnDrop(pair.incoming);
  context.closeOnDrop(pair.outgoing);
  return pair;
}

export function resolveAddresses(context: Context, name: string): NameLookup | NetworkError {
  if (!context.tryTakeHandles(1, 'resolve-addresses', name)) return 'out-of-memory';
  return kept(context, 1, context.host.network.resolveAddresses(name), (lookup) =>
    context.closeOnDrop(lookup),
  );
}

function takeHandles(context: Context, count: number, operation: Operation): boolean {
  return context.tryTakeHandles(count, operation, 'socket');
}

/** Gives the handles back when there is an error instead. */
function kept<T extends object>(
  { host }: Context,
  handles: number,
  value: T | NetworkError,
  then: (value: T) => void,
): T | NetworkError {
  if (typeof value !== 'string') then(value);
  else for (let i = 0; i < handles; i++) host.meter.closeHandle();
  return value;
}

function closePairOnDrop(context: Context, { input, output }: StreamPair): void {
  context.closeOnDrop(input);
  context.closeOnDrop(output);
}
