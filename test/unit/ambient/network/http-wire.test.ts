import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openNetwork } from '../../../../src/ambient/network/open-network.ts';
import { StreamStatus } from '../../../../src/virtual/io/streams.ts';
import type { HttpExchange, HttpRequestHead, NetworkStack } from '../../../../src/virtual/network/stack.ts';
import { readAll } from '../../../support/byte-streams.ts';
import { ip, networkPermit } from '../../../support/network-permit.ts';

const NEVER = new AbortController().signal;

let stack: NetworkStack;
let server: Server | undefined;
let sockets: Socket[] = [];

beforeEach(() => {
  stack = openNetwork({});
});

afterEach(() => {
  stack.close();
  for (const socket of sockets) socket.destroy();
  sockets = [];
  server?.close();
  server = undefined;
});

/** A server that speaks bytes. @param onHead called once per request that has no body. @returns its port */
async function serve(onHead: (socket: Socket, head: string, index: number) => void): Promise<number> {
  let count = 0;
  server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined);
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      for (let end = text.indexOf('\r\n\r\n'); end >= 0; end = text.indexOf('\r\n\r\n')) {
        const head = text.slice(0, end);
        text = text.slice(end + 4);
        onHead(socket, head, count++);
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** A server that gives each request the same bytes, then ends. */
function answering(bytes: string): Promise<number> {
  return serve((socket) => socket.end(bytes, 'latin1'));
}

function get(port: number, more: Partial<HttpRequestHead> = {}): HttpExchange {
  const exchange = stack.request(
    networkPermit,
    {
      method: 'GET',
      scheme: 'http',
      host: 'a.test',
      port,
      address: ip('127.0.0.1'),
      path: '/',
      headers: [],
      contentLength: undefined,
      timeouts: { total: 5e9 },
      ...more,
    },
    NEVER,
  );
  exchange.finishBody([]);
  return exchange;
}

/** What a guest learns: the text of the body, and the error if there is one. */
async function outcome(exchange: HttpExchange): Promise<{ readonly text?: string; readonly tag?: string }> {
  let body;
  try {
    ({ body } = await exchange.response);
  } catch (failure) {
    return { tag: (failure as { error: { tag: string } }).error.tag };
  }
  const { bytes, status } = await readAll(body);
  const text = bytes.toString('latin1');
  if (status === StreamStatus.closed) return { text };
  return { text, ...(body.cause?.kind === 'http' && { tag: body.cause.error.tag }) };
}

const OK = 'HTTP/1.1 200 OK\r\n';

describe('what is no response that can be framed in one way only is an error', () => {
  test.each([
    ['two lengths', `${OK}Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!`],
    ['two lengths that are the same', `${OK}Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello`],
    ['a list of lengths', `${OK}Content-Length: 5, 5\r\n\r\nhello`],
    ['a length with a sign', `${OK}Content-Length: +5\r\n\r\nhello`],
    ['a length in hexadecimal', `${OK}Content-Length: 0x5\r\n\r\nhello`],
    ['a length that overflows', `${OK}Content-Length: 18446744073709551621\r\n\r\nhello`],
    [
      'a length and chunks',
      `${OK}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n`,
    ],
    [
      'chunks and a length',
      `${OK}Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n5\r\nhello\r\n0\r\n\r\n`,
    ],
    ['a bare CR in a value', `${OK}X: a\rContent-Length: 0\r\n\r\n`],
    ['a bare CR as the end of a line', `${OK}X: a\rY: b\r\nContent-Length: 0\r\n\r\n`],
    ['a bare CR in a name', `${OK}X\r: a\r\nContent-Length: 0\r\n\r\n`],
    ['a bare CR in the status', 'HTTP/1.1 200 O\rK\r\nContent-Length: 0\r\n\r\n'],
    ['a NUL in a value', `${OK}X: a\0b\r\nContent-Length: 0\r\n\r\n`],
    ['a space before a colon', `${OK}Content-Length : 5\r\n\r\nhello`],
    ['a folded line', `${OK}X: a\r\n b\r\nContent-Length: 0\r\n\r\n`],
    ['a line without a colon', `${OK}nonsense\r\n\r\n`],
    ['a version of its own', 'HTTP/9.9 200 OK\r\n\r\n'],
    ['no HTTP', 'SSH-2.0-OpenSSH_9.9\r\n'],
    ['a status that is no number', 'HTTP/1.1 2x0 OK\r\n\r\n'],
    ['a chunk of no length', `${OK}Transfer-Encoding: chunked\r\n\r\nxyz\r\nhello\r\n0\r\n\r\n`],
    [
      'a chunk of a length that overflows',
      `${OK}Transfer-Encoding: chunked\r\n\r\n10000000000000005\r\nhello\r\n0\r\n\r\n`,
    ],
    ['a chunk that is longer than it says', `${OK}Transfer-Encoding: chunked\r\n\r\n4\r\nhello\r\n0\r\n\r\n`],
    [
      'a line of a chunk that ends in LF alone',
      `${OK}Transfer-Encoding: chunked\r\n\r\n5\nhello\r\n0\r\n\r\n`,
    ],
  ])('%s', async (_, bytes) => {
    expect((await outcome(get(await answering(bytes)))).tag).toBe('HTTP-protocol-error');
  });
});

describe('what does not come to its end is no whole', () => {
  test.each([
    ['a body of a length', `${OK}Content-Length: 10\r\n\r\nhello`, 'hello'],
    ['chunks', `${OK}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n`, 'hello'],
    ['a chunk', `${OK}Transfer-Encoding: chunked\r\n\r\n5\r\nhe`, 'he'],
    ['trailers', `${OK}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nx: y\r\n`, 'hello'],
  ])('%s', async (_, bytes, text) => {
    expect(await outcome(get(await answering(bytes)))).toEqual({ text, tag: 'HTTP-response-incomplete' });
  });

  test.each([
    ['nothing at all', '', 'connection-terminated'],
    ['a part of the head', `${OK}Content-Le`, 'connection-terminated'],
  ])('%s', async (_, bytes, tag) => {
    expect(await outcome(get(await answering(bytes)))).toEqual({ tag });
  });

  test('a body without a length ends with its connection, but not with a reset', async () => {
    expect(await outcome(get(await answering(`${OK}\r\nhello`)))).toEqual({ text: 'hello' });
    const port = await serve((socket) => {
      socket.write(`${OK}\r\nhello`);
      setTimeout(() => socket.resetAndDestroy(), 20);
    });
    expect(await outcome(get(port))).toEqual({ text: 'hello', tag: 'HTTP-response-incomplete' });
  });
});

describe('the size of a head is bounded', () => {
  test.each([
    ['one header', `${OK}X: ${'x'.repeat(70_000)}\r\n\r\n`],
    ['many headers', `${OK}${'a: b\r\n'.repeat(2049)}\r\n`],
    ['very many headers', `${OK}${'a:\r\n'.repeat(60_000)}\r\n`],
    ['a name without end', `${OK}${'x'.repeat(100_000)}`],
  ])('%s', async (_, bytes) => {
    expect(await outcome(get(await answering(bytes)))).toEqual({ tag: 'HTTP-response-header-section-size' });
  });

  test('and nothing within the bound is left out', async () => {
    const port = await answering(`${OK}${'a: b\r\n'.repeat(2047)}Content-Length: 0\r\n\r\n`);
    expect((await get(port).response).headers).toHaveLength(2048);
  });

  test.each([
    ['many', 'a: b\r\n'.repeat(2049), 'HTTP-response-trailer-section-size'],
    ['long', `a: ${'b'.repeat(70_000)}\r\n`, 'HTTP-response-header-section-size'],
  ])('of trailers, too: %s', async (_, trailers, tag) => {
    const bytes = `${OK}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n${trailers}\r\n`;
    expect(await outcome(get(await answering(bytes)))).toEqual({ text: 'hello', tag });
  });
});

describe('interim responses', () => {
  test('are skipped', async () => {
    const port = await answering(
      `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n${OK}Content-Length: 2\r\n\r\nok`,
    );
    expect(await outcome(get(port))).toEqual({ text: 'ok' });
  });

  test('without end are no response', async () => {
    const port = await answering('HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(100));
    expect(await outcome(get(port))).toEqual({ tag: 'HTTP-protocol-error' });
  });

  test('that change the protocol fail, and the connection is closed', async () => {
    const port = await serve((socket) =>
      socket.write(
        'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nfree bytes',
      ),
    );
    const upgrade = [
      { name: 'Connection', value: Buffer.from('Upgrade') },
      { name: 'Upgrade', value: Buffer.from('websocket') },
    ];
    expect(await outcome(get(port, { headers: upgrade }))).toEqual({ tag: 'HTTP-upgrade-failed' });
    await expect.poll(() => sockets[0]?.destroyed).toBe(true);
  });
});

test('a change of the protocol that is none, and codings of a transfer that the guest could not see', async () => {
  const bare = await answering('HTTP/1.1 101 Switching Protocols\r\nContent-Length: 2\r\n\r\nok');
  expect(await outcome(get(bare))).toEqual({ tag: 'HTTP-upgrade-failed' });
  server?.close();
  for (const coding of ['gzip', 'gzip, chunked', 'identity', 'xchunked']) {
    const port = await answering(`${OK}Transfer-Encoding: ${coding}\r\n\r\n2\r\nok\r\n0\r\n\r\n`);
    expect((await outcome(get(port))).tag).toMatch(/^HTTP-response-transfer-coding$|^HTTP-protocol-error$/);
    server?.close();
  }
});

describe('a response that nobody asked for is no answer to the next request', () => {
  const first = `${OK}Content-Length: 5\r\n\r\nfirst`;
  const poison = `${OK}Content-Length: 6\r\n\r\npoison`;
  const second = `${OK}Content-Length: 6\r\n\r\nsecond`;

  test.each([
    ['with the one before', 0],
    ['while the connection waits', 20],
  ])('that comes %s', async (_, wait) => {
    const port = await serve((socket, _head, index) => {
      if (index > 0) socket.write(second);
      else if (wait === 0) socket.write(first + poison);
      else {
        socket.write(first);
        setTimeout(() => socket.write(poison), wait);
      }
    });
    expect(await outcome(get(port))).toEqual({ text: 'first' });
    await delay(50);
    expect(await outcome(get(port))).toEqual({ text: 'second' });
    expect(sockets).toHaveLength(2);
  });
});

describe('a connection that breaks before anything of the answer', () => {
  /** Answers on a connection once, and closes it at its next request. */
  const closing = async (part = ''): Promise<{ port: number; heads: string[] }> => {
    const heads: string[] = [];
    const seen = new Set<Socket>();
    const port = await serve((socket, head) => {
      heads.push(head);
      if (seen.has(socket)) return void socket.end(part);
      seen.add(socket);
      socket.write(`${OK}Content-Length: 2\r\n\r\nok`);
    });
    return { port, heads };
  };

  test('after it waited: the request is sent once more, on a new one', async () => {
    const { port, heads } = await closing();
    expect(await outcome(get(port))).toEqual({ text: 'ok' });
    expect(await outcome(get(port))).toEqual({ text: 'ok' });
    expect([heads.length, sockets.length]).toEqual([3, 2]);
  });

  test.each<[string, Partial<HttpRequestHead>, string]>([
    ['is not when it may have had an effect', { method: 'POST' }, ''],
    ['is not when the answer had begun', {}, 'HTTP/1.1 2'],
  ])('and it %s', async (_, more, part) => {
    const { port, heads } = await closing(part);
    expect(await outcome(get(port))).toEqual({ text: 'ok' });
    expect(await outcome(get(port, more))).toEqual({ tag: 'connection-terminated' });
    expect(heads).toHaveLength(2);
  });

  test('and it is not a second time', async () => {
    let connections = 0;
    const port = await serve((socket) => {
      if (sockets.indexOf(socket) > 0 || connections++ > 0) return void socket.destroy();
      socket.write(`${OK}Content-Length: 2\r\n\r\nok`);
    });
    expect(await outcome(get(port))).toEqual({ text: 'ok' });
    expect(await outcome(get(port))).toEqual({ tag: 'connection-terminated' });
    expect(sockets).toHaveLength(2);
  });

  test('that is new: it is not sent again', async () => {
    const port = await serve((socket) => socket.destroy());
    expect(await outcome(get(port))).toEqual({ tag: 'connection-terminated' });
    expect(sockets).toHaveLength(1);
  });
});

test(
  'a connection that waits long enough is closed; one whose server is slower than that is not',
  {
    timeout: 20_000,
  },
  async () => {
    const port = await serve((socket, head) => {
      if (head.startsWith('GET /late')) setTimeout(() => socket.end(`${OK}\r\nlate`), 4500);
      else socket.write(`${OK}Content-Length: 2\r\n\r\nok`);
    });
    expect(await outcome(get(port))).toEqual({ text: 'ok' });
    expect(await outcome(get(port, { path: '/late', host: 'b.test', timeouts: {} }))).toEqual({
      text: 'late',
    });
    await expect.poll(() => sockets[0]?.destroyed, { timeout: 5000 }).toBe(true);
  },
);
