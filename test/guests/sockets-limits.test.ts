import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import type { GuestOptions, OpenGuest } from '../support/guest-run.ts';
import { limits, type Line, peer, printed, server, socketsGuest, udp } from '../support/sockets-guest.ts';

const { open, run } = socketsGuest('sockets');

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
    const { lines } = await running;
    expect(lines.slice(5, 7)).toEqual(['accept=ok', 'recv=go']);
    // The second one may be on its way still, but it is not let in.
    expect(lines[7]).toMatch(/^accept-now=(?:new-socket-limit|would-block)$/);
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
