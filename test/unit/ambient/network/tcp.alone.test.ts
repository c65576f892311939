import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openNetwork } from '../../../../src/ambient/network/open-network.ts';
import type { Permit } from '../../../../src/kernel/permit.ts';
import { StreamStatus, WRITE_BUDGET } from '../../../../src/virtual/io/streams.ts';
import type {
  NetworkStack,
  TcpConnection,
  TcpOptions,
  TcpPort,
} from '../../../../src/virtual/network/stack.ts';
import { readAll, readSome, readText, writeAll } from '../../../support/byte-streams.ts';
import { ip, networkPermit } from '../../../support/network-permit.ts';

const NEVER = new AbortController().signal;

let stack: NetworkStack;
let server: Server;
let sockets: Socket[] = [];

beforeEach(() => {
  stack = openNetwork({});
});

afterEach(() => {
  stack.close();
  for (const socket of sockets) socket.destroy();
  sockets = [];
  server?.close();
});

/** A server of the test's own. @returns its port */
async function serve(onConnection: (socket: Socket) => void, host = '127.0.0.1'): Promise<number> {
  server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined);
    onConnection(socket);
  });
  server.listen(0, host);
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

function dial(port: number, options: TcpOptions = {}, host = '127.0.0.1'): Promise<TcpConnection> {
  return stack.connectTcp(networkPermit, { address: ip(host), port }, options, NEVER);
}

async function accepted(port: TcpPort): Promise<TcpConnection> {
  await port.wait();
  const connection = port.accept();
  if (connection === undefined) throw new Error('nobody waits');
  return connection;
}

async function client(port: number, host = '127.0.0.1'): Promise<Socket> {
  const socket = connect({ port, host, allowHalfOpen: true });
  sockets.push(socket);
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
}

test('without a permit nothing is reached', () => {
  const forged = {} as Permit;
  const place = { address: ip('127.0.0.1'), port: 1 };
  expect(() => stack.connectTcp(forged, place, {}, NEVER)).toThrow(TypeError);
  expect(() => stack.bindTcp(forged, place)).toThrow(TypeError);
});

describe('a connection', () => {
  test.each(['127.0.0.1', '::1'])('to %s carries bytes both ways and knows its ends', async (host) => {
    const port = await serve((socket) => socket.pipe(socket), host);
    const connection = await dial(port, {}, host);
    expect(connection.remote).toEqual({ address: ip(host), port });
    expect(connection.local).toEqual({ address: ip(host), port: sockets[0]?.remotePort });
    expect(await writeAll(connection.output, 'hello')).toBe(0);
    expect(await readSome(connection.input)).toBe('hello');
    connection.endOutput();
    expect(connection.output.checkWrite()).toBe(StreamStatus.closed);
    expect(await readText(connection.input)).toBe('');
  });

  test('carries much more than its buffers hold, in order, with a slow reader', async () => {
    const port = await serve((socket) => socket.pipe(socket));
    const connection = await dial(port);
    const data = Buffer.alloc(5_000_000, Buffer.from(Array.from({ length: 251 }, (_, i) => i)));
    const [written, { bytes, status }] = await Promise.all([
      writeAll(connection.output, data).then((answer) => {
        connection.endOutput();
        return answer;
      }),
      readAll(connection.input, 10_007),
    ]);
    expect([written, status, bytes.equals(data)]).toEqual([0, StreamStatus.closed, true]);
  });

  test('goes on in one direction when the other has ended', async () => {
    const port = await serve((socket) => socket.end('bye'));
    const connection = await dial(port);
    expect(await readText(connection.input)).toBe('bye');
    const received = readOf(sockets[0]);
    expect(await writeAll(connection.output, 'still here')).toBe(0);
    connection.endOutput();
    expect(await received).toBe('still here');
  });

  test('copies what is written before write returns', async () => {
    const port = await serve((socket) => socket.pipe(socket));
    const connection = await dial(port);
    const memory = Buffer.from('xxhello');
    expect(connection.output.write(memory, 2, 5)).toBe(0);
    memory.fill(0);
    expect(await readSome(connection.input)).toBe('hello');
  });

  test('from a local address and port', async () => {
    const port = await serve((socket) => socket.end(String(socket.remotePort)));
    const local = await stack.bindTcp(networkPermit, { address: ip('127.0.0.1'), port: 0 });
    local.close();
    await delay(5);
    const connection = await dial(port, { local: { address: ip('127.0.0.1'), port: local.local.port } });
    expect(await readText(connection.input)).toBe(String(local.local.port));
    expect(connection.local.port).toBe(local.local.port);
  });

  test('takes keep-alive', async () => {
    const connection = await dial(await serve(() => undefined), { keepAlive: true, keepAliveIdle: 60e9 });
    connection.setKeepAlive(false, 0);
    connection.setKeepAlive(true, 2 ** 63);
  });
});

