import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  type GuestOptions,
  type GuestRun,
  type OpenGuest,
  openGuest,
  runGuest,
} from '../support/guest-run.ts';
import { freePort, tcpServer, type TestServer, type TestUdp, udpServer } from '../support/tcp-servers.ts';
import { worldGuest } from './index.ts';

let guest: Uint8Array;

beforeAll(async () => {
  guest = await worldGuest('sockets');
});

const closing: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function server(...args: Parameters<typeof tcpServer>): Promise<TestServer> {
  const made = await tcpServer(...args);
  closing.push(() => made.close());
  return made;
}

async function udp(...args: Parameters<typeof udpServer>): Promise<TestUdp> {
  const made = await udpServer(...args);
  closing.push(() => made.close());
  return made;
}

/** Operations of the guest, as test/guests/c/sockets.c has them. */
type Line = readonly string[];

function options(sockets: readonly object[], line: Line, more: GuestOptions = {}): GuestOptions {
  const { grant, ...rest } = more;
  return { line: line.join(' + '), ...rest, grant: { sockets, ...grant } };
}

function run(sockets: readonly object[], line: Line, more?: GuestOptions): Promise<GuestRun> {
  return runGuest(guest, 'component', options(sockets, line, more));
}

function open(sockets: readonly object[], line: Line, more?: GuestOptions): Promise<OpenGuest> {
  return openGuest(guest, 'component', options(sockets, line, more));
}

const FAMILIES = [
  ['IPv4', '4', '127.0.0.1', '127.0.0.1'],
  ['IPv6', '6', '::1', '[::1]'],
] as const;

describe.each(FAMILIES)('TCP over %s', (_name, family, host, inRule) => {
  it('connects, speaks both ways, and sees the end', async () => {
    const { port } = await server(host);
    const rule = { protocol: 'tcp', connect: `${inRule}:${port}` };
    const end = await run(
      [rule],
      [
        `tcp ${family}`,
        `connect ${host} ${port}`,
        'send hello',
        'recv 100',
        'state',
        'remote',
        'shutdown send',
        'recv 100',
        'send more',
        'drop all',
      ],
    );
    expect(end.lines).toEqual([
      'tcp=ok',
      'connect=ok',
      'send=ok',
      'recv=hello',
      `state=ipv${family}`,
      `remote=${host} ${port}`,
      'shutdown=ok',
      'recv=closed',
      'send=closed',
    ]);
    expect(end.outcome).toEqual({ kind: 'exit', code: 0 });
    expect(end.of('denial')).toEqual([]);
  });
});
