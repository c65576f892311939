import { afterEach, describe, expect, test } from 'vitest';
import { nodeMachine } from '../../../../src/ambient/machine.ts';
import { VirtualNetwork } from '../../../../src/virtual/network/virtual-network.ts';
import { udpServer } from '../../../support/tcp-servers.ts';
import { type GuestRules, settle } from '../../virtual/network/network-guest.ts';
import { isPending } from './caller.ts';
import { address, pendingOf, SocketsGuest, textOf, where, type Socket } from './sockets-guest.ts';

const EVERYTHING: GuestRules = {
  sockets: [
    { protocol: 'udp', connect: '0.0.0.0/0:1-65535' },
    { protocol: 'udp', connect: '[::/0]:1-65535' },
    { protocol: 'udp', listen: '0.0.0.0/0:1-65535' },
    { protocol: 'udp', listen: '[::/0]:1-65535' },
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

function send(guest: SocketsGuest, socket: Socket, text: string | number, remote?: string): Promise<string> {
  const bytes = typeof text === 'number' ? new Uint8Array(text) : new Uint8Array(Buffer.from(text));
  return guest.answer(socket, 'send', bytes, remote === undefined ? undefined : address(remote));
}

/** @returns `text from address`, or the error */
async function receive(guest: SocketsGuest, socket: Socket): Promise<string> {
  return told(await guest.call(socket, 'receive'));
}

function told(result: unknown): string {
  const outcome = result as Parameters<typeof textOf>[0];
  if (outcome.tag === 'err') return textOf(outcome);
  const [bytes, from] = outcome.val as [Uint8Array, Parameters<typeof where>[0]];
  return `${Buffer.from(bytes).toString()} from ${where(from)}`;
}

describe.each(FAMILIES)('a socket of $family', ({ family, loopback, any, other }) => {
  test('unbound', async () => {
    const guest = inMemory();
    const socket = guest.udp(family);
    expect(guest.begin(socket, 'get-address-family')).toBe(family);
    expect(await receive(guest, socket)).toBe('invalid-state');
    expect(await guest.answer(socket, 'disconnect')).toBe('invalid-state');
    expect(guest.where(socket, 'local')).toBe('invalid-state');
    expect(guest.where(socket, 'remote')).toBe('invalid-state');
  });

  test('is bound once, to an address of its family', async () => {
    const guest = inMemory();
    const socket = guest.udp(family);
    expect(await guest.bind(socket, `${other}:0`)).toBe('invalid-argument');
    expect(await guest.bind(socket, `${any}:0`)).toBe('ok');
    expect(await guest.bind(socket, `${any}:0`)).toBe('invalid-state');
    expect(guest.where(socket, 'local')).toMatch(/:[1-9][0-9]+$/);
  });

  test('is bound by its first datagram', async () => {
    const guest = inMemory();
    const server = guest.udp(family);
    expect(await guest.bind(server, `${loopback}:53`)).toBe('ok');
    const client = guest.udp(family);
    expect(await send(guest, client, 'hello', `${loopback}:53`)).toBe('ok');
    expect(guest.where(client, 'local')).toMatch(/:[1-9][0-9]+$/);
    expect(guest.where(client, 'remote')).toBe('invalid-state');
    expect(await receive(guest, server)).toMatch(/^hello from /);
  });

  test('is bound by a connection, which says where its peer sees it', async () => {
    const guest = inMemory();
    const server = guest.udp(family);
    await guest.bind(server, `${loopback}:53`);
    const client = guest.udp(family);
    expect(await guest.connect(client, `${loopback}:53`)).toBe('ok');
    expect(guest.where(client, 'remote')).toBe(`${loopback}:53`);
    expect(await send(guest, client, 'hello')).toBe('ok');
    expect(await receive(guest, server)).toBe(`hello from ${guest.where(client, 'local')}`);
  });

  test('connects to another one, and to none again', async () => {
    const guest = inMemory();
    const socket = guest.udp(family);
    expect(await guest.connect(socket, `${loopback}:53`)).toBe('ok');
    expect(await guest.connect(socket, `${loopback}:54`)).toBe('ok');
    expect(guest.where(socket, 'remote')).toBe(`${loopback}:54`);
    expect(await guest.answer(socket, 'disconnect')).toBe('ok');
    expect(await guest.answer(socket, 'disconnect')).toBe('invalid-state');
    expect(guest.where(socket, 'remote')).toBe('invalid-state');
  });

  test.each(['send', 'connect'])('%s takes only addresses that datagrams can go to', async (member) => {
    const guest = inMemory();
    const socket = guest.udp(family);
    const wrong = [`${other}:53`, `${any}:53`, `${loopback}:0`];
    for (const remote of wrong) {
      const args = member === 'send' ? [new Uint8Array(1), address(remote)] : [address(remote)];
      expect(await guest.answer(socket, member, ...args), remote).toBe('invalid-argument');
    }
    // Nor is it bound for them.
    expect(guest.where(socket, 'local')).toBe('invalid-state');
    expect(guest.refusals).toEqual([]);
  });
});

describe('a datagram', () => {
  test('without an address goes to the peer that the socket is connected to, if there is one', async () => {
    const guest = inMemory();
    const socket = guest.udp();
    expect(await send(guest, socket, 'x')).toBe('invalid-argument');
    await guest.connect(socket, '127.0.0.1:53');
    expect(await send(guest, socket, 'x', '127.0.0.1:54')).toBe('invalid-argument');
    expect(await send(guest, socket, 'x', '127.0.0.1:53')).toBe('ok');
    await guest.answer(socket, 'disconnect');
    expect(await send(guest, socket, 'x')).toBe('invalid-argument');
  });

  test('is of no more bytes than a packet has room for', async () => {
    const guest = inMemory();
    expect(await send(guest, guest.udp(), 65_536, '127.0.0.1:53')).toBe('datagram-too-large');
  });

  test('of a peer is all that a socket gets that is connected to it', async () => {
    const guest = inMemory();
    const [socket, friend, stranger] = [guest.udp(), guest.udp(), guest.udp()];
    await guest.bind(socket, '127.0.0.1:53');
    await guest.bind(friend, '127.0.0.1:54');
    await guest.connect(socket, '127.0.0.1:54');
    await send(guest, stranger, 'psst', '127.0.0.1:53');
    await send(guest, friend, 'hi', '127.0.0.1:53');
    expect(await receive(guest, socket)).toBe('hi from 127.0.0.1:54');
  });

  test('that is waited for may be of the next peer', async () => {
    const guest = inMemory();
    const [socket, friend] = [guest.udp(), guest.udp()];
    await guest.bind(socket, '127.0.0.1:53');
    await guest.bind(friend, '127.0.0.1:54');
    const pending = pendingOf(guest.begin(socket, 'receive'));
    await guest.connect(socket, '127.0.0.1:54');
    await send(guest, friend, 'hi', '127.0.0.1:53');
    expect(told(await pending.promise)).toBe('hi from 127.0.0.1:54');
  });

  test('goes to one of those who wait for it', async () => {
    const guest = inMemory();
    const [socket, friend] = [guest.udp(), guest.udp()];
    await guest.bind(socket, '127.0.0.1:53');
    const both = [receive(guest, socket), receive(guest, socket)];
    await settle();
    await send(guest, friend, 'one', '127.0.0.1:53');
    await settle();
    await send(guest, friend, 'two', '127.0.0.1:53');
    expect((await Promise.all(both)).map((text) => text.slice(0, 3)).toSorted()).toEqual(['one', 'two']);
  });

  test('that nobody waits for any more is there for the next one', async () => {
    const guest = inMemory();
    const [socket, friend] = [guest.udp(), guest.udp()];
    await guest.bind(socket, '127.0.0.1:53');
    for (let each = 0; each < 100; each++) pendingOf(guest.begin(socket, 'receive')).cancel();
    await send(guest, friend, 'hi', '127.0.0.1:53');
    expect(await receive(guest, socket)).toMatch(/^hi from /);
  });

  test('that cannot be sent tells the call that sent it', async () => {
    const guest = inMemory();
    const socket = guest.udp();
    const [lost, fine] = [
      send(guest, socket, 'x', '198.18.0.77:53'),
      send(guest, socket, 'x', '127.0.0.1:53'),
    ];
    expect(await lost).toBe('remote-unreachable');
    expect(await fine).toBe('ok');
  });

  test('waits when the system takes no more; too many are refused', async () => {
    const guest = inMemory();
    const socket = guest.udp();
    await guest.bind(socket, '127.0.0.1:54');
    const calls = Array.from({ length: 16 }, () =>
      guest.begin(socket, 'send', new Uint8Array(60_000), address('127.0.0.1:53')),
    );
    // Eight are with the system, four wait, and the others found no room.
    const refused = calls.filter((call) => !isPending(call)).map((call) => textOf(call as never));
    expect(refused).toEqual(Array.from({ length: 4 }, () => 'out-of-memory'));
    const waiting = calls.filter(isPending);
    waiting.at(-1)?.cancel();
    const sent = await Promise.all(waiting.slice(0, -1).map(({ promise }) => promise));
    expect(new Set(sent.map((each) => textOf(each as never)))).toEqual(new Set(['ok']));
    expect(await send(guest, socket, 60_000, '127.0.0.1:53')).toBe('ok');
  });

  test('goes both ways on the network of this machine', async () => {
    const server = await udpServer('127.0.0.1');
    const guest = onMachine({ sockets: [{ protocol: 'udp', connect: `127.0.0.1:${server.port}` }] });
    const socket = guest.udp();
    expect(await guest.connect(socket, `127.0.0.1:${server.port}`)).toBe('ok');
    expect(guest.where(socket, 'local')).toMatch(/^127\.0\.0\.1:[1-9]/);
    expect(await send(guest, socket, 'hello')).toBe('ok');
    expect(await receive(guest, socket)).toBe(`echo hello from 127.0.0.1:${server.port}`);
    await server.close();
  });
});

describe('calls that are given up', () => {
  test('bind: the port is free, and the socket closed', async () => {
    const guest = onMachine();
    const server = await udpServer('127.0.0.1');
    await server.close();
    const socket = guest.udp();
    pendingOf(guest.begin(socket, 'bind', address(`127.0.0.1:${server.port}`))).cancel();
    await settle();
    expect(await guest.bind(guest.udp(), `127.0.0.1:${server.port}`)).toBe('ok');
    expect(await guest.bind(socket, '127.0.0.1:0')).toBe('invalid-state');
    expect(await send(guest, socket, 'x', '127.0.0.1:53')).toBe('invalid-state');
    guest.drop(socket);
    expect(guest.handles).toBe(1);
  });

  test('connect: the socket is none the worse', async () => {
    const guest = inMemory();
    const socket = guest.udp();
    pendingOf(guest.begin(socket, 'connect', address('127.0.0.1:53'))).cancel();
    expect(guest.where(socket, 'remote')).toBe('invalid-state');
    expect(await guest.connect(socket, '127.0.0.1:54')).toBe('ok');
  });

  test('send: what the system has is sent all the same', async () => {
    const guest = inMemory();
    const [server, client] = [guest.udp(), guest.udp()];
    await guest.bind(server, '127.0.0.1:53');
    await guest.bind(client, '127.0.0.1:54');
    const call = guest.begin(client, 'send', new Uint8Array(Buffer.from('hi')), address('127.0.0.1:53'));
    pendingOf(call).cancel();
    expect(await receive(guest, server)).toBe('hi from 127.0.0.1:54');
  });
});

describe('rules', () => {
  test('without one there is no socket', () => {
    const guest = inMemory({ sockets: [{ connect: '198.18.0.2:80' }] });
    expect(textOf(guest.create('udp', 'ipv6') as never)).toBe('access-denied');
    expect(guest.refusals).toEqual(['denied create-udp-socket ipv6']);
    expect(guest.handles).toBe(0);
  });

  test('a handle is needed for a socket', () => {
    const guest = inMemory();
    const { meter } = guest.network.test.host;
    while (meter.openHandle());
    expect(textOf(guest.create('udp') as never)).toBe('other: new-socket-limit');
    while (meter.handles > 0) meter.closeHandle();
  });

  test('what they do not cover is denied, and on record', async () => {
    const guest = inMemory({ sockets: [{ protocol: 'udp', connect: '127.0.0.1:53' }] });
    const socket = guest.udp();
    expect(await guest.bind(socket, '127.0.0.1:80')).toBe('access-denied');
    expect(await send(guest, socket, 'x', '127.0.0.1:54')).toBe('access-denied');
    expect(await send(guest, socket, 'x', '127.0.0.1:53')).toBe('ok');
    expect(guest.refusals).toEqual(['denied udp-bind udp 127.0.0.1:80', 'denied udp-send udp 127.0.0.1:54']);
  });

  test('one that is taken back: who waits is told, and nothing goes out', async () => {
    const guest = inMemory({ sockets: [{ protocol: 'udp', connect: '127.0.0.1:53' }] });
    const socket = guest.udp();
    expect(await send(guest, socket, 'x', '127.0.0.1:53')).toBe('ok');
    const waiting = receive(guest, socket);
    await settle();
    guest.network.revoke(guest.network.sockets[0]);
    expect(await waiting).toBe('access-denied');
    expect(await send(guest, socket, 'x', '127.0.0.1:53')).toBe('access-denied');
    expect(guest.refusals).toEqual(['denied udp-send udp 127.0.0.1:53 (sockets/0)']);
  });

  test('one to listen that is taken back frees the port', async () => {
    const guest = inMemory({ sockets: [{ protocol: 'udp', listen: '127.0.0.1:53' }] });
    const socket = guest.udp();
    await guest.bind(socket, '127.0.0.1:53');
    const waiting = receive(guest, socket);
    guest.network.revoke(guest.network.sockets[0]);
    expect(await waiting).toBe('access-denied');
  });

  test('of bytes and operations', async () => {
    const guest = inMemory({
      sockets: [
        { protocol: 'udp', connect: '127.0.0.1:53', sentBytes: 4 },
        { protocol: 'udp', connect: '127.0.0.1:54', operations: { total: 1 } },
      ],
    });
    const socket = guest.udp();
    expect(await send(guest, socket, 'four', '127.0.0.1:53')).toBe('ok');
    expect(await send(guest, socket, '5', '127.0.0.1:53')).toBe('access-denied');
    expect(await send(guest, socket, '1', '127.0.0.1:54')).toBe('ok');
    expect(await send(guest, socket, '2', '127.0.0.1:54')).toBe('other: new-socket-limit');
    expect(guest.refusals).toEqual([
      'limited udp-send udp 127.0.0.1:53 (sockets/0 budget.sentBytes)',
      'limited udp-send udp 127.0.0.1:54 (sockets/1 budget.operations)',
    ]);
  });

  test('of received bytes', async () => {
    const guest = inMemory({
      sockets: [
        { protocol: 'udp', listen: '127.0.0.1:53', receivedBytes: 4 },
        { protocol: 'udp', connect: '127.0.0.1:53' },
      ],
    });
    const [server, client] = [guest.udp(), guest.udp()];
    await guest.bind(server, '127.0.0.1:53');
    await send(guest, client, 'four', '127.0.0.1:53');
    await send(guest, client, '5', '127.0.0.1:53');
    expect(await receive(guest, server)).toMatch(/^four from /);
    expect(await receive(guest, server)).toBe('access-denied');
    expect(guest.refusals[0]).toMatch(/^limited udp-receive udp .* \(sockets\/0 budget.receivedBytes\)$/);
  });
});

describe('options', () => {
  test.each([
    ['unicast-hop-limit', 42, 0],
    ['receive-buffer-size', 0x1_0000n, 0n],
    ['send-buffer-size', 0x1_0000n, 0n],
  ])('%s', async (name, value, none) => {
    const guest = inMemory();
    const socket = guest.udp();
    expect(await guest.answer(socket, `set-${name}`, value)).toBe('ok');
    expect(guest.begin(socket, `get-${name}`)).toEqual({ tag: 'ok', val: value });
    expect(await guest.answer(socket, `set-${name}`, none)).toBe('invalid-argument');
  });
});

test('nothing is left at the end of an instance', async () => {
  const guest = onMachine();
  const socket = guest.udp();
  await guest.bind(socket, '127.0.0.1:0');
  const local = guest.where(socket, 'local');
  const waiting = pendingOf(guest.begin(socket, 'receive'));
  waiting.cancel();
  guest.end();
  await settle();
  const next = onMachine();
  expect(await next.bind(next.udp(), local)).toBe('ok');
});