describe('back-pressure', () => {
  test('of the peer: a writer waits, and goes on when the peer reads', async () => {
    const port = await serve((socket) => socket.pause());
    const { output } = await dial(port);
    const block = new Uint8Array(WRITE_BUDGET);
    let total = 0;
    while (output.checkWrite() > 0) {
      const room = output.checkWrite();
      expect(output.write(block, 0, room)).toBe(0);
      total += room;
      await delay(20);
    }
    expect([output.ready(), output.checkWrite()]).toEqual([false, 0]);
    // Ours beside the system's: no more than the budget.
    let received = 0;
    sockets[0]?.on('data', (chunk) => void (received += chunk.length)).resume();
    await output.wait();
    expect(output.checkWrite()).toBeGreaterThan(0);
    await expect.poll(() => received).toBe(total);
  });

  test('of the guest: a peer that sends without end is held up', async () => {
    const port = await serve((socket) => {
      const send = (): void => {
        while (socket.write(Buffer.alloc(65_536, 'x')));
      };
      socket.on('drain', send);
      send();
    });
    const connection = await dial(port);
    await connection.input.wait();
    let sent = -1;
    await expect
      .poll(
        () => {
          const before = sent;
          sent = sockets[0]?.bytesWritten ?? 0;
          return sent === before;
        },
        { interval: 100, timeout: 10_000 },
      )
      .toBe(true);
    const target = Buffer.alloc(10_000_000);
    // What was kept on our side can be read without a turn of the event loop: no more than twice the mark.
    let held = 0;
    for (let count = 1; count > 0; held += count) count = connection.input.readInto(target, 0, target.length);
    expect(held).toBeGreaterThan(0);
    expect(held).toBeLessThanOrEqual(2 * 65_536);
  });

  test('a flush is done when the system has everything', async () => {
    const { output } = await dial(await serve((socket) => socket.pipe(socket)));
    output.write(Buffer.from('hello'), 0, 5);
    expect(output.flush()).toBe(0);
    await output.wait();
    expect([output.ready(), output.checkWrite()]).toEqual([true, WRITE_BUDGET]);
  });
});

