import { describe, expect, it } from 'vitest';
import { server, socketsGuest, udp } from '../support/sockets-guest.ts';

const { run } = socketsGuest('sockets');

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
