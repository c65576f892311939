import { expect, test } from 'vitest';
import { Errno } from '../../../../shims/preview1/errno.ts';
import { maySuspend } from '../../../../shims/preview1/index.ts';
import { nodeMachine } from '../../../../src/ambient/machine.ts';
import { VirtualNetwork } from '../../../../src/virtual/network/virtual-network.ts';
import { NetworkGuest, read, settle, write } from '../../virtual/network/network-guest.ts';
import { OUTSIDE, Shim } from './harness.ts';

/** After the standard streams and one directory. */
const LISTENER = 4;
const CONNECTION = 5;

interface Connected {
  readonly shim: Shim;
  readonly guest: NetworkGuest;
  readonly peer: Awaited<ReturnType<NetworkGuest['dial']>>;
}

/** A shim with a socket that listens on a network in memory, and a peer that has connected to it. */
async function connected(): Promise<Connected> {
  const network = new VirtualNetwork();
  const guest = new NetworkGuest(network.host('server').open(nodeMachine), {
    sockets: [{ listen: '0.0.0.0:80' }],
  });
  const client = new NetworkGuest(network.host('client').open(nodeMachine), {
    sockets: [{ connect: '198.18.0.1:80' }],
  });
  const listener = await guest.listen('0.0.0.0:80');
  const shim = new Shim({}, { ...guest.test.host, preopenedSockets: [listener] });
  const peer = await client.dial('198.18.0.1:80');
  await settle();
  return { shim, guest, peer };
}

function accept(shim: Shim): void {
  expect(shim.call.sock_accept(LISTENER, 0, shim.room(4))).toBe(Errno.success);
}

test('a connection is accepted where its number can be told, and only there', async () => {
  const { shim, guest } = await connected();
  const handles = guest.test.host.meter.handles;
  expect(shim.call.sock_accept(LISTENER, 0, OUTSIDE)).toBe(Errno.fault);
  expect(shim.call.sock_accept(LISTENER, 2, shim.room(4))).toBe(Errno.inval);
  expect(guest.test.host.meter.handles).toBe(handles);
  const at = shim.room(4);
  expect(shim.call.sock_accept(LISTENER, 4, at)).toBe(Errno.success);
  expect(shim.u32(at)).toBe(CONNECTION);
  const stat = shim.room(24);
  expect(shim.call.fd_fdstat_get(CONNECTION, stat)).toBe(Errno.success);
  // socket_stream, nonblock; fd_read, fd_write, poll_fd_readwrite and sock_shutdown among its rights
  expect([shim.bytes[stat], shim.view.getUint16(stat + 2, true)]).toEqual([6, 4]);
  expect(shim.u64(stat + 8) & 0x1800_0042n).toBe(0x1800_0042n);
  expect(shim.call.fd_fdstat_get(LISTENER, stat)).toBe(Errno.success);
  expect(shim.u64(stat + 8) & 0x2000_0000n).toBe(0x2000_0000n);
  expect(guest.test.host.meter.handles).toBe(handles + 1);
  expect(shim.call.fd_close(CONNECTION)).toBe(Errno.success);
  expect(guest.test.host.meter.handles).toBe(handles);
});

test('bytes go only where the guest has memory, and stay otherwise', async () => {
  const { shim, peer } = await connected();
  accept(shim);
  await write(peer.output, 'hello');
  await settle();
  const { at } = shim.put('.....');
  const [vectors, size, flags] = [shim.vectors([at, 5]), shim.room(4), shim.room(2)];
  const outside = shim.vectors([OUTSIDE - 2, 5]);
  expect(shim.call.sock_recv(CONNECTION, outside, 1, 0, size, flags)).toBe(Errno.fault);
  expect(shim.call.sock_recv(CONNECTION, vectors, 1, 0, OUTSIDE, flags)).toBe(Errno.fault);
  expect(shim.call.sock_recv(CONNECTION, vectors, 1, 0, size, OUTSIDE)).toBe(Errno.fault);
  expect(shim.call.sock_recv(CONNECTION, OUTSIDE, 1, 0, size, flags)).toBe(Errno.fault);
  expect(shim.call.sock_recv(CONNECTION, vectors, 1, 4, size, flags)).toBe(Errno.inval);
  shim.view.setUint16(flags, 0xffff, true);
  expect(shim.call.sock_recv(CONNECTION, vectors, 1, 0, size, flags)).toBe(Errno.success);
  expect([shim.u32(size), shim.text(at, 5), shim.view.getUint16(flags, true)]).toEqual([5, 'hello', 0]);
  expect(shim.call.sock_send(CONNECTION, outside, 1, 0, size)).toBe(Errno.fault);
  expect(shim.call.sock_send(CONNECTION, vectors, 1, 1, size)).toBe(Errno.inval);
  expect(shim.call.sock_send(CONNECTION, vectors, 1, 0, size)).toBe(Errno.success);
  expect(await read(peer.input)).toBe('hello');
});

test('a peek goes past one buffer, and a read after it gives the same bytes', async () => {
  const { shim, peer } = await connected();
  accept(shim);
  await write(peer.output, 'abcdefgh');
  peer.socket.shutdown('send');
  await settle();
  const { at } = shim.put('........');
  const [size, flags] = [shim.room(4), shim.room(2)];
  const receive = (length: number, bits: number): string => {
    const vectors = shim.vectors([at, length]);
    expect(shim.call.sock_recv(CONNECTION, vectors, 1, bits, size, flags)).toBe(Errno.success);
    return shim.text(at, shim.u32(size));
  };
  expect([receive(2, 1), receive(8, 1), receive(3, 0), receive(2, 1)]).toEqual([
    'ab',
    'abcdefgh',
    'abc',
    'de',
  ]);
  // Looking past the end does not eat the end.
  expect([receive(8, 1), receive(8, 0), receive(8, 0)]).toEqual(['defgh', 'defgh', '']);
});

test('waits are promises, and the functions that wait can suspend', async () => {
  const { shim, guest, peer } = await connected();
  accept(shim);
  const { at } = shim.put('..');
  const size = shim.room(4);
  const waiting = shim.call.sock_recv(CONNECTION, shim.vectors([at, 2]), 1, 2, size, shim.room(2));
  expect(waiting).toBeInstanceOf(Promise);
  await write(peer.output, 'a');
  await settle();
  await write(peer.output, 'b');
  expect(await waiting).toBe(Errno.success);
  expect([shim.u32(size), shim.text(at, 2)]).toEqual([2, 'ab']);
  expect(shim.call.sock_accept(LISTENER, 0, shim.room(4))).toBeInstanceOf(Promise);
  for (const name of ['sock_accept', 'sock_recv', 'sock_send'])
    expect(maySuspend(guest.test.host).has(name)).toBe(true);
});

test('what is open ends with the instance', async () => {
  const { shim, guest, peer } = await connected();
  accept(shim);
  shim.wasi.dispose();
  expect(await read(peer.input)).toBe(-1);
  expect(guest.test.host.meter.handles).toBe(0);
});
