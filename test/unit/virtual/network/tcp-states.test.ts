import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { nodeMachine } from '../../../../src/ambient/machine.ts';
import type { TcpOption, TcpSocket } from '../../../../src/virtual/network/network.ts';
import { VirtualNetwork } from '../../../../src/virtual/network/virtual-network.ts';
import { at, finish, NetworkGuest, ok, read, settle, where, write } from './network-guest.ts';

// One policy for all: everything on the hosts of the virtual network, and on itself.
const EVERYTHING = {
  sockets: [
    { connect: '0.0.0.0/0:1-65535' },
    { connect: '[::/0]:1-65535' },
    { listen: '0.0.0.0/0:1-65535' },
    { listen: '[::/0]:1-65535' },
  ],
} as const;

const FAMILIES = [
  { family: 'ipv4', loopback: '127.0.0.1', any: '0.0.0.0', other: '[::1]' },
  { family: 'ipv6', loopback: '[::1]', any: '[::]', other: '127.0.0.1' },
] as const;

let guest: NetworkGuest;
beforeEach(() => {
  guest = new NetworkGuest(new VirtualNetwork().host('a').open(nodeMachine), EVERYTHING);
});
afterEach(() => guest.network.closeAll());

describe.each(FAMILIES)('a TCP socket of $family', ({ family, loopback, any, other }) => {
  test('unbound', () => {
    const socket = guest.tcp(family);
    expect(socket.family).toBe(family);
    expect(finishes(socket)).toEqual(['not-in-progress', 'not-in-progress', 'not-in-progress']);
    expect(socket.startListen()).toBe('invalid-state');
    expect(socket.accept()).toBe('invalid-state');
    expect(socket.shutdown('both')).toBe('invalid-state');
    expect(addresses(socket)).toEqual(['invalid-state', 'invalid-state']);
    expect(socket.isListening).toBe(false);
    expect([socket.ready(), socket.wait()]).toEqual([true, undefined]);
    expect(socket.setListenBacklogSize(32n)).toBeUndefined();
  });

  test('while it is being bound', async () => {
    const socket = guest.tcp(family);
    expect(socket.startBind(at(`${loopback}:0`))).toBeUndefined();
    expect([socket.ready(), socket.finishBind()]).toEqual([false, 'would-block']);
    expect(socket.startBind(at(`${loopback}:0`))).toBe('concurrency-conflict');
    expect(socket.startConnect(at(`${loopback}:1`))).toBe('concurrency-conflict');
    expect(socket.startListen()).toBe('concurrency-conflict');
    expect([socket.finishConnect(), socket.finishListen()]).toEqual(['not-in-progress', 'not-in-progress']);
    expect(addresses(socket)).toEqual(['invalid-state', 'invalid-state']);
    await socket.wait();
    expect([socket.ready(), socket.wait()]).toEqual([true, undefined]);
    expect(socket.finishBind()).toBeUndefined();
  });

  test('bound', async () => {
    const socket = guest.tcp(family);
    expect(await guest.bind(socket, `${loopback}:0`)).toBeUndefined();
    expect(socket.startBind(at(`${loopback}:0`))).toBe('invalid-state');
    expect(finishes(socket)).toEqual(['not-in-progress', 'not-in-progress', 'not-in-progress']);
    expect(socket.accept()).toBe('invalid-state');
    expect(socket.shutdown('both')).toBe('invalid-state');
    expect(where(socket.localAddress())).toMatch(/:[1-9][0-9]+$/);
    expect(socket.remoteAddress()).toBe('invalid-state');
    expect(socket.isListening).toBe(false);
    expect(socket.ready()).toBe(true);
    expect(socket.setListenBacklogSize(32n)).toBeUndefined();
  });

  test('while it begins to listen, and listening', async () => {
    const socket = guest.tcp(family);
    expect(await guest.bind(socket, `${loopback}:80`)).toBeUndefined();
    expect(socket.startListen()).toBeUndefined();
    expect([socket.ready(), socket.finishListen()]).toEqual([false, 'would-block']);
    expect(socket.startListen()).toBe('concurrency-conflict');
    expect(socket.startConnect(at(`${loopback}:1`))).toBe('concurrency-conflict');
    expect([socket.isListening, socket.accept()]).toEqual([false, 'invalid-state']);
    expect(socket.setListenBacklogSize(1n)).toBe('not-supported');
    expect(await finish(socket, () => socket.finishListen())).toBeUndefined();

    expect(socket.isListening).toBe(true);
    expect(socket.startBind(at(`${loopback}:0`))).toBe('invalid-state');
    expect(socket.startConnect(at(`${loopback}:0`))).toBe('invalid-state');
    expect(socket.startListen()).toBe('invalid-state');
    expect(finishes(socket)).toEqual(['not-in-progress', 'not-in-progress', 'not-in-progress']);
    expect(socket.shutdown('both')).toBe('invalid-state');
    expect(addresses(socket)).toEqual([`${loopback}:80`, 'invalid-state']);
    expect([socket.accept(), socket.ready()]).toEqual(['would-block', false]);
    expect(socket.setListenBacklogSize(32n)).toBe('not-supported');
  });

  test('while it connects, and connected', async () => {
    const listener = await guest.listen(`${loopback}:80`);
    const socket = guest.tcp(family);
    expect(socket.startConnect(at(`${loopback}:80`))).toBeUndefined();
    expect([socket.ready(), socket.finishConnect()]).toEqual([false, 'would-block']);
    expect(socket.startConnect(at(`${loopback}:80`))).toBe('concurrency-conflict');
    expect(socket.startBind(at(`${loopback}:0`))).toBe('concurrency-conflict');
    expect(addresses(socket)).toEqual(['invalid-state', 'invalid-state']);
    expect(socket.setListenBacklogSize(32n)).toBe('invalid-state');
    ok(await finish(socket, () => socket.finishConnect()));

    expect(socket.startBind(at(`${loopback}:0`))).toBe('invalid-state');
    expect(socket.startConnect(at(`${loopback}:80`))).toBe('invalid-state');
    expect(socket.startListen()).toBe('invalid-state');
    expect(finishes(socket)).toEqual(['not-in-progress', 'not-in-progress', 'not-in-progress']);
    expect(socket.accept()).toBe('invalid-state');
    expect(socket.setListenBacklogSize(32n)).toBe('invalid-state');
    expect(socket.ready()).toBe(true);
    expect(where(socket.remoteAddress())).toBe(`${loopback}:80`);
    const accepted = await guest.accept(listener);
    expect(accepted.socket.family).toBe(family);
    expect(accepted.socket.remoteAddress()).toEqual(socket.localAddress());
    expect(accepted.socket.localAddress()).toEqual(socket.remoteAddress());
  });

  test('closed by a connection that did not come about', async () => {
    const socket = guest.tcp(family);
    expect(await guest.connect(socket, `${loopback}:81`)).toBe('connection-refused');
    expect(socket.startConnect(at(`${loopback}:80`))).toBe('invalid-state');
    expect(socket.startBind(at(`${loopback}:80`))).toBe('invalid-state');
    expect(finishes(socket)).toEqual(['not-in-progress', 'not-in-progress', 'not-in-progress']);
    expect(addresses(socket)).toEqual(['invalid-state', 'invalid-state']);
    expect([socket.setListenBacklogSize(3n), socket.getOption('hop-limit')]).toEqual([
      'invalid-state',
      'invalid-state',
    ]);
    expect(socket.setOption('hop-limit', 3n)).toBe('invalid-state');
    expect(socket.ready()).toBe(true);
  });

  test('is bound only to an address of its family that one host can have', () => {
    const socket = guest.tcp(family);
    const wrong = [
      `${other}:0`,
      '255.255.255.255:0',
      '224.254.0.0:0',
      '[ff00::]:0',
      '[::ffff:127.0.0.1]:0',
      '[::127.0.0.1]:0',
    ];
    for (const address of wrong) expect(socket.startBind(at(address)), address).toBe('invalid-argument');
    expect(socket.ready()).toBe(true);
    expect(guest.test.records).toEqual([]);
  });

  test('connects only to an address of its family that one host can have', () => {
    const socket = guest.tcp(family);
    const wrong = [
      `${other}:80`,
      `${any}:80`,
      `${loopback}:0`,
      '255.255.255.255:80',
      '224.254.0.0:80',
      '[ff02::1]:80',
      '[::ffff:127.0.0.1]:80',
      '[::127.0.0.1]:80',
    ];
    for (const address of wrong) expect(socket.startConnect(at(address)), address).toBe('invalid-argument');
    // As in wasmtime: what was no argument changes nothing.
    expect(socket.startConnect(at(`${loopback}:80`))).toBeUndefined();
  });

  test('can be bound anew after it could not be', async () => {
    const holder = await guest.listen(`${loopback}:80`);
    const socket = guest.tcp(family);
    expect(await guest.bind(socket, `${loopback}:80`)).toBe('address-in-use');
    expect(await guest.bind(socket, `${any}:80`)).toBe('address-in-use');
    holder.close();
    expect(await guest.bind(socket, `${any}:80`)).toBeUndefined();
    const third = guest.tcp(family);
    expect(await guest.bind(third, `${loopback}:80`)).toBe('address-in-use');
    socket.close();
    expect(await guest.bind(third, `${loopback}:80`)).toBeUndefined();
  });

  test('connects from the port that it is bound to', async () => {
    const listener = await guest.listen(`${loopback}:80`);
    const socket = guest.tcp(family);
    expect(await guest.bind(socket, `${loopback}:4000`)).toBeUndefined();
    ok(await guest.connect(socket, `${loopback}:80`));
    expect(where(socket.localAddress())).toBe(`${loopback}:4000`);
    const accepted = await guest.accept(listener);
    expect(where(accepted.socket.remoteAddress())).toBe(`${loopback}:4000`);
  });
});

