import { describe, expect, test } from 'vitest';
import { nodeMachine } from '../../../../src/ambient/machine.ts';
import { ErrorCode } from '../../../../src/virtual/error-code.ts';
import { StreamStatus } from '../../../../src/virtual/io/streams.ts';
import { VirtualNetwork } from '../../../../src/virtual/network/virtual-network.ts';
import {
  at,
  finish,
  type GuestRules,
  NetworkGuest,
  ok,
  read,
  readAll,
  settle,
  where,
  woken,
  write,
} from './network-guest.ts';

/** Two hosts; `b` listens on ports 80 and 81, and is at 198.18.0.2. */
async function pair(
  rules: GuestRules,
): Promise<{ a: NetworkGuest; b: NetworkGuest; accept: () => ReturnType<NetworkGuest['accept']> }> {
  const network = new VirtualNetwork();
  const a = new NetworkGuest(network.host('a').open(nodeMachine), rules);
  const b = new NetworkGuest(network.host('b').open(nodeMachine), { sockets: [{ listen: '0.0.0.0:80-81' }] });
  const listener = await b.listen('0.0.0.0:80');
  await b.listen('0.0.0.0:81');
  return { a, b, accept: () => b.accept(listener) };
}

describe('without a rule for it', () => {
  test('there is no socket of the protocol', async () => {
    const { a } = await pair({ sockets: [{ protocol: 'udp', connect: '198.18.0.2:80' }] });
    expect(a.network.createTcpSocket('ipv6')).toBe('access-denied');
    expect(a.refusals).toEqual(['denied create-tcp-socket ipv6']);
  });

  test.each([
    ['another port', '198.18.0.2:81'],
    ['another address', '198.18.0.1:80'],
  ])('%s is denied, once and on record', async (_, remote) => {
    const { a } = await pair({ sockets: [{ connect: '198.18.0.2:80' }] });
    expect(await a.connect(a.tcp(), remote)).toBe('access-denied');
    expect(a.refusals).toEqual([`denied tcp-connect tcp ${remote}`]);
  });

  test('an address with a zone is denied: it would pick an interface of the host', async () => {
    const { a } = await pair({ sockets: [{ connect: '[::/0]:80' }, { listen: '[::/0]:80' }] });
    const zone = { ...at('[2001:db8::2]:80'), scopeId: 3 };
    const socket = a.tcp('ipv6');
    expect(socket.startBind({ ...zone, port: 0 })).toBe('access-denied');
    socket.startConnect(zone);
    expect(await finish(socket, () => socket.finishConnect())).toBe('access-denied');
    expect(a.refusals).toEqual([
      'denied tcp-bind tcp [2001:db8::2%3]:0',
      'denied tcp-connect tcp [2001:db8::2%3]:80',
    ]);
  });

  test('a rule to listen is none to connect, and the other way round', async () => {
    const { a } = await pair({ sockets: [{ listen: '198.18.0.2:80' }] });
    expect(await a.connect(a.tcp(), '198.18.0.2:80')).toBe('access-denied');
    const { a: other } = await pair({ sockets: [{ connect: '0.0.0.0:80' }] });
    expect(await other.bind(other.tcp(), '0.0.0.0:80')).toBe('access-denied');
    expect(other.refusals).toEqual(['denied tcp-bind tcp 0.0.0.0:80']);
  });
});

describe('a rule with an address', () => {
  test('lets connect to it, and the use is on record', async () => {
    const { a, accept } = await pair({ sockets: [{ connect: '198.18.0.0/24:80-90' }] });
    const client = await a.dial('198.18.0.2:80');
    const server = await accept();
    expect(await write(client.output, 'ping')).toBe(0);
    expect(await read(server.input)).toBe('ping');
    expect(await write(server.output, 'pong')).toBe(0);
    expect(await read(client.input)).toBe('pong');
    expect(where(server.socket.remoteAddress())).toMatch(/^198\.18\.0\.1:/);
    expect(a.uses).toEqual(['tcp-connect tcp 198.18.0.2:80 (sockets/0)']);
    expect(a.refusals).toEqual([]);
  });

  test('does not when another rule is the one that is taken back', async () => {
    const { a } = await pair({ sockets: [{ connect: '198.18.0.2:80' }, { connect: '198.18.0.0/24:80' }] });
    a.revoke(a.sockets[0]);
    await a.dial('198.18.0.2:80');
    expect(a.uses).toEqual(['tcp-connect tcp 198.18.0.2:80 (sockets/1)']);
    expect(a.refusals).toEqual([]);
  });
});

