import { afterEach, describe, expect, test } from 'vitest';
import { nodeMachine } from '../../../../src/ambient/machine.ts';
import { GRANTED, Grant } from '../../../../src/kernel/grant.ts';
import { Guard } from '../../../../src/kernel/guard.ts';
import { parseIpAddress } from '../../../../src/policy/address/ip-address.ts';
import {
  type HttpExchange,
  HttpFailure,
  type HttpRequestHead,
} from '../../../../src/virtual/network/stack.ts';
import { type RequestHandler, VirtualNetwork } from '../../../../src/virtual/network/virtual-network.ts';
import { read, readAll, settle, write } from './network-guest.ts';

const recorder = { used() {}, denied() {}, owned() {}, limited() {} };
const permit =
  new Guard(recorder, 'none').permit(new Grant('api', 'http', GRANTED, {}), GRANTED, 'http-request', '') ??
  expect.fail();

const network = new VirtualNetwork();
network.host('client');
const [address = ''] = network.host('api').addresses;
const stack = network.host('client').open(nodeMachine);
const abort = new AbortController();

function send(head: Partial<HttpRequestHead> = {}, handler?: RequestHandler): HttpExchange {
  if (handler !== undefined) network.serve('api', handler);
  const whole: HttpRequestHead = {
    method: 'GET',
    scheme: 'http',
    host: 'api',
    port: 80,
    address: parseIpAddress(address) ?? expect.fail(),
    path: '/',
    headers: [],
    contentLength: undefined,
    timeouts: {},
    ...head,
  };
  return stack.request(permit, whole, abort.signal);
}

/** The tag of the error that an exchange ends with. */
async function failureOf({ response }: HttpExchange): Promise<string> {
  try {
    await response;
  } catch (error) {
    if (error instanceof HttpFailure) return error.error.tag;
    throw error;
  }
  return expect.fail('there was a response');
}

const text = (value: Uint8Array | undefined): string => Buffer.from(value ?? []).toString('latin1');

afterEach(() => network.serve('api', () => new Response('nobody')));

