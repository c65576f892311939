/**
 * What comes from outside to a component that is served:
 *
 * - duplicate-content-length, transfer-encoding, bare-cr: what could be read as another message, or as two, is read as none
 *   (CVE-2026-1525, CVE-2022-32213)
 * - host-retarget: a `Host` field chooses among the routes, and nothing else (Spin CVE-2024-32980)
 * - upgrade-path: CONNECT and upgrades do not leave HTTP (GHSA-c4j6-fc7j-m34r)
 * - forbidden-headers, proto-header: fields about the connection are not the guest's, and names are only names
 */
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { serve, type Server } from '../../src/serve/index.ts';
import { httpGuest } from '../guests/index.ts';
import { engine } from '../support/guest-run.ts';

const POLICY = { version: 1 } as const;

/** Names the tenant of each answer that a program gave. */
const served: (string | undefined)[] = [];
let server: Server;

beforeAll(async () => {
  const program = await engine.compile(await httpGuest('server'), { name: 'server.wasm' });
  server = await serve({
    routes: [
      { program, policy: POLICY, tenant: 'one', host: 'one.test' },
      { program, policy: POLICY, tenant: 'two', host: 'two.test', path: '/describe' },
    ],
    port: 0,
    onAnswer: ({ tenant }) => void served.push(tenant),
  });
});

afterAll(() => server.close({ grace: 0 }));

/** Sends bytes as they are. @returns all that comes back until the server closes or says nothing for a while */
function send(raw: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(server.port, '127.0.0.1', () => socket.write(Buffer.from(raw, 'latin1')));
    socket.setTimeout(700, () => socket.destroy());
    socket.on('data', (bytes) => (answer += bytes.toString('latin1')));
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'ECONNRESET' && error.code !== 'EPIPE') reject(error);
    });
    socket.on('close', () => resolve(answer));
  });
}

function statuses(answer: string): string[] {
  return [...answer.matchAll(/^HTTP\/1\.1 (\d{3})/gm)].map(([, status]) => status as string);
}

const GET = 'GET /describe HTTP/1.1\r\nHost: one.test\r\n';
const POST = 'POST /echo HTTP/1.1\r\nHost: one.test\r\n';
const SMUGGLED = 'GET /hello HTTP/1.1\r\nHost: one.test\r\n\r\n';

test('a plain request is answered', async () => {
  const answer = await send(`${GET}Connection: close\r\n\r\n`);
  expect(statuses(answer)).toEqual(['200']);
  expect(answer).toContain('GET http one.test /describe');
});

