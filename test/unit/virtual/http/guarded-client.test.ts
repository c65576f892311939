import { describe, expect, it } from 'vitest';
import { parseIpAddress } from '../../../../src/policy/address/ip-address.ts';
import type { FutureIncomingResponse } from '../../../../src/virtual/http/client.ts';
import type { IncomingResponse } from '../../../../src/virtual/http/incoming-response.ts';
import type { OutgoingBody } from '../../../../src/virtual/http/outgoing-body.ts';
import { RequestOptions } from '../../../../src/virtual/http/request-options.ts';
import { NetworkFailure } from '../../../../src/virtual/network/network-error.ts';
import type { HttpRequestHead, NetworkStack } from '../../../../src/virtual/network/stack.ts';
import { readBody, TestClient } from './client.ts';
import { bytes, endOf, readAll, texts, writeAll } from './streams.ts';

const API = { id: 'api', methods: ['GET', 'POST'], url: 'https://api.test/**' } as const;
const address = (text: string): NonNullable<ReturnType<typeof parseIpAddress>> => {
  const parsed = parseIpAddress(text);
  if (parsed === undefined) throw new Error(text);
  return parsed;
};

describe('a request', () => {
  it.each([
    ['its method', { method: 'DELETE', url: 'https://api.test/' }, 'DELETE https://api.test/'],
    ['the case of its method', { method: 'get' }, 'get https://api.test/'],
    ['its scheme', { url: 'http://api.test/?key' }, 'GET http://api.test/'],
    ['its host', { url: 'https://API.test.evil/' }, 'GET https://api.test.evil/'],
    ['its port', { url: 'https://api.test:8443/' }, 'GET https://api.test:8443/'],
    ['a tunnel that it asks for', { method: 'CONNECT' }, 'CONNECT https://api.test/'],
  ])('is denied for %s, once on record', async (_what, request, subject) => {
    const client = new TestClient([API]);
    expect(client.send(request)).toEqual({ tag: 'HTTP-request-denied' });
    expect(client.records).toEqual([['denied', undefined, subject]]);
  });

  it('is denied for its path, however that is written', async () => {
    const client = new TestClient([{ ...API, url: 'https://api.test/rates/**' }]);
    for (const path of ['/admin', '/rates/../admin', '/rates/%2e%2E/admin', '/rates/x/..//../../admin']) {
      expect(client.send({ url: `https://api.test${path}` })).toEqual({ tag: 'HTTP-request-denied' });
    }
  });

  it.each([
    ['none', { url: 'https:///' }, 'no authority'],
    ['a port of another kind', { url: 'https://api.test:70000/' }, ''],
    ['dot segments that servers read in two ways', { url: 'https://api.test/a/..;/b' }, ''],
  ])('that is %s is an error', (_what, { url }) => {
    const client = new TestClient([API]);
    const request = client.request();
    const [, authority = '', path = ''] = /^https:\/\/([^/]*)(.*)$/.exec(url) ?? [];
    if (authority !== '') request.setAuthority(authority);
    else request.setAuthority(undefined);
    request.setPathWithQuery(path);
    expect(client.send(request)).toEqual({ tag: 'HTTP-request-URI-invalid' });
  });

  it('gets the response, without fields about the connection', async () => {
    const client = new TestClient([API]);
    client.network.serve('api.test', async (request) => {
      const { pathname, search } = new URL(request.url);
      return new Response(`${request.method} ${pathname}${search} ${await request.text()}`, {
        status: 203,
        headers: { 'x-one': '1', 'keep-alive': '5' },
      });
    });
    const request = client.request({ method: 'POST', url: 'https://API.test./a/./b?q=%20' });
    const body = request.body() as OutgoingBody;
    await writeAll(body.write() as never, bytes('sent'));
    body.finish(undefined);
    const [status, fields, ...rest] = (await client.show(request)) as [number, string[], ...string[]];
    expect([status, fields.filter((each) => !each.startsWith('content-')), rest]).toEqual([
      203,
      ['x-one: 1'],
      ['POST /a/b?q=%20 sent', 'closed'],
    ]);
    expect(client.records).toEqual([['used', 'api', 'POST https://api.test/a/b']]);
  });

  it('is not sent again to where a redirect points', async () => {
    const client = new TestClient([API]);
    client.network.serve('api.test', () => Response.redirect('https://evil.test/'));
    client.network.serve('evil.test', () => new Response('never'));
    expect(await client.show()).toMatchObject([302, ['location: https://evil.test/'], '', 'closed']);
  });

  it.each([[['3', '3']], [['3, 3']], [['-3']]])('with content-length %j is an error', async (values) => {
    const client = new TestClient([API]);
    const headers = values.map((value) => ['Content-Length', value] as const);
    expect(await client.fetch({ headers })).toBe('HTTP-protocol-error');
  });

  it('without the bytes that it says is an error', async () => {
    const client = new TestClient([API]);
    expect(await client.fetch({ headers: [['content-length', '3']] })).toBe('HTTP-request-body-size');
  });

  it('whose body is dropped is given up, and its response with it', async () => {
    const client = new TestClient([API]);
    let ended: unknown;
    client.network.serve('api.test', async (request) => {
      ended = await request.text().catch(() => 'given up');
      return new Response();
    });
    const request = client.request({ method: 'POST' });
    const body = request.body() as OutgoingBody;
    const sent = client.send(request) as FutureIncomingResponse;
    await writeAll(body.write() as never, bytes('half'));
    body.close();
    await sent.wait();
    expect(sent.get()).toEqual({ tag: 'HTTP-protocol-error' });
    await expect.poll(() => ended).toBe('given up');
  });

  it('whose future is dropped is given up', async () => {
    const client = new TestClient([API]);
    const aborted = Promise.withResolvers<void>();
    client.network.serve('api.test', (request) => {
      request.signal.addEventListener('abort', () => aborted.resolve());
      return new Promise(() => undefined);
    });
    const sent = client.send() as FutureIncomingResponse;
    await new Promise((resolve) => setTimeout(resolve, 5));
    sent.close();
    await aborted.promise;
  });

  it('streams both ways with back-pressure', async () => {
    const client = new TestClient([API]);
    client.network.serve('api.test', (request) => new Response(request.body));
    const request = client.request({ method: 'POST' });
    const body = request.body() as OutgoingBody;
    const response = (await client.fetch(request)) as IncomingResponse;
    const stream = body.write();
    const content = new Uint8Array(1_000_000).map((_, i) => i % 251);
    const written = writeAll(stream as never, content).then(() => body.finish(undefined));
    const read = await readAll(response.consume()?.stream() as never);
    await written;
    expect(Buffer.from(read[0], 'latin1').equals(content)).toBe(true);
    expect(read[1]).toBe('closed');
  });
});

