import { describe, expect, test } from 'vitest';
import { nodeMachine } from '../../../../src/ambient/machine.ts';
import { GuestTrap } from '../../../../src/virtual/host.ts';
import { IoError } from '../../../../shims/preview2/io/io-error.ts';
import { VirtualNetwork } from '../../../../src/virtual/network/virtual-network.ts';
import { type GuestRules, NetworkGuest, settle } from '../../virtual/network/network-guest.ts';
import { Caller } from './caller.ts';

const EVERYTHING: GuestRules = {
  sockets: [
    { connect: '198.18.0.0/15:1-65535' },
    { listen: '0.0.0.0:1-65535' },
    { protocol: 'udp', connect: '198.18.0.0/15:1-65535' },
    { protocol: 'udp', listen: '0.0.0.0:1-65535' },
  ],
};

const tcp = (name: string): string => `wasi:sockets/tcp#[method]tcp-socket.${name}`;
const udp = (name: string): string => `wasi:sockets/udp#[method]udp-socket.${name}`;
const incoming = (name: string): string => `wasi:sockets/udp#[method]incoming-datagram-stream.${name}`;
const outgoing = (name: string): string => `wasi:sockets/udp#[method]outgoing-datagram-stream.${name}`;

/** An `ip-socket-address` of IPv4 as it is passed. */
function flat(a: number, b: number, c: number, d: number, port: number): number[] {
  return [0, port, a, b, c, d, 0, 0, 0, 0, 0, 0];
}

const ANYWHERE = flat(0, 0, 0, 0, 0);

/** An instance on a network in memory, at 198.18.0.1 and up in the order in which they are made. */
class Instance {
  readonly guest: NetworkGuest;
  readonly caller: Caller;
  readonly result: number;
  readonly network: number;

  constructor(network: VirtualNetwork, name: string) {
    this.guest = new NetworkGuest(network.host(name).open(nodeMachine), EVERYTHING);
    this.caller = new Caller(this.guest.test.host);
    this.result = this.caller.allocate(40);
    this.network = this.caller.call('wasi:sockets/instance-network#instance-network') as number;
  }

  get handles(): number {
    return this.guest.test.host.meter.handles;
  }

  /** Calls and expects the good case. @returns the i32 values of the payload, which starts at 4 */
  ok(name: string, ...args: readonly (number | bigint)[]): number[] {
    this.caller.call(name, ...args, this.result);
    expect(this.caller.u8(this.result), name).toBe(0);
    return [4, 8, 12].map((offset) => this.caller.u32(this.result + offset));
  }

  /** Calls and expects an error. @returns its number */
  error(payload: number, name: string, ...args: readonly (number | bigint)[]): number {
    this.caller.call(name, ...args, this.result);
    expect(this.caller.u8(this.result), name).toBe(1);
    return this.caller.u8(this.result + payload);
  }

  /** A bound UDP socket and its streams. */
  async datagrams(port: number): Promise<{ socket: number; input: number; output: number }> {
    const [socket = 0] = this.ok('wasi:sockets/udp-create-socket#create-udp-socket', 0);
    this.ok(udp('start-bind'), socket, this.network, ...flat(0, 0, 0, 0, port));
    await settle();
    this.ok(udp('finish-bind'), socket);
    const [input = 0, output = 0] = this.ok(udp('stream'), socket, 0, ...ANYWHERE);
    return { socket, input, output };
  }
}

