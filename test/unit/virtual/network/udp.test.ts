import { describe, expect, test } from 'vitest';
import { nodeMachine } from '../../../../src/ambient/machine.ts';
import { NetworkFailure } from '../../../../src/virtual/network/network-error.ts';
import type {
  DatagramStreams,
  IncomingDatagrams,
  OutgoingDatagrams,
} from '../../../../src/virtual/network/network.ts';
import type { Datagram, NetworkStack, UdpPort } from '../../../../src/virtual/network/stack.ts';
import { VirtualNetwork } from '../../../../src/virtual/network/virtual-network.ts';
import { at, type GuestRules, NetworkGuest, ok, settle, where, woken } from './network-guest.ts';

const LISTEN = { sockets: [{ protocol: 'udp', listen: '0.0.0.0:53' }] } as const;

interface Pair {
  readonly network: VirtualNetwork;
  readonly a: NetworkGuest;
  readonly b: NetworkGuest;
  /** The streams of port 53 of `b`, which is at 198.18.0.2. */
  readonly server: DatagramStreams;
}

async function pair(rules: GuestRules): Promise<Pair> {
  const network = new VirtualNetwork();
  const a = new NetworkGuest(network.host('a').open(nodeMachine), rules);
  const b = new NetworkGuest(network.host('b').open(nodeMachine), LISTEN);
  return { network, a, b, server: await b.datagrams('0.0.0.0:53') };
}

const TO_B: GuestRules = { sockets: [{ protocol: 'udp', connect: '198.18.0.2:53' }] };

function send(outgoing: OutgoingDatagrams, text: string, to?: string): unknown {
  return outgoing.send(Buffer.from(text), to === undefined ? undefined : at(to));
}

/** What has arrived, as `sender text`. */
async function received(incoming: IncomingDatagrams, max = 100): Promise<string[]> {
  await settle();
  return ok(incoming.receive(max) as string | readonly Datagram[]).map(
    ({ bytes, remote }) => `${where(remote)} ${Buffer.from(bytes).toString()}`,
  );
}