describe('the embedder gets a request', () => {
  test('with its method, address, path and fields', async () => {
    const seen = Promise.withResolvers<Request>();
    const exchange = send(
      {
        method: 'DELETE',
        scheme: 'https',
        host: 'api.example',
        port: 8443,
        path: '/a%2fb/../c?q=1&q=2',
        headers: [
          { name: 'X-One', value: Buffer.from('1') },
          { name: 'x-one', value: Buffer.from('é', 'latin1') },
        ],
      },
      (request) => {
        seen.resolve(request);
        return new Response(null, { status: 204 });
      },
    );
    exchange.finishBody([]);
    const { status, body, trailers } = await exchange.response;
    const request = await seen.promise;
    expect([status, await readAll(body), await trailers]).toEqual([204, '', undefined]);
    expect(request.method).toBe('DELETE');
    expect(request.headers.get('x-one')).toBe('1, é');
    expect(new URL(request.url).host).toBe('api.example:8443');
    expect(new URL(request.url).search).toBe('?q=1&q=2');
  });

  test('with a body that streams, and answers before its end', async () => {
    const exchange = send({ method: 'POST' }, (request) => new Response(request.body));
    const { body } = await exchange.response;
    await write(exchange.body, 'one');
    expect(await read(body)).toBe('one');
    await write(exchange.body, 'two');
    expect(await read(body)).toBe('two');
    exchange.finishBody([]);
    expect(await read(body)).toBe(-1);
  });

  test('with a body no faster than it takes it', async () => {
    const go = Promise.withResolvers<void>();
    const exchange = send({ method: 'PUT' }, async (request) => {
      await go.promise;
      return new Response(String((await request.bytes()).length));
    });
    const room = exchange.body.checkWrite();
    exchange.body.write(new Uint8Array(room), 0, room);
    await settle();
    expect([exchange.body.checkWrite(), exchange.body.ready()]).toEqual([0, false]);
    go.resolve();
    await write(exchange.body, new Uint8Array(100_000));
    exchange.finishBody([]);
    expect(await readAll((await exchange.response).body)).toBe(String(room + 100_000));
  });

  test.each([
    ['GET', undefined],
    ['HEAD', undefined],
    ['POST', 0],
  ])('of %s with length %s without a body; what is written goes nowhere', async (method, contentLength) => {
    const exchange = send(
      { method, contentLength },
      (request) => new Response(request.body === null ? 'none' : 'some'),
    );
    expect(await write(exchange.body, new Uint8Array(200_000))).toBe(0);
    exchange.finishBody([]);
    const { body } = await exchange.response;
    expect(await readAll(body)).toBe(method === 'HEAD' ? '' : 'none');
  });

  test('and need not read it', async () => {
    const exchange = send({ method: 'POST' }, () => new Response('enough'));
    expect(await readAll((await exchange.response).body)).toBe('enough');
    expect(await write(exchange.body, new Uint8Array(200_000))).toBe(0);
  });

  test('that fails while it is read when the guest gives it up', async () => {
    const outcome = Promise.withResolvers<unknown>();
    const ended = Promise.withResolvers<void>();
    const exchange = send({ method: 'POST' }, async (request) => {
      request.signal.addEventListener('abort', () => ended.resolve());
      await request.text().catch((error: unknown) => outcome.resolve(error));
      return new Response();
    });
    await write(exchange.body, 'half');
    await settle();
    exchange.abort();
    expect(await failureOf(exchange)).toBe('connection-terminated');
    expect(await outcome.promise).toBeInstanceOf(TypeError);
    await ended.promise;
    expect(exchange.body.checkWrite()).toBe(-2);
    expect(exchange.body.cause).toEqual({ kind: 'http', error: { tag: 'connection-terminated' } });
  });
});

describe('the guest gets a response', () => {
  test('with its status and fields', async () => {
    const exchange = send({}, () => {
      const headers = new Headers({ 'content-type': 'text/x-é' });
      headers.append('set-cookie', 'a=1');
      headers.append('set-cookie', 'b=2');
      return new Response('hello', { status: 418, headers });
    });
    const { status, headers, body } = await exchange.response;
    expect(status).toBe(418);
    expect(headers.map(({ name, value }) => `${name}: ${text(value)}`)).toEqual([
      'content-type: text/x-é',
      'set-cookie: a=1',
      'set-cookie: b=2',
    ]);
    expect(await readAll(body)).toBe('hello');
  });

  test('no faster than it takes it; and the embedder is told when it has enough', async () => {
    let pulled = 0;
    const cancelled = Promise.withResolvers<void>();
    const source = new ReadableStream<Uint8Array>(
      {
        pull: (controller) => controller.enqueue(Buffer.alloc(10_000, (pulled++ % 10) + 48)),
        cancel: () => cancelled.resolve(),
      },
      { highWaterMark: 0 },
    );
    const { body } = await send({}, () => new Response(source)).response;
    await settle();
    const ahead = pulled;
    expect(ahead).toBeLessThan(10);
    await settle();
    expect(pulled).toBe(ahead);
    expect(await read(body, 10_000)).toBe('0'.repeat(10_000));
    body.close();
    await cancelled.promise;
  });

  test('whose bytes the embedder may use again', async () => {
    const buffer = Buffer.alloc(4);
    let count = 0;
    const source = new ReadableStream<Uint8Array>(
      {
        pull(controller) {
          if (count === 3) return controller.close();
          buffer.fill(String(count++));
          controller.enqueue(buffer);
        },
      },
      { highWaterMark: 0 },
    );
    const { body } = await send({}, () => new Response(source)).response;
    await settle();
    expect(await readAll(body)).toBe('000011112222');
  });

  test('that breaks off as one that is incomplete', async () => {
    const source = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(Buffer.from('half')),
      pull: (controller) => controller.error(new Error('secret of the embedder')),
    });
    const { body } = await send({}, () => new Response(source)).response;
    await settle();
    expect(await read(body)).toBe('half');
    expect([await read(body), body.cause]).toEqual([
      -2,
      { kind: 'http', error: { tag: 'HTTP-response-incomplete' } },
    ]);
  });

  test.each<[string, RequestHandler, string]>([
    [
      'throws',
      () => {
        throw new Error('secret');
      },
      'connection-terminated',
    ],
    ['rejects', () => Promise.reject(new Error('secret')), 'connection-terminated'],
    ['gives no response', () => 'text' as unknown as Response, 'HTTP-protocol-error'],
    ['gives an error', () => Response.error(), 'HTTP-protocol-error'],
  ])('of a failure when the embedder %s', async (_, handler, tag) => {
    expect(await failureOf(send({}, handler))).toBe(tag);
  });

  test.each(['CONNECT', 'TRACE', 'no method'])(
    'of a failure for %s, which the Fetch API has no request for',
    async (method) => {
      expect(await failureOf(send({ method }, () => new Response()))).toBe('HTTP-request-method-invalid');
    },
  );

  test('of a failure where nobody answers', async () => {
    const nowhere = parseIpAddress('203.0.113.1') ?? expect.fail();
    expect(await failureOf(send({ address: nowhere }))).toBe('connection-refused');
    const [client = ''] = network.host('client').addresses;
    expect(await failureOf(send({ address: parseIpAddress(client) ?? expect.fail() }))).toBe(
      'connection-refused',
    );
  });
});

