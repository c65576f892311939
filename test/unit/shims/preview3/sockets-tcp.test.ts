import { afterEach, describe, expect, test } from 'vitest';
import { nodeMachine } from '../../../../src/ambient/machine.ts';
import { VirtualNetwork } from '../../../../src/virtual/network/virtual-network.ts';
import { GuestWriter, readOnce, streamOf, textToEnd } from '../../../support/component-streams.ts';
import { freePort, tcpServer } from '../../../support/tcp-servers.ts';
import { type GuestRules, settle } from '../../virtual/network/network-guest.ts';
import { acceptFrom, address, pendingOf, resultOf, SocketsGuest, textOf } from './sockets-guest.ts';

const EVERYTHING: GuestRules = {
  sockets: [
    { connect: '0.0.0.0/0:1-65535' },
    { connect: '[::/0]:1-65535' },
    { listen: '0.0.0.0/0:1-65535' },
    { listen: '[::/0]:1-65535' },
  ],
};

const FAMILIES = [
  { family: 'ipv4', loopback: '127.0.0.1', any: '0.0.0.0', other: '[::1]' },
  { family: 'ipv6', loopback: '[::1]', any: '[::]', other: '127.0.0.1' },
] as const;

const guests: SocketsGuest[] = [];
afterEach(() => {
  for (const guest of guests.splice(0)) {
    guest.end();
    expect(guest.handles).toBe(0);
  }
});

function inMemory(rules: GuestRules = EVERYTHING, network = new VirtualNetwork(), name = 'a'): SocketsGuest {
  const guest = new SocketsGuest(network.host(name).open(nodeMachine), rules);
  guests.push(guest);
  return guest;
}

function onMachine(rules: GuestRules = EVERYTHING): SocketsGuest {
  const guest = SocketsGuest.machine(rules);
  guests.push(guest);
  return guest;
}

/** Two ends of one connection of a guest with itself. */
async function connected(guest: SocketsGuest, rule = '127.0.0.1:80') {
  const { socket: listener, accept } = await guest.server(rule);
  const client = await guest.dial(rule);
  return { listener, accept, client, server: await acceptFrom(accept) };
}

describe.each(FAMILIES)('a socket of $family', ({ family, loopback, any, other }) => {
  test('unbound', async () => {
    const guest = inMemory();
    const socket = guest.tcp(family);
    expect(guest.begin(socket, 'get-address-family')).toBe(family);
    expect(guest.begin(socket, 'get-is-listening')).toBe(false);
    expect([guest.where(socket, 'local'), guest.where(socket, 'remote')]).toEqual([
      'invalid-state',
      'invalid-state',
    ]);
    expect(await guest.receiveText(socket)).toEqual(['', 'invalid-state']);
    const data = new GuestWriter();
    expect(await resultOf(guest.send(socket, data))).toBe('invalid-state');
    expect(data.dropped).toBe(true);
  });

  test('is bound once, to an address of its family', async () => {
    const guest = inMemory();
    const socket = guest.tcp(family);
    expect(await guest.bind(socket, `${other}:0`)).toBe('invalid-argument');
    expect(await guest.bind(socket, `${loopback}:0`)).toBe('ok');
    expect(await guest.bind(socket, `${loopback}:0`)).toBe('invalid-state');
    expect(guest.where(socket, 'local')).toMatch(/:[1-9][0-9]+$/);
  });

  test('listens on a port of the host when it is not bound', async () => {
    const guest = inMemory();
    const socket = guest.tcp(family);
    await guest.listen(socket);
    expect(guest.begin(socket, 'get-is-listening')).toBe(true);
    expect(guest.where(socket, 'local').startsWith(any)).toBe(true);
    expect(guest.where(socket, 'local')).toMatch(/:[1-9][0-9]+$/);
    expect(await guest.answer(socket, 'listen')).toBe('invalid-state');
    expect(await guest.connect(socket, `${loopback}:80`)).toBe('invalid-state');
    expect(await guest.bind(socket, `${loopback}:80`)).toBe('invalid-state');
  });

  test('says hello both ways, and to the end', async () => {
    const guest = inMemory();
    const { client, server } = await connected(guest, `${loopback}:80`);
    expect(guest.where(client, 'remote')).toBe(guest.where(server, 'local'));
    expect(guest.where(server, 'remote')).toBe(guest.where(client, 'local'));
    expect(await guest.sendText(client, 'ping')).toBe('ok');
    expect(await guest.receiveText(server)).toEqual(['ping', 'ok']);
    // The other direction is as open as before.
    expect(await guest.sendText(server, 'pong')).toBe('ok');
    expect(await guest.receiveText(client)).toEqual(['pong', 'ok']);
  });

  test('is closed by a connection that does not come about', async () => {
    const guest = inMemory();
    const socket = guest.tcp(family);
    expect(await guest.connect(socket, `${loopback}:81`)).toBe('connection-refused');
    expect(await guest.connect(socket, `${loopback}:81`)).toBe('invalid-state');
    expect(await guest.answer(socket, 'listen')).toBe('invalid-state');
  });
});