describe.each([
  { family: 'ipv4', loopback: '127.0.0.1', any: '0.0.0.0', other: '[::1]' },
  { family: 'ipv6', loopback: '[::1]', any: '[::]', other: '127.0.0.1' },
] as const)('a UDP socket of $family', ({ family, loopback, any, other }) => {
  const rules: GuestRules = {
    sockets: [
      { protocol: 'udp', listen: '0.0.0.0/0:1-65535' },
      { protocol: 'udp', listen: '[::/0]:1-65535' },
    ],
  };
  const make = () => new NetworkGuest(new VirtualNetwork().host('a').open(nodeMachine), rules);

  test('unbound', () => {
    const socket = make().udp(family);
    expect(socket.family).toBe(family);
    expect(socket.finishBind()).toBe('not-in-progress');
    expect(socket.stream(undefined)).toBe('invalid-state');
    expect([socket.localAddress(), socket.remoteAddress()]).toEqual(['invalid-state', 'invalid-state']);
    expect([socket.ready(), socket.wait()]).toEqual([true, undefined]);
  });

  test('while it is being bound, and bound', async () => {
    const guest = make();
    const socket = guest.udp(family);
    expect(socket.startBind(at(`${loopback}:0`))).toBeUndefined();
    expect([socket.ready(), socket.finishBind()]).toEqual([false, 'would-block']);
    expect(socket.startBind(at(`${loopback}:0`))).toBe('concurrency-conflict');
    expect(socket.stream(undefined)).toBe('invalid-state');
    await socket.wait();
    expect(socket.finishBind()).toBeUndefined();
    expect(socket.startBind(at(`${loopback}:0`))).toBe('invalid-state');
    expect(socket.finishBind()).toBe('not-in-progress');
    expect(where(socket.localAddress())).toMatch(/:[1-9][0-9]+$/);
    expect(socket.remoteAddress()).toBe('invalid-state');
    const second = guest.udp(family);
    expect(await guest.bind(second, where(socket.localAddress()))).toBe('address-in-use');
    expect(await guest.bind(second, `${any}:0`)).toBeUndefined();
  });

  test('is bound only to an address of its family', () => {
    const socket = make().udp(family);
    for (const wrong of [`${other}:0`, '[::ffff:127.0.0.1]:0'])
      expect(socket.startBind(at(wrong)), wrong).toBe('invalid-argument');
  });

  test('streams to one peer after the other, or to all', async () => {
    const guest = make();
    const { socket } = await guest.datagrams(`${any}:0`);
    for (const wrong of [`${other}:53`, `${any}:53`, `${loopback}:0`, '[::ffff:127.0.0.1]:53'])
      expect(socket.stream(at(wrong)), wrong).toBe('invalid-argument');
    ok(socket.stream(at(`${loopback}:53`)));
    expect(where(socket.remoteAddress())).toBe(`${loopback}:53`);
    ok(socket.stream(at(`${loopback}:54`)));
    expect(where(socket.remoteAddress())).toBe(`${loopback}:54`);
    ok(socket.stream(undefined));
    expect(socket.remoteAddress()).toBe('invalid-state');
    expect(where(socket.localAddress())).toMatch(/:[1-9][0-9]+$/);
  });

  test('has options, none of them 0', () => {
    const socket = make().udp(family);
    for (const option of ['unicast-hop-limit', 'receive-buffer-size', 'send-buffer-size'] as const) {
      expect(socket.getOption(option)).toBeGreaterThan(0n);
      expect(socket.setOption(option, 0n)).toBe('invalid-argument');
      expect(socket.setOption(option, 42n)).toBeUndefined();
      expect(socket.getOption(option)).toBe(42n);
      expect(socket.setOption(option, 0xffff_ffff_ffff_ffffn)).toBeUndefined();
      expect(socket.getOption(option)).toBe(option === 'unicast-hop-limit' ? 255n : 0x7fff_ffffn);
    }
  });
});