describe('timeouts', () => {
  const never = () => new Promise<Response>(() => undefined);

  test.each(['firstByte', 'total'])('%s ends a request without a response', async (word) => {
    let given: AbortSignal | undefined;
    const exchange = send({ timeouts: { [word]: 5e6 } }, (request) => {
      given = request.signal;
      return never();
    });
    expect(await failureOf(exchange)).toBe('HTTP-response-timeout');
    expect(given?.aborted).toBe(true);
  });

  test.each([
    ['betweenBytes', 'connection-read-timeout'],
    ['total', 'HTTP-response-timeout'],
  ])('%s ends a response that stops', async (word, tag) => {
    const cancelled = Promise.withResolvers<void>();
    const source = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(Buffer.from('half')),
      cancel: () => cancelled.resolve(),
    });
    const { body } = await send({ timeouts: { [word]: 20e6 } }, () => new Response(source)).response;
    expect(await read(body)).toBe('half');
    expect([await read(body), body.cause]).toEqual([-2, { kind: 'http', error: { tag } }]);
    await cancelled.promise;
  });

  test('that are longer than timers go are none', async () => {
    const timeouts = { firstByte: 1e18, betweenBytes: 1e18, total: 1e18 };
    const { body } = await send({ timeouts }, () => new Response('x')).response;
    expect(await readAll(body)).toBe('x');
  });
});

test('a stack that is closed ends its requests, as does the signal of a request', async () => {
  network.serve('api', () => new Promise(() => undefined));
  const own = network.host('client').open(nodeMachine);
  const one = new AbortController();
  const head: HttpRequestHead = {
    method: 'GET',
    scheme: 'http',
    host: 'api',
    port: 80,
    address: parseIpAddress(address) ?? expect.fail(),
    path: '/',
    headers: [],
    contentLength: undefined,
    timeouts: {},
  };
  const [first, second] = [own.request(permit, head, one.signal), own.request(permit, head, abort.signal)];
  one.abort();
  expect(await failureOf(first)).toBe('connection-terminated');
  own.close();
  expect(await failureOf(second)).toBe('connection-terminated');
  expect(await failureOf(own.request(permit, head, one.signal))).toBe('connection-terminated');
});
