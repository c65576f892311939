import { createServer, type Server, type Socket } from 'node:net';
import { createSocket, type Socket as UdpSocket } from 'node:dgram';

/** A server of the test's own, and everything that connected to it. */
export interface TestServer {
  readonly port: number;
  readonly connections: Socket[];
  /** Resolves with the connection of this number, counted from 0. */
  readonly connection: (index: number) => Promise<Socket>;
  close(): Promise<void>;
}

/** @param serve called with each connection; it echoes by default */
export async function tcpServer(
  host: string,
  serve: (socket: Socket) => void = (socket) => void socket.pipe(socket),
): Promise<TestServer> {
  const connections: Socket[] = [];
  const awaited: (() => void)[] = [];
  // Half-open connections stay open, as those of POSIX do.
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    connections.push(socket);
    socket.on('error', () => undefined);
    serve(socket);
    for (const wake of awaited.splice(0)) wake();
  });
  await listening(server, host);
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    connections,
    connection: async (index) => {
      while (connections.length <= index) await new Promise<void>((resolve) => awaited.push(resolve));
      return connections[index] as Socket;
    },
    close: () => {
      for (const socket of connections) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

function listening(server: Server, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, host, 512, resolve);
  });
}

/** A port of the machine that nobody listens on. */
export async function freePort(host: string): Promise<number> {
  const server = await tcpServer(host);
  await server.close();
  return server.port;
}

/** What a UDP socket of the test's own received, in order. */
export interface TestUdp {
  readonly port: number;
  readonly socket: UdpSocket;
  readonly received: string[];
  close(): Promise<void>;
}

/** @param answer what it answers to a datagram; undefined: nothing */
export async function udpServer(
  host: string,
  answer: (text: string) => string | undefined = (text) => `echo ${text}`,
): Promise<TestUdp> {
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
  const received: string[] = [];
  socket.on('message', (message, { port, address }) => {
    received.push(String(message));
    const reply = answer(String(message));
    if (reply !== undefined) socket.send(reply, port, address);
  });
  await new Promise<void>((resolve) => socket.bind(0, host, resolve));
  return {
    port: socket.address().port,
    socket,
    received,
    close: () => new Promise((resolve) => socket.close(() => resolve())),
  };
}