describe('fields of a rule', () => {
  const rule = {
    ...API,
    headers: { authorization: { secret: 'TOKEN', format: 'Bearer {}' } },
    requestHeaders: { deny: ['x-secret-*'] },
    responseHeaders: { allow: ['x-*'] },
  };
  const secrets = { TOKEN: 'hunter2' };

  it('take the place of the guest’s, are seen by the server alone, and are hidden where it sends them back', async () => {
    const client = new TestClient([rule], { secrets });
    let seen: unknown;
    client.network.serve('api.test', (request) => {
      seen = [...request.headers].filter(([name]) => name !== 'host');
      return new Response('', {
        headers: { 'x-echo': `got ${request.headers.get('authorization')}`, 'x-hunter2': '1', date: 'today' },
      });
    });
    const request = client.request({
      headers: [
        ['Authorization', 'mine'],
        ['x-secret-a', '1'],
        ['x-other', '2'],
      ],
    });
    const { headers } = request;
    expect(await client.show(request)).toEqual([200, ['x-echo: got Bearer ***'], '', 'closed']);
    expect(seen).toEqual([
      ['authorization', 'Bearer hunter2'],
      ['x-other', '2'],
    ]);
    expect(texts(headers.entries())).toEqual(['Authorization: mine', 'x-secret-a: 1', 'x-other: 2']);
  });

  it('are of the rule that allowed the request, and of no other', async () => {
    const client = new TestClient([rule, { id: 'open', methods: ['GET'], url: 'https://other.test/**' }], {
      secrets,
    });
    client.network.serve('other.test', (request) => new Response(request.headers.get('authorization')));
    expect(await client.show({ url: 'https://other.test/' })).toEqual([200, [], '', 'closed']);
  });
});

