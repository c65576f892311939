import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { denials, peer, printed, server, socketsGuest, udp } from '../support/sockets-guest.ts';
import { freePort } from '../support/tcp-servers.ts';

const { open, run } = socketsGuest('sockets');

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

it('leaves nothing open behind', async () => {
  const listener = await server('127.0.0.1');
  const { port } = listener;
  await run([{ protocol: 'tcp', connect: `127.0.0.1:${port}` }], ['tcp 4', `connect 127.0.0.1 ${port}`]);
  const socket = await listener.connection(0);
  if (!socket.readableEnded) await once(socket.resume(), 'end');
  expect(socket.readableEnded).toBe(true);
});

describe.each(['0.2.0', '0.2.6'])('a guest of WASI %s', (version) => {
  const other = socketsGuest('sockets', version);

  it('speaks just the same', async () => {
    const { port } = await server('127.0.0.1');
    const end = await other.run(
      [{ protocol: 'tcp', connect: `127.0.0.1:${port}` }],
      ['tcp 4', `connect 127.0.0.1 ${port}`, 'send hello', 'recv 10'],
    );
    expect(end.lines).toEqual(['tcp=ok', 'connect=ok', 'send=ok', 'recv=hello']);
  });
});