describe('sending', () => {
  test('without any rule there is no socket', () => {
    const guest = new NetworkGuest(new VirtualNetwork().host('a').open(nodeMachine), {
      sockets: [{ connect: '198.18.0.2:53' }],
    });
    expect(guest.network.createUdpSocket('ipv4')).toBe('access-denied');
    expect(guest.refusals).toEqual(['denied create-udp-socket ipv4']);
  });

  test('goes to a destination that a rule is for, and nowhere else', async () => {
    const { a, server } = await pair(TO_B);
    const { outgoing } = await a.datagrams('0.0.0.0:0');
    expect(outgoing.checkSend()).toBe(8);
    expect(send(outgoing, 'one', '198.18.0.2:53')).toBeUndefined();
    expect(send(outgoing, 'two', '198.18.0.2:54')).toBe('access-denied');
    expect(send(outgoing, 'three', '198.18.0.1:53')).toBe('access-denied');
    expect(send(outgoing, 'four', '198.18.0.2:53')).toBeUndefined();
    expect(await received(server.incoming)).toEqual(['198.18.0.1:49152 one', '198.18.0.1:49152 four']);
    expect(a.refusals).toEqual(['denied udp-send udp 198.18.0.2:54', 'denied udp-send udp 198.18.0.1:53']);
    expect(a.uses).toEqual(['udp-bind udp 0.0.0.0:0 (sockets/0)']);
  });

  test('needs a destination, of the family, and the one that the stream is for', async () => {
    const { a, server } = await pair(TO_B);
    const { socket, outgoing } = await a.datagrams('0.0.0.0:0');
    expect(send(outgoing, 'x')).toBe('invalid-argument');
    for (const wrong of ['0.0.0.0:53', '198.18.0.2:0', '[::1]:53', '[::ffff:198.18.0.2]:53'])
      expect(send(outgoing, 'x', wrong), wrong).toBe('invalid-argument');
    const connected = ok(socket.stream(at('198.18.0.2:53')));
    expect(send(connected.outgoing, 'y', '198.18.0.2:54')).toBe('invalid-argument');
    expect(send(connected.outgoing, 'one')).toBeUndefined();
    expect(send(connected.outgoing, 'two', '198.18.0.2:53')).toBeUndefined();
    expect(await received(server.incoming)).toHaveLength(2);
    expect(a.refusals).toEqual([]);
  });

  test('takes what a packet has room for, and no more', async () => {
    const { a, server } = await pair(TO_B);
    const { outgoing } = await a.datagrams('0.0.0.0:0');
    expect(outgoing.send(new Uint8Array(65_508), at('198.18.0.2:53'))).toBe('datagram-too-large');
    expect(outgoing.send(new Uint8Array(65_507), at('198.18.0.2:53'))).toBeUndefined();
    expect(outgoing.send(new Uint8Array(0), at('198.18.0.2:53'))).toBeUndefined();
    await settle();
    const datagrams = ok(server.incoming.receive(9) as string | readonly Datagram[]);
    expect(datagrams.map(({ bytes }) => bytes.length)).toEqual([65_507, 0]);
  });

  test('copies the bytes', async () => {
    const { a, server } = await pair(TO_B);
    const { outgoing } = await a.datagrams('0.0.0.0:0');
    const bytes = Buffer.from('before');
    outgoing.send(bytes, at('198.18.0.2:53'));
    bytes.write('after!');
    expect(await received(server.incoming)).toEqual(['198.18.0.1:49152 before']);
  });

  test('past a budget is refused', async () => {
    const { a, server } = await pair({
      sockets: [{ protocol: 'udp', connect: '198.18.0.2:53', operations: { total: 4 }, sentBytes: 5 }],
    });
    const { outgoing } = await a.datagrams('0.0.0.0:0');
    expect(send(outgoing, 'abc', '198.18.0.2:53')).toBeUndefined();
    expect(send(outgoing, 'def', '198.18.0.2:53')).toBe('access-denied');
    expect(send(outgoing, 'de', '198.18.0.2:53')).toBeUndefined();
    expect(send(outgoing, '', '198.18.0.2:53')).toBe('new-socket-limit');
    expect(await received(server.incoming)).toHaveLength(2);
    expect(a.refusals).toEqual([
      'limited udp-send udp 198.18.0.2:53 (sockets/0 budget.sentBytes)',
      'limited udp-send udp 198.18.0.2:53 (sockets/0 budget.operations)',
    ]);
  });

  test('under a rule for so many sockets at one time is for those alone', async () => {
    const { a } = await pair({ sockets: [{ protocol: 'udp', connect: '198.18.0.2:53', concurrent: 1 }] });
    const one = await a.datagrams('0.0.0.0:0');
    const two = await a.datagrams('0.0.0.0:0');
    expect(send(one.outgoing, 'x', '198.18.0.2:53')).toBeUndefined();
    expect(send(two.outgoing, 'x', '198.18.0.2:53')).toBe('new-socket-limit');
    expect(send(one.outgoing, 'x', '198.18.0.2:53')).toBeUndefined();
    for (const held of [one.socket, one.incoming, one.outgoing]) held.close();
    await settle();
    expect(send(two.outgoing, 'x', '198.18.0.2:53')).toBeUndefined();
  });

  test('waits while the system has not taken what was sent, and tells later what became of it', async () => {
    const { stack, sent } = stalling();
    const guest = new NetworkGuest(stack, TO_B);
    const { outgoing } = await guest.datagrams('0.0.0.0:0');
    for (let count = 0; count < 8; count++) {
      expect(outgoing.checkSend()).toBe(8 - count);
      send(outgoing, `${count}`, '198.18.0.2:53');
    }
    expect([outgoing.checkSend(), outgoing.ready()]).toEqual([0, false]);
    const waiting = woken(outgoing);
    sent[0]?.resolve();
    await waiting;
    expect(outgoing.checkSend()).toBe(1);
    sent[1]?.reject(new NetworkFailure('remote-unreachable'));
    await settle();
    expect([outgoing.checkSend(), outgoing.checkSend()]).toEqual(['remote-unreachable', 2]);
  });

  test('is finished for what was taken, also when the guest drops everything', async () => {
    const { stack, sent, closed } = stalling();
    const guest = new NetworkGuest(stack, TO_B);
    const { socket, incoming, outgoing } = await guest.datagrams('0.0.0.0:0');
    send(outgoing, 'x', '198.18.0.2:53');
    for (const held of [socket, incoming, outgoing, outgoing]) held.close();
    expect(closed()).toBe(false);
    sent[0]?.resolve();
    await settle();
    expect(closed()).toBe(true);
  });
});