describe('budgets', () => {
  it('of requests end in an error, and are on record', async () => {
    const client = new TestClient([{ ...API, budget: { requests: 1 } }]);
    client.network.serve('api.test', () => new Response());
    expect(await client.show()).toEqual([200, [], '', 'closed']);
    expect(await client.show()).toBe('connection-limit-reached');
    expect(client.records.slice(1)).toEqual([['limited', 'api budget.requests', 'GET https://api.test/']]);
  });

  it('of concurrent requests count until the response is read or dropped', async () => {
    const client = new TestClient([{ ...API, budget: { concurrent: 2 } }]);
    client.network.serve('api.test', () => new Response('text'));
    const one = (await client.fetch()) as IncomingResponse;
    const two = (await client.fetch()) as IncomingResponse;
    expect(await client.fetch()).toBe('connection-limit-reached');
    expect(client.records.at(-1)).toEqual(['limited', 'api budget.concurrent', 'GET https://api.test/']);
    two.close();
    expect(await readBody(one)).toEqual(['text', 'closed']);
    expect(await Promise.all([client.fetch(), client.fetch()])).not.toContain('connection-limit-reached');
    expect(await client.fetch()).toBe('connection-limit-reached');
  });

  it('of a rule that is full leave the request to the next rule', async () => {
    const client = new TestClient([
      { ...API, budget: { concurrent: 1 } },
      { ...API, id: 'next', budget: { requests: 1 } },
    ]);
    client.network.serve('api.test', () => new Response('text'));
    await client.fetch();
    await client.fetch();
    expect(await client.fetch()).toBe('connection-limit-reached');
    expect(client.records.map(([kind, grant]) => [kind, grant])).toEqual([
      ['used', 'api'],
      ['used', 'next'],
      ['limited', 'next budget.requests'],
    ]);
  });

  it('of request bytes stop the body', async () => {
    const client = new TestClient([{ ...API, budget: { requestBytes: 100 } }]);
    client.network.serve('api.test', async (request) => new Response(await request.text()));
    const request = client.request({ method: 'POST' });
    const body = request.body() as OutgoingBody;
    const stream = body.write() as never;
    const sent = client.send(request) as FutureIncomingResponse;
    await writeAll(stream, new Uint8Array(100));
    await writeAll(stream, new Uint8Array(1));
    await sent.wait();
    expect(sent.get()).toEqual({ tag: 'HTTP-request-body-size', val: 100n });
    expect(await writeAll(stream, new Uint8Array(1))).toBe('HTTP-request-body-size');
    expect(client.records.at(-1)).toEqual(['limited', 'api budget.requestBytes', 'POST https://api.test/']);
  });

  it('of response bytes let through just as many', async () => {
    const client = new TestClient([{ ...API, budget: { responseBytes: 100 } }]);
    client.network.serve(
      'api.test',
      (request) => new Response('x'.repeat(Number(new URL(request.url).search.slice(1)))),
    );
    expect(await client.show({ url: 'https://api.test/?60' })).toMatchObject([
      200,
      {},
      'x'.repeat(60),
      'closed',
    ]);
    expect(await client.show({ url: 'https://api.test/?40' })).toMatchObject([
      200,
      {},
      'x'.repeat(40),
      'closed',
    ]);
    expect(await client.show({ url: 'https://api.test/?0' })).toMatchObject([200, {}, '', 'closed']);
    expect(client.records).toHaveLength(1);
    expect(await client.show({ url: 'https://api.test/?1' })).toMatchObject([
      200,
      {},
      '',
      'HTTP-response-body-size',
    ]);
    expect(client.records.at(-1)).toEqual(['limited', 'api budget.responseBytes', 'GET https://api.test/']);
  });
});

