import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ComponentLinker } from '../../../../src/engine/link/component-linker.ts';
import { nodeMachine } from '../../../../src/ambient/machine.ts';
import { worldGuest } from '../../../guests/index.ts';
import type { TestHostOptions } from '../../../support/host.ts';
import { tcpServer, type TestServer, type TestUdp, udpServer } from '../../../support/tcp-servers.ts';
import { NetworkGuest } from '../../virtual/network/network-guest.ts';
import { linkerOf, runWith } from './components.ts';
import { runPlain } from './run-plain.ts';

let component: Uint8Array;
let linker: ComponentLinker;
let tcp: TestServer;
let udp: TestUdp;

beforeAll(async () => {
  component = await worldGuest('sockets');
  linker = await linkerOf(component);
  tcp = await tcpServer('127.0.0.1');
  udp = await udpServer('127.0.0.1');
});

afterAll(() => Promise.all([tcp.close(), udp.close()]));

function options(line: string): TestHostOptions {
  const stack = (): ReturnType<typeof nodeMachine.openNetwork> => nodeMachine.openNetwork({});
  const { sockets } = new NetworkGuest(stack, {
    sockets: [
      { connect: `127.0.0.1:${tcp.port}` },
      { listen: '127.0.0.1:30000-39999' },
      { protocol: 'udp', connect: `127.0.0.1:${udp.port}` },
    ],
  });
  return {
    args: ['sockets', ...line.split(' ')],
    egress: { rules: { http: [], sockets, dns: [] }, stack },
  };
}

const TALK = (): string =>
  `tcp 4 + connect 127.0.0.1 ${tcp.port} + send hello + recv 10 + remote + state + shutdown send + recv 1 + drop all` +
  ` + udp 4 + bind 0.0.0.0 0 + stream + send-to one 127.0.0.1 ${udp.port} + recv-from + send-to two 127.0.0.2 1` +
  ` + stream-to 127.0.0.1 ${udp.port} + remote + send-on three + recv-from + recv-now 9 + drop all` +
  ' + tcp 4 + bind 127.0.0.1 0 + listen + state + accept-now + backlog 5 + lookup 192.0.2.7 + lookup 2001:db8::1:0:5';

/** Everything of it answers at once: jco's bindings call plain functions without a way to wait. */
const STATES =
  'tcp 4 + local + remote + state + accept-now + shutdown both + finish-connect + finish-bind + backlog 0 + backlog 5' +
  ' + set keep-alive 1 + set idle 5000000000 + set interval 6000000000 + set count 3 + set hops 9 + set hops 0' +
  ' + set receive 70000 + set send 80000 + options + connect ::1 80 + start-connect 127.0.0.2 9 + finish-connect' +
  ' + start-connect 127.0.0.2 9 + drop all + tcp 6 + state + options + start-bind ::1 30000 + drop all' +
  ' + udp 6 + local + remote + state + stream + set hops 9 + set receive 70000 + set send 80000 + options + finish-bind' +
  ' + start-bind 127.0.0.1 0 + start-bind :: 0 + finish-bind + drop all';

describe('a component that imports wasi:sockets', () => {
  it('is linked by a plan', () => {
    expect(linker.observation.obstacle).toBeUndefined();
    expect(linker.observation.plan).toBeDefined();
  });

  it("does the same through jco's glue", { timeout: 60_000 }, async () => {
    const planned = await runWith(linker, options(TALK()));
    const glued = await runWith(linker.glueLinker, options(TALK()));
    expect(planned.end).toBe('result 0');
    expect(planned.stdout).toContain('recv=hello');
    expect(planned.stdout).toContain('recv-from=echo three');
    expect(planned.stdout).toContain('address=2001:db8::1:0:5');
    expect(glued).toEqual(planned);
    expect(planned.handles[1]).toBe(0);
  });

  it("does the same over jco's JavaScript bindings", { timeout: 60_000 }, async () => {
    const planned = await runWith(linker, options(STATES));
    const { end, stdout } = await runPlain(component, options(STATES));
    expect({ end, stdout }).toEqual({ end: planned.end, stdout: planned.stdout });
    expect(stdout).toContain('keep-alive:1 idle:5000000000 interval:6000000000 count:3 hops:9');
    expect(stdout).toContain('finish-connect=would-block');
  });
});