describe('duplicate-content-length, transfer-encoding, bare-cr', () => {
  test.each([
    ['two lengths', `${POST}Content-Length: 0\r\nContent-Length: ${SMUGGLED.length}\r\n\r\n${SMUGGLED}`],
    ['one length twice', `${POST}Content-Length: 1\r\nContent-Length: 1\r\n\r\nx`],
    ['a list of lengths', `${POST}Content-Length: 1, 1\r\n\r\nx`],
    ['a length with a sign', `${POST}Content-Length: +1\r\n\r\nx`],
    ['a length in hexadecimal', `${POST}Content-Length: 0x1\r\n\r\nx`],
    [
      'a length and chunks',
      `${POST}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${SMUGGLED}`,
    ],
    ['chunks that are not last', `${POST}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n${SMUGGLED}`],
    ['an unknown coding', `${POST}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n${SMUGGLED}`],
    ['a space before the colon', `${POST}Content-Length : 1\r\n\r\nx`],
    ['a bare CR in a field', `${POST}X: a\rContent-Length: 1\r\n\r\nx`],
    ['a bare CR after the chunk size', `${POST}Transfer-Encoding: chunked\r\n\r\n1\rx\r\n0\r\n\r\n`],
    ['a bare LF after the chunk size', `${POST}Transfer-Encoding: chunked\r\n\r\n1\nx\n0\n\n${SMUGGLED}`],
    ['a chunk size that is none', `${POST}Transfer-Encoding: chunked\r\n\r\nz\r\nx\r\n0\r\n\r\n`],
    ['a line that is folded', `${POST}X: a\r\n b\r\nContent-Length: 0\r\n\r\n`],
    ['a NUL in a field', `${POST}X: a\0b\r\nContent-Length: 0\r\n\r\n`],
    ['a field without a name', `${POST}: a\r\nContent-Length: 0\r\n\r\n`],
    ['two hosts', `${GET}Host: two.test\r\n\r\n`],
    ['no host', 'GET /describe HTTP/1.1\r\n\r\n'],
    ['another protocol', 'GET /describe HTTP/3.0\r\nHost: one.test\r\n\r\n'],
    ['a space in the path', 'GET /describe x HTTP/1.1\r\nHost: one.test\r\n\r\n'],
  ])('%s: no program gets a request that is not whole, and nothing after it', async (_what, raw) => {
    served.length = 0;
    const answer = await send(raw);
    // Where the head was in order the program may have begun; the rest is an error to it, and the connection ends.
    expect(statuses(answer).filter((status) => status === '200').length).toBeLessThanOrEqual(
      raw.includes('chunked\r\n\r\n1') || raw.includes('chunked\r\n\r\nz') ? 1 : 0,
    );
    expect(answer).not.toContain('hello, world');
    expect(served.length).toBeLessThanOrEqual(1);
  });

  test('a body is a body, whatever is in it, and a request that follows is one', async () => {
    const body = `${POST}Content-Length: ${SMUGGLED.length}\r\n\r\n${SMUGGLED}`;
    const answer = await send(`${body}${GET}Connection: close\r\n\r\n`);
    expect(statuses(answer).filter((status) => status === '200')).toHaveLength(2);
    expect(answer).toContain(SMUGGLED.trimEnd());
    expect(answer).not.toContain('hello, world');
    expect(answer).toContain('GET http one.test /describe');
  });
});

describe('host-retarget', () => {
  test.each([
    ['Host: two.test', 'two'],
    ['Host: TWO.test:8080', 'two'],
    ['Host: one.test', 'one'],
    ['Host: one.test@two.test', undefined],
    ['Host: evil.test', undefined],
    ['Host: evil.test\r\nX-Forwarded-Host: one.test', undefined],
    ['Host:', undefined],
    ['Host: __proto__', undefined],
    ['Host: constructor', undefined],
  ])('%j is for the tenant %s', async (host, tenant) => {
    served.length = 0;
    const answer = await send(`GET /describe HTTP/1.1\r\n${host}\r\nConnection: close\r\n\r\n`);
    expect(statuses(answer)).toEqual([tenant === undefined ? '404' : '200']);
    expect(served).toEqual([tenant]);
  });

  test('the host of a whole URL goes before the field', async () => {
    served.length = 0;
    const head = 'GET http://two.test/describe HTTP/1.1\r\nHost: one.test\r\nConnection: close\r\n\r\n';
    expect(await send(head)).toContain('GET http two.test /describe');
    expect(served).toEqual(['two']);
  });

  test.each([
    '/describe/../hello',
    '/describe%2f..%2fhello',
    '//hello',
    '/Describe',
    '/describes',
    '/%64escribe',
  ])('the path %s is not that of the route', async (path) => {
    const head = `GET ${path} HTTP/1.1\r\nHost: two.test\r\nConnection: close\r\n\r\n`;
    // A path below the route is the program's own to read: it gets it as it stands.
    expect(await send(head)).not.toContain('hello, world');
  });
});

describe('upgrade-path', () => {
  test.each([
    'CONNECT one.test:80 HTTP/1.1\r\nHost: one.test\r\n\r\n',
    'CONNECT 127.0.0.1:22 HTTP/1.1\r\nHost: one.test\r\n\r\n',
    `PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n`,
  ])('%j opens no tunnel', async (raw) => {
    expect(statuses(await send(raw)).filter((status) => /^[12]/.test(status))).toEqual([]);
  });

  test('an upgrade is a request like any other, and the guest does not see that it was asked for', async () => {
    const answer = await send(
      `${GET}Connection: Upgrade, X-Hop\r\nUpgrade: websocket\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n`,
    );
    expect(statuses(answer)).toEqual(['200']);
    expect(answer.split('\r\n\r\n').slice(1).join()).not.toMatch(/upgrade|websocket|http2-settings/i);
  });
});

