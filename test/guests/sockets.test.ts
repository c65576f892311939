import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { AuditRecord } from '../../src/index.ts';
import { dnsServer } from '../support/dns-server.ts';
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

/** Waits until a guest has printed something that fits. It must `say` something after it, which empties its buffer. */
async function printed({ stdout }: OpenGuest, pattern: RegExp): Promise<string> {
  for (;;) {
    const found = pattern.exec(stdout.text());
    if (found !== null) return found[1] ?? '';
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

async function peer(host: string, port: number): Promise<Socket> {
  const socket = connect({ host, port, allowHalfOpen: true });
  socket.on('error', () => undefined);
  closing.push(async () => void socket.destroy());
  await once(socket, 'connect');
  return socket;
}

/** What matters of the denials on record. */
function denials(records: readonly AuditRecord[]): readonly string[] {
  return records.flatMap((record) =>
    record.kind === 'denial' ? [`${record.operation} ${record.subject}`] : [],
  );
}

function limits(records: readonly AuditRecord[]): readonly string[] {
  return records.flatMap((record) => (record.kind === 'limit' ? [record.limit] : []));
}

const FAMILIES = [
  ['IPv4', '4', '127.0.0.1', '127.0.0.1', '0.0.0.0'],
  ['IPv6', '6', '::1', '[::1]', '::'],
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
    expect(end.of('grant-used').map(({ subject }) => subject)).toContain(`tcp ${inRule}:${port}`);
  });

  it('listens, accepts and echoes', async () => {
    const rule = { protocol: 'tcp', listen: `${inRule}:20000-29999` };
    const line = [`tcp ${family}`, `bind ${host} 0`, 'listen', 'state', 'local', 'say up', 'accept', 'echo'];
    const opened = await open([rule], [...line, 'local', 'drop all']);
    const running = opened.run();
    const port = Number(await printed(opened, /local=\S+ (\d+)/));
    expect(port).toBeGreaterThanOrEqual(20_000);
    expect(port).toBeLessThan(30_000);
    const socket = await peer(host, port);
    socket.end('x'.repeat(100_000));
    let echoed = 0;
    socket.on('data', ({ length }) => (echoed += length));
    const end = await running;
    expect(end.lines).toEqual([
      'tcp=ok',
      'bind=ok',
      'listen=ok',
      `state=ipv${family} listening`,
      `local=${host} ${port}`,
      'say=up',
      'accept=ok',
      'echo=100000',
      `local=${host} ${port}`,
    ]);
    if (!socket.readableEnded) await once(socket, 'end');
    expect(echoed).toBe(100_000);
  });

  it('is told why there is no connection', async () => {
    const refusing = await freePort(host);
    const end = await run(
      [{ protocol: 'tcp', connect: `${inRule}:1-65535` }],
      [`tcp ${family}`, `connect ${host} ${refusing}`],
    );
    expect(end.lines).toEqual(['tcp=ok', 'connect=connection-refused']);
  });

  it('is told of a reset', async () => {
    const { port } = await server(host, (socket) => socket.once('data', () => socket.resetAndDestroy()));
    const end = await run(
      [{ protocol: 'tcp', connect: `${inRule}:${port}` }],
      [`tcp ${family}`, `connect ${host} ${port}`, 'send x', 'recv 10', 'recv 10', 'flood 10'],
    );
    expect(end.lines.slice(3)).toEqual([
      'recv=failed connection-reset',
      'recv=closed',
      'flood-end=failed connection-reset',
      'flood=0',
    ]);
  });
});

