import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { AuditLog, type Program } from '../../src/index.ts';
import { type Failure, serve, type ServeOptions, type Server } from '../../src/serve/index.ts';
import { engine } from '../support/guest-run.ts';
import { httpGuest, watGuest } from './index.ts';

const POLICY = { version: 1, clocks: { monotonic: { resolution: '1ms' } } } as const;

let program: Program;
beforeAll(async () => {
  program = await engine.compile(await httpGuest('server'), { name: 'server.wasm' });
});

function open(options: Partial<ServeOptions> = {}, limits: object = {}): Promise<Server> {
  return serve({ routes: [{ program, policy: { ...POLICY, limits } }], port: 0, ...options });
}

const get = (server: Server, path: string, init?: RequestInit): Promise<Response> =>
  fetch(new URL(path, server.url), init);

/** Sends text as it stands. @returns all that comes back, until the server closes the connection */
async function raw(server: Server, request: string): Promise<string> {
  const socket = connect(server.port, '127.0.0.1');
  socket.write(request);
  return text(socket);
}

async function connected(server: Server): Promise<Socket> {
  const socket = connect(server.port, '127.0.0.1');
  await once(socket, 'connect');
  return socket;
}

const close = 'Connection: close\r\n';

describe('an answer', () => {
  it('has its length where the guest has written all of it', async () => {
    await using server = await open();
    const answer = await raw(server, `GET /hello HTTP/1.1\r\nHost: a\r\n${close}\r\n`);
    expect(answer.replace(/date: [^\r]*\r\n/i, '')).toBe(
      'HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 13\r\nConnection: close\r\n\r\nhello, world\n',
    );
  });

  it('has every field of the guest, with its bytes', async () => {
    await using server = await open();
    const socket = await connected(server);
    socket.write(`GET /headers HTTP/1.1\r\nHost: a\r\n${close}\r\n`);
    const chunks = await socket.toArray();
    const answer = Buffer.concat(chunks as Buffer[]).toString('utf8');
    expect(answer).toContain(
      'X-Name: caf\u00e9\r\nset-cookie: a=1\r\nSet-Cookie: b=2; Path=/\r\ncontent-length: 2\r\n',
    );
  });

  it('has every byte of a small body, whether it is text or not', async () => {
    await using server = await open();
    const every = Buffer.from(Array.from({ length: 128 }, (_, i) => 128 + i)).toString('latin1');
    const socket = await connected(server);
    socket.write(`GET /describe HTTP/1.1\r\nHost: a\r\nX: ${every}\r\n${close}\r\n`, 'latin1');
    const answer = Buffer.concat((await socket.toArray()) as Buffer[]).toString('latin1');
    expect(answer).toContain('\r\ncontent-length: ');
    expect(answer.slice(-(every.length + 5))).toBe(`\nx: ${every}\n`);
  });

  it('streams with the request, both as fast as the client reads', async () => {
    await using server = await open();
    const response = await get(server, '/echo', { method: 'POST', body: 'x'.repeat(1_000_000) });
    expect(await response.text()).toBe('x'.repeat(1_000_000));
  });

  it('to HEAD, and of 204 and 304, has no body', async () => {
    await using server = await open();
    for (const line of ['HEAD /headers', 'HEAD /hello', 'GET /status/204', 'GET /status/304']) {
      const answer = await raw(server, `${line} HTTP/1.1\r\nHost: a\r\n${close}\r\n`);
      expect(answer.endsWith('\r\n\r\n')).toBe(true);
      expect(answer).not.toMatch(/transfer-encoding/i);
    }
  });

  it('over HTTP/1.0 ends with the connection', async () => {
    await using server = await open();
    expect(await raw(server, 'GET /big/100000 HTTP/1.0\r\n\r\n')).toMatch(/\r\n\r\n[a-z]{100000}$/);
  });

  it('is held back by a client that does not read, and cut off in the end', async () => {
    await using server = await open({ timeouts: { write: 200 } });
    const socket = await connected(server);
    socket.pause();
    socket.on('error', () => undefined);
    socket.write('GET /flood HTTP/1.1\r\nHost: a\r\n\r\n');
    await delay(600);
    socket.resume();
    await once(socket, 'close');
    expect(socket.bytesRead).toBeLessThan(50_000_000);
  });
});