describe('either direction', () => {
  test('is given once', async () => {
    const guest = inMemory();
    const { server, client } = await connected(guest);
    const [stream] = guest.receive(server);
    expect(await guest.receiveText(server)).toEqual(['', 'invalid-state']);
    const data = streamOf('again');
    const first = guest.send(server, streamOf('once'));
    expect(await resultOf(guest.send(server, data))).toBe('invalid-state');
    expect([data.dropped, data.left]).toEqual([true, 5]);
    expect(await resultOf(first)).toBe('ok');
    expect(await guest.receiveText(client)).toEqual(['once', 'ok']);
    stream.drop();
  });

  test('that is dropped is shut for its peer, and no error', async () => {
    const guest = onMachine({
      sockets: [{ connect: '127.0.0.1:1-65535' }, { listen: '127.0.0.1:1-65535' }],
    });
    const { client, server } = await connected(guest, `127.0.0.1:${await freePort('127.0.0.1')}`);
    const [stream, ended] = guest.receive(client);
    stream.drop();
    expect(await resultOf(ended)).toBe('ok');
    expect(await guest.sendText(client, 'still here')).toBe('ok');
    expect(await guest.receiveText(server)).toEqual(['still here', 'ok']);
  });

  test('keeps the connection when the socket is dropped, and its end is told', async () => {
    const guest = inMemory();
    const { client, server } = await connected(guest);
    const data = new GuestWriter();
    const sent = guest.send(client, data);
    const [stream, ended] = guest.receive(client);
    guest.drop(client);
    await data.write('hello');
    data.end();
    expect(await resultOf(sent)).toBe('ok');
    // The end of it is out although the other direction is not over.
    expect(await guest.receiveText(server)).toEqual(['hello', 'ok']);
    expect(await guest.sendText(server, 'bye')).toBe('ok');
    expect([await textToEnd(stream), await resultOf(ended)]).toEqual(['bye', 'ok']);
  });

  test('waits for the peer: no more is taken than it reads', async () => {
    const guest = inMemory();
    const { client, server } = await connected(guest);
    const data = new GuestWriter();
    const sent = guest.send(client, data);
    void data.write(new Uint8Array(1 << 20));
    await settle();
    expect(data.left).toBeGreaterThan(900_000);
    const [stream] = guest.receive(server);
    for (let read = 0; read < 1 << 20;) read += (await readOnce(stream, 65_536)).items.length;
    expect(data.left).toBe(0);
    data.end();
    expect(await resultOf(sent)).toBe('ok');
  });

  test('tells that the peer broke the connection off', async () => {
    const server = await tcpServer('127.0.0.1', (socket) => {
      socket.once('data', () => socket.resetAndDestroy());
    });
    const guest = onMachine();
    const client = await guest.dial(`127.0.0.1:${server.port}`);
    const data = new GuestWriter();
    const sent = guest.send(client, data);
    void data.write('go');
    expect(await guest.receiveText(client)).toEqual(['', 'connection-reset']);
    void data.write('anybody?');
    expect(await resultOf(sent)).toMatch(/^connection-(reset|broken)$/);
    expect(data.dropped).toBe(true);
    await server.close();
  });
});

