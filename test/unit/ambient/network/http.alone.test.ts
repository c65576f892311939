import { getEventListeners, once } from 'node:events';
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createServer as createSecureServer, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { TLSSocket } from 'node:tls';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openNetwork } from '../../../../src/ambient/network/open-network.ts';
import { BindingError } from '../../../../src/errors.ts';
import type { Permit } from '../../../../src/kernel/permit.ts';
import type { Field } from '../../../../src/virtual/http/fields.ts';
import { StreamStatus, WRITE_BUDGET } from '../../../../src/virtual/io/streams.ts';
import type { NetworkOptions } from '../../../../src/virtual/machine.ts';
import type { HttpExchange, HttpRequestHead, NetworkStack } from '../../../../src/virtual/network/stack.ts';
import { readAll, readSome, readText, writeAll } from '../../../support/byte-streams.ts';
import { ip, networkPermit } from '../../../support/network-permit.ts';
import { CLIENT_TLS, SERVER_TLS, TEST_CA } from '../../../support/tls.ts';

const NEVER = new AbortController().signal;

let stacks: NetworkStack[] = [];
let servers: Server[] = [];
let stack: NetworkStack;

beforeEach(() => {
  stack = open();
});

afterEach(() => {
  for (const one of stacks) one.close();
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
  [stacks, servers] = [[], []];
});

function open(options: NetworkOptions = {}): NetworkStack {
  const stack = openNetwork({ certificateAuthorities: [TEST_CA], ...options });
  stacks.push(stack);
  return stack;
}

/** @returns its port */
async function serve(onRequest: RequestListener, tls?: ServerOptions): Promise<number> {
  const server = tls === undefined ? createServer(onRequest) : createSecureServer(tls, onRequest);
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

function serveTls(onRequest: RequestListener, more: ServerOptions = {}): Promise<number> {
  return serve(onRequest, { ...SERVER_TLS, ...more });
}

function field(name: string, value: string): Field {
  return { name, value: Buffer.from(value, 'latin1') };
}

function head(port: number, more: Partial<HttpRequestHead> = {}): HttpRequestHead {
  return {
    method: 'GET',
    scheme: 'http',
    host: 'a.test',
    port,
    address: ip('127.0.0.1'),
    path: '/',
    headers: [],
    contentLength: undefined,
    timeouts: {},
    ...more,
  };
}

function send(request: HttpRequestHead, on: NetworkStack = stack): HttpExchange {
  return on.request(networkPermit, request, NEVER);
}

/** Sends a request without a body. */
function get(request: HttpRequestHead, on: NetworkStack = stack): HttpExchange {
  const exchange = send(request, on);
  exchange.finishBody([]);
  return exchange;
}

async function textOf(exchange: HttpExchange): Promise<string> {
  return readText((await exchange.response).body);
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) text += (chunk as Buffer).toString('latin1');
  return text;
}

/** Answers with what it got, as it came over the wire. */
const mirror: RequestListener = (request, response) => {
  void bodyOf(request).then((body) => {
    response.end(
      JSON.stringify({
        line: `${request.method} ${request.url}`,
        headers: request.rawHeaders,
        body,
        trailers: request.rawTrailers,
      }),
      'latin1',
    );
  });
};

interface Mirrored {
  readonly line: string;
  readonly headers: readonly string[];
  readonly body: string;
  readonly trailers: readonly string[];
}

async function mirrored(exchange: HttpExchange): Promise<Mirrored> {
  return JSON.parse(await textOf(exchange)) as Mirrored;
}

test('without a permit nothing is sent', () => {
  expect(() => stack.request({} as Permit, head(1), NEVER)).toThrow(TypeError);
});

