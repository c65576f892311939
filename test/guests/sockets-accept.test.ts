import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { type GuestOptions, type OpenGuest, openGuest } from '../support/guest-run.ts';
import { memoryMount } from '../support/mounts.ts';
import { freePort } from '../support/tcp-servers.ts';

/** The number of the first socket, when there is no directory. */
const LISTENER = 3;

const sockets: Socket[] = [];

afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
});

interface Listening extends OpenGuest {
  readonly port: number;
}

/** Opens the guest `accept` with a socket that listens on a free port. */
async function listening(
  subtest: string,
  {
    host = '127.0.0.1',
    budget,
    fd = LISTENER,
    ...options
  }: GuestOptions & {
    readonly host?: string;
    readonly budget?: object;
    readonly fd?: number;
  } = {},
): Promise<Listening> {
  const port = await freePort(host);
  const endpoint = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  const rule = { id: 'door', protocol: 'tcp', listen: endpoint, ...(budget && { budget }) };
  const opened = await openGuest('accept', 'module', {
    line: `${subtest} ${fd}`,
    bindings: { listeners: [endpoint], ...options.bindings },
    grant: { sockets: [rule], ...options.grant },
  });
  return { ...opened, port };
}

/** Waits until the guest has said so. */
async function said({ stdout }: OpenGuest, word: string): Promise<void> {
  while (!stdout.text().includes(`say=${word}\n`)) await new Promise((resolve) => setTimeout(resolve, 5));
}

async function dial(port: number, host = '127.0.0.1'): Promise<Socket> {
  const socket = connect({ host, port, allowHalfOpen: true });
  sockets.push(socket);
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
}

/** Everything until the guest ends its side; ours stays open. */
async function receivedBy(socket: Socket): Promise<string> {
  let received = '';
  socket.on('data', (chunk) => (received += String(chunk)));
  await once(socket, 'end');
  return received;
}

/** Settles when the connection is over, by whatever sign of it. */
function over(socket: Socket): Promise<unknown> {
  return Promise.race(['end', 'close'].map((event) => once(socket.resume(), event)));
}

describe('a module of WASI 0.1 with a socket that listens', () => {
  it.each(['127.0.0.1', '::1'])('accepts on %s, receives, sends and ends', async (host) => {
    const guest = await listening('serve', { host });
    const running = guest.run();
    const socket = await dial(guest.port, host);
    socket.write('hello');
    expect(await receivedBy(socket)).toBe('hello');
    socket.end('more');
    const end = await running;
    expect(end.lines.slice(1)).toEqual([
      'accept=4',
      'recv=5',
      'recv-text=hello',
      'send=5',
      'shutdown=0',
      'send-after=EPIPE',
      'end=0',
      'rest=4',
      'close=0',
      'close-again=EBADF',
    ]);
    expect(end.outcome).toEqual({ kind: 'exit', code: 0 });
    expect(end.of('grant-used').map(({ grant }) => grant)).toContain('door');
  });

  it('reads and writes it as a file that is a socket', async () => {
    const guest = await listening('descriptors');
    const running = guest.run();
    const socket = await dial(guest.port);
    socket.end('hello');
    expect(await receivedBy(socket)).toBe('hello');
    expect((await running).lines.slice(2)).toEqual([
      'fstat=0',
      'type=socket',
      'getsockopt=0',
      'so-type=stream',
      'read=5',
      'read-text=hello',
      'write=5',
      'lseek=ESPIPE',
    ]);
  });

  it('looks at bytes before it takes them, and waits for all of them', async () => {
    const guest = await listening('peek');
    const running = guest.run();
    const socket = await dial(guest.port);
    socket.write('abcdef');
    await said(guest, 'peeked');
    socket.write('ghi');
    await new Promise((resolve) => setTimeout(resolve, 20));
    socket.end('jklm');
    expect((await running).lines.filter((line) => !line.startsWith('say'))).toEqual([
      'accept=4',
      'peek=3',
      'peek-text=abc',
      'peek=5',
      'peek-text=abcde',
      'all=10',
      'all-text=abcdefghij',
      'short=3',
      'short-text=klm',
    ]);
  });

  it('does not wait where it was told not to, and polls', async () => {
    const guest = await listening('nonblocking');
    const running = guest.run();
    await said(guest, 'up');
    const socket = await dial(guest.port);
    await said(guest, 'accepted');
    socket.write('abc');
    expect((await running).lines.filter((line) => !line.startsWith('say'))).toEqual([
      'fcntl=0',
      'accept=EAGAIN',
      'poll=1',
      'accept4=4',
      'recv=EAGAIN',
      'poll=1',
      'recv=3',
      'recv-text=abc',
      'wait-all=EAGAIN',
    ]);
  });

  it('is told what a descriptor cannot do, and of a reset', async () => {
    const guest = await listening('errors');
    const running = guest.run();
    await said(guest, 'up');
    const socket = await dial(guest.port);
    await new Promise((resolve) => setTimeout(resolve, 20));
    socket.resetAndDestroy();
    expect((await running).lines.filter((line) => !line.startsWith('say'))).toEqual([
      'recv-listener=ENOTCONN',
      'send-listener=ENOTCONN',
      'shutdown-listener=ENOTCONN',
      'read-listener=ENOTCONN',
      'write-listener=ENOTCONN',
      'accept-output=ENOTSOCK',
      'recv-output=ENOTSOCK',
      'accept-nothing=EBADF',
      'accept=4',
      'accept-connection=EINVAL',
      'shutdown-nothing=EINVAL',
      'reset=ECONNRESET',
      'after=0',
    ]);
  });

  it('has the socket after its directories', async () => {
    const guest = await listening('serve', { fd: 4, grant: memoryMount(['read']).grant ?? {} });
    const running = guest.run();
    const socket = await dial(guest.port);
    socket.end('hello');
    expect(await receivedBy(socket)).toBe('hello');
    expect((await running).value('accept')).toBe('5');
  });
});

