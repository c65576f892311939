import { connect, type Socket } from 'node:net';
import { formatIpAddress } from '../../policy/address/ip-address.ts';
import { NetworkFailure } from '../../virtual/network/network-error.ts';
import type { SocketAddress } from '../../virtual/network/socket-address.ts';
import type { TcpOptions } from '../../virtual/network/stack.ts';
import type { Ends } from './ends.ts';
import { socketFailure } from './network-failure.ts';
import { refuseZone } from './socket-addresses.ts';
import { SocketConnection } from './tcp-connection.ts';

/** Connects to an address; never to a name, and never to a path. @throws NetworkFailure */
export async function connectTcp(
  remote: SocketAddress,
  options: TcpOptions,
  signal: AbortSignal,
  ends: Ends,
): Promise<SocketConnection> {
  if (signal.aborted || ends.ended) throw new NetworkFailure('connection-aborted');
  try {
    const socket = dial(remote, options);
    await ends.race(
      connected(socket),
      signal,
      () => new NetworkFailure('connection-aborted'),
      () => socket.destroy(),
    );
    const connection = new SocketConnection(socket, ends);
    if (options.keepAlive !== undefined)
      connection.setKeepAlive(options.keepAlive, options.keepAliveIdle ?? 7_200e9);
    return connection;
  } catch (error) {
    throw socketFailure(error);
  }
}

function dial(remote: SocketAddress, { local }: TcpOptions): Socket {
  refuseZone(remote);
  if (local !== undefined) refuseZone(local);
  return connect({
    host: formatIpAddress(remote.address),
    port: remote.port,
    ...(local !== undefined && { localAddress: formatIpAddress(local.address), localPort: local.port }),
    // One address was decided: there is nothing to choose from.
    autoSelectFamily: false,
    allowHalfOpen: true,
    noDelay: true,
  });
}

function connected(socket: Socket): Promise<void> {
  return new Promise((resolve, reject) => {
    const onConnect = (): void => {
      socket.off('error', onError);
      resolve();
    };
    const onError = (error: Error): void => {
      socket.off('connect', onConnect);
      reject(error);
    };
    socket.once('connect', onConnect);
    socket.once('error', onError);
  });
}