describe('a request', () => {
  it('tells the guest the host that was asked for, or that of a whole URL', async () => {
    await using server = await open();
    const host = (await raw(server, `GET /describe HTTP/1.1\r\nHost: a.example:99\r\n${close}\r\n`)).split(
      '\r\n\r\n',
    )[1];
    expect(host).toContain('GET http a.example:99 /describe\n');
    const whole = await raw(
      server,
      `GET http://b.example/describe?x HTTP/1.1\r\nHost: a.example\r\n${close}\r\n`,
    );
    expect(whole).toContain('GET http b.example /describe?x\n');
    expect(whole).not.toContain('a.example');
  });

  it.each([
    [
      'two lengths',
      'POST /drain HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd',
      400,
    ],
    [
      'a length and chunks',
      'POST /drain HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      400,
    ],
    [
      'another transfer coding',
      'POST /drain HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n',
      400,
    ],
    ['a bare CR', 'GET /hello HTTP/1.1\r\nHost: a\r\nX: 1\rY: 2\r\n\r\n', 400],
    ['a bare LF', 'GET /hello HTTP/1.1\nHost: a\n\n', 400],
    ['a space before the colon', 'GET /hello HTTP/1.1\r\nHost: a\r\nX : 1\r\n\r\n', 400],
    ['no host', 'GET /hello HTTP/1.1\r\n\r\n', 400],
    ['a target that is none', 'GET hello HTTP/1.1\r\nHost: a\r\n\r\n', 400],
    ['a head that is too large', `GET /hello HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`, 431],
    [
      'a body that says it is too large',
      'POST /drain HTTP/1.1\r\nHost: a\r\nContent-Length: 1001\r\n\r\n',
      413,
    ],
    [
      'an expectation that nobody meets',
      `GET /hello HTTP/1.1\r\nHost: a\r\nExpect: a-miracle\r\n${close}\r\n`,
      417,
    ],
  ])('with %s is refused', async (_what, request, status) => {
    await using server = await open({ maxBodyBytes: 1000, timeouts: { headers: 2000 } });
    expect(await raw(server, request)).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
  });

  it('whose body turns out too large is answered 413, and the connection closed', async () => {
    await using server = await open({ maxBodyBytes: 1000 });
    const chunk = `3e8\r\n${'x'.repeat(1000)}\r\n`;
    const answer = await raw(
      server,
      `POST /drain HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n${chunk}${chunk}`,
    );
    expect(answer).toMatch(/^HTTP\/1.1 413 /);
  });

  it('of the largest size is answered', async () => {
    await using server = await open({ maxBodyBytes: 1000 });
    const response = await get(server, '/drain', { method: 'POST', body: 'x'.repeat(1000) });
    expect(await response.text()).toBe('1000');
  });

  it('that expects to be told so may go on', async () => {
    await using server = await open();
    const socket = await connected(server);
    socket.write(
      `POST /drain HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nExpect: 100-continue\r\n${close}\r\n`,
    );
    const [first] = (await once(socket, 'data')) as [Buffer];
    expect(first.toString()).toBe('HTTP/1.1 100 Continue\r\n\r\n');
    socket.write('abc');
    expect(await text(socket)).toMatch(/\r\n\r\n3$/);
  });

  it('for a tunnel or another protocol leads nowhere else', async () => {
    await using server = await open();
    expect(await raw(server, 'CONNECT b.example:443 HTTP/1.1\r\nHost: b.example:443\r\n\r\n')).toBe('');
    const upgrade = `GET /hello HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, close\r\nUpgrade: websocket\r\n\r\n`;
    expect(await raw(server, upgrade)).toMatch(/^HTTP\/1.1 200 /);
  });

  it('whose head comes a byte at a time is cut off', async () => {
    await using server = await open({ timeouts: { headers: 200 } });
    const socket = await connected(server);
    socket.on('error', () => undefined);
    const slow = setInterval(() => socket.write('x'), 50);
    socket.write('GET /hello HTTP/1.1\r\nX: ');
    const answer = await text(socket);
    clearInterval(slow);
    expect(answer).toMatch(/^HTTP\/1.1 408 /);
  });

  it('whose body comes a byte at a time is cut off', async () => {
    await using server = await open({ timeouts: { headers: 100, request: 300 } });
    const socket = await connected(server);
    socket.on('error', () => undefined);
    const slow = setInterval(() => socket.write('x'), 50);
    socket.write('POST /drain HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n');
    await once(socket.resume(), 'close');
    clearInterval(slow);
  });
});

