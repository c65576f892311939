import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { VirtualNetwork } from '../../src/index.ts';
import { dnsServer } from '../support/dns-server.ts';
import { denials, limits, lineGuest, peer, printed, server, udp } from '../support/sockets-guest.ts';
import { freePort } from '../support/tcp-servers.ts';
import { p3Guest } from './p3.ts';

const { open, run } = lineGuest(() => p3Guest('sockets'));

const FAMILIES = [
  ['IPv4', '4', '127.0.0.1', '127.0.0.1', '0.0.0.0'],
  ['IPv6', '6', '::1', '[::1]', '::'],
] as const;

/** With a clock, a guest can wait a moment. */
const CLOCKS = { clocks: { monotonic: { resolution: '1ms' } } } as const;

describe.each(FAMILIES)('TCP over %s', (_name, family, host, inRule) => {
  it('connects, speaks both ways, and sees the end', async () => {
    const { port } = await server(host);
    const end = await run(
      [{ protocol: 'tcp', connect: `${inRule}:${port}` }],
      [
        `tcp ${family}`,
        `connect ${host} ${port}`,
        'state',
        'remote',
        'send hello',
        'recv 100',
        'end',
        'recv 100',
        'received',
        'drop',
      ],
    );
    expect(end.lines).toEqual([
      'tcp=ok',
      'connect=ok',
      `state=tcp ipv${family}`,
      `remote=${host} ${port}`,
      'send=ok',
      'recv=hello',
      'end=ok',
      'recv=closed',
      'received=ok',
      'drop=ok',
    ]);
    expect(end.outcome).toEqual({ kind: 'exit', code: 0 });
    expect(end.of('denial')).toEqual([]);
    expect(end.of('grant-used').map(({ subject }) => subject)).toContain(`tcp ${inRule}:${port}`);
  });

  it('listens, accepts and echoes', async () => {
    const rule = { protocol: 'tcp', listen: `${inRule}:20000-29999` };
    const line = [`tcp ${family}`, `bind ${host} 0`, 'listen', 'state', 'local', 'say up', 'accept', 'echo'];
    const opened = await open([rule], [...line, 'end', 'received', 'local']);
    const running = opened.run();
    const port = Number(await printed(opened, /local=\S+ (\d+)/));
    expect(port).toBeGreaterThanOrEqual(20_000);
    expect(port).toBeLessThan(30_000);
    const socket = await peer(host, port);
    socket.end('x'.repeat(300_000));
    let echoed = 0;
    socket.on('data', ({ length }) => (echoed += length));
    const end = await running;
    expect(end.lines).toEqual([
      'tcp=ok',
      'bind=ok',
      'listen=ok',
      `state=listening ipv${family}`,
      `local=${host} ${port}`,
      'say=up',
      'accept=ok',
      'echo=300000',
      'end=ok',
      'received=ok',
      `local=${host} ${port}`,
    ]);
    if (!socket.readableEnded) await once(socket, 'end');
    expect(echoed).toBe(300_000);
  });

  it('is told why there is no connection', async () => {
    const refusing = await freePort(host);
    const end = await run(
      [{ protocol: 'tcp', connect: `${inRule}:1-65535` }],
      [`tcp ${family}`, `connect ${host} ${refusing}`, `connect ${host} ${refusing}`],
    );
    expect(end.lines).toEqual(['tcp=ok', 'connect=connection-refused', 'connect=invalid-state']);
  });

  it('is told of a reset', async () => {
    const { port } = await server(host, (socket) => socket.once('data', () => socket.resetAndDestroy()));
    const end = await run(
      [{ protocol: 'tcp', connect: `${inRule}:${port}` }],
      [`tcp ${family}`, `connect ${host} ${port}`, 'send x', 'recv 10', 'received', 'flood 1000', 'end'],
    );
    expect(end.lines.slice(3, 5)).toEqual(['recv=closed', 'received=connection-reset']);
    expect(end.value('end')).toMatch(/^connection-(?:reset|broken)$/);
  });
});

