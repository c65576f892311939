import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Bindings, VirtualNetwork } from '../../src/index.ts';
import { type GuestOptions, type GuestRun, type OpenGuest, openGuest } from '../support/guest-run.ts';
import { worldGuest } from './index.ts';

let guest: Uint8Array;

beforeAll(async () => {
  guest = await worldGuest('http');
});

const API = { id: 'api', methods: ['GET', 'POST'], url: 'https://api.test/**' };

/** A network in memory with the guest's host, and `api.test`, which answers as `handler` says. */
function network(handler: (request: Request) => Response | Promise<Response> = echo): {
  readonly bindings: Bindings;
} {
  const made = new VirtualNetwork();
  made.serve('api.test', handler);
  return { bindings: { virtualNetwork: made.host('guest') } };
}

/** Sends back what it was sent. */
async function echo(request: Request): Promise<Response> {
  const { pathname, search } = new URL(request.url);
  const headers = [...request.headers].filter(([name]) => name.startsWith('x-'));
  return new Response(`${request.method} ${pathname}${search} ${await request.text()}`, {
    headers: [...headers, ['content-type', 'text/plain']],
  });
}

function open(
  http: readonly object[],
  line: readonly string[],
  { grant, ...options }: GuestOptions = {},
): Promise<OpenGuest> {
  const bindings = options.bindings ?? network().bindings;
  const kind = bindings.virtualNetwork === undefined ? {} : { network: 'virtual' };
  return openGuest(guest, 'component', {
    ...options,
    bindings,
    grant: { http, ...kind, ...grant },
    line: line.join(' + '),
  });
}

async function run(...args: Parameters<typeof open>): Promise<GuestRun> {
  return (await open(...args)).run();
}

describe('a guest', () => {
  it('sends a request that a rule allows, and reads the response', async () => {
    const { lines, of } = await run(
      [API],
      [
        'header X-One 1',
        'request POST https://api.test/a/../b?q=1',
        'body',
        'write early',
        'send',
        'write ,late',
        'finish',
        'wait',
        'read',
        'drop',
      ],
    );
    expect(lines).toEqual([
      'status=200',
      'header.content-type=text/plain',
      'header.x-one=1',
      'read=POST /b?q=1 early,late',
      'end=closed',
    ]);
    expect(of('grant-used').filter(({ grant }) => grant === 'api')).toMatchObject([
      { grant: 'api', operation: 'http-request', subject: 'POST https://api.test/b' },
    ]);
  });

  it.each([
    ['method', 'DELETE https://api.test/'],
    ['scheme', 'GET http://api.test/'],
    ['host', 'GET https://other.test/'],
    ['port', 'GET https://api.test:444/'],
    ['tunnel', 'CONNECT https://api.test/'],
  ])('is denied what no rule allows: %s', async (_what, request) => {
    const { lines, of } = await run([API], [`request ${request}`, 'send']);
    expect(lines).toEqual(['send=HTTP-request-denied']);
    expect(of('denial')).toMatchObject([
      { reason: 'not-granted', subject: request, missing: { section: 'http' } },
    ]);
  });

  it('is denied paths outside of the rule, however they are written', async () => {
    const rule = { ...API, url: 'https://api.test/rates/**' };
    const { lines } = await run(
      [rule],
      [
        'request GET https://api.test/rates/%2e%2e/admin',
        'send',
        'request GET https://api.test/rates/../admin',
        'send',
        'request GET https://api.test/rates/x',
        'send',
        'wait',
        'read',
      ],
    );
    expect(lines).toEqual([
      'send=HTTP-request-denied',
      'send=HTTP-request-denied',
      'status=200',
      'header.content-type=text/plain',
      'read=GET /rates/x ',
      'end=closed',
    ]);
  });

  it('cannot set fields about the connection', async () => {
    const names = ['Host', 'connection', 'keep-alive', 'proxy-authorization', 'transfer-encoding', 'upgrade'];
    const { lines } = await run([API], [...names.map((name) => `header ${name} x`), 'header a:b x']);
    expect(lines).toEqual([...names.map(() => 'header=forbidden'), 'header=invalid-syntax']);
  });

  it('decides itself about redirects, which are decided anew', async () => {
    const redirect = network(() => Response.redirect('https://inside.test/'));
    const { lines, of } = await run(
      [API],
      ['request GET https://api.test/', 'send', 'wait', 'drop', 'request GET https://inside.test/', 'send'],
      redirect,
    );
    expect(lines).toEqual(['status=302', 'header.location=https://inside.test/', 'send=HTTP-request-denied']);
    expect(of('denial')).toMatchObject([{ subject: 'GET https://inside.test/' }]);
  });

  it('is held back by a server that does not read, and reads a body larger than any buffer', async () => {
    const { lines } = await run(
      [API],
      ['request POST https://api.test/', 'body', 'send', 'flood 3000000', 'finish', 'wait', 'count'],
      network(async (request) => {
        await new Promise((resolve) => setTimeout(resolve, 20));
        const { length } = await request.text();
        return new Response('y'.repeat(length));
      }),
    );
    expect(lines).toEqual([
      'flood=waited',
      'status=200',
      'header.content-type=text/plain;charset=UTF-8',
      'count=3000000',
      'end=closed',
    ]);
  });

  it.each([
    ['as many bytes as it said', '5', 'write 12345', ['status=200', 'header.content-type=text/plain']],
    ['fewer', '6', 'write 12345', ['finish=HTTP-request-body-size', 'wait=HTTP-request-body-size']],
    [
      'more',
      '4',
      'write 12345',
      ['write=HTTP-request-body-size', 'finish=HTTP-request-body-size', 'wait=HTTP-request-body-size'],
    ],
  ])('sends a body of %s', async (_what, length, write, expected) => {
    const { lines } = await run(
      [API],
      [
        `header content-length ${length}`,
        'request POST https://api.test/',
        'body',
        'send',
        write,
        'finish',
        'wait',
      ],
    );
    expect(lines).toEqual(expected);
  });

  it('gives a request up with its body', async () => {
    const { lines } = await run(
      [API],
      ['request POST https://api.test/', 'body', 'send', 'write half', 'abort', 'wait'],
    );
    expect(lines).toEqual(['wait=HTTP-protocol-error']);
  });
});

