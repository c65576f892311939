import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { nodeMachine } from '../../../../src/ambient/machine.ts';
import {
  at,
  finish,
  type GuestRules,
  NetworkGuest,
  ok,
  read,
  readAll,
  where,
  woken,
  write,
} from './network-guest.ts';

// The same sockets over this machine's own network, loopback only.

const guests: NetworkGuest[] = [];
afterEach(() => {
  for (const guest of guests.splice(0)) guest.test.abort.abort();
});

async function onThisMachine(rules: GuestRules): Promise<NetworkGuest> {
  const stack = await nodeMachine.openNetwork({});
  const guest = new NetworkGuest(stack, rules);
  guest.test.abort.signal.addEventListener('abort', () => stack.close());
  guests.push(guest);
  return guest;
}

test('a guest connects, talks, and shuts down', async () => {
  const server = createServer((socket: Socket) => socket.pipe(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const remote = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const guest = await onThisMachine({ sockets: [{ connect: remote, sentBytes: 1 << 20 }] });
  const { socket, input, output } = await guest.dial(remote);
  expect(where(socket.remoteAddress())).toBe(remote);
  const all = readAll(input);
  await write(output, 'x'.repeat(500_000));
  socket.shutdown('send');
  expect((await all).length).toBe(500_000);
  expect(guest.sockets[0]?.sentBytes?.left).toBe((1 << 20) - 500_000);
  server.close();
});

test('a guest is connected to, from the port that its client is bound to', async () => {
  const guest = await onThisMachine({
    sockets: [{ listen: '127.0.0.1:1-65535' }, { connect: '127.0.0.1:1-65535' }],
  });
  const listener = await guest.listen('127.0.0.1:0');
  const client = guest.tcp();
  expect(await guest.bind(client, '127.0.0.1:0')).toBeUndefined();
  const local = where(client.localAddress());
  const streams = ok(await guest.connect(client, where(listener.localAddress())));
  const server = await guest.accept(listener);
  expect([where(client.localAddress()), where(server.socket.remoteAddress())]).toEqual([local, local]);
  await write(streams.output, 'ping');
  expect(await read(server.input)).toBe('ping');
  expect(await guest.bind(guest.tcp(), where(listener.localAddress()))).toBe('address-in-use');
});

test('who writes byte by byte makes the host hold few of them', async () => {
  const server = createServer((socket) => socket.resume()).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const remote = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const guest = await onThisMachine({ sockets: [{ connect: remote }] });
  const { output } = await guest.dial(remote);
  const byte = Uint8Array.of(120);
  let writes = 0;
  for (; output.checkWrite() > 0; writes++) output.write(byte, 0, 1);
  expect([writes, output.ready()]).toEqual([512, false]);
  await woken(output);
  expect(output.checkWrite()).toBeGreaterThan(0);
  server.close();
});

test('nobody listens, or the address is of another machine', async () => {
  const guest = await onThisMachine({
    sockets: [{ connect: '127.0.0.1:1-65535' }, { listen: '192.0.2.0:80' }],
  });
  const listener = createServer().listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const { port } = listener.address() as AddressInfo;
  listener.close();
  await once(listener, 'close');
  expect(await guest.connect(guest.tcp(), `127.0.0.1:${port}`)).toBe('connection-refused');
  expect(await guest.bind(guest.tcp(), '192.0.2.0:80')).toBe('address-not-bindable');
});

test('who waits for a silent peer wakes up when the rule is taken back, and the peer sees the end', async () => {
  const accepted = Promise.withResolvers<Socket>();
  const server = createServer((socket) => accepted.resolve(socket)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const remote = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const guest = await onThisMachine({ sockets: [{ connect: remote }] });
  const { input } = await guest.dial(remote);
  const peer = await accepted.promise;
  peer.on('error', () => undefined);
  const waiting = woken(input);
  guest.revoke(guest.sockets[0]);
  await waiting;
  expect([await read(input), input.cause]).toEqual([-2, { kind: 'network', error: 'access-denied' }]);
  peer.resume();
  await once(peer, 'close');
  server.close();
});

test('names of this machine are special: only `addresses` lets to them', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const denied = await onThisMachine({ sockets: [{ connect: `localhost:${port}` }] });
  expect(await denied.connect(denied.tcp(), `127.0.0.1:${port}`)).toBe('access-denied');
  expect(denied.refusals).toEqual([`denied tcp-connect tcp 127.0.0.1:${port} (sockets/0)`]);
  const granted = await onThisMachine({
    sockets: [{ connect: `localhost:${port}`, addresses: ['127.0.0.0/8', '::1/128'] }],
  });
  await granted.dial(`127.0.0.1:${port}`);
  server.close();
});

test('datagrams go both ways', async () => {
  const server = createSocket('udp4');
  server.on('message', (message, { port, address }) =>
    server.send(`echo ${message.toString()}`, port, address),
  );
  server.bind(0, '127.0.0.1');
  await once(server, 'listening');
  const remote = `127.0.0.1:${server.address().port}`;
  const guest = await onThisMachine({ sockets: [{ protocol: 'udp', connect: remote }] });
  const { incoming, outgoing } = await guest.datagrams('0.0.0.0:0');
  expect(outgoing.send(Buffer.from('hello'), at(remote))).toBeUndefined();
  const datagrams = await finish(incoming, () => {
    const all = incoming.receive(9);
    return all.length === 0 ? 'would-block' : all;
  });
  expect(ok(datagrams)).toEqual([{ bytes: expect.anything(), remote: at(remote) }]);
  server.close();
});