describe('a request', () => {
  test('goes to the address, with the name in Host, and its headers as they were given', async () => {
    const port = await serve(mirror);
    const headers = [field('X-One', 'a'), field('x-one', 'b'), field('X-Bytes', '\xe9\xff\t!')];
    expect(await mirrored(get(head(port, { path: '/a%20b?c=d', headers })))).toEqual({
      line: 'GET /a%20b?c=d',
      headers: [
        'Host',
        `a.test:${port}`,
        'X-One',
        'a',
        'x-one',
        'b',
        'X-Bytes',
        '\xe9\xff\t!',
        'Connection',
        'keep-alive',
      ],
      body: '',
      trailers: [],
    });
  });

  test.each(['GET', 'HEAD', 'DELETE', 'OPTIONS', 'PURGE', 'POST'])(
    '%s without a body says so',
    async (method) => {
      let seen: string[] = [];
      const port = await serve((request, response) => {
        seen = request.rawHeaders.map((text) => text.toLowerCase());
        response.end();
      });
      await get(head(port, { method })).response;
      expect(seen).not.toContain('transfer-encoding');
      expect(seen.includes('content-length')).toBe(method === 'PURGE' || method === 'POST');
    },
  );

  test.each(['GET', 'POST'])('%s with a body of known length', async (method) => {
    const exchange = send(
      head(await serve(mirror), { method, contentLength: 5, headers: [field('content-length', '5')] }),
    );
    await writeAll(exchange.body, 'hello');
    exchange.finishBody([]);
    const { headers, body } = await mirrored(exchange);
    expect([body, headers.filter((text) => /^content-length$/i.test(text)).length]).toEqual(['hello', 1]);
    expect(headers).not.toContain('Transfer-Encoding');
  });

  test.each(['GET', 'PUT'])(
    '%s with a body of unknown length is chunked, and may have trailers',
    async (method) => {
      const exchange = send(head(await serve(mirror), { method, headers: [field('trailer', 'x-sum')] }));
      await writeAll(exchange.body, 'hello ');
      await delay(5);
      await writeAll(exchange.body, 'world');
      exchange.finishBody([field('X-Sum', '\xe9'), field('Content-Length', '3'), field('host', 'evil')]);
      const { headers, body, trailers } = await mirrored(exchange);
      expect([body, trailers]).toEqual(['hello world', ['X-Sum', '\xe9']]);
      expect(headers).toContain('Transfer-Encoding');
      expect(headers).toContain('trailer');
    },
  );

  test('about the connection or the framing says nothing of the guest’s', async () => {
    const names = [
      'Connection',
      'content-length',
      'Expect',
      'Host',
      'HTTP2-Settings',
      'Keep-Alive',
      'Proxy-Authorization',
      'Proxy-Connection',
      'Transfer-Encoding',
      'Upgrade',
    ];
    const port = await serve(mirror);
    const headers = names.map((name) => field(name, name === 'Expect' ? '100-continue' : 'evil'));
    const seen = await mirrored(get(head(port, { headers: [...headers, field('trailer', 'x')] })));
    expect(seen.headers).toEqual(['Host', `a.test:${port}`, 'Connection', 'keep-alive']);
  });

  test('is sent before its body is there, and answered before its end', async () => {
    const port = await serve((request, response) => {
      response.write('first ');
      void bodyOf(request).then((body) => response.end(body));
    });
    const exchange = send(head(port, { method: 'POST' }));
    const { body } = await exchange.response;
    expect(await readSome(body)).toBe('first ');
    await writeAll(exchange.body, 'second');
    exchange.finishBody([]);
    expect(await readText(body)).toBe('second');
  });

  test.each<[string, Partial<HttpRequestHead>, string]>([
    ['a line break in the path', { path: '/\r\nX: y' }, 'HTTP-request-URI-invalid'],
    ['a space in the path', { path: '/a b' }, 'HTTP-request-URI-invalid'],
    ['an absolute path', { path: 'http://evil.test/' }, 'HTTP-request-URI-invalid'],
    ['a line break in the method', { method: 'GET / HTTP/1.1\r\nX: y' }, 'HTTP-request-method-invalid'],
    ['a space in the method', { method: 'GE T' }, 'HTTP-request-method-invalid'],
    ['a method that would be written in capitals', { method: 'get' }, 'HTTP-request-method-invalid'],
    ['a tunnel', { method: 'CONNECT' }, 'HTTP-request-method-invalid'],
    ['a line break in the host', { host: 'a.test\r\nX: y' }, 'HTTP-request-URI-invalid'],
    ['a path in the host', { host: 'a.test/x' }, 'HTTP-request-URI-invalid'],
    ['a user in the host', { host: 'u@a.test' }, 'HTTP-request-URI-invalid'],
    ['a line break in a name', { headers: [field('x\r\ny', 'z')] }, 'HTTP-protocol-error'],
    ['a colon in a name', { headers: [field('x:', 'z')] }, 'HTTP-protocol-error'],
    ['a line break in a value', { headers: [field('x', 'a\r\nb: c')] }, 'HTTP-protocol-error'],
    ['a bare CR in a value', { headers: [field('x', 'a\rb')] }, 'HTTP-protocol-error'],
    ['a NUL in a value', { headers: [field('x', 'a\0b')] }, 'HTTP-protocol-error'],
  ])('with %s is not sent', async (_, more, tag) => {
    let requests = 0;
    const port = await serve((_request, response) => {
      requests++;
      response.end();
    });
    await expect(get(head(port, more)).response).rejects.toMatchObject({
      name: 'HttpFailure',
      error: { tag },
    });
    await delay(10);
    expect(requests).toBe(0);
  });

  test('with a line break in a trailer ends', async () => {
    const exchange = send(head(await serve(mirror), { method: 'PUT' }));
    await writeAll(exchange.body, 'x');
    exchange.finishBody([field('x', 'a\r\nb')]);
    await expect(exchange.response).rejects.toMatchObject({ error: { tag: 'HTTP-protocol-error' } });
  });

  test('whose body is longer than was said ends, and the rest is not sent', async () => {
    let received = '';
    const port = await serve((request) => {
      request.on('data', (chunk) => void (received += String(chunk)));
      request.on('error', () => undefined);
    });
    const exchange = send(head(port, { method: 'POST', contentLength: 3 }));
    exchange.body.write(Buffer.from('abcGET /evil'), 0, 3);
    expect(exchange.body.write(Buffer.from('GET /evil'), 0, 9)).toBe(StreamStatus.failed);
    expect(exchange.body.cause).toEqual({ kind: 'http', error: { tag: 'HTTP-request-body-size', val: 12n } });
    await expect(exchange.response).rejects.toMatchObject({ error: { tag: 'HTTP-request-body-size' } });
    await delay(10);
    expect(received).not.toContain('evil');
  });

  test('whose body is shorter than was said, or is dropped, never looks whole', async () => {
    const whole: boolean[] = [];
    const port = await serve((request) => {
      request.on('close', () => whole.push(request.complete));
      request.on('error', () => undefined);
      request.resume();
    });
    const short = send(head(port, { method: 'POST', contentLength: 9 }));
    await writeAll(short.body, 'abc');
    await delay(20);
    short.finishBody([]);
    await expect(short.response).rejects.toMatchObject({ error: { tag: 'HTTP-request-body-size', val: 3n } });
    const dropped = send(head(port, { method: 'POST' }));
    await writeAll(dropped.body, 'abc');
    await delay(20);
    dropped.body.close();
    await expect(dropped.response).rejects.toMatchObject({ error: { tag: 'connection-terminated' } });
    await expect.poll(() => whole).toEqual([false, false]);
  });

  test('with a big body meets back-pressure', async () => {
    let read = (): void => undefined;
    let received = 0;
    const port = await serve((request, response) => {
      read = () => {
        request.on('data', (chunk: Buffer) => void (received += chunk.length));
        request.on('end', () => response.end(String(received)));
      };
    });
    const exchange = send(head(port, { method: 'POST' }));
    const block = new Uint8Array(WRITE_BUDGET);
    let total = 0;
    for (let room = exchange.body.checkWrite(); room > 0; room = exchange.body.checkWrite()) {
      exchange.body.write(block, 0, room);
      total += room;
      await delay(20);
    }
    expect(exchange.body.ready()).toBe(false);
    read();
    await exchange.body.wait();
    expect(exchange.body.checkWrite()).toBeGreaterThan(0);
    exchange.finishBody([]);
    expect(await textOf(exchange)).toBe(String(total));
  });
});

