import { BindingError } from '../errors.ts';
import { parseEndpoint } from '../policy/index.ts';
import type { Network, Outcome, TcpSocket } from '../virtual/network/network.ts';
import type { NetworkError } from '../virtual/network/network-error.ts';
import type { SocketAddress } from '../virtual/network/socket-address.ts';

/**
 * Opens the listening sockets that a program of WASI 0.1, which cannot make any, starts with. They are under the policy's
 * rules like those that a guest makes.
 *
 * @param listeners `127.0.0.1:8080`
 * @param opened gets each as soon as it is open
 * @throws BindingError BW_BINDING_LISTENER
 */
export async function openListeners(
  network: Network,
  listeners: readonly string[],
  opened: TcpSocket[],
): Promise<void> {
  for (const listener of listeners) {
    const socket = await listen(network, addressOf(listener));
    if (typeof socket === 'string') throw refused(listener, socket);
    opened.push(socket);
  }
}

async function listen(network: Network, local: SocketAddress): Promise<TcpSocket | NetworkError> {
  const socket = network.createTcpSocket(local.address.family === 4 ? 'ipv4' : 'ipv6');
  if (typeof socket === 'string') return socket;
  const failure =
    socket.startBind(local) ??
    (await finish(socket, () => socket.finishBind())) ??
    socket.startListen() ??
    (await finish(socket, () => socket.finishListen()));
  if (failure === undefined) return socket;
  socket.close();
  return failure;
}

async function finish(socket: TcpSocket, attempt: () => Outcome): Promise<Outcome> {
  for (let outcome = attempt(); ; outcome = attempt()) {
    if (outcome !== 'would-block') return outcome;
    await socket.wait();
  }
}

function addressOf(listener: string): SocketAddress {
  const { host, firstPort, lastPort } = parseEndpoint(listener) ?? {};
  if (host?.kind !== 'address' || firstPort === undefined || firstPort !== lastPort) {
    throw new BindingError(
      'BW_BINDING_LISTENER',
      `bindings.listeners: ${JSON.stringify(listener)} is not understood: expected an address and a port.`,
      { hint: 'For example "127.0.0.1:8080" or "[::1]:8080".' },
    );
  }
  return { address: host.address, port: firstPort };
}

function refused(listener: string, error: NetworkError): BindingError {
  const [reason, hint] =
    error === 'access-denied'
      ? ['no rule lets the program listen there', `Grant it: { "protocol": "tcp", "listen": "${listener}" }.`]
      : [error.replaceAll('-', ' '), 'Another program may have the port, or this machine not the address.'];
  return new BindingError(
    'BW_BINDING_LISTENER',
    `bindings.listeners: ${listener} cannot be opened: ${reason}.`,
    {
      hint,
    },
  );
}