describe('a local port', () => {
  test('is the first free one of the rule when the guest leaves it to the host', async () => {
    const { a } = await pair({ sockets: [{ listen: '127.0.0.1:8080-8081' }] });
    const [one, two, three] = [a.tcp(), a.tcp(), a.tcp()];
    expect(await a.bind(one, '127.0.0.1:0')).toBeUndefined();
    expect(await a.bind(two, '127.0.0.1:0')).toBeUndefined();
    expect(await a.bind(three, '127.0.0.1:0')).toBe('address-in-use');
    expect([where(one.localAddress()), where(two.localAddress())]).toEqual([
      '127.0.0.1:8080',
      '127.0.0.1:8081',
    ]);
  });

  test('is what the system gives where the rule has many', async () => {
    const { a } = await pair({ sockets: [{ listen: '127.0.0.1:1-65535' }] });
    const socket = a.tcp();
    expect(await a.bind(socket, '127.0.0.1:0')).toBeUndefined();
    expect(where(socket.localAddress())).toBe('127.0.0.1:49152');
  });

  test('of any kind is free to whom it is left altogether; to listen on it takes a rule', async () => {
    const { a } = await pair({ sockets: [{ connect: '198.18.0.2:80' }, { listen: '127.0.0.1:80' }] });
    const client = a.tcp();
    expect(await a.bind(client, '0.0.0.0:0')).toBeUndefined();
    ok(await a.connect(client, '198.18.0.2:80'));
    const listener = a.tcp();
    expect(await a.bind(listener, '0.0.0.0:0')).toBeUndefined();
    // No port is taken for a socket that may only connect: to take one is to let peers in.
    expect(where(listener.localAddress())).toBe('0.0.0.0:0');
    expect(listener.startListen()).toBe('access-denied');
    expect(a.refusals).toEqual(['denied tcp-listen tcp 0.0.0.0:0']);
    // Closed.
    expect(listener.startListen()).toBe('invalid-state');
  });

  test('needs a rule with its address', async () => {
    const { a } = await pair({ sockets: [{ listen: '127.0.0.1:80' }] });
    expect(await a.bind(a.tcp(), '0.0.0.0:80')).toBe('access-denied');
    expect(await a.bind(a.tcp(), '198.18.0.1:0')).toBe('access-denied');
    expect(await a.bind(a.tcp(), '127.0.0.1:81')).toBe('access-denied');
    expect(a.refusals).toHaveLength(3);
  });
});