test('a socket is not bound to an address of somebody else', async () => {
  expect(await guest.bind(guest.tcp(), '192.0.2.0:0')).toBe('address-not-bindable');
  expect(await guest.bind(guest.tcp('ipv6'), '[2001:db8::77]:0')).toBe('address-not-bindable');
});

test('nobody is where there is no host', async () => {
  expect(await guest.connect(guest.tcp(), '203.0.113.1:80')).toBe('remote-unreachable');
});

describe('options', () => {
  const NUMBERS = [
    { option: 'keep-alive-idle-time', least: 1_000_000_000n, most: 32_767_000_000_000n },
    { option: 'keep-alive-interval', least: 1_000_000_000n, most: 32_767_000_000_000n },
    { option: 'keep-alive-count', least: 1n, most: 127n },
    { option: 'hop-limit', least: 1n, most: 255n },
    { option: 'receive-buffer-size', least: 1n, most: 0x7fff_ffffn },
    { option: 'send-buffer-size', least: 1n, most: 0x7fff_ffffn },
  ] as const satisfies readonly { option: TcpOption; least: bigint; most: bigint }[];

  test.each(NUMBERS)('$option is never 0, and clamped without a word', ({ option, least, most }) => {
    const socket = guest.tcp();
    expect(socket.getOption(option)).toBeGreaterThan(0n);
    expect(socket.setOption(option, 0n)).toBe('invalid-argument');
    expect(socket.setOption(option, 1n)).toBeUndefined();
    expect(socket.getOption(option)).toBe(least);
    expect(socket.setOption(option, 0xffff_ffff_ffff_ffffn)).toBeUndefined();
    expect(socket.getOption(option)).toBe(most);
  });

  test.each([
    ['keep-alive-enabled', true],
    ['keep-alive-idle-time', 42_000_000_000n],
    ['keep-alive-interval', 42_000_000_000n],
    ['keep-alive-count', 42n],
    ['hop-limit', 42n],
    ['receive-buffer-size', 0x10000n],
    ['send-buffer-size', 0x10000n],
  ] as const)('%s is given back as it was set, and passed on to what is accepted', async (option, value) => {
    const listener = await guest.listen('127.0.0.1:80');
    expect(listener.setOption(option, value)).toBeUndefined();
    expect(listener.getOption(option)).toBe(value);
    await guest.dial('127.0.0.1:80');
    const { socket } = await guest.accept(listener);
    expect(socket.getOption(option)).toBe(value);
  });

  test('the queue of a listener is never 0 long, and holds as many as were asked for, up to 128', async () => {
    const listener = guest.tcp();
    expect(listener.setListenBacklogSize(0n)).toBe('invalid-argument');
    expect(listener.setListenBacklogSize(0xffff_ffff_ffff_ffffn)).toBeUndefined();
    expect(listener.setListenBacklogSize(2n)).toBeUndefined();
    await guest.bind(listener, '127.0.0.1:80');
    listener.startListen();
    await finish(listener, () => listener.finishListen());
    await guest.dial('127.0.0.1:80');
    await guest.dial('127.0.0.1:80');
    expect(await guest.connect(guest.tcp(), '127.0.0.1:80')).toBe('connection-refused');
    ok(listener.accept());
    await guest.dial('127.0.0.1:80');
  });
});