describe('a name', () => {
  test('is resolved for the first datagram to an address; those behind it wait, and the next ones go at once', async () => {
    const { network, b, server } = await pair({});
    let asked = 0;
    const inner = network.host('c').open(nodeMachine);
    const resolve = inner.resolve.bind(inner);
    inner.resolve = (...question) => {
      asked++;
      return resolve(...question);
    };
    const guest = new NetworkGuest(inner, { sockets: [{ protocol: 'udp', connect: 'b:53' }] });
    const { outgoing, incoming } = await guest.datagrams('0.0.0.0:0');
    expect(send(outgoing, 'one', '198.18.0.2:53')).toBeUndefined();
    expect(send(outgoing, 'two', '198.18.0.2:53')).toBeUndefined();
    expect(outgoing.checkSend()).toBe(6);
    expect(await received(server.incoming)).toEqual(['198.18.0.3:49152 one', '198.18.0.3:49152 two']);
    expect(send(outgoing, 'three', '198.18.0.2:53')).toBeUndefined();
    expect(outgoing.checkSend()).toBe(7);
    expect(asked).toBe(1);
    send(server.outgoing, 'reply', '198.18.0.3:49152');
    expect(await received(incoming)).toEqual(['198.18.0.2:53 reply']);
    expect([guest.refusals, b.refusals]).toEqual([[], []]);
  });

  test('that is another address denies what was sent, and says so later', async () => {
    const { network, server } = await pair({});
    const guest = new NetworkGuest(network.host('c').open(nodeMachine), {
      sockets: [{ protocol: 'udp', connect: 'c:53' }],
    });
    const { outgoing } = await guest.datagrams('0.0.0.0:0');
    expect(send(outgoing, 'one', '198.18.0.2:53')).toBeUndefined();
    expect(send(outgoing, 'two', '198.18.0.2:53')).toBeUndefined();
    await settle();
    expect([outgoing.checkSend(), outgoing.checkSend()]).toEqual(['access-denied', 8]);
    // One decision for both.
    expect(guest.refusals).toEqual(['denied udp-send udp 198.18.0.2:53']);
    expect(await received(server.incoming)).toEqual([]);
  });
});

