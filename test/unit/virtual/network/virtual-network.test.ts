import { describe, expect, test } from 'vitest';
import { nodeMachine } from '../../../../src/ambient/machine.ts';
import { BindingError } from '../../../../src/errors.ts';
import type { Permit } from '../../../../src/kernel/permit.ts';
import type { NetworkStack } from '../../../../src/virtual/network/stack.ts';
import { VirtualNetwork } from '../../../../src/virtual/network/virtual-network.ts';
import { at, NetworkGuest, ok, read, settle, where, write } from './network-guest.ts';

const ALL = {
  sockets: [
    { connect: '0.0.0.0/0:1-65535' },
    { connect: '[::/0]:1-65535' },
    { listen: '0.0.0.0/0:1-65535' },
    { listen: '[::/0]:1-65535' },
  ],
  dns: [{ names: ['a', 'b', 'c', 'localhost', '*.localhost', 'nobody'] }],
} as const;

function guests(...names: readonly string[]): NetworkGuest[] {
  const network = new VirtualNetwork();
  return names.map((name) => new NetworkGuest(network.host(name).open(nodeMachine), ALL));
}

describe('hosts', () => {
  test('have addresses in the order in which they are made, one pair for each name', () => {
    const network = new VirtualNetwork();
    expect(network.host('a').addresses).toEqual(['198.18.0.1', '2001:db8::1']);
    expect(network.host('API.internal.').addresses).toEqual(['198.18.0.2', '2001:db8::2']);
    expect(network.host('api.internal').addresses).toEqual(['198.18.0.2', '2001:db8::2']);
    expect(new VirtualNetwork().host('other').addresses).toEqual(['198.18.0.1', '2001:db8::1']);
  });

  test.each(['', 'a b', '10.0.0.1', '[::1]', 'localhost', 'db.localhost', 'a:80', 'x..y'])(
    'are not called %j',
    (name) => {
      const network = new VirtualNetwork();
      expect(() => network.host(name)).toThrow(BindingError);
      expect(() => network.serve(name, () => new Response())).toThrow(
        expect.objectContaining({ code: 'BW_BINDING_NETWORK' }),
      );
    },
  );

  test('are at most 65,535', () => {
    const network = new VirtualNetwork();
    for (let index = 1; index <= 65_535; index++) network.host(`h${index}`);
    expect(network.host('h65535').addresses).toEqual(['198.18.255.255', '2001:db8::ffff']);
    expect(() => network.host('one-more')).toThrow(BindingError);
  });

  test('find each other by name, and themselves as localhost', async () => {
    const [a] = guests('a', 'b');
    expect(await a?.lookUp('b')).toEqual(['198.18.0.2', '2001:db8::2']);
    expect(await a?.lookUp('a')).toEqual(['198.18.0.1', '2001:db8::1']);
    expect(await a?.lookUp('localhost')).toEqual(['127.0.0.1', '::1']);
    expect(await a?.lookUp('db.localhost')).toEqual(['127.0.0.1', '::1']);
    expect(await a?.lookUp('nobody')).toBe('name-unresolvable');
  });
});

describe('TCP', () => {
  test.each([
    ['0.0.0.0:80', ['198.18.0.1:80', '127.0.0.1:80', '127.8.8.8:80']],
    ['127.0.0.1:80', ['127.0.0.1:80']],
    ['198.18.0.1:80', ['198.18.0.1:80']],
    ['[::]:80', ['[2001:db8::1]:80', '[::1]:80']],
    ['[::1]:80', ['[::1]:80']],
  ])('who listens at %s is reached there, and only there', async (local, reached) => {
    const [a] = guests('a', 'b');
    await a?.listen(local);
    for (const remote of ['198.18.0.1:80', '127.0.0.1:80', '127.8.8.8:80', '[2001:db8::1]:80', '[::1]:80']) {
      const family = at(remote).address.family === 4 ? 'ipv4' : 'ipv6';
      const outcome = await a?.connect(a.tcp(family), remote);
      expect(typeof outcome === 'string' ? outcome : 'connected', remote).toBe(
        reached.includes(remote) ? 'connected' : 'connection-refused',
      );
    }
  });

  test('the most exact listener gets the connection', async () => {
    const [a, b] = guests('a', 'b') as [NetworkGuest, NetworkGuest];
    const own = await a.listen('198.18.0.1:80');
    const local = await a.listen('127.0.0.1:80');
    await b.dial('198.18.0.1:80');
    expect(local.accept()).toBe('would-block');
    ok(own.accept());
  });

  test('loopback is of each host its own', async () => {
    const [a, b] = guests('a', 'b') as [NetworkGuest, NetworkGuest];
    await a.listen('127.0.0.1:80');
    expect(await b.connect(b.tcp(), '127.0.0.1:80')).toBe('connection-refused');
    expect(await b.connect(b.tcp(), '198.18.0.1:80')).toBe('connection-refused');
  });

  test('both ends know each other, over both families', async () => {
    const [a, b] = guests('a', 'b') as [NetworkGuest, NetworkGuest];
    for (const [local, remote, source] of [
      ['0.0.0.0:80', '198.18.0.1:80', /^198\.18\.0\.2:/],
      ['[::]:80', '[2001:db8::1]:80', /^\[2001:db8::2\]:/],
    ] as const) {
      const listener = await a.listen(local);
      const client = await b.dial(remote);
      const server = await a.accept(listener);
      expect(where(server.socket.remoteAddress())).toMatch(source);
      expect(server.socket.remoteAddress()).toEqual(client.socket.localAddress());
      expect(where(client.socket.remoteAddress())).toBe(remote);
    }
  });

  test('what a peer has written can be read after it has closed', async () => {
    const [a, b] = guests('a', 'b') as [NetworkGuest, NetworkGuest];
    const listener = await a.listen('0.0.0.0:80');
    const client = await b.dial('198.18.0.1:80');
    const server = await a.accept(listener);
    await write(client.output, 'good bye');
    for (const held of [client.socket, client.input, client.output]) held.close();
    expect(await read(server.input)).toBe('good bye');
    expect(await read(server.input)).toBe(-1);
    expect(await write(server.output, 'too late')).toBe(-2);
    expect(server.output.cause).toEqual({ kind: 'network', error: 'connection-reset' });
  });

  test('a stack that is closed resets its connections and frees its ports', async () => {
    const network = new VirtualNetwork();
    const stack = network.host('a').open(nodeMachine);
    const a = new NetworkGuest(stack, ALL);
    const b = new NetworkGuest(network.host('b').open(nodeMachine), ALL);
    const listener = await a.listen('0.0.0.0:80');
    const client = await b.dial('198.18.0.1:80');
    await a.accept(listener);
    stack.close();
    expect([await read(client.input), client.input.cause]).toEqual([
      -2,
      { kind: 'network', error: 'connection-reset' },
    ]);
    const next = new NetworkGuest(network.host('a').open(nodeMachine), ALL);
    await next.listen('0.0.0.0:80');
  });
});