describe('budgets', () => {
  test('of operations count connections', async () => {
    const { a } = await pair({ sockets: [{ connect: '198.18.0.2:80', operations: { total: 1 } }] });
    await a.dial('198.18.0.2:80');
    expect(await a.connect(a.tcp(), '198.18.0.2:80')).toBe('new-socket-limit');
    expect(a.refusals).toEqual(['limited tcp-connect tcp 198.18.0.2:80 (sockets/0 budget.operations)']);
  });

  test('of connections at one time count until everything of a connection is dropped', async () => {
    const { a } = await pair({ sockets: [{ connect: '198.18.0.2:80-82', concurrent: 1 }] });
    const first = await a.dial('198.18.0.2:80');
    expect(await a.connect(a.tcp(), '198.18.0.2:81')).toBe('new-socket-limit');
    first.socket.close();
    first.input.close();
    expect(await a.connect(a.tcp(), '198.18.0.2:81')).toBe('new-socket-limit');
    first.output.close();
    // One that does not come about is none.
    expect(await a.connect(a.tcp(), '198.18.0.2:82')).toBe('connection-refused');
    await a.dial('198.18.0.2:81');
    expect(a.refusals).toEqual(
      Array(2).fill('limited tcp-connect tcp 198.18.0.2:81 (sockets/0 budget.concurrent)'),
    );
  });

  test('that are used up leave the next rule', async () => {
    const { a } = await pair({
      sockets: [
        { connect: '198.18.0.2:80', concurrent: 1 },
        { connect: '198.18.0.0/16:80', operations: { total: 1 } },
      ],
    });
    await a.dial('198.18.0.2:80');
    await a.dial('198.18.0.2:80');
    expect(await a.connect(a.tcp(), '198.18.0.2:80')).toBe('new-socket-limit');
    expect(a.uses.map((use) => use.slice(-11))).toEqual(['(sockets/0)', '(sockets/1)']);
  });

  test('of a listener leave a connection in the queue', async () => {
    const network = new VirtualNetwork();
    const rules = { sockets: [{ listen: '127.0.0.1:80', concurrent: 1 }, { connect: '127.0.0.1:80' }] };
    const guest = new NetworkGuest(network.host('a').open(nodeMachine), rules);
    const listener = await guest.listen('127.0.0.1:80');
    await guest.dial('127.0.0.1:80');
    await guest.dial('127.0.0.1:80');
    const { socket, input, output } = await guest.accept(listener);
    expect([listener.accept(), listener.accept()]).toEqual(['new-socket-limit', 'new-socket-limit']);
    expect(listener.ready()).toBe(false);
    const waiting = woken(listener);
    for (const held of [socket, input, output]) held.close();
    await waiting;
    ok(listener.accept());
    expect(listener.accept()).toBe('would-block');
    expect(guest.refusals).toEqual(['limited tcp-accept tcp 127.0.0.1:80 (sockets/0 budget.concurrent)']);
  });

  test('of a listener count what it lets in', async () => {
    const network = new VirtualNetwork();
    const rules = {
      sockets: [{ listen: '127.0.0.1:80', operations: { total: 3 } }, { connect: '127.0.0.1:80' }],
    };
    const guest = new NetworkGuest(network.host('a').open(nodeMachine), rules);
    // Binding and listening are operations, too.
    const listener = await guest.listen('127.0.0.1:80');
    await guest.dial('127.0.0.1:80');
    await guest.dial('127.0.0.1:80');
    ok(listener.accept());
    expect(listener.accept()).toBe('new-socket-limit');
  });

  test('of bytes that are received let the last one through, and fail the stream once with the next', async () => {
    const { a, accept } = await pair({ sockets: [{ connect: '198.18.0.2:80', receivedBytes: 5 }] });
    const { input, output } = await a.dial('198.18.0.2:80');
    const server = await accept();
    await write(server.output, 'abcdefgh');
    expect(await read(input, 3)).toBe('abc');
    expect(await read(input, 3)).toBe('de');
    expect(await read(input, 3)).toBe(StreamStatus.failed);
    expect([input.failure, input.cause]).toEqual([
      ErrorCode.quota,
      { kind: 'network', error: 'access-denied' },
    ]);
    expect([await read(input), input.ready(), input.wait()]).toEqual([StreamStatus.closed, true, undefined]);
    expect(a.refusals).toEqual(['limited socket-read tcp 198.18.0.2:80 (sockets/0 budget.receivedBytes)']);
    // The other direction goes on.
    expect(await write(output, 'still here')).toBe(0);
    expect(await read(server.input)).toBe('still here');
  });

  test('of bytes that are received do not mind an end that comes just there', async () => {
    const { a, accept } = await pair({ sockets: [{ connect: '198.18.0.2:80', receivedBytes: 5 }] });
    const { input } = await a.dial('198.18.0.2:80');
    const server = await accept();
    await write(server.output, 'abcde');
    expect(await read(input)).toBe('abcde');
    const buffer = Buffer.alloc(4);
    expect(input.readInto(buffer, 0, 4)).toBe(0);
    server.socket.shutdown('send');
    expect(await read(input)).toBe(StreamStatus.closed);
    expect(a.refusals).toEqual([]);
  });

  test('of bytes that are sent are shared by the connections of a rule', async () => {
    const { a, accept } = await pair({ sockets: [{ connect: '198.18.0.2:80', sentBytes: 8 }] });
    const one = await a.dial('198.18.0.2:80');
    const server = await accept();
    const two = await a.dial('198.18.0.2:80');
    expect(await write(one.output, 'abcde')).toBe(0);
    expect(two.output.checkWrite()).toBe(3);
    expect(await write(two.output, 'fgh')).toBe(0);
    // On its way, whether or not the peer has read it.
    expect([one.output.flush(), one.output.ready()]).toEqual([0, true]);
    expect(await read(server.input)).toBe('abcde');
    // Who has written just as much is not told; the next byte is one too many.
    await one.output.wait();
    expect(one.output.checkWrite()).toBe(1);
    expect(await write(one.output, 'i')).toBe(StreamStatus.failed);
    expect([one.output.failure, one.output.cause]).toEqual([
      ErrorCode.quota,
      { kind: 'network', error: 'access-denied' },
    ]);
    expect(one.output.checkWrite()).toBe(StreamStatus.closed);
    expect(await write(two.output, 'jk')).toBe(StreamStatus.failed);
    expect(a.refusals).toEqual(
      Array(2).fill('limited socket-write tcp 198.18.0.2:80 (sockets/0 budget.sentBytes)'),
    );
  });
});