describe('receiving', () => {
  test('under rules to connect is for those who were sent to', async () => {
    const { network, a, server } = await pair(TO_B);
    const { outgoing, incoming } = await a.datagrams('0.0.0.0:0');
    const stranger = new NetworkGuest(network.host('c').open(nodeMachine), {
      sockets: [{ protocol: 'udp', connect: '198.18.0.0/16:1-65535' }],
    });
    const theirs = await stranger.datagrams('0.0.0.0:0');
    send(theirs.outgoing, 'unasked', '198.18.0.1:49152');
    send(outgoing, 'ping', '198.18.0.2:53');
    expect(await received(server.incoming)).toEqual(['198.18.0.1:49152 ping']);
    send(server.outgoing, 'pong', '198.18.0.1:49152');
    expect(await received(incoming)).toEqual(['198.18.0.2:53 pong']);
    expect(incoming.ready()).toBe(false);
  });

  test('on a port that is listened on is for all, and so are answers to those who wrote', async () => {
    const { a, b, server } = await pair(TO_B);
    const { outgoing, incoming } = await a.datagrams('0.0.0.0:0');
    expect(send(server.outgoing, 'unasked', '198.18.0.1:49152')).toBe('access-denied');
    send(outgoing, 'ping', '198.18.0.2:53');
    expect(await received(server.incoming)).toHaveLength(1);
    expect(send(server.outgoing, 'pong', '198.18.0.1:49152')).toBeUndefined();
    expect(send(server.outgoing, 'other port', '198.18.0.1:49153')).toBe('access-denied');
    expect(await received(incoming)).toEqual(['198.18.0.2:53 pong']);
    expect(b.refusals).toEqual([
      'denied udp-send udp 198.18.0.1:49152',
      'denied udp-send udp 198.18.0.1:49153',
    ]);
  });

  test('remembers the last 1,024 who wrote', async () => {
    const { network, b, server } = await pair({});
    const port = await network.host('c').open(nodeMachine).bindUdp(permitOf(b), at('0.0.0.0:0'));
    await port.send({ bytes: Buffer.from('first'), remote: at('198.18.0.2:53') });
    const stack = network.host('d').open(nodeMachine);
    for (let count = 0; count < 1024; count++) {
      const other = await stack.bindUdp(permitOf(b), at('0.0.0.0:0'));
      await other.send({ bytes: Buffer.of(count), remote: at('198.18.0.2:53') });
      server.incoming.receive(100);
      if (count === 1022)
        expect(
          send(server.outgoing, 'x', where(port.local).replace('0.0.0.0', '198.18.0.3')),
        ).toBeUndefined();
    }
    expect(send(server.outgoing, 'x', where(port.local).replace('0.0.0.0', '198.18.0.3'))).toBe(
      'access-denied',
    );
    await settle();
    expect(send(server.outgoing, 'x', '198.18.0.4:49153')).toBeUndefined();
  });

  test('in a stream for one peer is for that peer', async () => {
    const { network, b } = await pair({});
    const [c, d] = await Promise.all(
      ['c', 'd'].map((name) => network.host(name).open(nodeMachine).bindUdp(permitOf(b), at('0.0.0.0:99'))),
    );
    const b2 = new NetworkGuest(network.host('b').open(nodeMachine), {
      sockets: [{ protocol: 'udp', listen: '0.0.0.0:54' }],
    });
    const { socket, incoming: all } = await b2.datagrams('0.0.0.0:54');
    const toB = (text: string) => ({ bytes: Buffer.from(text), remote: at('198.18.0.2:54') });
    await c?.send(toB('queued from c'));
    await d?.send(toB('queued from d'));
    const { incoming } = ok(socket.stream(at('198.18.0.3:99')));
    expect(all.receive(9)).toBe('invalid-state');
    await d?.send(toB('from d'));
    await c?.send(toB('from c'));
    expect(await received(incoming)).toEqual(['198.18.0.3:99 queued from c', '198.18.0.3:99 from c']);
  });

  test('gives no more than is asked for, keeps 256, and loses the rest', async () => {
    const { b, network, server } = await pair({});
    const port = await network.host('c').open(nodeMachine).bindUdp(permitOf(b), at('0.0.0.0:99'));
    for (let count = 0; count < 300; count++)
      await port.send({ bytes: Buffer.from(`${count}`), remote: at('198.18.0.2:53') });
    expect(await received(server.incoming, 0)).toEqual([]);
    expect(await received(server.incoming, 2)).toEqual(['198.18.0.3:99 0', '198.18.0.3:99 1']);
    expect(await received(server.incoming, 1000)).toHaveLength(254);
    for (let count = 0; count < 9; count++)
      await port.send({ bytes: new Uint8Array(60_000), remote: at('198.18.0.2:53') });
    expect(await received(server.incoming)).toHaveLength(4);
    await port.send({ bytes: Buffer.from('after'), remote: at('198.18.0.2:53') });
    expect(await received(server.incoming)).toEqual(['198.18.0.3:99 after']);
  });

  test('wakes who waits', async () => {
    const { a, server } = await pair(TO_B);
    const { outgoing } = await a.datagrams('0.0.0.0:0');
    expect([server.incoming.ready(), server.incoming.receive(1)]).toEqual([false, []]);
    const waiting = woken(server.incoming);
    send(outgoing, 'x', '198.18.0.2:53');
    await waiting;
    expect([server.incoming.ready(), server.incoming.wait()]).toEqual([true, undefined]);
  });

  test('past a budget is over, once the guest has taken what came before', async () => {
    const network = new VirtualNetwork();
    const guest = new NetworkGuest(network.host('a').open(nodeMachine), {
      sockets: [{ protocol: 'udp', listen: '0.0.0.0:53', receivedBytes: 5 }],
    });
    const { incoming } = await guest.datagrams('0.0.0.0:53');
    const port = await network.host('c').open(nodeMachine).bindUdp(permitOf(guest), at('0.0.0.0:99'));
    for (const text of ['abc', 'def', 'ghi'])
      await port.send({ bytes: Buffer.from(text), remote: at('198.18.0.1:53') });
    expect(await received(incoming)).toEqual(['198.18.0.2:99 abc']);
    expect([incoming.ready(), incoming.receive(1)]).toEqual([true, 'access-denied']);
    expect(guest.refusals).toEqual([
      'limited udp-receive udp 198.18.0.2:99 (sockets/0 budget.receivedBytes)',
    ]);
  });
});