describe('a guest that fails', () => {
  it.each([
    ['/trap', 500, 'BW_INSTANCE_TRAPPED'],
    ['/silent', 500, 'BW_INSTANCE_NO_RESPONSE'],
    ['/refuse', 500, 'BW_INSTANCE_NO_RESPONSE'],
    ['/spin', 504, 'BW_INSTANCE_LIMIT'],
    ['/never', 504, 'BW_INSTANCE_LIMIT'],
  ])('%s is answered %i, without what went wrong inside', async (path, status, code) => {
    const failures: Failure[] = [];
    await using server = await open(
      { onFailure: (failure) => failures.push(failure) },
      { deadline: '300ms' },
    );
    const response = await get(server, path);
    expect([response.status, await response.text()]).toEqual([
      status,
      status === 504 ? 'Gateway Timeout\n' : 'Internal Server Error\n',
    ]);
    expect(failures).toMatchObject([{ method: 'GET', path, program: 'server.wasm', error: { code } }]);
    expect((await get(server, '/hello')).status).toBe(200);
  });

  it.each(['/trap-later', '/unfinished', '/never-later'])(
    '%s cuts its answer off, so that it can be told',
    async (path) => {
      const failures: Failure[] = [];
      await using server = await open(
        { onFailure: (failure) => failures.push(failure) },
        { deadline: '300ms' },
      );
      const answer = await raw(server, `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`);
      expect(answer).not.toContain('\r\n0\r\n');
      expect(failures).toHaveLength(1);
    },
  );

  it('to start is answered 500', async () => {
    const failures: Failure[] = [];
    const policy = { ...POLICY, environment: { HERE: { from: 'host' } } };
    await using server = await open({
      routes: [{ program, policy }],
      onFailure: (failure) => failures.push(failure),
    });
    expect((await get(server, '/hello')).status).toBe(500);
    expect(failures).toMatchObject([{ error: { code: 'BW_BINDING_MISSING' } }]);
  });
});

describe('instances', () => {
  const counts = async (server: Server, times: number): Promise<string[]> => {
    const all: string[] = [];
    for (let i = 0; i < times; i++) all.push(await (await get(server, '/count')).text());
    return all;
  };

  it('are one for each request', async () => {
    const audit = new AuditLog();
    await using server = await open({ routes: [{ program, policy: POLICY, tenant: 'acme', audit }] });
    expect(await counts(server, 3)).toEqual(['1', '1', '1']);
    expect(audit.records.filter(({ kind }) => kind === 'instance-opened')).toHaveLength(3);
    await expect.poll(() => audit.records.filter(({ kind }) => kind === 'instance-closed').length).toBe(3);
    expect(new Set(audit.records.map(({ tenant }) => tenant))).toEqual(new Set(['acme']));
  });

  it('are reused as often as was said, and by no two requests at one time', async () => {
    await using server = await open({ reuse: 3 });
    expect(await counts(server, 7)).toEqual(['1', '2', '3', '1', '2', '3', '1']);
    const bodies = await Promise.all(['/sleep/100', '/sleep/100'].map((path) => get(server, path)));
    expect(bodies.map(({ status }) => status)).toEqual([200, 200]);
  });

  it('that trapped are not reused', async () => {
    await using server = await open({ reuse: 10 });
    expect(await counts(server, 2)).toEqual(['1', '2']);
    await get(server, '/trap');
    expect(await counts(server, 1)).toEqual(['1']);
  });

  it('get no request in the second half of their deadline', async () => {
    await using server = await open({ reuse: 10 }, { deadline: '1s' });
    expect(await counts(server, 2)).toEqual(['1', '2']);
    await delay(600);
    expect(await counts(server, 1)).toEqual(['1']);
  });

  it('are ended when their client goes away', async () => {
    const audit = new AuditLog();
    await using server = await open({ routes: [{ program, policy: POLICY, audit }] });
    const socket = await connected(server);
    socket.write('GET /never HTTP/1.1\r\nHost: a\r\n\r\n');
    await expect.poll(() => audit.records.length).toBeGreaterThan(0);
    socket.destroy();
    await expect
      .poll(() => audit.records.at(-1))
      .toMatchObject({
        kind: 'instance-closed',
        outcome: { kind: 'cancelled' },
      });
  });

  it('are not held by clients that go away at once', async () => {
    await using server = await open({ maxConcurrent: 1 });
    for (const wait of [0, 1, 2, 3, 5, 8, 13, 21]) {
      const socket = await connected(server);
      socket.write('GET /never HTTP/1.1\r\nHost: a\r\n\r\n');
      await delay(wait);
      socket.destroy();
    }
    expect((await get(server, '/hello')).status).toBe(200);
  });

  it('of two tenants share nothing', async () => {
    await using server = await open({
      reuse: 100,
      routes: [
        { program, policy: POLICY, tenant: 'one', path: '/count/one' },
        { program, policy: POLICY, tenant: 'other', path: '/count' },
      ],
    });
    const ask = async (path: string): Promise<string> => (await get(server, path)).text();
    for (let i = 0; i < 3; i++) await ask('/count/one');
    expect([await ask('/count/one'), await ask('/count/other')]).toEqual(['4', '1']);
  });
});