describe('a response', () => {
  const answer = (onRequest: (response: ServerResponse) => void): Promise<number> =>
    serve((_request, response) => onRequest(response));

  test('comes with its headers as they were sent', async () => {
    const port = await answer((response) => {
      response.sendDate = false;
      response.writeHead(201, [
        'X-A',
        'one',
        'x-a',
        'two',
        'Set-Cookie',
        'a',
        'Set-Cookie',
        'b',
        'X-B',
        '\xe9',
        'Content-Length',
        '0',
      ]);
      response.end();
    });
    const { status, headers, body, trailers } = await get(head(port)).response;
    expect(status).toBe(201);
    expect(
      headers.map(({ name, value }) => `${name}=${Buffer.from(value).toString('latin1')}`).slice(0, 6),
    ).toEqual(['X-A=one', 'x-a=two', 'Set-Cookie=a', 'Set-Cookie=b', 'X-B=\xe9', 'Content-Length=0']);
    expect([await readText(body), await trailers]).toEqual(['', undefined]);
  });

  test('has trailers after its body', async () => {
    const port = await answer((response) => {
      response.writeHead(200, { trailer: 'x-sum' });
      response.write('body');
      response.addTrailers([['X-Sum', 'abc']]);
      response.end();
    });
    const { body, trailers } = await get(head(port)).response;
    expect(await readText(body)).toBe('body');
    expect((await trailers)?.map(({ name, value }) => [name, Buffer.from(value).toString()])).toEqual([
      ['X-Sum', 'abc'],
    ]);
  });

  test.each([
    ['HEAD', 200],
    ['GET', 204],
    ['GET', 304],
  ])('to %s with %d has no body', async (method, status) => {
    const port = await answer((response) => {
      response.writeHead(status, method === 'HEAD' ? { 'content-length': '5' } : {});
      response.end();
    });
    const exchange = get(head(port, { method }));
    expect((await exchange.response).status).toBe(status);
    expect(await textOf(exchange)).toBe('');
  });

  test.each([301, 302, 303, 307, 308])('that redirects (%d) is the guest’s to follow', async (status) => {
    let requests = 0;
    const port = await answer((response) => {
      requests++;
      response.writeHead(status, { location: '/elsewhere' });
      response.end();
    });
    const exchange = get(head(port));
    expect((await exchange.response).status).toBe(status);
    await textOf(exchange);
    expect(requests).toBe(1);
  });

  test('that is compressed stays so', async () => {
    const bytes = gzipSync('x'.repeat(10_000));
    const port = await answer((response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' });
      response.end(bytes);
    });
    const { body } = await get(head(port, { headers: [field('accept-encoding', 'gzip')] })).response;
    expect((await readAll(body)).bytes.equals(bytes)).toBe(true);
  });

  test('of a size that nothing holds is held up until the guest reads', async () => {
    let written = 0;
    const block = Buffer.alloc(65_536, 'x');
    const port = await answer((response) => {
      const more = (): void => {
        while (written < 400 * block.length) {
          written += block.length;
          if (!response.write(block)) return void response.once('drain', more);
        }
        response.end();
      };
      more();
    });
    const { body } = await get(head(port)).response;
    let before = -1;
    await expect.poll(() => before === (before = written), { interval: 100, timeout: 10_000 }).toBe(true);
    expect(written).toBeLessThan(400 * block.length);
    const target = Buffer.alloc(10_000_000);
    let held = 0;
    for (let count = 1; count > 0; held += count) count = body.readInto(target, 0, target.length);
    expect(held).toBeLessThanOrEqual(3 * 65_536);
    expect((await readAll(body, 100_000)).bytes.length + held).toBe(400 * block.length);
  });

  test('that the guest gives up ends its connection', async () => {
    let closed = false;
    const port = await serve((request, response) => {
      request.socket.on('close', () => void (closed = true));
      response.write('x'.repeat(100));
    });
    const { body, trailers } = await get(head(port)).response;
    body.close();
    expect(await trailers).toBeUndefined();
    await expect.poll(() => closed).toBe(true);
  });
});