it('a guest of the first WASI 0.2 is served like one of the newest', async () => {
  const old = await worldGuest('http', '0.2.0');
  const opened = await openGuest(old, 'component', {
    ...network(),
    grant: { http: [API], network: 'virtual' },
    line: 'request POST https://api.test/a + body + write text + send + finish + wait + read + trailers',
  });
  const { lines } = await opened.run();
  expect(lines).toEqual([
    'status=200',
    'header.content-type=text/plain',
    'read=POST /a text',
    'end=closed',
    'trailers=none',
  ]);
});

describe('a secret of a rule', () => {
  const rule = { ...API, headers: { 'x-key': { secret: 'KEY', format: 'key {}' } } };
  const secrets = { KEY: 'hunter2' };

  it('is sent, and shown to the guest by nothing', async () => {
    let seen: string | null = null;
    const bound = network((request) => {
      seen = request.headers.get('x-key');
      return echo(request);
    });
    const { lines, records } = await run(
      [rule],
      ['header x-key mine', 'request GET https://api.test/', 'own', 'send', 'wait', 'read'],
      { bindings: { ...bound.bindings, secrets } },
    );
    expect(seen).toBe('key hunter2');
    expect(lines).toEqual([
      'own.x-key=mine',
      'status=200',
      'header.content-type=text/plain',
      'header.x-key=key ***',
      'read=GET / ',
      'end=closed',
    ]);
    expect(JSON.stringify(records)).not.toContain('hunter2');
  });

  it('goes to no other origin', async () => {
    const made = new VirtualNetwork();
    made.serve('other.test', (request) => new Response(request.headers.get('x-key') ?? 'none'));
    const { lines } = await run(
      [rule, { id: 'other', methods: ['GET'], url: 'https://other.test/**' }],
      ['request GET https://other.test/', 'send', 'wait', 'read'],
      { bindings: { virtualNetwork: made.host('guest'), secrets } },
    );
    expect(lines).toContain('read=none');
  });
});