describe('a server', () => {
  it('answers 404 where no route is', async () => {
    await using server = await open({
      routes: [{ program, policy: POLICY, host: 'a.example', path: '/hello' }],
    });
    const ask = (host: string, path: string): Promise<string> =>
      raw(server, `GET ${path} HTTP/1.1\r\nHost: ${host}\r\n${close}\r\n`);
    expect(await ask('a.example', '/hello')).toMatch(/^HTTP\/1.1 200 /);
    expect(await ask('a.example', '/other')).toMatch(/^HTTP\/1.1 404 [^]*Not Found\n$/);
    expect(await ask('b.example', '/hello')).toMatch(/^HTTP\/1.1 404 /);
  });

  it('has so many requests at work, lets so many wait, and answers 503 beyond', async () => {
    await using server = await open({ maxConcurrent: 2, maxWaiting: 1 });
    const answers = await Promise.all(Array.from({ length: 4 }, () => get(server, '/sleep/300')));
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 200, 200, 503]);
    expect(answers.find(({ status }) => status === 503)?.headers.get('retry-after')).toBe('1');
    expect((await get(server, '/hello')).status).toBe(200);
  });

  it('holds two hundred that wait while it answers others', async () => {
    await using server = await open({ maxConcurrent: 1100 });
    const sockets = await Promise.all(Array.from({ length: 200 }, () => connected(server)));
    for (const socket of sockets) socket.write('GET /never HTTP/1.1\r\nHost: a\r\n\r\n');
    expect(await (await get(server, '/hello')).text()).toBe('hello, world\n');
    for (const socket of sockets) socket.destroy();
  });

  it('tells of each answer', async () => {
    const lines: string[] = [];
    await using server = await open({
      routes: [{ program, policy: POLICY, tenant: 'acme' }],
      onAnswer: ({ method, path, status, tenant }) => lines.push(`${method} ${path} ${status} ${tenant}`),
    });
    await get(server, '/hello?x');
    await expect.poll(() => lines).toEqual(['GET /hello?x 200 acme']);
  });

  it('that ends lets running requests finish and takes no more', async () => {
    const server = await open();
    const running = get(server, '/sleep/300');
    await delay(100);
    const closed = server.close();
    await expect(get(server, '/hello')).rejects.toThrow();
    const response = await running;
    expect([response.status, await response.text()]).toEqual([200, 'hello, world\n']);
    await closed;
  });

  it('that ends waits no longer than was said', async () => {
    const server = await open();
    const running = get(server, '/never');
    await delay(100);
    const start = performance.now();
    const failed = expect(running).rejects.toThrow();
    await server.close({ grace: 200 });
    await failed;
    expect(performance.now() - start).toBeLessThan(5000);
  });

  it('that ends is not held by a connection that asks for nothing', async () => {
    const server = await open({ timeouts: { keepAlive: 60_000 } });
    const socket = await connected(server);
    socket.write('GET /hello HTTP/1.1\r\nHost: a\r\n\r\n');
    await once(socket, 'data');
    await server.close();
    socket.destroy();
  });

  it.each([
    ['no routes', { routes: [] }, 'BW_SERVE_OPTION'],
    ['a port that is none', { port: 65_536 }, 'BW_SERVE_OPTION'],
    ['no concurrency', { maxConcurrent: 0 }, 'BW_SERVE_OPTION'],
    ['half a request', { reuse: 1.5 }, 'BW_SERVE_OPTION'],
    ['a host that is not here', { host: '192.0.2.1' }, 'BW_SERVE_LISTEN'],
  ])('with %s does not start', async (_what, options, code) => {
    await expect(open(options)).rejects.toThrow(expect.objectContaining({ code }));
  });

  it('does not start with two routes for the same requests, or a program that is no handler', async () => {
    const route = { program, policy: POLICY };
    await expect(open({ routes: [route, { ...route, path: '/' }] })).rejects.toThrow(
      'Two routes are for "*/"',
    );
    const library = await engine.compile(await watGuest('(component)'), { name: 'library.wasm' });
    await expect(open({ routes: [{ program: library, policy: POLICY }] })).rejects.toThrow(
      expect.objectContaining({ code: 'BW_INSTANCE_NOT_A_HANDLER' }),
    );
  });
});