test.each(['::1', '[::1]'])('an IPv6 address is a host: %s', async (host) => {
  const server = createServer((request, response) => response.end(request.headers.host));
  servers.push(server);
  server.listen(0, '::1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  expect(await textOf(get(head(port, { host, address: ip('::1') })))).toBe(`[::1]:${port}`);
});

describe('connections', () => {
  /** Answers with the number of its connection. */
  async function counting(tls?: ServerOptions): Promise<number> {
    const known: unknown[] = [];
    return serve((request, response) => {
      if (!known.includes(request.socket)) known.push(request.socket);
      response.end(String(known.indexOf(request.socket)));
    }, tls);
  }

  test('are used again for the same host, port and address, and for nothing else', async () => {
    const port = await counting();
    const ask = (more: Partial<HttpRequestHead> = {}): Promise<string> => textOf(get(head(port, more)));
    expect([await ask(), await ask(), await ask({ method: 'POST' })]).toEqual(['0', '0', '0']);
    expect(await ask({ host: 'b.test' })).toBe('1');
    expect(await ask({ host: '127.0.0.1' })).toBe('2');
    expect(await ask()).toBe('0');
  });

  test('are used again when the guest took all bytes and did not ask for the end', async () => {
    const port = await counting();
    for (let i = 0; i < 3; i++) {
      const { body, trailers } = await get(head(port)).response;
      await body.wait();
      const target = Buffer.alloc(1);
      const count = body.readInto(target, 0, 1);
      body.close();
      expect([count, target.toString()]).toEqual([1, '0']);
      expect(await trailers).toBeUndefined();
      await delay(5);
    }
  });

  test('of another address are not used again, whatever the name', async () => {
    const port = await counting();
    expect(await textOf(get(head(port)))).toBe('0');
    // The rest of 127.0.0.0/8 is this host as well; the server listens on 127.0.0.1 alone.
    await expect(get(head(port, { address: ip('127.0.0.2') })).response).rejects.toMatchObject({
      error: { tag: 'connection-refused' },
    });
  });

  test('are no other stack’s, and TLS sessions are not either', async () => {
    const reused: boolean[] = [];
    const sockets = new Set<unknown>();
    const port = await serveTls((request, response) => {
      reused.push((request.socket as TLSSocket).isSessionReused());
      sockets.add(request.socket);
      response.end();
    });
    const [one, other] = [open(), open()];
    const request = head(port, { scheme: 'https' });
    for (const stack of [one, other, one]) await textOf(get(request, stack));
    expect([sockets.size, reused]).toEqual([2, [false, false, false]]);
    // Nor is one kept for a second connection of the same stack.
    await Promise.all([textOf(get(request, one)), textOf(get(request, one))]);
    expect(reused).not.toContain(true);
  });

  test('that wait are bounded in number', async () => {
    const port = await serve((_request, response) => response.end());
    const server = servers.at(-1) as Server;
    await Promise.all(Array.from({ length: 40 }, (_, i) => textOf(get(head(port, { host: `h${i}.test` })))));
    const open = (): Promise<number> =>
      new Promise((resolve) => void server.getConnections((_, count) => resolve(count)));
    await expect.poll(open).toBe(16);
    stack.close();
    await expect.poll(open).toBe(0);
  });

  test('that the server closed while they waited are not the guest’s trouble', async () => {
    const port = await counting();
    const server = servers.at(-1) as Server;
    for (let i = 0; i < 5; i++) {
      await textOf(get(head(port)));
      // Now, or in the moment that the next request is sent.
      if (i % 2 === 0) server.closeAllConnections();
      else setImmediate(() => server.closeAllConnections());
      expect(await textOf(get(head(port)))).toMatch(/^\d$/);
    }
  });

  test('do not keep the process, nor outlive the stack', async () => {
    const port = await serve((request, response) => {
      if (request.url === '/hang') return;
      response.end('x');
    });
    await textOf(get(head(port)));
    const hanging = get(head(port, { path: '/hang', timeouts: { total: 60e9, firstByte: 60e9 } }));
    await delay(20);
    const before = process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
    stack.close();
    await expect(hanging.response).rejects.toMatchObject({ error: { tag: 'connection-terminated' } });
    const after = process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
    expect(after).toBeLessThan(before);
    const late = get(head(port));
    await expect(late.response).rejects.toMatchObject({ error: { tag: 'connection-terminated' } });
    expect(late.body.checkWrite()).toBeLessThan(0);
  });
});

describe('TLS', () => {
  const https = (port: number, more: Partial<HttpRequestHead> = {}): HttpRequestHead =>
    head(port, { scheme: 'https', ...more });

  test.each(['a.test', 'b.test', '127.0.0.1'])(
    'speaks to %s, whose name the certificate has',
    async (host) => {
      let servername: unknown;
      const port = await serveTls((request, response) => {
        servername = (request.socket as TLSSocket).servername;
        response.end(request.headers.host);
      });
      expect(await textOf(get(https(port, { host })))).toBe(`${host}:${port}`);
      expect(servername).toBe(host === '127.0.0.1' ? false : host);
    },
  );

  test('does not speak to a name that the certificate does not have, and sends it nothing', async () => {
    let requests = 0;
    const port = await serveTls((_request, response) => {
      requests++;
      response.end();
    });
    const exchange = send(
      https(port, { host: 'c.test', method: 'POST', headers: [field('authorization', 'secret')] }),
    );
    exchange.body.write(Buffer.from('secret'), 0, 6);
    await expect(exchange.response).rejects.toMatchObject({ error: { tag: 'TLS-certificate-error' } });
    expect(exchange.body.checkWrite()).toBe(StreamStatus.failed);
    expect(exchange.body.cause).toEqual({ kind: 'http', error: { tag: 'TLS-certificate-error' } });
    await delay(10);
    expect(requests).toBe(0);
  });

  test('trusts nobody but the authorities that were given', async () => {
    const port = await serveTls((_request, response) => response.end());
    const untrusting = openNetwork({});
    stacks.push(untrusting);
    for (const stack of [untrusting, open({ certificateAuthorities: [] })]) {
      await expect(get(https(port), stack).response).rejects.toMatchObject({
        error: { tag: 'TLS-certificate-error' },
      });
    }
  });

  test('is not turned off by the process’s environment', async () => {
    const port = await serveTls((_request, response) => response.end());
    process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0';
    try {
      await expect(get(https(port, { host: 'c.test' })).response).rejects.toMatchObject({
        error: { tag: 'TLS-certificate-error' },
      });
    } finally {
      delete process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
    }
  });

  test('shows a client certificate to the host that it is for, and to no other', async () => {
    const port = await serveTls(
      (request, response) => {
        const { subject } = (request.socket as TLSSocket).getPeerCertificate();
        response.end(String(subject?.CN));
      },
      { requestCert: true, ca: TEST_CA, rejectUnauthorized: false },
    );
    const certificate = { certificate: CLIENT_TLS.cert, key: CLIENT_TLS.key };
    const stack = open({ clientCertificates: new Map([['a.test', certificate]]) });
    expect(await textOf(get(https(port), stack))).toBe('Bailiwick test client');
    expect(await textOf(get(https(port, { host: 'b.test' }), stack))).toBe('undefined');
  });

  test.each<[string, ServerOptions, string]>([
    ['a client certificate that is missing', { requestCert: true, ca: TEST_CA }, 'TLS-alert-received'],
    ['no common version', { maxVersion: 'TLSv1.1', minVersion: 'TLSv1' }, 'TLS-alert-received'],
  ])('says when there is %s', async (_, options, tag) => {
    const port = await serveTls((_request, response) => response.end(), options);
    await expect(get(https(port)).response).rejects.toMatchObject({ error: { tag } });
  });

  test('with a server that speaks no TLS', async () => {
    const port = await serve((_request, response) => response.end());
    const error = await get(https(port)).response.catch((failure: unknown) => failure);
    expect(error).toMatchObject({
      error: { tag: expect.stringMatching(/^TLS-protocol-error$|^connection-terminated$/) },
    });
  });

  test.each<[string, NetworkOptions]>([
    [
      'authorities',
      { certificateAuthorities: ['-----BEGIN CERTIFICATE-----\nsecret\n-----END CERTIFICATE-----'] },
    ],
    ['a key', { clientCertificates: new Map([['a.test', { certificate: CLIENT_TLS.cert, key: 'secret' }]]) }],
    [
      'the key of another',
      { clientCertificates: new Map([['a.test', { certificate: CLIENT_TLS.cert, key: SERVER_TLS.key }]]) },
    ],
    ['a proxy', { proxy: { url: 'socks5://secret:secret@proxy.test' } }],
    ['a proxy with a password', { proxy: { url: 'http://u:secret@proxy.test' } }],
  ])('%s that cannot be used are the embedder’s to hear, without what is in them', (_, options) => {
    expect(() => openNetwork(options)).toThrow(BindingError);
    try {
      openNetwork(options);
    } catch (error) {
      expect(String((error as Error).stack)).not.toContain('secret');
      expect((error as Error).cause).toBeUndefined();
    }
  });
});

describe('timeouts', () => {
  test.each<[string, Partial<HttpRequestHead['timeouts']>, string]>([
    ['first byte', { firstByte: 30e6 }, 'HTTP-response-timeout'],
    ['total', { total: 30e6 }, 'HTTP-response-timeout'],
  ])('%s, before the response', async (_, timeouts, tag) => {
    const port = await serve(() => undefined);
    await expect(get(head(port, { timeouts })).response).rejects.toMatchObject({ error: { tag } });
  });

  test.each<[string, Partial<HttpRequestHead['timeouts']>, string]>([
    ['between bytes', { betweenBytes: 50e6 }, 'connection-read-timeout'],
    ['total', { total: 100e6 }, 'HTTP-response-timeout'],
  ])('%s, within the response', async (_, timeouts, tag) => {
    const port = await serve((_request, response) => response.write('part'));
    const { body } = await get(head(port, { timeouts })).response;
    const { bytes, status } = await readAll(body);
    expect([bytes.toString(), status, body.cause]).toEqual([
      'part',
      StreamStatus.failed,
      { kind: 'http', error: { tag } },
    ]);
  });

  test('between bytes is not for a guest that takes its time', async () => {
    const port = await serve((_request, response) => response.end('all of it'));
    const { body } = await get(head(port, { timeouts: { betweenBytes: 20e6 } })).response;
    await delay(100);
    expect(await readText(body)).toBe('all of it');
  });

  test('to connect', async () => {
    // A port that takes no connection: the handshake of TLS is part of making one, and this server never answers it.
    const port = await serve(() => undefined);
    (servers.at(-1) as Server).removeAllListeners('connection');
    const request = head(port, { scheme: 'https', timeouts: { connect: 50e6 } });
    await expect(get(request).response).rejects.toMatchObject({ error: { tag: 'connection-timeout' } });
  });

  test('of a request that is over have no effect on the next', async () => {
    const port = await serve((_request, response) => response.end('x'));
    const timeouts = { connect: 50e6, firstByte: 50e6, betweenBytes: 50e6, total: 50e6 };
    expect(await textOf(get(head(port, { timeouts })))).toBe('x');
    await delay(80);
    expect(await textOf(get(head(port)))).toBe('x');
  });
});

test('a signal ends a request at once', async () => {
  let closed = false;
  const port = await serve((request) => void request.socket.on('close', () => void (closed = true)));
  const abort = new AbortController();
  const exchange = stack.request(networkPermit, head(port), abort.signal);
  exchange.finishBody([]);
  await delay(20);
  abort.abort();
  await expect(exchange.response).rejects.toMatchObject({ error: { tag: 'connection-terminated' } });
  await expect.poll(() => closed).toBe(true);
});

test('many requests of one instance at once leave nothing on its signal', async () => {
  const warnings: unknown[] = [];
  const note = (warning: unknown): void => void warnings.push(warning);
  process.on('warning', note);
  const port = await serve((_request, response) => response.end('x'));
  const abort = new AbortController();
  const exchanges = Array.from({ length: 50 }, () => stack.request(networkPermit, head(port), abort.signal));
  for (const exchange of exchanges) exchange.finishBody([]);
  expect(await Promise.all(exchanges.map(textOf))).toEqual(exchanges.map(() => 'x'));
  await expect.poll(() => getEventListeners(abort.signal, 'abort')).toEqual([]);
  process.off('warning', note);
  expect(warnings).toEqual([]);
});

test('nobody listens', async () => {
  const port = await serve(() => undefined);
  const server = servers.at(-1) as Server;
  server.close();
  await once(server, 'close');
  const failure = (await get(head(port)).response.catch((error: unknown) => error)) as Error;
  expect(failure).toMatchObject({ error: { tag: 'connection-refused' } });
  expect([failure.message, failure.cause]).toEqual(['connection-refused', undefined]);
});