describe('a local port', () => {
  test.each([
    ['0.0.0.0:53', 'access-denied'],
    ['127.0.0.1:0', 'access-denied'],
    ['0.0.0.0:0', undefined],
  ])('%s under rules to send: %s', async (local, outcome) => {
    const { a } = await pair(TO_B);
    expect(await a.bind(a.udp(), local)).toBe(outcome);
    expect(a.refusals).toHaveLength(outcome === undefined ? 0 : 1);
  });

  test('is one of the rule where there are only rules to listen', async () => {
    const { b } = await pair({});
    const guest = new NetworkGuest(new VirtualNetwork().host('x').open(nodeMachine), LISTEN);
    const socket = guest.udp();
    expect(await guest.bind(socket, '0.0.0.0:0')).toBeUndefined();
    expect(where(socket.localAddress())).toBe('0.0.0.0:53');
    expect(await b.bind(b.udp(), '0.0.0.0:54')).toBe('access-denied');
  });

  test('is counted where a rule allows so many at one time', async () => {
    const guest = new NetworkGuest(new VirtualNetwork().host('x').open(nodeMachine), {
      sockets: [{ protocol: 'udp', listen: '0.0.0.0:53-54', concurrent: 1 }],
    });
    const { socket, incoming, outgoing } = await guest.datagrams('0.0.0.0:53');
    expect(await guest.bind(guest.udp(), '0.0.0.0:54')).toBe('new-socket-limit');
    for (const held of [socket, incoming, outgoing]) held.close();
    expect(await guest.bind(guest.udp(), '0.0.0.0:53')).toBeUndefined();
    expect(await guest.bind(guest.udp(), '0.0.0.0:53')).toBe('new-socket-limit');
  });

  test('is free again when binding fails', async () => {
    const guest = new NetworkGuest(new VirtualNetwork().host('x').open(nodeMachine), {
      sockets: [{ protocol: 'udp', listen: '0.0.0.0/0:53-54', concurrent: 2 }],
    });
    await guest.datagrams('0.0.0.0:53');
    expect(await guest.bind(guest.udp(), '0.0.0.0:53')).toBe('address-in-use');
    expect(await guest.bind(guest.udp(), '192.0.2.1:53')).toBe('address-not-bindable');
    expect(await guest.bind(guest.udp(), '0.0.0.0:54')).toBeUndefined();
  });
});