describe.each(FAMILIES)('UDP over %s', (_name, family, host, inRule, anywhere) => {
  it('sends and receives under a connect rule, to and from nobody else', async () => {
    const allowed = await udp(host);
    const other = await udp(host);
    const end = await run(
      [{ protocol: 'udp', connect: `${inRule}:${allowed.port}` }],
      [
        `udp ${family}`,
        `bind ${anywhere} 0`,
        'stream',
        'state',
        `send-to one ${host} ${allowed.port}`,
        'recv-from',
        `send-to two ${host} ${other.port}`,
        `stream-to ${host} ${allowed.port}`,
        'remote',
        'send-on three',
        'recv-from',
        `stream-to ${host} ${other.port}`,
        'send-on four',
        'drop all',
      ],
    );
    expect(end.lines).toEqual([
      'udp=ok',
      'bind=ok',
      'stream=ok',
      `state=ipv${family}`,
      'send-to=1',
      'recv-from=echo one',
      `from=${host} ${allowed.port}`,
      'send-to=access-denied',
      'stream-to=ok',
      `remote=${host} ${allowed.port}`,
      'send-on=1',
      'recv-from=echo three',
      `from=${host} ${allowed.port}`,
      'stream-to=ok',
      'send-on=access-denied',
    ]);
    expect(other.received).toEqual([]);
    expect(denials(end.records)).toEqual([`udp-send udp ${inRule}:${other.port}`]);
  });

  it('answers those that write to it under a listen rule, and writes to nobody else', async () => {
    const stranger = await udp(host);
    const client = await udp(host, () => undefined);
    const line = [`udp ${family}`, `bind ${host} 0`, 'local', 'stream', 'say up', 'recv-from'];
    const opened = await open(
      [{ protocol: 'udp', listen: `${inRule}:20000-29999` }],
      [...line, `send-to answer ${host} ${client.port}`, `send-to unasked ${host} ${stranger.port}`],
    );
    const running = opened.run();
    const port = Number(await printed(opened, /local=\S+ (\d+)/));
    client.socket.send('question', port, host);
    const end = await running;
    expect(end.lines.slice(5)).toEqual([
      'recv-from=question',
      `from=${host} ${client.port}`,
      'send-to=1',
      'send-to=access-denied',
    ]);
    while (client.received.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(client.received).toEqual(['answer']);
    expect(stranger.received).toEqual([]);
  });
});

describe('what no rule allows', () => {
  it('is denied and on record', async () => {
    const { port, connections } = await server('127.0.0.1');
    const rule = { id: 'other', protocol: 'tcp', connect: '127.0.0.2:5432' };
    const end = await run(
      [rule],
      ['tcp 4', `connect 127.0.0.1 ${port}`, 'tcp 4', `bind 127.0.0.1 8080`, 'udp 4'],
    );
    expect(end.lines).toEqual([
      'tcp=ok',
      'connect=access-denied',
      'tcp=ok',
      'bind=access-denied',
      'udp=access-denied',
    ]);
    expect(denials(end.records)).toEqual([
      `tcp-connect tcp 127.0.0.1:${port}`,
      'tcp-bind tcp 127.0.0.1:8080',
      'create-udp-socket ipv4',
    ]);
    expect(connections).toEqual([]);
  });

  it.each([
    ['an address of a zone', '6', 'fe80::1%1'],
    ['an address that embeds another one', '6', '::ffff:127.0.0.1'],
  ])('is %s of an allowed block', async (_name, family, address) => {
    const { port } = await server('127.0.0.1');
    const end = await run(
      [{ protocol: 'tcp', connect: `127.0.0.1:${port}` }],
      [`tcp ${family}`, `connect ${address} ${port}`],
    );
    expect(end.value('connect')).toMatch(/^(?:access-denied|invalid-argument)$/);
  });
});

describe('the state machine', () => {
  it.each([
    [
      'invalid-state',
      ['tcp 4', 'local', 'remote', 'accept-now', 'shutdown both'],
      'local remote accept-now shutdown',
    ],
    ['not-in-progress', ['tcp 4', 'finish-connect', 'finish-bind'], 'finish-connect finish-bind'],
    ['invalid-state', ['udp 4', 'local', 'remote', 'stream'], 'local remote stream'],
    ['not-in-progress', ['udp 4', 'finish-bind'], 'finish-bind'],
    ['invalid-argument', ['tcp 4', 'backlog 0', 'set hops 0', 'set idle 0', 'set receive 0'], 'backlog set'],
    ['invalid-argument', ['tcp 4', 'connect ::1 80'], 'connect'],
    ['invalid-argument', ['tcp 6', 'connect 127.0.0.1 80'], 'connect'],
    ['invalid-argument', ['tcp 4', 'connect 127.0.0.1 0'], 'connect'],
    ['invalid-argument', ['tcp 4', 'connect 0.0.0.0 80'], 'connect'],
    ['invalid-argument', ['tcp 4', 'connect 224.0.0.1 80'], 'connect'],
    ['invalid-argument', ['tcp 4', 'bind ::1 0'], 'bind'],
    ['invalid-argument', ['udp 4', 'bind ::1 0'], 'bind'],
    ['invalid-argument', ['udp 4', 'set hops 0', 'set receive 0', 'set send 0'], 'set'],
  ])('answers %s to %j', async (code, line, names) => {
    const everything = ['tcp', 'udp'].flatMap((protocol) =>
      ['0.0.0.0/0', '[::/0]'].map((block) => ({ protocol, connect: `${block}:1-65535` })),
    );
    const end = await run(everything, line);
    const told = end.lines.slice(1);
    expect(told).toEqual(told.map((each) => `${each.split('=')[0]}=${code}`));
    expect(new Set(told.map((each) => each.split('=')[0]))).toEqual(new Set(names.split(' ')));
  });

  it('answers concurrency-conflict, would-block and not-supported where they belong', async () => {
    const { port } = await server('127.0.0.1');
    const rules = [
      { protocol: 'tcp', connect: `127.0.0.1:${port}` },
      { protocol: 'tcp', listen: '127.0.0.1:20000-29999' },
    ];
    const end = await run(rules, [
      'tcp 4',
      `start-connect 127.0.0.1 ${port}`,
      `start-connect 127.0.0.1 ${port}`,
      'finish-connect',
      'start-bind 127.0.0.1 0',
      'wait',
      'finish-connect',
      `start-connect 127.0.0.1 ${port}`,
      'tcp 4',
      'start-bind 127.0.0.1 0',
      'finish-bind',
      'wait',
      'finish-bind',
      'listen',
      'accept-now',
      'backlog 5',
    ]);
    expect(end.lines).toEqual([
      'tcp=ok',
      'start-connect=ok',
      'start-connect=concurrency-conflict',
      'finish-connect=would-block',
      'start-bind=concurrency-conflict',
      'wait=ok',
      'finish-connect=ok',
      'start-connect=invalid-state',
      'tcp=ok',
      'start-bind=ok',
      'finish-bind=would-block',
      'wait=ok',
      'finish-bind=ok',
      'listen=ok',
      'accept-now=would-block',
      'backlog=not-supported',
    ]);
  });

  it('answers address-in-use and address-not-bindable', async () => {
    const { port } = await server('127.0.0.1');
    const rules = [
      { protocol: 'tcp', listen: `127.0.0.1:${port}` },
      { protocol: 'tcp', listen: '192.0.2.1:8080' },
    ];
    const end = await run(rules, ['tcp 4', `bind 127.0.0.1 ${port}`, 'tcp 4', 'bind 192.0.2.1 8080']);
    const told = end.lines.filter((each) => !each.startsWith('tcp'));
    expect(told).toEqual(['bind=address-in-use', 'bind=address-not-bindable']);
  });

  it('keeps options as they were set', async () => {
    const everything = ['tcp', 'udp'].map((protocol) => ({ protocol, connect: '127.0.0.1:9' }));
    const second = 1_000_000_000;
    const end = await run(everything, [
      'tcp 4',
      'set keep-alive 1',
      `set idle ${5 * second}`,
      `set interval ${7 * second}`,
      'set count 4',
      'set hops 33',
      'set receive 65536',
      'set send 131072',
      'options',
      'drop all',
      'udp 6',
      'set hops 44',
      'set receive 65536',
      'set send 131072',
      'options',
    ]);
    expect(end.lines.filter((each) => each.startsWith('options'))).toEqual([
      `options=keep-alive:1 idle:${5 * second} interval:${7 * second} count:4 hops:33 receive:65536 send:131072 `,
      'options=hops:44 receive:65536 send:131072 ',
    ]);
    expect(new Set(end.lines.filter((each) => each.startsWith('set')))).toEqual(new Set(['set=ok']));
  });

  it('lets the streams of a socket live on when the socket is dropped first', async () => {
    const { port } = await server('127.0.0.1');
    const end = await run(
      [{ protocol: 'tcp', connect: `127.0.0.1:${port}` }],
      ['tcp 4', `connect 127.0.0.1 ${port}`, 'drop tcp', 'send still', 'recv 10', 'drop all'],
    );
    expect(end.lines.slice(2)).toEqual(['send=ok', 'recv=still']);
    expect(end.usage.handles).toBeDefined();
  });

  it('traps when datagrams are sent without check-send', async () => {
    const end = await run(
      [{ protocol: 'udp', connect: '127.0.0.1:9' }],
      ['udp 4', 'bind 0.0.0.0 0', 'stream-to 127.0.0.1 9', 'send-unasked x'],
    );
    expect(end.outcome.kind).toBe('trap');
  });

  it('answers datagram-too-large', async () => {
    const { port } = await udp('127.0.0.1');
    const end = await run(
      [{ protocol: 'udp', connect: `127.0.0.1:${port}` }],
      ['udp 4', 'bind 0.0.0.0 0', 'stream', `send-large 70000 127.0.0.1 ${port}`, 'recv-now 0'],
    );
    expect(end.lines.slice(3)).toEqual(['send-large=datagram-too-large', 'recv-now=0']);
  });
});

describe('limits', () => {
  it('ends a stream once the bytes of its rule are sent, and says so', async () => {
    const { port, connections } = await server('127.0.0.1', (socket) => void socket.resume());
    const budget = { sentBytes: 100_000 };
    const end = await run(
      [{ id: 'out', protocol: 'tcp', connect: `127.0.0.1:${port}`, budget }],
      ['tcp 4', `connect 127.0.0.1 ${port}`, 'flood 1000000', 'send more'],
    );
    expect(end.lines.slice(2)).toEqual(['flood-end=failed access-denied', 'flood=100000', 'send=closed']);
    expect(limits(end.records)).toEqual(['out budget.sentBytes']);
    const [socket] = connections;
    if (socket?.readableEnded === false) await once(socket, 'end');
    expect(socket?.bytesRead).toBe(100_000);
  });

  it('ends a stream once the bytes of its rule are received', async () => {
    const { port } = await server('127.0.0.1', (socket) => socket.end(Buffer.alloc(300_000)));
    const budget = { receivedBytes: 100_000 };
    const end = await run(
      [{ id: 'in', protocol: 'tcp', connect: `127.0.0.1:${port}`, budget }],
      ['tcp 4', `connect 127.0.0.1 ${port}`, 'drain', 'recv 1'],
    );
    expect(end.lines.slice(2)).toEqual(['drain=100000', 'drain-end=failed access-denied', 'recv=closed']);
    expect(limits(end.records)).toEqual(['in budget.receivedBytes']);
  });

  it.each([
    ['operations', { operations: 2 }],
    ['concurrent', { concurrent: 2 }],
  ])('answers new-socket-limit past %s', async (word, budget) => {
    const { port, connections } = await server('127.0.0.1');
    const rule = { id: 'few', protocol: 'tcp', connect: `127.0.0.1:${port}`, budget };
    const connecting = ['tcp 4', `connect 127.0.0.1 ${port}`];
    const end = await run([rule], [...connecting, ...connecting, ...connecting, 'drop all', ...connecting]);
    expect(end.lines.filter((each) => each.startsWith('connect'))).toEqual([
      'connect=ok',
      'connect=ok',
      'connect=new-socket-limit',
      // The socket that was dropped had no connection.
      'connect=new-socket-limit',
    ]);
    expect(limits(end.records)).toEqual([`few budget.${word}`]);
    expect(connections).toHaveLength(2);
  });

  it('gives a place back when a connection is dropped', async () => {
    const { port } = await server('127.0.0.1');
    const rule = { protocol: 'tcp', connect: `127.0.0.1:${port}`, budget: { concurrent: 1 } };
    const line = ['tcp 4', `connect 127.0.0.1 ${port}`, 'drop all'];
    const end = await run([rule], [...line, ...line, ...line]);
    expect(end.lines.filter((each) => each === 'connect=ok')).toHaveLength(3);
  });

  it('lets nobody in past the concurrent connections of a listen rule', async () => {
    const rule = { protocol: 'tcp', listen: '127.0.0.1:20000-29999', budget: { concurrent: 1 } };
    const line = ['tcp 4', 'bind 127.0.0.1 0', 'listen', 'local', 'say up', 'accept', 'recv 2', 'accept-now'];
    const opened = await open([rule], line);
    const running = opened.run();
    const port = Number(await printed(opened, /local=\S+ (\d+)/));
    const first = await peer('127.0.0.1', port);
    await peer('127.0.0.1', port);
    first.write('go');
    expect((await running).lines.slice(5)).toEqual(['accept=ok', 'recv=go', 'accept-now=new-socket-limit']);
  });

  it('counts sockets as handles', async () => {
    const end = await run([{ protocol: 'tcp', connect: '127.0.0.1:9' }], ['say up', 'many 4'], {
      grant: { limits: { handles: 50 } },
    });
    expect(Number(end.value('many'))).toBeGreaterThan(40);
    expect(Number(end.value('many'))).toBeLessThan(50);
    expect(end.value('many-end')).toBe('new-socket-limit');
    expect(limits(end.records)).toEqual(['limits.handles']);
  });

  it('counts datagrams, and the bytes of datagrams', async () => {
    const { port } = await udp('127.0.0.1');
    const rule = (budget: object): object => ({
      id: 'u',
      protocol: 'udp',
      connect: `127.0.0.1:${port}`,
      budget,
    });
    const line = ['udp 4', 'bind 0.0.0.0 0', `stream-to 127.0.0.1 ${port}`];
    const counted = await run([rule({ operations: 2 })], [...line, 'send-on a', 'send-on b', 'send-on c']);
    expect(counted.lines.filter((each) => each === 'send-on=1').length).toBeLessThanOrEqual(2);
    expect(limits(counted.records)).toEqual(['u budget.operations']);
    const weighed = await run([rule({ sentBytes: 5 })], [...line, 'send-on abc', 'send-on def']);
    expect(weighed.lines.slice(3)).toEqual(['send-on=1', 'send-on=access-denied']);
    expect(limits(weighed.records)).toEqual(['u budget.sentBytes']);
  });
});

describe('lookups', () => {
  const dns = (names: readonly string[], budget?: object): Readonly<Record<string, unknown>> => ({
    dns: [{ id: 'names', names, ...(budget && { budget }) }],
  });

  it('give all addresses of an allowed name, and need no rule for an address', async () => {
    await using zone = await dnsServer({ 'db.test': [['10.0.0.1', '10.0.0.2', 'fd00::1']] });
    const bindings = { network: { resolver: { servers: [zone.address] } } };
    const line = ['lookup db.test', 'lookup 192.0.2.7', 'lookup other.test', 'lookup ::1'];
    const end = await run([], line, { grant: dns(['db.test']), bindings });
    expect(end.lines.slice(0, 4).toSorted()).toEqual([
      'address=10.0.0.1',
      'address=10.0.0.2',
      'address=fd00::1',
      'lookup=ok',
    ]);
    expect(end.lines.slice(4)).toEqual([
      'address=192.0.2.7',
      'lookup=ok',
      'lookup=access-denied',
      'address=::1',
      'lookup=ok',
    ]);
    expect(denials(end.records)).toEqual(['resolve-addresses other.test']);
    expect(zone.queries.some((query) => query.includes('other.test'))).toBe(false);
  });

  it('fail as the name does', async () => {
    await using zone = await dnsServer({ 'broken.test': ['SERVFAIL'] });
    const bindings = { network: { resolver: { servers: [zone.address] } } };
    const end = await run([], ['lookup none.test', 'lookup broken.test', 'lookup a..b'], {
      grant: dns(['*.test']),
      bindings,
    });
    expect(end.lines[0]).toBe('lookup=name-unresolvable');
    expect(end.lines[1]).toMatch(/^lookup=(?:temporary|permanent)-resolver-failure$/);
    expect(end.lines[2]).toBe('lookup=invalid-argument');
  });

  it('are counted', async () => {
    await using zone = await dnsServer({ 'a.test': [['10.0.0.1']] });
    const bindings = { network: { resolver: { servers: [zone.address] } } };
    const end = await run([], ['lookup a.test', 'lookup a.test'], {
      grant: dns(['a.test'], { requests: 1 }),
      bindings,
    });
    expect(end.lines).toEqual(['address=10.0.0.1', 'lookup=ok', 'lookup=temporary-resolver-failure']);
    expect(limits(end.records)).toEqual(['names budget.requests']);
  });

  it('of a name in a rule lead the guest to its server, and to nothing else', async () => {
    const { port } = await server('127.0.0.1');
    await using zone = await dnsServer({ 'db.test': [['127.0.0.1']] });
    const bindings = { network: { resolver: { servers: [zone.address] } } };
    const rule = { protocol: 'tcp', connect: `db.test:${port}` };
    const line = ['tcp 4', `connect 127.0.0.1 ${port}`];
    const special = await run([rule], line, { bindings });
    expect(special.value('connect')).toBe('access-denied');
    const named = { ...rule, addresses: ['127.0.0.0/8'] };
    const allowed = await run([named], ['lookup db.test', ...line, 'tcp 4', `connect 127.0.0.2 ${port}`], {
      bindings,
      grant: dns(['db.test']),
    });
    expect(allowed.lines).toEqual([
      'address=127.0.0.1',
      'lookup=ok',
      'tcp=ok',
      'connect=ok',
      'tcp=ok',
      'connect=access-denied',
    ]);
  });
});

describe('a guest that waits', () => {
  const listening = { id: 'door', protocol: 'tcp', listen: '127.0.0.1:20000-29999' };
  const waits = [
    ['recv', (port: number): Line => ['tcp 4', `connect 127.0.0.1 ${port}`, 'say up', 'recv 10']],
    ['accept', (): Line => ['tcp 4', 'bind 127.0.0.1 0', 'listen', 'say up', 'accept']],
    ['recv-from', (): Line => ['udp 4', 'bind 127.0.0.1 0', 'stream', 'say up', 'recv-from']],
    ['send', (port: number): Line => ['tcp 4', `connect 127.0.0.1 ${port}`, 'say up', 'flood 100000000']],
  ] as const;

  async function waiting(line: (port: number) => Line, more?: GuestOptions): Promise<OpenGuest> {
    // It neither reads nor writes.
    const { port } = await server('127.0.0.1', (socket) => void socket.pause());
    const rules = [
      { id: 'out', protocol: 'tcp', connect: `127.0.0.1:${port}` },
      listening,
      { id: 'datagrams', protocol: 'udp', listen: '127.0.0.1:20000-29999' },
    ];
    return open(rules, line(port), more);
  }

  it.each(waits)('in %s wakes up when its rule is taken back', async (name, line) => {
    const opened = await waiting(line);
    const running = opened.run();
    await printed(opened, /say=(up)/);
    for (const id of ['out', 'door', 'datagrams']) opened.instance.revoke(id);
    const end = await running;
    expect(end.stdout).toMatch(/=(?:failed )?access-denied\n/);
    expect(end.outcome, name).toEqual({ kind: 'exit', code: 0 });
  });

  it.each(waits)('in %s is closed at once', async (_name, line) => {
    const opened = await waiting(line);
    const running = opened.run();
    await printed(opened, /say=(up)/);
    const before = performance.now();
    await opened.instance.close();
    expect((await running).outcome.kind).toBe('cancelled');
    expect(performance.now() - before).toBeLessThan(1000);
  });

  it.each(waits)('in %s ends at its deadline', async (_name, line) => {
    const opened = await waiting(line, { grant: { limits: { deadline: '300ms' } } });
    expect((await opened.run()).outcome).toMatchObject({ kind: 'limit', limit: 'limits.deadline' });
  });
});

it('leaves nothing open behind', async () => {
  const listener = await server('127.0.0.1');
  const { port } = listener;
  await run([{ protocol: 'tcp', connect: `127.0.0.1:${port}` }], ['tcp 4', `connect 127.0.0.1 ${port}`]);
  const socket = await listener.connection(0);
  if (!socket.readableEnded) await once(socket.resume(), 'end');
  expect(socket.readableEnded).toBe(true);
});

it.each(['0.2.0', '0.2.6'])('runs a guest of %s', async (version) => {
  const { port } = await server('127.0.0.1');
  const end = await runGuest(
    await worldGuest('sockets', version),
    'component',
    options(
      [{ protocol: 'tcp', connect: `127.0.0.1:${port}` }],
      ['tcp 4', `connect 127.0.0.1 ${port}`, 'send hello', 'recv 10'],
    ),
  );
  expect(end.lines).toEqual(['tcp=ok', 'connect=ok', 'send=ok', 'recv=hello']);
});