describe('what goes wrong', () => {
  const local = { address: ip('127.0.0.1'), port: 0 };

  test('nobody listens', async () => {
    const port = await serve(() => undefined);
    server.close();
    await once(server, 'close');
    await expect(dial(port)).rejects.toMatchObject({ name: 'NetworkFailure', code: 'connection-refused' });
  });

  test('the message of a failure says nothing of the host', async () => {
    const port = await serve(() => undefined);
    server.close();
    const failure = (await dial(port).catch((error: unknown) => error)) as Error;
    expect([failure.message, failure.cause]).toEqual(['connection-refused', undefined]);
  });

  test.each([
    ['192.0.2.77', 'address-not-bindable'],
    ['::1', 'invalid-argument'],
  ])('a local address that is not this host’s or of another family: %s', async (address, code) => {
    const port = await serve(() => undefined);
    await expect(dial(port, { local: { address: ip(address), port: 0 } })).rejects.toMatchObject({ code });
  });

  test('an interface of the host cannot be named', async () => {
    const remote = { address: ip('fe80::1'), port: 80, scopeId: 1 };
    await expect(stack.connectTcp(networkPermit, remote, {}, NEVER)).rejects.toMatchObject({
      code: 'access-denied',
    });
  });

  test('a reset is told once on each stream, then they are closed', async () => {
    const port = await serve(() => undefined);
    const connection = await dial(port);
    await writeAll(connection.output, 'x');
    sockets[0]?.resetAndDestroy();
    expect((await readAll(connection.input)).status).toBe(StreamStatus.failed);
    expect(connection.input.cause).toEqual({ kind: 'network', error: 'connection-reset' });
    expect(connection.input.failure).toBeGreaterThan(0);
    expect(connection.input.readInto(Buffer.alloc(1), 0, 1)).toBe(StreamStatus.closed);
    expect(connection.output.checkWrite()).toBe(StreamStatus.failed);
    expect(connection.output.cause).toEqual({ kind: 'network', error: 'connection-reset' });
    expect([connection.output.write(Buffer.alloc(1), 0, 1), connection.output.flush()]).toEqual([
      StreamStatus.closed,
      StreamStatus.closed,
    ]);
  });

  test('a connection that is given up while it is made leaves nothing', async () => {
    // TEST-NET-1: nobody answers, or the network says so.
    const abort = new AbortController();
    const connecting = stack.connectTcp(
      networkPermit,
      { address: ip('192.0.2.1'), port: 80 },
      {},
      abort.signal,
    );
    abort.abort();
    await expect(connecting).rejects.toMatchObject({ code: 'connection-aborted' });
    await expect(
      stack.connectTcp(networkPermit, { ...local, port: 80 }, {}, abort.signal),
    ).rejects.toMatchObject({ code: 'connection-aborted' });
  });
});

describe('the end of a connection', () => {
  test('close sends what was written', async () => {
    const port = await serve(() => undefined);
    const connection = await dial(port);
    await expect.poll(() => sockets.length).toBe(1);
    const received = readOf(sockets[0]);
    expect(connection.output.write(Buffer.alloc(60_000, 'x'), 0, 60_000)).toBe(0);
    connection.close();
    expect(await received).toHaveLength(60_000);
    expect(connection.input.readInto(Buffer.alloc(1), 0, 1)).toBe(StreamStatus.closed);
  });

  test('who closes without end what peers do not take does not have them all kept open', async () => {
    const port = await serve((socket) => socket.pause());
    for (let i = 0; i < 36; i++) {
      const connection = await dial(port);
      const block = new Uint8Array(WRITE_BUDGET);
      // More than the system takes.
      for (let room = 1; room > 0; await delay(1)) {
        room = connection.output.checkWrite();
        if (room > 0) connection.output.write(block, 0, room);
      }
      connection.close();
    }
    const live = (): number => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
    expect(live()).toBeGreaterThanOrEqual(32);
    expect(live()).toBeLessThanOrEqual(35);
    stack.close();
    expect(live()).toBeLessThanOrEqual(3);
  });

  test('destroy ends both streams at once, with what was there', async () => {
    const port = await serve((socket) => socket.write('unread'));
    const connection = await dial(port);
    await connection.input.wait();
    connection.destroy();
    expect(connection.input.readInto(Buffer.alloc(1), 0, 1)).toBe(StreamStatus.closed);
    expect(connection.output.checkWrite()).toBe(StreamStatus.closed);
    await expect.poll(() => sockets[0]?.destroyed || sockets[0]?.readableEnded).toBe(true);
  });

  test('who waits wakes up', async () => {
    const port = await serve(() => undefined);
    const connection = await dial(port);
    const waited = connection.input.wait();
    connection.destroy();
    await waited;
    expect(connection.input.ready()).toBe(true);
  });

  test('after endInput the peer can go on sending, and its bytes are gone', async () => {
    const port = await serve((socket) => socket.pipe(socket));
    const connection = await dial(port);
    connection.endInput();
    expect(connection.input.readInto(Buffer.alloc(1), 0, 1)).toBe(StreamStatus.closed);
    expect(await writeAll(connection.output, Buffer.alloc(20_000_000))).toBe(0);
    connection.endOutput();
    await expect.poll(() => sockets[0]?.destroyed, { timeout: 5000 }).toBe(true);
  });
});