describe('a budget', () => {
  const get = ['request GET https://api.test/', 'send', 'wait'];

  it('of requests', async () => {
    const { lines, of } = await run(
      [{ ...API, budget: { requests: 1 } }],
      [...get, 'drop', 'request GET https://api.test/', 'send'],
    );
    expect(lines.at(-1)).toBe('send=connection-limit-reached');
    expect(of('limit')).toMatchObject([{ limit: 'api budget.requests', subject: 'GET https://api.test/' }]);
  });

  it('of concurrent requests', async () => {
    const rule = { ...API, budget: { concurrent: 1 } };
    const { lines, of } = await run([rule], [...get, ...get.slice(0, 2), 'drop', ...get]);
    expect(lines.filter((line) => !line.startsWith('header'))).toEqual([
      'status=200',
      'send=connection-limit-reached',
      'status=200',
    ]);
    expect(of('limit')).toMatchObject([{ limit: 'api budget.concurrent' }]);
  });

  it('of request bytes', async () => {
    const { lines, of } = await run(
      [{ ...API, budget: { requestBytes: 1000 } }],
      ['request POST https://api.test/', 'body', 'send', 'flood 2000', 'wait', 'flood 1'],
    );
    expect(lines).toEqual(['flood=at once', 'wait=HTTP-request-body-size', 'flood=HTTP-request-body-size']);
    expect(of('limit')).toMatchObject([{ limit: 'api budget.requestBytes', value: 1000 }]);
  });

  it('of response bytes', async () => {
    const { lines, of } = await run(
      [{ ...API, budget: { responseBytes: 1000 } }],
      [...get, 'count'],
      network(() => new Response('x'.repeat(1001))),
    );
    expect(lines.slice(-2)).toEqual(['count=1000', 'end=HTTP-response-body-size']);
    expect(of('limit')).toMatchObject([{ limit: 'api budget.responseBytes', value: 1000 }]);
  });
});

describe('a guest that waits', () => {
  /** Answers with a first part, and never with more. */
  const endless = (): Response =>
    new Response(
      new ReadableStream({
        start(controller) {
          controller.enqueue(new TextEncoder().encode('first'));
        },
      }),
    );

  it.each([
    ['for a response', () => new Promise<Response>(() => undefined), ['say sent', 'wait'], 'wait'],
    ['in the middle of a body', endless, ['wait', 'part', 'part'], 'part'],
  ] as const)('%s is told at once that its rule was taken back', async (_where, handler, line, name) => {
    const opened = await open(
      [API],
      ['request GET https://api.test/', 'send', ...line, 'request GET https://api.test/', 'send'],
      network(handler),
    );
    const end = opened.run();
    await expect.poll(() => opened.stdout.text()).toMatch(/first|sent/);
    opened.instance.revoke('api');
    const { lines } = await end;
    expect(lines.slice(-2)).toEqual([`${name}=HTTP-request-denied`, 'send=HTTP-request-denied']);
  });

  it.each([
    ['the rule', { timeouts: { firstByte: '30ms' } }, []],
    ['its own', {}, ['timeout first 30000000']],
  ])('for a response has an end: %s', async (_whose, words, line) => {
    const silent = network(() => new Promise<Response>(() => undefined));
    const { lines } = await run(
      [{ ...API, ...words }],
      [...line, 'request GET https://api.test/', 'send', 'wait'],
      silent,
    );
    expect(lines).toEqual(['wait=HTTP-response-timeout']);
  });

  it('for a body has an end', async () => {
    const { lines } = await run(
      [{ ...API, timeouts: { betweenBytes: '30ms' } }],
      ['request GET https://api.test/', 'send', 'wait', 'part', 'part'],
      network(endless),
    );
    expect(lines.slice(-2)).toEqual(['part=first', 'part=connection-read-timeout']);
  });

  it('can be closed at once', async () => {
    const silent = network(() => new Promise<Response>(() => undefined));
    const opened = await open([API], ['say ready', 'request GET https://api.test/', 'send', 'wait'], silent);
    const end = opened.run();
    await expect.poll(() => opened.stdout.text()).toContain('ready');
    await opened.instance.close();
    expect((await end).outcome.kind).toBe('cancelled');
  });
});