describe('canonical forms', () => {
  test('a family that is none, a network and a socket that are none trap', () => {
    const a = new Instance(new VirtualNetwork(), 'a');
    const [socket = 0] = a.ok('wasi:sockets/tcp-create-socket#create-tcp-socket', 0);
    const calls: readonly (readonly [string, ...number[]])[] = [
      ['wasi:sockets/tcp-create-socket#create-tcp-socket', 2],
      ['wasi:sockets/udp-create-socket#create-udp-socket', -1],
      [tcp('start-bind'), socket, 99, ...ANYWHERE],
      [tcp('start-bind'), 99, a.network, ...ANYWHERE],
      [tcp('start-connect'), socket, a.network, 2, ...ANYWHERE.slice(1)],
      [tcp('shutdown'), socket, 3],
      [tcp('finish-bind'), 99],
      ['wasi:sockets/ip-name-lookup#resolve-addresses', 99, 0, 0],
    ];
    for (const [name, ...args] of calls) {
      expect(() => a.caller.call(name, ...args, a.result), name).toThrow(GuestTrap);
    }
    // A result that goes nowhere traps, too, and nothing is stored.
    expect(() => a.caller.call(tcp('local-address'), socket, 0x7fff_fffc)).toThrow(GuestTrap);
    expect(() => a.caller.call(tcp('local-address'), socket, a.result + 1)).toThrow(GuestTrap);
  });

  test('numbers are cut to their types as the Canonical ABI says', () => {
    const a = new Instance(new VirtualNetwork(), 'a');
    const [socket = 0] = a.ok('wasi:sockets/tcp-create-socket#create-tcp-socket', 0);
    a.ok(tcp('set-hop-limit'), socket, 0x1_09);
    a.caller.call(tcp('hop-limit'), socket, a.result);
    expect(a.caller.u8(a.result + 1)).toBe(9);
    // 2^64 - 1, as it arrives from a guest.
    a.ok(tcp('set-keep-alive-idle-time'), socket, -1n);
    a.caller.call(tcp('keep-alive-idle-time'), socket, a.result);
    expect(a.caller.u64(a.result + 8)).toBeGreaterThan(0n);
    a.ok(tcp('set-keep-alive-enabled'), socket, 7);
    a.caller.call(tcp('keep-alive-enabled'), socket, a.result);
    expect(a.caller.u8(a.result + 1)).toBe(1);
  });

  test('an address goes in and comes out as it is', async () => {
    const network = new VirtualNetwork();
    const a = new Instance(network, 'a');
    const [socket = 0] = a.ok('wasi:sockets/tcp-create-socket#create-tcp-socket', 0);
    // Only the low 16 bits are the port.
    a.ok(tcp('start-bind'), socket, a.network, ...flat(0, 0, 0, 0, 0x5_1f90));
    await settle();
    a.ok(tcp('finish-bind'), socket);
    a.ok(tcp('local-address'), socket);
    const at = a.result + 4;
    expect([a.caller.u8(at), a.caller.view.getUint16(at + 4, true)]).toEqual([0, 8080]);
  });
});

describe('datagrams', () => {
  test('arrive with their bytes and where they are from', async () => {
    const network = new VirtualNetwork();
    const [a, b] = [new Instance(network, 'a'), new Instance(network, 'b')];
    const from = await a.datagrams(1000);
    const to = await b.datagrams(53);
    a.ok(outgoing('check-send'), from.output);
    const [text, length] = a.caller.string('hello');
    const list = a.caller.allocate(88, 4);
    for (const [i, name] of [0, 1].entries()) {
      const at = list + i * 44;
      a.caller.view.setUint32(at, text + name, true);
      a.caller.view.setUint32(at + 4, length - name, true);
      a.caller.view.setUint8(at + 8, 1);
      a.caller.view.setUint16(at + 16, 53, true);
      new Uint8Array(a.caller.memory.buffer).set([198, 18, 0, 2], at + 18);
    }
    a.ok(outgoing('send'), from.output, list, 2);
    expect(a.caller.u64(a.result + 8)).toBe(2n);
    await settle();
    // Room for the datagrams is made by the guest, whose memory grows meanwhile.
    b.caller.onRealloc = () => void b.caller.memory.grow(1);
    const [items = 0, count] = b.ok(incoming('receive'), to.input, -1n);
    expect(count).toBe(2);
    expect([b.caller.text(items), b.caller.text(items + 40)]).toEqual(['hello', 'ello']);
    expect(b.caller.view.getUint16(items + 8 + 4, true)).toBe(1000);
    expect([...new Uint8Array(b.caller.memory.buffer, items + 8 + 6, 4)]).toEqual([198, 18, 0, 1]);
  });

  test('are sent after check-send and not past it, and none when one of them is broken', async () => {
    const network = new VirtualNetwork();
    const [a, b] = [new Instance(network, 'a'), new Instance(network, 'b')];
    const { output } = await a.datagrams(1000);
    const to = await b.datagrams(53);
    const send = (list: number, count: number) => (): unknown =>
      a.caller.call(outgoing('send'), output, list, count, a.result);
    expect(send(0, 1)).toThrow('without check-send');
    a.ok(outgoing('send'), output, 0, 0);
    a.ok(outgoing('check-send'), output);
    const permitted = Number(a.caller.u64(a.result + 8));
    expect(send(0, permitted + 1)).toThrow('more datagrams');
    expect(send(0, -1)).toThrow('more datagrams');
    const list = a.caller.allocate(88, 4);
    a.caller.view.setUint8(list + 8, 1);
    a.caller.view.setUint16(list + 16, 53, true);
    new Uint8Array(a.caller.memory.buffer).set([198, 18, 0, 2], list + 18);
    a.caller.view.setUint32(list + 44, 0x7fff_0000, true);
    a.caller.view.setUint32(list + 48, 5, true);
    expect(send(list, 2)).toThrow('out of bounds');
    await settle();
    expect(b.ok(incoming('receive'), to.input, 10n)[1]).toBe(0);
    expect(send(list + 1, 1)).toThrow(GuestTrap);
  });
});