describe('the stream of connections', () => {
  test('lets in only whom the guest reads', async () => {
    const guest = inMemory();
    const { socket, accept } = await guest.server('127.0.0.1:80');
    await Promise.all([guest.dial('127.0.0.1:80'), guest.dial('127.0.0.1:80'), guest.dial('127.0.0.1:80')]);
    expect(guest.handles).toBe(4);
    // Asks whether somebody is there.
    expect(await readOnce(accept, 0)).toEqual({ result: 'completed', items: [] });
    expect(guest.handles).toBe(4);
    expect((await readOnce(accept, 2)).items).toHaveLength(2);
    expect(guest.handles).toBe(6);
    guest.drop(socket);
    expect((await readOnce(accept, 8)).items).toHaveLength(1);
    accept.drop();
    expect(await guest.connect(guest.tcp(), '127.0.0.1:80')).toBe('connection-refused');
  });

  test('may be dropped: the socket listens all the same, until it is dropped, too', async () => {
    const guest = inMemory();
    const { socket, accept } = await guest.server('127.0.0.1:80');
    accept.drop();
    await guest.dial('127.0.0.1:80');
    expect(await guest.bind(guest.tcp(), '127.0.0.1:80')).toBe('address-in-use');
    guest.drop(socket);
    expect(await guest.bind(guest.tcp(), '127.0.0.1:80')).toBe('ok');
  });

  test('gives sockets that have the options of the one that listens', async () => {
    const guest = inMemory();
    const { socket, accept } = await guest.server('127.0.0.1:80');
    await guest.answer(socket, 'set-keep-alive-count', 7);
    await guest.answer(socket, 'set-keep-alive-enabled', true);
    await guest.dial('127.0.0.1:80');
    const server = await acceptFrom(accept);
    expect(guest.begin(server, 'get-keep-alive-count')).toEqual({ tag: 'ok', val: 7 });
    expect(guest.begin(server, 'get-keep-alive-enabled')).toEqual({ tag: 'ok', val: true });
    expect(guest.begin(server, 'get-address-family')).toBe('ipv4');
  });

  test('waits while there is no handle, with one record of it', async () => {
    const guest = inMemory();
    const { accept } = await guest.server('127.0.0.1:80');
    const client = await guest.dial('127.0.0.1:80');
    const { meter } = guest.network.test.host;
    while (meter.openHandle());
    const reading = readOnce(accept, 4);
    await settle();
    expect(guest.refusals).toEqual(['limited tcp-accept socket (limits.handles)']);
    meter.closeHandle();
    expect((await reading).items).toHaveLength(1);
    expect(guest.refusals).toHaveLength(1);
    guest.drop(client);
    while (meter.handles > 2) meter.closeHandle();
  });

  test('can be read again after a read that was given up', async () => {
    const guest = inMemory();
    const { accept } = await guest.server('127.0.0.1:80');
    const reading = readOnce(accept, 1);
    accept.cancel();
    expect((await reading).result).toBe('cancelled');
    await guest.dial('127.0.0.1:80');
    await acceptFrom(accept);
  });
});

describe('calls that are given up', () => {
  test('connect: the attempt ends, and the socket is closed', async () => {
    const guest = inMemory();
    const { accept } = await guest.server('127.0.0.1:80');
    const socket = guest.tcp();
    pendingOf(guest.begin(socket, 'connect', address('127.0.0.1:80'))).cancel();
    expect(await guest.connect(socket, '127.0.0.1:80')).toBe('invalid-state');
    // Nobody is there, or is gone again at once.
    await settle();
    const reading = readOnce<never>(accept, 1);
    await settle();
    accept.cancel();
    for (const each of (await reading).items) expect((await guest.receiveText(each))[0]).toBe('');
  });

  test('bind and listen: the port is free', async () => {
    const guest = onMachine();
    const port = await freePort('127.0.0.1');
    const one = guest.tcp();
    pendingOf(guest.begin(one, 'bind', address(`127.0.0.1:${port}`))).cancel();
    await settle();
    const two = guest.tcp();
    expect(await guest.bind(two, `127.0.0.1:${port}`)).toBe('ok');
    pendingOf(guest.begin(two, 'listen')).cancel();
    await settle();
    expect(await guest.bind(guest.tcp(), `127.0.0.1:${port}`)).toBe('ok');
    expect(await guest.bind(one, `127.0.0.1:${port}`)).toBe('invalid-state');
  });

  test('leave an answer that has come alone', async () => {
    const guest = inMemory();
    const socket = guest.tcp();
    const pending = pendingOf(guest.begin(socket, 'bind', address('127.0.0.1:80')));
    expect(textOf((await pending.promise) as never)).toBe('ok');
    pending.cancel();
    expect(guest.where(socket, 'local')).toBe('127.0.0.1:80');
  });

  test('one at a time: a socket is in no state for another one meanwhile', async () => {
    const guest = inMemory();
    const socket = guest.tcp();
    const pending = pendingOf(guest.begin(socket, 'bind', address('127.0.0.1:80')));
    expect(await guest.bind(socket, '127.0.0.1:80')).toBe('invalid-state');
    expect(await guest.connect(socket, '127.0.0.1:80')).toBe('invalid-state');
    expect(await guest.answer(socket, 'listen')).toBe('invalid-state');
    await pending.promise;
  });
});