describe('TCP', () => {
  it('waits for a peer that does not read', async () => {
    const { port, connection } = await server('127.0.0.1', (socket) => socket.pause());
    const opened = await open(
      [{ protocol: 'tcp', connect: `127.0.0.1:${port}` }],
      ['tcp 4', `connect 127.0.0.1 ${port}`, 'flood 20000', 'end'],
    );
    const running = opened.run();
    const socket = await connection(0);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(opened.stdout.text()).not.toContain('flood');
    expect(opened.instance.usage().networkBytesSent).toBeLessThan(20_000 * 1024);
    socket.resume();
    expect((await running).lines.slice(2)).toEqual([`flood=${20_000 * 1024}`, 'end=ok']);
  });

  it('may want no more of what comes, and go on sending', async () => {
    const { port } = await server('127.0.0.1');
    const end = await run(
      [{ protocol: 'tcp', connect: `127.0.0.1:${port}` }],
      ['tcp 4', `connect 127.0.0.1 ${port}`, 'shut', 'received', 'send x', 'end'],
    );
    expect(end.lines.slice(2)).toEqual(['shut=ok', 'received=ok', 'send=ok', 'end=ok']);
  });

  it('goes on after its socket was dropped', async () => {
    const { port } = await server('127.0.0.1');
    const end = await run(
      [{ protocol: 'tcp', connect: `127.0.0.1:${port}` }],
      ['tcp 4', `connect 127.0.0.1 ${port}`, 'send hello', 'recv 5', 'drop', 'send again', 'recv 5', 'end'],
    );
    expect(end.lines.slice(3)).toEqual(['recv=hello', 'drop=ok', 'send=ok', 'recv=again', 'end=ok']);
  });

  it('listens where the host chooses, and connects to itself in memory', async () => {
    const network = new VirtualNetwork();
    const end = await run(
      [{ protocol: 'tcp', listen: '0.0.0.0:8080' }],
      ['tcp 4', 'listen', 'local', 'tcp 4', 'connect 127.0.0.1 8080'],
      { grant: { network: 'virtual' }, bindings: { virtualNetwork: network.host('a') } },
    );
    expect(end.lines).toEqual([
      'tcp=ok',
      'listen=ok',
      'local=0.0.0.0 8080',
      'tcp=ok',
      'connect=access-denied',
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
        'recv-from',
        `bind ${anywhere} 0`,
        'state',
        `send-to one ${host} ${allowed.port}`,
        'recv-from',
        `send-to two ${host} ${other.port}`,
        'send-on none',
        `connect ${host} ${allowed.port}`,
        'remote',
        'send-on three',
        'recv-from',
        'disconnect',
        'remote',
        `connect ${host} ${other.port}`,
        'send-on four',
        'drop',
      ],
    );
    expect(end.lines).toEqual([
      'udp=ok',
      'recv-from=invalid-state',
      'bind=ok',
      `state=udp ipv${family}`,
      'send-to=ok',
      'recv-from=echo one',
      `from=${host} ${allowed.port}`,
      'send-to=access-denied',
      'send-on=invalid-argument',
      'connect=ok',
      `remote=${host} ${allowed.port}`,
      'send-on=ok',
      'recv-from=echo three',
      `from=${host} ${allowed.port}`,
      'disconnect=ok',
      'remote=invalid-state',
      'connect=ok',
      'send-on=access-denied',
      'drop=ok',
    ]);
    expect(other.received).toEqual([]);
    expect(denials(end.records)).toEqual([`udp-send udp ${inRule}:${other.port}`]);
  });

  it('answers those that write to it under a listen rule, and writes to nobody else', async () => {
    const stranger = await udp(host);
    const client = await udp(host, () => undefined);
    const opened = await open(
      [{ protocol: 'udp', listen: `${inRule}:20000-29999` }],
      [
        `udp ${family}`,
        `bind ${host} 0`,
        'local',
        'say up',
        'recv-from',
        `send-to answer ${host} ${client.port}`,
        `send-to unasked ${host} ${stranger.port}`,
      ],
    );
    const running = opened.run();
    const port = Number(await printed(opened, /local=\S+ (\d+)/));
    client.socket.send('question', port, host);
    const end = await running;
    expect(end.lines.slice(4)).toEqual([
      'recv-from=question',
      `from=${host} ${client.port}`,
      'send-to=ok',
      'send-to=access-denied',
    ]);
    while (client.received.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(client.received).toEqual(['answer']);
    expect(stranger.received).toEqual([]);
  });
});

describe('an option', () => {
  const SECOND = 1_000_000_000;
  const RULES = {
    tcp: { protocol: 'tcp', connect: '127.0.0.1:1' },
    udp: { protocol: 'udp', connect: '127.0.0.1:1' },
  };

  it.each([
    ['tcp', 'keep-alive-enabled', 1],
    ['tcp', 'keep-alive-idle-time', 30 * SECOND],
    ['tcp', 'keep-alive-interval', 20 * SECOND],
    ['tcp', 'keep-alive-count', 7],
    ['tcp', 'hop-limit', 42],
    ['tcp', 'receive-buffer-size', 65_536],
    ['tcp', 'send-buffer-size', 65_536],
    ['udp', 'unicast-hop-limit', 42],
    ['udp', 'receive-buffer-size', 65_536],
    ['udp', 'send-buffer-size', 65_536],
  ] as const)('of %s, %s, is what it was set to', async (protocol, name, value) => {
    const end = await run([RULES[protocol]], [`${protocol} 4`, `set ${name} ${value}`, `get ${name}`]);
    expect(end.lines).toEqual([`${protocol}=ok`, 'set=ok', `get=${value}`]);
  });

  it.each([
    ['tcp', 'keep-alive-idle-time'],
    ['tcp', 'keep-alive-interval'],
    ['tcp', 'keep-alive-count'],
    ['tcp', 'hop-limit'],
    ['tcp', 'receive-buffer-size'],
    ['tcp', 'send-buffer-size'],
    ['tcp', 'listen-backlog-size'],
    ['udp', 'unicast-hop-limit'],
    ['udp', 'receive-buffer-size'],
    ['udp', 'send-buffer-size'],
  ] as const)('of %s, %s, cannot be 0', async (protocol, name) => {
    const end = await run([RULES[protocol]], [`${protocol} 4`, `set ${name} 0`]);
    expect(end.lines).toEqual([`${protocol}=ok`, 'set=invalid-argument']);
  });

  it('is the length of the queue of a listener', async () => {
    const end = await run([RULES.tcp], ['tcp 4', 'set listen-backlog-size 5']);
    expect(end.lines).toEqual(['tcp=ok', 'set=ok']);
  });
});

describe('a name', () => {
  it('is looked up under a rule, and else denied', async () => {
    await using dns = await dnsServer({ 'a.test': [['192.0.2.7', '192.0.2.8']] });
    const end = await run([], ['lookup a.test', 'lookup 192.0.2.1', 'lookup b.example', 'lookup none.test'], {
      grant: { dns: [{ names: ['*.test'] }] },
      bindings: { network: { resolver: { servers: [dns.address] } } },
    });
    expect(end.lines).toEqual([
      'lookup=192.0.2.7 192.0.2.8',
      'lookup=192.0.2.1',
      'lookup=access-denied',
      'lookup=name-unresolvable',
    ]);
    expect(denials(end.records)).toEqual(['resolve-addresses b.example']);
  });
});

describe('what no rule allows', () => {
  it('is denied and on record', async () => {
    const { port, connections } = await server('127.0.0.1');
    const end = await run(
      [{ id: 'other', protocol: 'tcp', connect: '127.0.0.2:5432' }],
      ['tcp 4', `connect 127.0.0.1 ${port}`, 'tcp 4', 'bind 127.0.0.1 8080', 'listen', 'udp 4'],
    );
    expect(end.lines).toEqual([
      'tcp=ok',
      'connect=access-denied',
      'tcp=ok',
      'bind=access-denied',
      'listen=access-denied',
      'udp=access-denied',
    ]);
    expect(denials(end.records)).toEqual([
      `tcp-connect tcp 127.0.0.1:${port}`,
      'tcp-bind tcp 127.0.0.1:8080',
      'tcp-listen tcp 0.0.0.0:0',
      'create-udp-socket ipv4',
    ]);
    expect(connections).toEqual([]);
  });
});

describe('a rule that is taken back', () => {
  it('ends a connection that a guest waits on', async () => {
    const { port, connection } = await server('127.0.0.1', () => undefined);
    const opened = await open(
      [{ id: 'db', protocol: 'tcp', connect: `127.0.0.1:${port}` }],
      [
        'tcp 4',
        `connect 127.0.0.1 ${port}`,
        'say up',
        'recv 10',
        'received',
        'send x',
        'end',
        'tcp 4',
        `connect 127.0.0.1 ${port}`,
      ],
    );
    const running = opened.run();
    const socket = await connection(0);
    await printed(opened, /say=(up)/);
    opened.instance.revoke('db');
    const end = await running;
    expect(end.lines.slice(3)).toEqual([
      'recv=closed',
      'received=access-denied',
      'send=dropped',
      'end=access-denied',
      'tcp=ok',
      'connect=access-denied',
    ]);
    socket.resume();
    if (!socket.readableEnded) await once(socket, 'end');
    expect(denials(end.records)).toEqual([`tcp-connect tcp 127.0.0.1:${port}`]);
  });

  it('ends a wait for connections and for datagrams', async () => {
    const opened = await open(
      [
        { id: 'web', protocol: 'tcp', listen: '127.0.0.1:20000-29999' },
        { id: 'syslog', protocol: 'udp', listen: '127.0.0.1:20000-29999' },
      ],
      [
        'tcp 4',
        'bind 127.0.0.1 0',
        'listen',
        'say web',
        'accept',
        'udp 4',
        'bind 127.0.0.1 0',
        'say syslog',
        'recv-from',
      ],
    );
    const running = opened.run();
    await printed(opened, /say=(web)/);
    opened.instance.revoke('web');
    await printed(opened, /say=(syslog)/);
    opened.instance.revoke('syslog');
    const end = await running;
    expect([end.value('accept'), end.value('recv-from')]).toEqual(['closed', 'access-denied']);
  });
});

describe('over budget', () => {
  it('bytes end the direction', async () => {
    const { port } = await server('127.0.0.1');
    const end = await run(
      [
        {
          id: 'few',
          protocol: 'tcp',
          connect: `127.0.0.1:${port}`,
          budget: { sentBytes: 10, receivedBytes: 4 },
        },
      ],
      [
        'tcp 4',
        `connect 127.0.0.1 ${port}`,
        'send 1234567890',
        'recv 100',
        'recv 100',
        'received',
        'send x',
        'end',
      ],
    );
    expect(end.lines.slice(3)).toEqual([
      'recv=1234',
      'recv=closed',
      'received=access-denied',
      'send=ok',
      'end=access-denied',
    ]);
    expect(limits(end.records)).toEqual(['few budget.receivedBytes', 'few budget.sentBytes']);
  });

  it('operations and handles are counted', async () => {
    const { port } = await server('127.0.0.1');
    const end = await run(
      [{ id: 'one', protocol: 'tcp', connect: `127.0.0.1:${port}`, budget: { operations: 1 } }],
      ['tcp 4', `connect 127.0.0.1 ${port}`, 'tcp 4', `connect 127.0.0.1 ${port}`, 'hoard 100'],
      { grant: { limits: { handles: 20 } } },
    );
    expect(end.lines.slice(1, 4)).toEqual(['connect=ok', 'tcp=ok', 'connect=other']);
    expect(end.value('hoard-end')).toBe('other');
    expect(Number(end.value('hoard'))).toBeLessThan(20);
    expect(limits(end.records)).toEqual(['one budget.operations', 'limits.handles']);
  });
});

describe('calls that are given up', () => {
  it('release what they hold', async () => {
    await using dns = await dnsServer({ 'quiet.test': ['silence'] });
    const { port, connection } = await server('127.0.0.1', (socket) => void socket.resume());
    const opened = await open(
      [
        { protocol: 'tcp', connect: `127.0.0.1:${port}` },
        { protocol: 'tcp', connect: 'quiet.test:9' },
        { protocol: 'tcp', listen: '127.0.0.1:20000-29999' },
        { protocol: 'udp', listen: '127.0.0.1:20000-29999' },
      ],
      [
        'cancel-lookup quiet.test',
        'tcp 4',
        // Whether a name has the address is asked of a server that says nothing.
        'cancel-connect 127.0.0.1 9',
        'connect 127.0.0.1 9',
        'tcp 4',
        `connect 127.0.0.1 ${port}`,
        'cancel-recv',
        'tcp 4',
        'bind 127.0.0.1 0',
        'listen',
        'cancel-accept',
        'udp 4',
        'bind 127.0.0.1 0',
        'cancel-recv-from',
        'cancel-recv-from',
      ],
      {
        grant: { dns: [{ names: ['quiet.test'] }], ...CLOCKS },
        bindings: { network: { resolver: { servers: [dns.address] } } },
      },
    );
    const end = await opened.run();
    expect(end.lines).toEqual([
      'cancel-lookup=cancelled',
      'tcp=ok',
      'cancel-connect=cancelled',
      'connect=invalid-state',
      'tcp=ok',
      'connect=ok',
      'cancel-recv=cancelled',
      'tcp=ok',
      'bind=ok',
      'listen=ok',
      'cancel-accept=cancelled',
      'udp=ok',
      'bind=ok',
      'cancel-recv-from=cancelled',
      'cancel-recv-from=cancelled',
    ]);
    const socket = await connection(0);
    if (!socket.readableEnded) await once(socket, 'end');
  });
});