describe('shutting down', () => {
  test('the sending side ends the stream, after what was written', async () => {
    const { a, accept } = await pair({ sockets: [{ connect: '198.18.0.2:80' }] });
    const { socket, input, output } = await a.dial('198.18.0.2:80');
    const server = await accept();
    await write(output, 'all of it');
    expect([socket.shutdown('send'), socket.shutdown('send')]).toEqual([undefined, undefined]);
    expect(await readAll(server.input)).toBe('all of it');
    expect([output.checkWrite(), output.write(Buffer.from('x'), 0, 1), output.flush()]).toEqual([-1, -1, -1]);
    expect([output.ready(), output.wait()]).toEqual([true, undefined]);
    await write(server.output, 'and back');
    expect(await read(input)).toBe('and back');
  });

  test('the receiving side wakes who waits for it', async () => {
    const { a } = await pair({ sockets: [{ connect: '198.18.0.2:80' }] });
    const { socket, input } = await a.dial('198.18.0.2:80');
    const waiting = woken(input);
    socket.shutdown('receive');
    await waiting;
    expect(await read(input)).toBe(StreamStatus.closed);
  });

  test('the receiving side drops what is there and what comes, and the peer does not notice', async () => {
    const { a, accept } = await pair({ sockets: [{ connect: '198.18.0.2:80' }] });
    const { socket, input, output } = await a.dial('198.18.0.2:80');
    const server = await accept();
    await write(server.output, 'early');
    expect(await read(input, 3)).toBe('ear');
    expect(socket.shutdown('receive')).toBeUndefined();
    expect([await read(input), input.readInto(Buffer.alloc(0), 0, 0), input.ready()]).toEqual([-1, -1, true]);
    expect(await write(server.output, new Uint8Array(1 << 20))).toBe(0);
    expect(await write(output, 'still')).toBe(0);
    expect(await read(server.input)).toBe('still');
    expect(socket.shutdown('both')).toBeUndefined();
    expect(await read(server.input)).toBe(-1);
  });
});

test('who writes faster than the peer reads has to wait', async () => {
  const { a, accept } = await pair({ sockets: [{ connect: '198.18.0.2:80' }] });
  const { output, socket } = await a.dial('198.18.0.2:80');
  const server = await accept();
  const room = output.checkWrite();
  expect(output.write(new Uint8Array(room).fill(120), 0, room)).toBe(0);
  expect([output.checkWrite(), output.ready()]).toEqual([0, false]);
  const all = readAll(server.input);
  await output.wait();
  expect(output.checkWrite()).toBeGreaterThan(0);
  await write(output, 'x'.repeat(200_000));
  socket.shutdown('send');
  expect(await all).toBe('x'.repeat(room + 200_000));
});

