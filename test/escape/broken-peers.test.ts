/**
 * Peers that break off, answer what is none, or never stop. Whatever they do, the guest gets an error, the host goes on (an
 * `error` event that nobody listens to would end it, and fails a test run), and what it keeps in memory is bounded:
 *
 * - response-flood, decompression (Spin CVE-2026-27887, undici CVE-2026-22036)
 * - too-many-fields (wasmtime CVE-2026-27572)
 */
import { gzipSync } from 'node:zlib';
import type { Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { listenOn } from '../support/listeners.ts';
import { answers, type Egress, goOut, openEgress } from './egress.ts';

const LOCAL = '127.0.0.1';
const OK = 'HTTP/1.1 200 OK\r\n';

/** What a peer does with the first bytes that it gets. */
type Breaks = (socket: Socket) => void;

/** Sends, and resets the connection as soon as that is out. */
function thenReset(text: string): Breaks {
  return (socket) => void socket.write(text, () => socket.resetAndDestroy());
}

const BREAKS: Readonly<Record<string, Breaks>> = {
  'resets at once': (socket) => void socket.resetAndDestroy(),
  'ends at once': (socket) => void socket.end(),
  'resets in the status': thenReset('HTTP/1.1 2'),
  'resets in the fields': thenReset(`${OK}Content-Len`),
  'resets in the body': thenReset(`${OK}Content-Length: 99\r\n\r\nabc`),
  'ends in the body': (socket) => void socket.end(`${OK}Content-Length: 99\r\n\r\nabc`),
  'resets in a chunk': thenReset(`${OK}Transfer-Encoding: chunked\r\n\r\n9\r\nabc`),
  'ends between chunks': (socket) => void socket.end(`${OK}Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n`),
  'resets in the trailers': thenReset(`${OK}Transfer-Encoding: chunked\r\n\r\n0\r\nx: `),
  'speaks TLS': (socket) => void socket.end(Buffer.from('15030300020228', 'hex')),
  'sends interim responses for ever': (socket) => endless(socket, 'HTTP/1.1 102 Processing\r\n\r\n'),
  'sends fields for ever': (socket) => endless(socket, 'x: y\r\n', OK),
  'sends a chunk extension for ever': (socket) =>
    endless(socket, 'x', `${OK}Transfer-Encoding: chunked\r\n\r\n1;`),
  'sends trailers for ever': (socket) =>
    endless(socket, 'x: y\r\n', `${OK}Transfer-Encoding: chunked\r\n\r\n0\r\n`),
};

/** Sends `text` again and again until the connection is gone. */
function endless(socket: Socket, text: string, before = ''): void {
  const block = text.repeat(Math.ceil(4096 / text.length));
  const send = (): void => {
    while (!socket.destroyed && socket.write(block));
  };
  socket.on('drain', send);
  socket.write(before);
  send();
}

// An event that nobody listens to may come a moment after the guest has gone.
afterEach(async () => {
  await setImmediate();
  await setImmediate();
});

describe.each(Object.entries(BREAKS))('a server that %s', (_what, breaks) => {
  test.each(['http', 'https'])('is an error to a request of %s', async (scheme) => {
    const seen = new Set<Socket>();
    await using local = await listenOn([LOCAL], (_chunk, socket) => {
      if (!seen.has(socket)) breaks(socket);
      seen.add(socket);
      return undefined;
    });
    const body = 'x'.repeat(4000);
    const at = `${scheme}|${LOCAL}:${local.port}|/`;
    const run = await goOut({
      http: [{ methods: ['GET', 'POST'], url: `${scheme}://${LOCAL}:${local.port}/**` }],
      tries: [`http|GET|${at}`, `http|POST|${at}|@${body}`, `http|POST|${at}|content-length=4000|@${body}`],
    });
    expect(answers(run).filter((line) => line.startsWith('http'))).toHaveLength(3);
    for (const line of answers(run)) expect(line).toMatch(/error:/);
  });
});

describe('a peer of a TCP connection', () => {
  const breaks: Readonly<Record<string, Breaks>> = {
    'resets at once': (socket) => void socket.resetAndDestroy(),
    'resets after an answer': thenReset('abc'),
    'ends at once': (socket) => void socket.end(),
  };

  test.each(Object.entries(breaks))('that %s ends the streams', async (_what, act) => {
    await using local = await listenOn([LOCAL], (_chunk, socket) => {
      act(socket);
      return undefined;
    });
    const run = await goOut({
      sockets: [{ protocol: 'tcp', connect: `${LOCAL}:${local.port}` }],
      tries: Array.from({ length: 5 }, () => `tcp|${LOCAL}|${local.port}|${'x'.repeat(4000)}`),
    });
    expect(answers(run)).toHaveLength(5);
    for (const line of answers(run)) expect(line).toMatch(/^tcp=(?:ok|error:)/);
  });
});

describe('response-flood', () => {
  test('a body without an end stops at the budget of the rule', async () => {
    await using local = await listenOn([LOCAL], (_chunk, socket) => {
      endless(socket, 'y', `${OK}Connection: close\r\n\r\n`);
      return undefined;
    });
    const run = await goOut({
      http: [
        {
          id: 'rule',
          methods: ['GET'],
          url: `http://${LOCAL}:${local.port}/**`,
          budget: { responseBytes: '64KiB' },
        },
      ],
      tries: [`http|GET|http|${LOCAL}:${local.port}|/`, `http|GET|http|${LOCAL}:${local.port}|/`],
    });
    const [first = '', second = ''] = answers(run);
    expect(first).toMatch(/^http=200 y+ error:HTTP-response-body-size$/);
    expect(first.split(' ')[1]).toHaveLength(65_536);
    expect(second).toBe('http=200  error:HTTP-response-body-size');
    expect(run.of('limit').map(({ limit, value }) => [limit, value])).toEqual([
      ['rule budget.responseBytes', 65_536],
    ]);
  });

  test('what a socket gets stops at the budget of the rule', async () => {
    await using local = await listenOn([LOCAL], (_chunk, socket) => {
      endless(socket, 'y');
      return undefined;
    });
    const run = await goOut({
      sockets: [
        { id: 'rule', protocol: 'tcp', connect: `${LOCAL}:${local.port}`, budget: { receivedBytes: 5000 } },
      ],
      tries: [`tcp|${LOCAL}|${local.port}|x`, `tcp|${LOCAL}|${local.port}|x`],
    });
    expect(run.stdout.match(/y/g)).toHaveLength(5000);
    expect(run.of('limit').map(({ limit, value }) => [limit, value])).toEqual([
      ['rule budget.receivedBytes', 5000],
    ]);
  });
});

test('decompression: nothing is decoded, so that nothing grows', async () => {
  const bomb = gzipSync(Buffer.alloc(1 << 20, 'z'));
  await using local = await listenOn([LOCAL], (_chunk, socket) => {
    socket.write(`${OK}Content-Encoding: gzip, gzip\r\nContent-Length: ${bomb.length}\r\n\r\n`);
    socket.end(bomb);
    return undefined;
  });
  const run = await goOut({
    http: [{ methods: ['GET'], url: `http://${LOCAL}:${local.port}/**` }],
    tries: [`http|GET|http|${LOCAL}:${local.port}|/`],
  });
  expect(run.stdout).toMatch(/content-encoding: gzip, gzip\n/i);
  expect(run.stdout).not.toContain('zzzz');
  expect(run.usage.stdoutBytes).toBeLessThan(bomb.length + 200);
});

describe('too-many-fields', () => {
  const flood = (count: number): Egress => ({
    http: [{ methods: ['GET'], url: 'http://a.test/**' }],
    network: { resolver: () => new Promise(() => undefined) },
    tries: [`many|${count}`],
  });

  test('what a guest has under way at one time is what it may have kept', async () => {
    expect(answers(await goOut(flood(30)))).toEqual(['many=under way']);
    const { outcome, of } = await (await openEgress(flood(60))).run();
    expect(outcome.kind).toBe('trap');
    expect(of('limit').map(({ limit }) => limit)).toEqual(['http fields.bytes']);
  });
});

test('too-many-fields: a response with more than its section may have is an error', async () => {
  await using local = await listenOn([LOCAL], () => {
    const fields = Array.from({ length: 4000 }, (_, index) => `x-${index}: ${'v'.repeat(20)}\r\n`);
    return `${OK}${fields.join('')}Content-Length: 0\r\n\r\n`;
  });
  const run = await goOut({
    http: [{ methods: ['GET'], url: `http://${LOCAL}:${local.port}/**` }],
    tries: [`http|GET|http|${LOCAL}:${local.port}|/`],
  });
  expect(answers(run)).toEqual(['http=error:HTTP-response-header-section-size']);
});