describe('revocation', () => {
  it('ends a request that waits, and denies the next', async () => {
    const client = new TestClient([API]);
    client.network.serve('api.test', () => new Promise(() => undefined));
    const sent = client.send() as FutureIncomingResponse;
    const waited = sent.wait();
    await new Promise((resolve) => setTimeout(resolve, 5));
    client.revoke('api');
    await waited;
    expect(sent.get()).toEqual({ tag: 'HTTP-request-denied' });
    expect(client.send()).toEqual({ tag: 'HTTP-request-denied' });
    expect(client.records.at(-1)).toEqual(['denied', 'api', 'GET https://api.test/']);
  });

  it('ends a response in the middle of its body, and wakes who reads it', async () => {
    const client = new TestClient([API]);
    client.network.serve('api.test', (request) => new Response(request.body));
    const request = client.request({ method: 'POST' });
    const output = (request.body() as OutgoingBody).write();
    const response = (await client.fetch(request)) as IncomingResponse;
    const stream = response.consume()?.stream();
    if (stream === undefined || output === undefined) throw new Error('no stream');
    await writeAll(output, bytes('first'));
    await stream.wait();
    expect(stream.readInto(new Uint8Array(10), 0, 10)).toBe(5);
    const waited = stream.wait();
    client.revoke('api');
    await waited;
    expect(endOf(stream, stream.readInto(new Uint8Array(10), 0, 10))).toBe('HTTP-request-denied');
    expect(endOf(stream, stream.readInto(new Uint8Array(10), 0, 10))).toBe('closed');
    expect(await writeAll(output, bytes('x'))).toBe('HTTP-request-denied');
  });

  it('has the same effect as the end of the instance', async () => {
    const client = new TestClient([API]);
    const aborted = Promise.withResolvers<void>();
    client.network.serve('api.test', (request) => {
      request.signal.addEventListener('abort', () => aborted.resolve());
      return new Promise(() => undefined);
    });
    const sent = client.send() as FutureIncomingResponse;
    await new Promise((resolve) => setTimeout(resolve, 5));
    client.test.abort.abort();
    await aborted.promise;
    expect(sent.get()).toEqual({ tag: 'connection-terminated' });
  });
});

describe('timeouts', () => {
  it.each([
    ['the rule', { timeouts: { firstByte: '20ms' } }, undefined],
    ['the guest', {}, 20_000_000n],
    ['the guest, below the rule', { timeouts: { firstByte: '10s' } }, 20_000_000n],
    ['the rule, below the guest', { timeouts: { firstByte: '20ms' } }, 0xffff_ffff_ffff_ffffn],
    ['a guest that asks for none', {}, 0n],
  ])('of %s end a wait', async (_who, words, asked) => {
    const client = new TestClient([{ ...API, ...words }]);
    client.network.serve('api.test', () => new Promise(() => undefined));
    const options = new RequestOptions();
    options.firstByteTimeout = asked;
    expect(await client.fetch({ options })).toBe('HTTP-response-timeout');
  });
});