test('two that only talk to each other leave the event loop to others', async () => {
  const [a, b] = guests('a', 'b') as [NetworkGuest, NetworkGuest];
  const listener = await a.listen('0.0.0.0:80');
  const client = await b.dial('198.18.0.1:80');
  const server = await a.accept(listener);
  let ticks = 0;
  const timer = setInterval(() => ticks++, 1);
  const echo = async (): Promise<void> => {
    for (;;) {
      const text = await read(server.input);
      if (typeof text === 'number') return;
      await write(server.output, text);
    }
  };
  const echoing = echo();
  for (let round = 0; round < 1000; round++) {
    await write(client.output, 'ping');
    await read(client.input, 4);
  }
  clearInterval(timer);
  client.socket.shutdown('both');
  await echoing;
  // Not once, if nothing took a turn.
  expect(ticks).toBeGreaterThan(5);
});

describe('UDP', () => {
  test('goes by address, and is lost where nobody is', async () => {
    const network = new VirtualNetwork();
    const rules = {
      sockets: [
        { protocol: 'udp', connect: '0.0.0.0/0:1-65535' },
        { protocol: 'udp', listen: '0.0.0.0/0:53-54' },
      ],
    } as const;
    const a = new NetworkGuest(network.host('a').open(nodeMachine), rules);
    const { outgoing, incoming } = await a.datagrams('0.0.0.0:53');
    const local = await a.datagrams('127.0.0.1:54');
    outgoing.send(Buffer.from('own'), at('198.18.0.1:53'));
    outgoing.send(Buffer.from('loopback'), at('127.0.0.1:54'));
    outgoing.send(Buffer.from('nobody'), at('198.18.0.1:54'));
    await settle();
    const texts = (datagrams: unknown) =>
      (datagrams as { bytes: Uint8Array; remote: Parameters<typeof where>[0] }[]).map(
        ({ bytes, remote }) => `${where(remote)} ${Buffer.from(bytes).toString()}`,
      );
    expect(texts(incoming.receive(9))).toEqual(['198.18.0.1:53 own']);
    expect(texts(local.incoming.receive(9))).toEqual(['127.0.0.1:53 loopback']);
    expect(outgoing.checkSend()).toBe(8);
    outgoing.send(Buffer.from('nowhere'), at('203.0.113.1:53'));
    await settle();
    expect(outgoing.checkSend()).toBe('remote-unreachable');
  });
});

test('nothing is done without a permit', async () => {
  const stack: NetworkStack = new VirtualNetwork().host('a').open(nodeMachine);
  const forged = { grantId: 'forged' } as unknown as Permit;
  const { signal } = new AbortController();
  await expect(stack.resolve(forged, 'a', signal)).rejects.toThrow(TypeError);
  await expect(stack.connectTcp(forged, at('127.0.0.1:1'), {}, signal)).rejects.toThrow(TypeError);
  await expect(stack.bindTcp(forged, at('127.0.0.1:1'))).rejects.toThrow(TypeError);
  await expect(stack.bindUdp(forged, at('127.0.0.1:1'))).rejects.toThrow(TypeError);
  expect(() => stack.request(forged, expect.anything() as never, signal)).toThrow(TypeError);
});
