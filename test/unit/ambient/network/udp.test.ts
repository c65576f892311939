import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openNetwork } from '../../../../src/ambient/network/open-network.ts';
import type { Permit } from '../../../../src/kernel/permit.ts';
import type { Datagram, NetworkStack, UdpPort } from '../../../../src/virtual/network/stack.ts';
import { ip, networkPermit } from '../../../support/network-permit.ts';

let stack: NetworkStack;
let peers: Socket[] = [];

beforeEach(() => {
  stack = openNetwork({});
});

afterEach(() => {
  stack.close();
  for (const peer of peers) peer.close();
  peers = [];
});

function bind(host = '127.0.0.1', port = 0): Promise<UdpPort> {
  return stack.bindUdp(networkPermit, { address: ip(host), port });
}

/** A peer of the test's own that sends back what it gets. */
async function echo(host = '127.0.0.1'): Promise<number> {
  const peer = createSocket(host.includes(':') ? 'udp6' : 'udp4');
  peers.push(peer);
  peer.on('message', (bytes, { address, port }) => peer.send(bytes, port, address));
  peer.bind(0, host);
  await once(peer, 'listening');
  return peer.address().port;
}

/** Collects what arrives. */
function received(port: UdpPort): Datagram[] {
  const datagrams: Datagram[] = [];
  port.receive((datagram) => void datagrams.push(datagram));
  return datagrams;
}

test('without a permit nothing is reached', () => {
  expect(() => stack.bindUdp({} as Permit, { address: ip('127.0.0.1'), port: 0 })).toThrow(TypeError);
});

test.each(['127.0.0.1', '::1'])('datagrams to %s and back, each whole, empty ones too', async (host) => {
  const port = await bind(host);
  expect(port.local.address).toEqual(ip(host));
  const remote = { address: ip(host), port: await echo(host) };
  const datagrams = received(port);
  for (const text of ['one', '', 'x'.repeat(9000)]) await port.send({ bytes: Buffer.from(text), remote });
  await expect.poll(() => datagrams.length).toBe(3);
  expect(datagrams.map(({ bytes }) => Buffer.from(bytes).toString())).toEqual(['one', '', 'x'.repeat(9000)]);
  expect(datagrams[0]?.remote).toEqual(remote);
});

test('only the last receiver gets them', async () => {
  const port = await bind();
  const [first, second] = [received(port), received(port)];
  await port.send({ bytes: Buffer.from('x'), remote: { address: ip('127.0.0.1'), port: await echo() } });
  await expect.poll(() => second.length).toBe(1);
  expect(first).toEqual([]);
});

test.each([
  ['too large', '127.0.0.1', 70_000, 'datagram-too-large'],
  ['of the other family', '::1', 1, 'invalid-argument'],
  ['to everybody', '255.255.255.255', 1, 'access-denied'],
])('%s', async (_, host, length, code) => {
  const port = await bind();
  const sent = port.send({ bytes: new Uint8Array(length), remote: { address: ip(host), port: 9 } });
  await expect(sent).rejects.toMatchObject({ name: 'NetworkFailure', code });
});

test('an IPv6 port is none of IPv4', async () => {
  const port = await bind('::');
  const datagrams = received(port);
  const [four, six] = [createSocket('udp4'), createSocket('udp6')];
  peers.push(four, six);
  four.send('four', port.local.port, '127.0.0.1');
  six.send('six', port.local.port, '::1');
  await expect.poll(() => datagrams.length).toBe(1);
  expect(Buffer.from(datagrams[0]?.bytes ?? []).toString()).toBe('six');
  // Nobody else has the port there.
  const other = createSocket('udp4');
  peers.push(other);
  other.bind(port.local.port, '127.0.0.1');
  await once(other, 'listening');
});

test('a port that is taken, an address of somebody else, and an interface', async () => {
  const port = await bind();
  await expect(bind('127.0.0.1', port.local.port)).rejects.toMatchObject({ code: 'address-in-use' });
  await expect(bind('192.0.2.77')).rejects.toMatchObject({ code: 'address-not-bindable' });
  const scoped = { address: ip('fe80::1'), port: 0, scopeId: 1 };
  await expect(stack.bindUdp(networkPermit, scoped)).rejects.toMatchObject({ code: 'access-denied' });
});

test('hop limits are taken, wrong ones refused', async () => {
  for (const host of ['127.0.0.1', '::1']) {
    const port = await bind(host);
    port.setHopLimit(1);
    port.setHopLimit(255);
    expect(() => port.setHopLimit(0)).toThrow('invalid-argument');
  }
});

test('the end of the stack ends what is open and what is being sent, and nothing is opened after it', async () => {
  const port = await bind();
  const remote = { address: ip('127.0.0.1'), port: await echo() };
  const sending = port.send({ bytes: new Uint8Array(1), remote }).catch((error: unknown) => error);
  stack.close();
  await sending;
  await expect(port.send({ bytes: new Uint8Array(1), remote })).rejects.toMatchObject({
    code: 'connection-aborted',
  });
  expect(() => port.setHopLimit(9)).not.toThrow();
  await expect(bind()).rejects.toMatchObject({ code: 'connection-aborted' });
});