/** A stack whose names have addresses of the test's choice; it tells what is dialled, and dials the network in memory. */
function resolvesTo(
  answers: readonly string[],
  dialled: string[],
  closed: readonly string[] = [],
): (stack: NetworkStack) => NetworkStack {
  return (stack) => ({
    isVirtual: false,
    resolve: (permit, name, signal) => {
      if (answers.length === 0) return Promise.reject(new NetworkFailure('name-unresolvable'));
      void stack.resolve(permit, name, signal).catch(() => undefined);
      return Promise.resolve(answers.map(address));
    },
    request(permit, head: HttpRequestHead, signal) {
      const text = head.address.bytes.join('.');
      dialled.push(text);
      // The first host after the guest's own; nobody answers at the other.
      const to = address(closed.includes(text) ? '198.18.255.1' : '198.18.0.2');
      return stack.request(permit, { ...head, address: to }, signal);
    },
    connectTcp: (...args) => stack.connectTcp(...args),
    bindTcp: (...args) => stack.bindTcp(...args),
    bindUdp: (...args) => stack.bindUdp(...args),
    close: () => stack.close(),
  });
}

describe('addresses of a name', () => {
  it.each([
    ['one is private', ['93.184.216.34', '10.0.0.1']],
    ['one is of this host', ['127.0.0.1']],
    ['one is of the metadata service', ['169.254.169.254', '93.184.216.34']],
    ['one embeds a private one', ['::ffff:10.0.0.1']],
  ])('are all refused where %s', async (_what, answers) => {
    const dialled: string[] = [];
    const client = new TestClient([API], { wrap: resolvesTo(answers, dialled) });
    expect(await client.fetch()).toBe('destination-IP-prohibited');
    expect(dialled).toEqual([]);
    expect(client.records).toEqual([
      ['used', 'api', 'GET https://api.test/'],
      ['denied', 'api', 'GET https://api.test/'],
    ]);
  });

  it('may be private where a rule says so, also the second one', async () => {
    const dialled: string[] = [];
    const client = new TestClient(
      [
        { ...API, budget: { concurrent: 1 } },
        { ...API, id: 'inside', addresses: ['10.0.0.0/8'], budget: { concurrent: 1 } },
      ],
      { wrap: resolvesTo(['10.0.0.1'], dialled) },
    );
    client.network.serve('api.test', () => new Response('inside'));
    for (let i = 0; i < 3; i++) expect(await client.show()).toMatchObject([200, {}, 'inside', 'closed']);
    expect(dialled).toEqual(['10.0.0.1', '10.0.0.1', '10.0.0.1']);
  });

  it.each([8, 500_000])(
    'are tried in turn while nobody answers, and a body of %i bytes is sent whole to the one that does',
    async (length) => {
      const dialled: string[] = [];
      const answers = ['93.184.216.34', '93.184.216.35', '93.184.216.36'];
      const client = new TestClient([API], { wrap: resolvesTo(answers, dialled, answers.slice(0, 2)) });
      client.network.serve('api.test', async (request) => new Response(await request.text()));
      const request = client.request({ method: 'POST' });
      const body = request.body() as OutgoingBody;
      const content = Buffer.from(Array.from({ length }, (_, i) => 97 + (i % 23)));
      const written = writeAll(body.write() as never, content).then(() => body.finish(undefined));
      expect(await client.show(request)).toEqual([200, expect.anything(), content.toString(), 'closed']);
      expect(await written).toBeUndefined();
      expect(dialled).toEqual(answers);
    },
  );

  it('are an error where there are none', async () => {
    const client = new TestClient([API], { wrap: resolvesTo([], []) });
    expect(await client.fetch()).toBe('DNS-error');
  });

  it('are looked up again for each request', async () => {
    const answers = ['93.184.216.34'];
    const client = new TestClient([API], { wrap: resolvesTo(answers, []) });
    client.network.serve('api.test', () => new Response());
    expect(await client.show()).toEqual([200, [], '', 'closed']);
    answers[0] = '192.168.0.1';
    expect(await client.fetch()).toBe('destination-IP-prohibited');
  });
});
