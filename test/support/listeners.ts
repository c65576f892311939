import { createSocket, type Socket as DatagramSocket } from 'node:dgram';
import { createServer, type Server, type Socket } from 'node:net';

/** Local servers of one test, on any addresses of this host. What reaches them is kept, and all ends with the test. */
export interface Listener extends AsyncDisposable {
  readonly port: number;
  /** By address: what each connection sent, in the order of the connections. */
  readonly received: (address: string) => readonly string[];
  /** By address: the datagrams that came to the port. */
  readonly datagrams: (address: string) => readonly string[];
}

/**
 * Listens on one port of several addresses, for connections and datagrams: `await using servers = await listenOn(['127.0.0.2', '127.0.0.3'])`.
 *
 * @param answer called with each chunk; what it returns is sent
 */
export async function listenOn(
  addresses: readonly string[],
  answer: (chunk: string, socket: Socket) => string | undefined = () => undefined,
): Promise<Listener> {
  for (;;) {
    const listener = await tryListenOn(addresses, answer);
    if (listener !== undefined) return listener;
  }
}

/** A plain answer to each request, after which the connection is closed. */
export function httpAnswer(status: string, headers: readonly string[] = [], body = 'ok'): string {
  const length = `content-length: ${Buffer.byteLength(body)}`;
  return [`HTTP/1.1 ${status}`, length, 'connection: close', ...headers, '', body].join('\r\n');
}

/** @returns undefined when the port that the first address has is taken on another one */
async function tryListenOn(
  addresses: readonly string[],
  answer: (chunk: string, socket: Socket) => string | undefined,
): Promise<Listener | undefined> {
  const servers: Server[] = [];
  const sockets = new Set<Socket>();
  const datagramSockets: DatagramSocket[] = [];
  const datagrams = new Map<string, string[]>(addresses.map((address) => [address, []]));
  const received = new Map<string, string[]>(addresses.map((address) => [address, []]));
  const close = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy();
    await Promise.all(servers.map((server) => new Promise((resolve) => void server.close(resolve))));
    for (const socket of datagramSockets) socket.close();
  };
  let port = 0;
  for (const address of addresses) {
    const told = received.get(address) as string[];
    const server = createServer((socket) => {
      const index = told.push('') - 1;
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
      // Guests go away without a word.
      socket.on('error', () => socket.destroy());
      socket.on('data', (bytes) => {
        told[index] += bytes.toString('latin1');
        const text = answer(bytes.toString('latin1'), socket);
        if (text !== undefined) socket.write(text);
        if (text?.includes('connection: close') === true) socket.end();
      });
    });
    servers.push(server);
    if (!(await listening(server, address, port))) {
      await close();
      return undefined;
    }
    ({ port } = server.address() as { port: number });
    const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4', (bytes) =>
      datagrams.get(address)?.push(bytes.toString('latin1')),
    );
    if (!(await bound(socket, address, port))) {
      await close();
      return undefined;
    }
    datagramSockets.push(socket);
  }
  return {
    port,
    received: (address) => received.get(address) ?? [],
    datagrams: (address) => datagrams.get(address) ?? [],
    [Symbol.asyncDispose]: close,
  };
}

function listening(server: Server, host: string, port: number): Promise<boolean> {
  return taken(server, () => server.listen({ host, port }));
}

function bound(socket: DatagramSocket, address: string, port: number): Promise<boolean> {
  return taken(socket, () => socket.bind({ address, port }));
}

/** @returns false when somebody else has the port */
function taken(of: Server | DatagramSocket, take: () => unknown): Promise<boolean> {
  return new Promise((resolve, reject) => {
    of.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(false);
      else reject(error);
    });
    of.once('listening', () => resolve(true));
    take();
  });
}