describe('taking a rule back', () => {
  test('ends what goes out under it, what comes in, and who waits', async () => {
    const { a, server } = await pair(TO_B);
    const { outgoing, incoming } = await a.datagrams('0.0.0.0:0');
    send(outgoing, 'x', '198.18.0.2:53');
    expect(await received(server.incoming)).toHaveLength(1);
    send(server.outgoing, 'y', '198.18.0.1:49152');
    await settle();
    expect(incoming.ready()).toBe(true);
    a.revoke(a.sockets[0]);
    expect(incoming.receive(9)).toBe('access-denied');
    expect(send(outgoing, 'z', '198.18.0.2:53')).toBe('access-denied');
    expect(a.refusals).toEqual(['denied udp-send udp 198.18.0.2:53 (sockets/0)']);
  });

  test('frees the port that was bound under it', async () => {
    const { network, b, server } = await pair({});
    const waiting = woken(server.incoming);
    b.revoke(b.sockets[0]);
    await waiting;
    expect(server.incoming.receive(9)).toBe('access-denied');
    expect(server.outgoing.checkSend()).toBe('access-denied');
    const next = new NetworkGuest(network.host('b').open(nodeMachine), LISTEN);
    await next.datagrams('0.0.0.0:53');
  });

  test('leaves what goes out under another', async () => {
    const { a, server } = await pair({
      sockets: [
        { protocol: 'udp', connect: '198.18.0.2:53' },
        { protocol: 'udp', connect: '198.18.0.0/16:53' },
      ],
    });
    const { outgoing, incoming } = await a.datagrams('0.0.0.0:0');
    send(outgoing, 'x', '198.18.0.2:53');
    a.revoke(a.sockets[0]);
    expect(send(outgoing, 'y', '198.18.0.2:53')).toBeUndefined();
    expect(await received(server.incoming)).toHaveLength(2);
    send(server.outgoing, 'z', '198.18.0.1:49152');
    expect(await received(incoming)).toEqual(['198.18.0.2:53 z']);
  });
});

test('the end of the instance wakes who waits, and frees the port', async () => {
  const { network, b, server } = await pair({});
  const waiting = woken(server.incoming);
  const underWay = b.udp();
  b.test.abort.abort();
  await waiting;
  expect([server.incoming.receive(1), server.outgoing.checkSend()]).toEqual([
    'invalid-state',
    'invalid-state',
  ]);
  expect(underWay.startBind(at('0.0.0.0:53'))).toBe('invalid-state');
  const next = new NetworkGuest(network.host('b').open(nodeMachine), LISTEN);
  await next.datagrams('0.0.0.0:53');
});

test('dropping a socket that is being bound frees the port', async () => {
  const guest = new NetworkGuest(new VirtualNetwork().host('x').open(nodeMachine), LISTEN);
  const socket = guest.udp();
  socket.startBind(at('0.0.0.0:53'));
  socket.close();
  await settle();
  await guest.datagrams('0.0.0.0:53');
});

/** A stack of the real kind needs a permit of a guard for what the tests do beside the guests. */
function permitOf({ test: { host }, sockets }: NetworkGuest) {
  const { grant } = sockets[0] ?? expect.fail();
  return host.guard.permitLookup(grant) ?? expect.fail();
}

/** A network whose ports take a datagram when the test says so. */
function stalling(): { stack: NetworkStack; sent: PromiseWithResolvers<void>[]; closed: () => boolean } {
  const sent: PromiseWithResolvers<void>[] = [];
  let closed = false;
  const stack = new VirtualNetwork().host('a').open(nodeMachine);
  const port: UdpPort = {
    local: at('0.0.0.0:1'),
    send() {
      const { promise, ...settle } = Promise.withResolvers<void>();
      sent.push({ promise, ...settle });
      return promise;
    },
    receive: () => undefined,
    setHopLimit: () => undefined,
    localFor: () => at('0.0.0.0:1'),
    close: () => void (closed = true),
  };
  stack.bindUdp = () => Promise.resolve(port);
  return { stack, sent, closed: () => closed };
}