describe('closing a socket', () => {
  test('that is being bound frees the port', async () => {
    const socket = guest.tcp();
    socket.startBind(at('127.0.0.1:80'));
    socket.close();
    await settle();
    expect(await guest.bind(guest.tcp(), '127.0.0.1:80')).toBeUndefined();
  });

  test('that was bound, and never asked, frees the port', async () => {
    const socket = guest.tcp();
    socket.startBind(at('127.0.0.1:80'));
    await settle();
    socket.close();
    expect(await guest.bind(guest.tcp(), '127.0.0.1:80')).toBeUndefined();
  });

  test('that begins to listen, or listens, frees the port', async () => {
    const socket = guest.tcp();
    await guest.bind(socket, '127.0.0.1:80');
    socket.startListen();
    socket.close();
    const second = await guest.listen('127.0.0.1:80');
    second.close();
    second.close();
    await guest.listen('127.0.0.1:80');
  });

  test('that connects leaves no connection behind', async () => {
    const listener = await guest.listen('127.0.0.1:80');
    const early = guest.tcp();
    early.startConnect(at('127.0.0.1:80'));
    early.close();
    const late = guest.tcp();
    late.startConnect(at('127.0.0.1:80'));
    await late.wait();
    late.close();
    await settle();
    const first = await guest.accept(listener);
    expect(await read(first.input)).toBeLessThan(0);
    expect(listener.accept()).toBe('would-block');
  });

  test('that listens refuses those who wait', async () => {
    const listener = await guest.listen('127.0.0.1:80');
    const { input } = await guest.dial('127.0.0.1:80');
    listener.close();
    expect(await read(input)).toBe(-2);
    expect(input.cause).toEqual({ kind: 'network', error: 'connection-reset' });
  });

  test('leaves the streams of a connection as they are', async () => {
    const listener = await guest.listen('127.0.0.1:80');
    const client = await guest.dial('127.0.0.1:80');
    const server = await guest.accept(listener);
    client.socket.close();
    expect(await write(client.output, 'hello')).toBe(0);
    expect(await read(server.input)).toBe('hello');
    client.input.close();
    expect(await write(client.output, 'again')).toBe(0);
    client.output.close();
    expect(await read(server.input)).toBe('again');
    expect(await read(server.input)).toBe(-1);
  });
});

function finishes(socket: TcpSocket): unknown[] {
  return [socket.finishBind(), socket.finishConnect(), socket.finishListen()];
}

function addresses(socket: TcpSocket): string[] {
  return [where(socket.localAddress()), where(socket.remoteAddress())];
}