test('polls of a silent socket share one wait, so that a guest that repeats them leaves nothing behind', async () => {
  const network = new VirtualNetwork();
  const a = new Instance(network, 'a');
  const { input } = await a.datagrams(1000);
  const [listener = 0] = a.ok('wasi:sockets/tcp-create-socket#create-tcp-socket', 0);
  a.ok(tcp('start-bind'), listener, a.network, ...flat(0, 0, 0, 0, 80));
  await settle();
  a.ok(tcp('finish-bind'), listener);
  a.ok(tcp('start-listen'), listener);
  await settle();
  a.ok(tcp('finish-listen'), listener);
  const { resources } = a.caller.context;
  for (const silent of [
    resources['incoming-datagram-stream'].get(input),
    resources['tcp-socket'].get(listener),
  ]) {
    const wait = silent.wait();
    expect(wait).toBeInstanceOf(Promise);
    expect(silent.wait()).toBe(wait);
  }
});

describe('handles', () => {
  test('are counted, and come back when they are dropped, in any order', async () => {
    const network = new VirtualNetwork();
    const [a, b] = [new Instance(network, 'a'), new Instance(network, 'b')];
    const before = [a.handles, b.handles];
    const [listener = 0] = b.ok('wasi:sockets/tcp-create-socket#create-tcp-socket', 0);
    b.ok(tcp('start-bind'), listener, b.network, ...flat(0, 0, 0, 0, 80));
    await settle();
    b.ok(tcp('finish-bind'), listener);
    b.ok(tcp('start-listen'), listener);
    await settle();
    b.ok(tcp('finish-listen'), listener);
    const [socket = 0] = a.ok('wasi:sockets/tcp-create-socket#create-tcp-socket', 0);
    a.ok(tcp('start-connect'), socket, a.network, ...flat(198, 18, 0, 2, 80));
    await settle();
    await settle();
    const [input = 0, output = 0] = a.ok(tcp('finish-connect'), socket);
    const accepted = b.ok(tcp('accept'), listener);
    expect([a.handles, b.handles]).toEqual([(before[0] ?? 0) + 3, (before[1] ?? 0) + 4]);
    const pollable = a.caller.call(tcp('subscribe'), socket) as number;
    a.caller.context.drop('tcp-socket', socket);
    a.caller.context.drop('input-stream', input);
    expect(() => a.caller.call(tcp('is-listening'), socket)).toThrow(GuestTrap);
    a.caller.call('wasi:io/streams#[method]output-stream.check-write', output, a.result);
    expect(a.caller.u8(a.result)).toBe(0);
    a.caller.context.drop('output-stream', output);
    a.caller.context.drop('pollable', pollable);
    expect(a.handles).toBe(before[0]);
    b.caller.context.drop('input-stream', accepted[1] ?? 0);
    b.caller.context.end(new GuestTrap('over'));
    expect(b.handles).toBe(0);
  });

  test('that there are none left of is an error where WIT has one, and nothing is lost', async () => {
    const network = new VirtualNetwork();
    const a = new Instance(network, 'a');
    const { meter } = a.guest.test.host;
    const [socket = 0] = a.ok('wasi:sockets/udp-create-socket#create-udp-socket', 0);
    a.ok(udp('start-bind'), socket, a.network, ...ANYWHERE);
    await settle();
    a.ok(udp('finish-bind'), socket);
    // One is left, and the streams are two.
    while (meter.handles < meter.limits.handles - 1) meter.openHandle();
    expect(a.error(4, udp('stream'), socket, 0, ...ANYWHERE)).toBe(4);
    expect(meter.handles).toBe(meter.limits.handles - 1);
    meter.openHandle();
    expect(a.error(4, 'wasi:sockets/tcp-create-socket#create-tcp-socket', 0)).toBe(10);
    expect(() => a.caller.call(udp('subscribe'), socket)).toThrow('too many handles');
    meter.closeHandle();
    meter.closeHandle();
    meter.closeHandle();
    a.ok(udp('stream'), socket, 0, ...ANYWHERE);
  });
});

test('an error of a stream tells the network’s word for it, and no other one', () => {
  const a = new Instance(new VirtualNetwork(), 'a');
  const { error } = a.caller.context.resources;
  const reset = error.add(new IoError(29, { kind: 'network', error: 'connection-reset' }));
  const full = error.add(new IoError(7));
  const code = (name: string, handle: number): number[] => {
    a.caller.call(name, handle, a.result);
    return [a.caller.u8(a.result), a.caller.u8(a.result + 1)];
  };
  expect(code('wasi:sockets/network#network-error-code', reset)).toEqual([1, 15]);
  expect(code('wasi:filesystem/types#filesystem-error-code', reset)[0]).toBe(0);
  expect(code('wasi:sockets/network#network-error-code', full)[0]).toBe(0);
  expect(code('wasi:filesystem/types#filesystem-error-code', full)[0]).toBe(1);
  a.caller.call('wasi:io/error#[method]error.to-debug-string', reset, a.result);
  expect(a.caller.text(a.result)).toBe('connection-reset');
});