describe('taking a rule back', () => {
  test('ends its connections at once and wakes who waits', async () => {
    const { a, accept } = await pair({ sockets: [{ connect: '198.18.0.2:80', concurrent: 1 }] });
    const { input, output } = await a.dial('198.18.0.2:80');
    const server = await accept();
    const room = output.checkWrite();
    output.write(new Uint8Array(room), 0, room);
    const waiting = woken(input, output);
    a.revoke(a.sockets[0]);
    await waiting;
    expect([await read(input), input.cause]).toEqual([
      StreamStatus.failed,
      { kind: 'network', error: 'access-denied' },
    ]);
    expect([output.checkWrite(), output.failure]).toEqual([StreamStatus.failed, ErrorCode.notPermitted]);
    expect([await read(input), output.checkWrite()]).toEqual([StreamStatus.closed, StreamStatus.closed]);
    expect(await write(server.output, 'x')).toBeLessThan(0);
    expect(a.sockets[0]?.concurrent?.take()).toBe(true);
    expect(await a.connect(a.tcp(), '198.18.0.2:80')).toBe('access-denied');
    expect(a.refusals).toEqual(['denied tcp-connect tcp 198.18.0.2:80 (sockets/0)']);
  });

  test('frees the port of a listener, and wakes who waits for it', async () => {
    const network = new VirtualNetwork();
    const rules = { sockets: [{ listen: '127.0.0.1:80' }, { connect: '127.0.0.1:80' }] };
    const guest = new NetworkGuest(network.host('a').open(nodeMachine), rules);
    const listener = await guest.listen('127.0.0.1:80');
    const waiting = woken(listener);
    guest.revoke(guest.sockets[0]);
    await waiting;
    expect(listener.accept()).toBe('access-denied');
    expect(await guest.connect(guest.tcp(), '127.0.0.1:80')).toBe('connection-refused');
    expect(guest.refusals).toEqual(['denied tcp-accept tcp 127.0.0.1:80 (sockets/0)']);
  });

  test('ends a connection that is being made', async () => {
    const silent = Promise.withResolvers<void>();
    const inner = new VirtualNetwork().host('a').open(nodeMachine);
    const guest = new NetworkGuest(
      Object.assign(Object.create(inner) as typeof inner, {
        isVirtual: true,
        connectTcp: (_permit: unknown, _remote: unknown, _options: unknown, signal: AbortSignal) => {
          signal.addEventListener('abort', () => silent.reject(new Error('gone')));
          return silent.promise;
        },
      }),
      { sockets: [{ connect: '198.18.0.2:80' }] },
    );
    const socket = guest.tcp();
    socket.startConnect(at('198.18.0.2:80'));
    await settle();
    expect(socket.finishConnect()).toBe('would-block');
    guest.revoke(guest.sockets[0]);
    await socket.wait();
    expect(socket.finishConnect()).toBe('access-denied');
  });

  test('between the start and the end of listening leaves nobody listening', async () => {
    const network = new VirtualNetwork();
    const guest = new NetworkGuest(network.host('a').open(nodeMachine), {
      sockets: [{ listen: '127.0.0.1:80' }],
    });
    const socket = guest.tcp();
    await guest.bind(socket, '127.0.0.1:80');
    socket.startListen();
    guest.revoke(guest.sockets[0]);
    expect(await finish(socket, () => socket.finishListen())).toBe('access-denied');
    const other = new NetworkGuest(network.host('a').open(nodeMachine), {
      sockets: [{ listen: '127.0.0.1:80' }],
    });
    await other.listen('127.0.0.1:80');
  });
});

describe('the end of the instance', () => {
  test('ends everything that is open or under way, and wakes who waits', async () => {
    const network = new VirtualNetwork();
    const rules = { sockets: [{ connect: '198.18.0.2:80' }, { listen: '0.0.0.0:80-81' }] };
    const a = new NetworkGuest(network.host('a').open(nodeMachine), rules);
    const b = new NetworkGuest(network.host('b').open(nodeMachine), rules);
    const server = await b.listen('0.0.0.0:80');
    const { input } = await a.dial('198.18.0.2:80');
    const accepted = await b.accept(server);
    const listener = await a.listen('0.0.0.0:80');
    expect(await a.bind(a.tcp(), '0.0.0.0:81')).toBeUndefined();
    const underWay = a.tcp();
    underWay.startConnect(at('198.18.0.2:80'));
    const waiting = woken(input, listener, underWay);
    a.test.abort.abort();
    await waiting;
    expect(await read(accepted.input)).toBe(StreamStatus.failed);
    await settle();
    expect(server.accept()).toBe('would-block');
    // Its ports are free for the next instance.
    const next = new NetworkGuest(network.host('a').open(nodeMachine), rules);
    await next.listen('0.0.0.0:80');
    await next.listen('0.0.0.0:81');
  });

  test('leaves nothing to whoever comes after it', async () => {
    const { a } = await pair({ sockets: [{ listen: '0.0.0.0:80' }] });
    a.network.closeAll();
    const late = a.tcp();
    await settle();
    expect(late.startBind(at('0.0.0.0:80'))).toBe('invalid-state');
  });
});