describe('rules', () => {
  test('without one there is no socket', () => {
    const guest = inMemory({ sockets: [{ protocol: 'udp', connect: '198.18.0.2:80' }] });
    expect(textOf(guest.create('tcp') as never)).toBe('access-denied');
    expect(guest.refusals).toEqual(['denied create-tcp-socket ipv4']);
    expect(guest.handles).toBe(0);
  });

  test('a handle is needed for a socket', () => {
    const guest = inMemory();
    const { meter } = guest.network.test.host;
    while (meter.openHandle());
    expect(textOf(guest.create('tcp') as never)).toBe('other: new-socket-limit');
    expect(guest.refusals).toEqual(['limited create-tcp-socket ipv4 (limits.handles)']);
    while (meter.handles > 0) meter.closeHandle();
  });

  test('what they do not cover is denied, and on record', async () => {
    const guest = inMemory({ sockets: [{ connect: '198.18.0.2:80' }] });
    expect(await guest.bind(guest.tcp(), '127.0.0.1:80')).toBe('access-denied');
    expect(await guest.connect(guest.tcp(), '198.18.0.2:81')).toBe('access-denied');
    expect(await guest.answer(guest.tcp(), 'listen')).toBe('access-denied');
    expect(guest.refusals).toEqual([
      'denied tcp-bind tcp 127.0.0.1:80',
      'denied tcp-connect tcp 198.18.0.2:81',
      'denied tcp-listen tcp 0.0.0.0:0',
    ]);
  });

  test('a rule that is taken back ends its connections', async () => {
    const guest = inMemory({ sockets: [{ connect: '127.0.0.1:80' }, { listen: '127.0.0.1:80' }] });
    const { client, server } = await connected(guest);
    const data = new GuestWriter();
    const sent = guest.send(client, data);
    const received = guest.receiveText(client);
    await settle();
    guest.network.revoke(guest.network.sockets[0]);
    expect(await received).toEqual(['', 'access-denied']);
    void data.write('x');
    expect(await resultOf(sent)).toBe('access-denied');
    expect((await guest.receiveText(server))[1]).toBe('connection-reset');
    expect(await guest.connect(guest.tcp(), '127.0.0.1:80')).toBe('access-denied');
    expect(guest.refusals).toEqual(['denied tcp-connect tcp 127.0.0.1:80 (sockets/0)']);
  });

  test('a rule that is taken back ends the stream of connections', async () => {
    const guest = inMemory({ sockets: [{ listen: '127.0.0.1:80' }] });
    const { accept } = await guest.server('127.0.0.1:80');
    const reading = readOnce(accept, 1);
    await settle();
    guest.network.revoke(guest.network.sockets[0]);
    expect(await reading).toEqual({ result: 'dropped', items: [] });
    expect(guest.refusals).toEqual(['denied tcp-accept tcp 127.0.0.1:80 (sockets/0)']);
    expect(guest.handles).toBe(1);
  });

  test('of bytes: one too many ends the direction, and is on record', async () => {
    const guest = inMemory({
      sockets: [
        { connect: '127.0.0.1:80', sentBytes: 4 },
        { listen: '127.0.0.1:80', receivedBytes: 4 },
      ],
    });
    const { client, server } = await connected(guest);
    expect(await guest.sendText(client, 'four5')).toBe('access-denied');
    expect(await guest.receiveText(server)).toEqual(['four', 'ok']);
    expect(guest.refusals).toEqual(['limited socket-write tcp 127.0.0.1:80 (sockets/0 budget.sentBytes)']);
  });

  test('of received bytes: those within it are given, then it fails', async () => {
    const guest = inMemory({
      sockets: [{ connect: '127.0.0.1:80', receivedBytes: 4 }, { listen: '127.0.0.1:80' }],
    });
    const { client, server } = await connected(guest);
    expect(await guest.sendText(server, 'four5')).toBe('ok');
    expect(await guest.receiveText(client)).toEqual(['four', 'access-denied']);
    expect(guest.refusals).toEqual(['limited socket-read tcp 127.0.0.1:80 (sockets/0 budget.receivedBytes)']);
  });

  test('of operations: connections are counted', async () => {
    const guest = inMemory({
      sockets: [{ connect: '127.0.0.1:80', operations: { total: 1 } }, { listen: '127.0.0.1:80' }],
    });
    await connected(guest);
    expect(await guest.connect(guest.tcp(), '127.0.0.1:80')).toBe('other: new-socket-limit');
    expect(guest.refusals).toEqual(['limited tcp-connect tcp 127.0.0.1:80 (sockets/0 budget.operations)']);
  });

  test('of operations in all: nobody is let in any more, and the stream ends', async () => {
    const guest = inMemory({
      sockets: [{ connect: '127.0.0.1:80' }, { listen: '127.0.0.1:80', operations: { total: 4 } }],
    });
    // bind, listen, two connections.
    const { accept } = await guest.server('127.0.0.1:80');
    for (let each = 0; each < 3; each++) await guest.dial('127.0.0.1:80');
    expect((await readOnce(accept, 8)).items).toHaveLength(2);
    expect((await readOnce(accept, 8)).result).toBe('dropped');
    expect(guest.refusals.at(-1)).toBe('limited tcp-accept tcp 127.0.0.1:80 (sockets/1 budget.operations)');
  });

  test('of a rate: who comes too fast is sent away, and the next one is let in', async () => {
    const guest = inMemory({
      sockets: [
        { connect: '127.0.0.1:80' },
        { listen: '127.0.0.1:80', operations: { rate: 3, period: 1e12 } },
      ],
    });
    const { accept } = await guest.server('127.0.0.1:80');
    await guest.dial('127.0.0.1:80');
    const late = await guest.dial('127.0.0.1:80');
    expect((await readOnce(accept, 8)).items).toHaveLength(1);
    const reading = readOnce(accept, 8);
    expect(await guest.receiveText(late)).toEqual(['', 'connection-reset']);
    accept.cancel();
    expect((await reading).result).toBe('cancelled');
  });

  test('of concurrency: the next one waits in the queue until another has gone', async () => {
    const guest = inMemory({
      sockets: [{ connect: '127.0.0.1:80' }, { listen: '127.0.0.1:80', concurrent: 1 }],
    });
    const { server, accept } = await connected(guest);
    await guest.dial('127.0.0.1:80');
    const reading = readOnce(accept, 8);
    await settle();
    guest.drop(server);
    expect((await reading).items).toHaveLength(1);
  });
});