describe('clients that go away', () => {
  const requests: Readonly<Record<string, string>> = {
    hello: SMUGGLED,
    big: 'GET /big/9000000 HTTP/1.1\r\nHost: one.test\r\n\r\n',
    flood: 'GET /flood HTTP/1.1\r\nHost: one.test\r\n\r\n',
    sleep: 'GET /sleep/30 HTTP/1.1\r\nHost: one.test\r\n\r\n',
    never: 'GET /never HTTP/1.1\r\nHost: one.test\r\n\r\n',
    'never-later': 'GET /never-later HTTP/1.1\r\nHost: one.test\r\n\r\n',
    'trap-later': 'GET /trap-later HTTP/1.1\r\nHost: one.test\r\n\r\n',
    unfinished: 'GET /unfinished HTTP/1.1\r\nHost: one.test\r\n\r\n',
    linger: 'GET /linger/30 HTTP/1.1\r\nHost: one.test\r\n\r\n',
    'half a body': `${POST}Content-Length: 9000\r\n\r\nabc`,
    'half a chunk': `${POST}Transfer-Encoding: chunked\r\n\r\n9\r\nabc`,
    'a body that nobody reads': `POST /never HTTP/1.1\r\nHost: one.test\r\nContent-Length: 9000000\r\n\r\n${'x'.repeat(200_000)}`,
    'half a head': 'GET /hello HTTP/1.1\r\nHo',
    'two requests': SMUGGLED + SMUGGLED,
    'what is none': 'nonsense\r\n\r\n',
    'what nobody has': 'GET / HTTP/1.1\r\nHost: three.test\r\n\r\n',
    'too much': `${POST}Content-Length: 99999999999\r\n\r\nabc`,
    'a promise': `${POST}Content-Length: 3\r\nExpect: 100-continue\r\n\r\n`,
  };

  test.each(Object.entries(requests))('%s: the others are served as before', async (_what, raw) => {
    const delays = [0, 0, 1, 2, 4, 8, 16, 32, 64];
    await Promise.all(delays.map((delay, index) => leave(raw, delay, index % 2 === 0)));
    expect(statuses(await send(`${GET}Connection: close\r\n\r\n`))).toEqual(['200']);
  });

  /** Sends, and goes a while after that, with or without a word. */
  function leave(raw: string, delay: number, reset: boolean): Promise<void> {
    return new Promise((resolve) => {
      const socket = connect(server.port, '127.0.0.1', () => {
        socket.write(Buffer.from(raw, 'latin1'));
        setTimeout(() => (reset ? socket.resetAndDestroy() : socket.destroy()), delay);
      });
      // What comes is not read, so that the server meets a full connection as well.
      socket.on('error', () => undefined);
      socket.on('close', () => resolve());
    });
  }
});

test('forbidden-headers, proto-header: names are only names', async () => {
  const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty'];
  const ours = ['Keep-Alive: 9', 'Proxy-Authorization: Basic eA==', 'TE: trailers', 'Proxy-Connection: x'];
  const answer = await send(
    `${GET}${names.map((name) => `${name}: polluted\r\n`).join('')}${ours.join('\r\n')}\r\nConnection: close\r\n\r\n`,
  );
  expect(statuses(answer)).toEqual(['200']);
  for (const name of names) expect(answer.toLowerCase()).toContain(`${name.toLowerCase()}: polluted`);
  const seen = answer.split('\r\n\r\n').slice(1).join();
  expect(seen).not.toMatch(/^(?:host|connection|keep-alive|proxy-[a-z]+):/im);
  expect('polluted' in {}).toBe(false);
});