describe('a port', () => {
  const anywhere = { address: ip('127.0.0.1'), port: 0 };

  test.each(['127.0.0.1', '::1'])('on %s lets peers in after listen, in their order', async (host) => {
    const port = await stack.bindTcp(networkPermit, { address: ip(host), port: 0 });
    expect(port.local.address).toEqual(ip(host));
    expect(port.local.port).toBeGreaterThan(0);
    await port.listen(10);
    expect([port.ready(), port.accept()]).toEqual([false, undefined]);
    const first = await client(port.local.port, host);
    first.write('one');
    const connection = await accepted(port);
    expect(connection.remote).toEqual({ address: ip(host), port: first.localPort });
    expect(await readSome(connection.input)).toBe('one');
    const second = await client(port.local.port, host);
    second.end('two');
    expect(await readText((await accepted(port)).input)).toBe('two');
    await writeAll(connection.output, 'answer');
    connection.close();
    expect(await readOf(first)).toBe('answer');
  });

  test('sends those away that come before listen', async () => {
    const port = await stack.bindTcp(networkPermit, anywhere);
    const early = await client(port.local.port);
    await expect.poll(() => early.destroyed || early.readableEnded || early.errored !== null).toBe(true);
    await port.listen(10);
    expect(port.accept()).toBeUndefined();
  });

  test('holds no more than its backlog', async () => {
    const port = await stack.bindTcp(networkPermit, anywhere);
    await port.listen(2);
    const clients: Socket[] = [];
    for (let i = 0; i < 5; i++) clients.push(await client(port.local.port));
    for (const one of clients) one.resume();
    await expect.poll(() => clients.filter((one) => one.readableEnded || one.destroyed).length).toBe(3);
    expect([port.accept() === undefined, port.accept() === undefined, port.accept()]).toEqual([
      false,
      false,
      undefined,
    ]);
  });

  test('that is taken cannot be taken again', async () => {
    const port = await stack.bindTcp(networkPermit, anywhere);
    await expect(stack.bindTcp(networkPermit, port.local)).rejects.toMatchObject({ code: 'address-in-use' });
  });

  test('of an address that is not this host’s', async () => {
    await expect(stack.bindTcp(networkPermit, { address: ip('192.0.2.77'), port: 0 })).rejects.toMatchObject({
      code: 'address-not-bindable',
    });
  });

  test('of every IPv6 address is none of IPv4', async () => {
    const port = await stack.bindTcp(networkPermit, { address: ip('::'), port: 0 });
    await port.listen(1);
    await expect(dial(port.local.port)).rejects.toMatchObject({ code: 'connection-refused' });
  });

  test('that is closed wakes who waits, and sends away who waits to be let in', async () => {
    const port = await stack.bindTcp(networkPermit, anywhere);
    await port.listen(5);
    const waited = port.wait();
    port.close();
    await waited;
    expect([port.ready(), port.accept()]).toEqual([true, undefined]);
    await expect(dial(port.local.port)).rejects.toMatchObject({ code: 'connection-refused' });
  });
});

test('the end of the stack ends everything in it, and nothing is opened after it', async () => {
  const port = await serve((socket) => socket.write('unread'));
  const connection = await dial(port);
  const listening = await stack.bindTcp(networkPermit, { address: ip('127.0.0.1'), port: 0 });
  await listening.listen(5);
  const waiting = await client(listening.local.port);
  waiting.resume();
  await listening.wait();
  const handles = (): string[] => process.getActiveResourcesInfo().filter((kind) => /TCP|Timeout/.test(kind));
  const unread = connection.input.wait();
  stack.close();
  await unread;
  expect(connection.input.readInto(Buffer.alloc(9), 0, 9)).toBe(StreamStatus.closed);
  await expect.poll(() => sockets.every((socket) => socket.destroyed || socket.readableEnded)).toBe(true);
  for (const socket of sockets) socket.destroy();
  server.close();
  await expect.poll(handles).not.toContain('TCPServerWrap');
  await expect(dial(port)).rejects.toMatchObject({ code: 'connection-aborted' });
  await expect(stack.bindTcp(networkPermit, listening.local)).rejects.toMatchObject({
    code: 'connection-aborted',
  });
});

async function readOf(socket: Socket | undefined): Promise<string> {
  let text = '';
  socket?.on('data', (chunk) => void (text += chunk.toString('latin1')));
  if (socket !== undefined) await once(socket, 'end');
  return text;
}
