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
import type { Closable } from './socket-handles.ts';

// What makes resources, for plain and lowered functions alike. The handles are taken first, so that nothing is there that
// the guest cannot be given.

export function createTcpSocket(context: Context, family: AddressFamily): TcpSocket | NetworkError {
  if (!context.tryTakeHandles(1, 'create-tcp-socket', family)) return 'new-socket-limit';
  return kept(context, 1, context.host.network.createTcpSocket(family), (socket) => own(context, socket));
}

export function createUdpSocket(context: Context, family: AddressFamily): UdpSocket | NetworkError {
  if (!context.tryTakeHandles(1, 'create-udp-socket', family)) return 'new-socket-limit';
  return kept(context, 1, context.host.network.createUdpSocket(family), (socket) => own(context, socket));
}

export function finishConnect(context: Context, socket: TcpSocket): StreamPair | NetworkError {
  if (!takeHandles(context, 2, 'tcp-connect')) return 'out-of-memory';
  return kept(context, 2, socket.finishConnect(), (pair) => ownPair(context, socket, pair));
}

export function accept(
  context: Context,
  listener: TcpSocket,
): ({ readonly socket: TcpSocket } & StreamPair) | NetworkError {
  if (!takeHandles(context, 3, 'tcp-accept')) return 'new-socket-limit';
  return kept(context, 3, listener.accept(), (accepted) => {
    own(context, accepted.socket);
    ownPair(context, accepted.socket, accepted);
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
  for (const stream of [pair.incoming, pair.outgoing]) ownPart(context, socket, stream);
  return pair;
}

export function resolveAddresses(context: Context, name: string): NameLookup | NetworkError {
  if (!context.tryTakeHandles(1, 'resolve-addresses', name)) return 'out-of-memory';
  return kept(context, 1, context.host.network.resolveAddresses(name), (lookup) => {
    context.whenDropped(lookup, () => lookup.close());
  });
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

function own(context: Context, socket: Closable): void {
  context.sockets.add(socket);
  context.whenDropped(socket, () => context.sockets.remove(socket));
}

function ownPair(context: Context, socket: Closable, { input, output }: StreamPair): void {
  ownPart(context, socket, input);
  ownPart(context, socket, output);
}

function ownPart(context: Context, socket: Closable, part: Closable): void {
  context.sockets.add(socket);
  context.whenDropped(part, () => {
    part.close();
    context.sockets.remove(socket);
  });
}