describe('options', () => {
  test.each([
    ['keep-alive-idle-time', 42_000_000_000n, 0n],
    ['keep-alive-interval', 42_000_000_000n, 0n],
    ['keep-alive-count', 42, 0],
    ['hop-limit', 42, 0],
    ['receive-buffer-size', 0x1_0000n, 0n],
    ['send-buffer-size', 0x1_0000n, 0n],
  ])('%s', async (name, value, none) => {
    const guest = inMemory();
    const socket = guest.tcp();
    expect(await guest.answer(socket, `set-${name}`, value)).toBe('ok');
    expect(guest.begin(socket, `get-${name}`)).toEqual({ tag: 'ok', val: value });
    expect(await guest.answer(socket, `set-${name}`, none)).toBe('invalid-argument');
    expect(await guest.connect(socket, '127.0.0.1:81')).toBe('connection-refused');
    expect(await guest.answer(socket, `get-${name}`)).toBe('invalid-state');
    expect(await guest.answer(socket, `set-${name}`, value)).toBe('invalid-state');
  });

  test('the size of the queue', async () => {
    const guest = inMemory();
    const socket = guest.tcp();
    expect(await guest.answer(socket, 'set-listen-backlog-size', 0n)).toBe('invalid-argument');
    expect(await guest.answer(socket, 'set-listen-backlog-size', 2n ** 64n - 1n)).toBe('ok');
    await guest.listen(socket);
    expect(await guest.answer(socket, 'set-listen-backlog-size', 1n)).toBe('not-supported');
  });
});

test('nothing is left at the end of an instance', async () => {
  const guest = onMachine();
  const port = await freePort('127.0.0.1');
  const { client, server, accept } = await connected(guest, `127.0.0.1:${port}`);
  const data = new GuestWriter();
  guest.send(client, data);
  void guest.receiveText(server);
  void readOnce(accept, 1);
  const waiting = pendingOf(guest.begin(guest.tcp(), 'connect', address(`127.0.0.1:${port}`)));
  waiting.cancel();
  guest.end();
  await settle();
  expect(guest.handles).toBe(0);
  expect(data.dropped).toBe(true);
  const next = onMachine();
  expect(await next.bind(next.tcp(), `127.0.0.1:${port}`)).toBe('ok');
});