describe('over the wire', () => {
  const closing: (() => Promise<unknown>)[] = [];

  afterEach(async () => {
    for (const close of closing.splice(0)) await close();
  });

  /** @returns the port of a server of this machine */
  async function serve(listener: RequestListener): Promise<number> {
    const server = createServer(listener);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    closing.push(() => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    });
    return (server.address() as AddressInfo).port;
  }

  const real = (): GuestOptions => ({ bindings: {} });

  it('trailers go both ways, and the head is what was decided', async () => {
    let seen: unknown;
    const port = await serve((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        seen = [
          request.method,
          request.url,
          request.headers['x-a'],
          request.headers.host,
          body,
          request.trailers,
        ];
        response.writeHead(200, { trailer: 'x-sum', 'x-reply': 'yes', date: 'now' });
        response.write('part');
        response.addTrailers({ 'x-sum': '4', upgrade: 'x' });
        response.end();
      });
    });
    const url = `http://127.0.0.1:${port}`;
    const { lines } = await run(
      [{ id: 'local', methods: ['POST'], url: `${url}/**`, responseHeaders: { deny: ['date', 'trailer'] } }],
      [
        'header X-A 1',
        `request POST ${url}/a/./b?q`,
        'body',
        'send',
        'write sent',
        'trailer x-end 1',
        'wait',
        'read',
        'trailers',
      ],
      real(),
    );
    expect(seen).toEqual(['POST', '/a/b?q', '1', `127.0.0.1:${port}`, 'sent', { 'x-end': '1' }]);
    expect(lines).toEqual(['status=200', 'header.x-reply=yes', 'read=part', 'end=closed', 'trailer.x-sum=4']);
  });

  it('a response without trailers has none, also when it was not read', async () => {
    const port = await serve((_request, response) => response.end('x'.repeat(100_000)));
    const url = `http://127.0.0.1:${port}/`;
    const { lines } = await run(
      [{ methods: ['GET'], url }],
      [`request GET ${url}`, 'send', 'wait', 'trailers'],
      real(),
    );
    expect(lines.at(-1)).toBe('trailers=none');
  });

  it('a server that goes away in the middle is an error of HTTP', async () => {
    const port = await serve((_request, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('half', () => response.destroy());
    });
    const url = `http://127.0.0.1:${port}/`;
    const { lines } = await run(
      [{ methods: ['GET'], url }],
      [`request GET ${url}`, 'send', 'wait', 'read'],
      real(),
    );
    expect(lines.slice(-2)).toEqual([
      'read=half',
      expect.stringMatching(/^end=(connection-terminated|HTTP-response-incomplete)$/),
    ]);
  });

  it('a server that nobody runs refuses', async () => {
    const port = await serve(() => undefined);
    for (const close of closing.splice(0)) await close();
    const url = `http://127.0.0.1:${port}/`;
    const { lines } = await run([{ methods: ['GET'], url }], [`request GET ${url}`, 'send', 'wait'], real());
    expect(lines).toEqual(['wait=connection-refused']);
  });

  it.each([
    ['is forbidden by a name', {}, ['wait=destination-IP-prohibited']],
    ['is allowed by a name with its block', { addresses: ['127.0.0.0/8', '::1/128'] }, ['status=204']],
  ])('an address of this host %s', async (_what, words, expected) => {
    const port = await serve((_request, response) => response.writeHead(204, { connection: 'close' }).end());
    const url = `http://localhost:${port}/`;
    const { lines, of } = await run(
      [{ id: 'name', methods: ['GET'], url, responseHeaders: { deny: ['date'] }, ...words }],
      [`request GET ${url}`, 'send', 'wait'],
      real(),
    );
    expect(lines).toEqual(expected);
    const isForbidden = expected[0]?.startsWith('wait') === true;
    expect(of('denial').map(({ grant, reason }) => [grant, reason])).toEqual(
      isForbidden ? [['name', 'address-forbidden']] : [],
    );
  });

  it('a large body waits for a server that takes its time, and a large response for the guest', async () => {
    const port = await serve((request, response) => {
      setTimeout(() => request.resume(), 50);
      request.on('end', () => response.end(Buffer.alloc(3_000_000)));
    });
    const url = `http://127.0.0.1:${port}/`;
    const { lines } = await run(
      [{ methods: ['POST'], url, responseHeaders: { allow: ['x-none'] } }],
      [`request POST ${url}`, 'body', 'send', 'flood 20000000', 'finish', 'wait', 'sleep 50', 'count'],
      real(),
    );
    expect(lines).toEqual(['flood=waited', 'status=200', 'count=3000000', 'end=closed']);
  });
});