describe('limits and grants', () => {
  it('let nobody in past the connections of the rule at one time', async () => {
    const guest = await listening('accept-all', { budget: { concurrent: 2 } });
    const running = guest.run();
    await Promise.all([dial(guest.port), dial(guest.port), dial(guest.port)]);
    await expect.poll(() => guest.stdout.text()).toContain('accepted=2\n');
    // The third one stays in the queue of a guest that has no room for it, and waits.
    await new Promise((resolve) => setTimeout(resolve, 50));
    guest.instance.revoke('door');
    expect((await running).lines.slice(-2)).toEqual(['accept=EACCES', 'count=2']);
  });

  it('stop a guest that has too many handles', async () => {
    const guest = await listening('accept-all', { grant: { limits: { handles: 3 } } });
    await Promise.all([dial(guest.port), dial(guest.port), dial(guest.port), dial(guest.port)]);
    const end = await guest.run();
    expect(end.value('accept')).toBe('EMFILE');
    expect(end.of('limit').map(({ limit }) => limit)).toEqual(['limits.handles']);
  });

  it('end a connection past its bytes', async () => {
    const guest = await listening('receive-all', { budget: { receivedBytes: 1000 } });
    const running = guest.run();
    const socket = await dial(guest.port);
    socket.write(Buffer.alloc(5000));
    const end = await running;
    expect(end.lines.slice(-2)).toEqual(['count=1000', 'recv=EDQUOT']);
  });

  it('wake a guest that waits when the rule is taken back', async () => {
    const guest = await listening('receive-all');
    const running = guest.run();
    const socket = await dial(guest.port);
    await said(guest, 'accepted');
    guest.instance.revoke('door');
    expect((await running).value('recv')).toBe('EPERM');
    await over(socket);

    const waiting = await listening('accept-all');
    const accepting = waiting.run();
    await said(waiting, 'up');
    waiting.instance.revoke('door');
    expect((await accepting).value('accept')).toBe('EACCES');
  });

  it('close a guest that waits at once', async () => {
    const guest = await listening('accept-all');
    const running = guest.run();
    await said(guest, 'up');
    await guest.instance.close();
    expect((await running).outcome).toEqual({ kind: 'cancelled' });
    // The port is free again.
    const next = connect({ host: '127.0.0.1', port: guest.port });
    sockets.push(next);
    const [error] = (await once(next, 'error')) as [NodeJS.ErrnoException];
    expect(error.code).toBe('ECONNREFUSED');
  });
});
