import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { FutureCell } from '../../../../shims/canonical-abi/host-streams.ts';
import type { Pending } from '../../../../shims/canonical-abi/host-function.ts';
import type { PolicyDocument } from '../../../../src/policy/index.ts';
import type { Response } from '../../../../src/virtual/http/response.ts';
import { bytes } from '../../virtual/http/streams.ts';
import { type Answer, HttpGuest, listen, outcome, readStream } from './http-guest.ts';

let guests: HttpGuest[] = [];

afterEach(() => {
  for (const guest of guests) guest.end();
  // What a test left open is released with the instance, but for resources, which the runtime would release.
  guests = [];
});

function open(
  http: NonNullable<PolicyDocument['http']>,
  secrets: Readonly<Record<string, string>> = {},
): HttpGuest {
  const guest = new HttpGuest(http, secrets);
  guests.push(guest);
  return guest;
}

const okResponse = (answer: Answer): Response => {
  if (answer.tag === 'err' || answer.val === undefined) throw new Error(JSON.stringify(answer));
  return answer.val;
};

describe('a request', () => {
  test('without contents goes out without a body, and its answer is read to the end', async () => {
    const seen: unknown[] = [];
    await using server = await listen((request, response) => {
      seen.push(
        request.method,
        request.url,
        request.headers['transfer-encoding'],
        request.headers['content-length'],
      );
      response.setHeader('x-one', '1').end('hello');
    });
    const guest = open([server.rule]);
    const { request, transmission } = guest.request(`${server.url}/a?b=%20`, 'GET', {
      headers: [['x-a', 'b']],
    });
    expect(await guest.show(await guest.send(request))).toEqual([200, ['x-one: 1'], 'hello', 'none']);
    expect(await outcome(transmission)).toBe('ok');
    expect(seen).toEqual(['GET', '/a?b=%20', undefined, undefined]);
    expect(guest.records).toEqual([['used', 'api', `GET ${server.url}/a`]]);
    expect(guest.handles).toBe(0);
  });

  test('has a body and trailers, and so has its answer', async () => {
    await using server = await listen(async (request, response) => {
      const body = await text(request);
      response.writeHead(200, { trailer: 'x-sum', 'x-encoding': request.headers['transfer-encoding'] ?? '' });
      response.write(`${body}|`);
      response.addTrailers({ 'x-sum': request.trailers['x-sum'] ?? '', connection: 'close' });
      response.end(`${request.headers['content-length']}`);
    });
    const guest = open([server.rule]);
    const trailers = { tag: 'ok', val: guest.fields([['x-sum', '7']]) } as const;
    const { request, transmission } = guest.request(server.url, 'POST', { contents: 'sent', trailers });
    expect(await guest.show(await guest.send(request))).toEqual([
      200,
      ['x-encoding: chunked'],
      'sent|undefined',
      ['x-sum: 7'],
    ]);
    expect(await outcome(transmission)).toBe('ok');
    expect(guest.handles).toBe(0);
  });

  test('with content-length has just as many bytes', async () => {
    await using server = await listen(async (request, response) => {
      response.end(`${request.headers['content-length']} ${await text(request)}`);
    });
    const guest = open([server.rule]);
    const { request } = guest.request(server.url, 'POST', {
      contents: 'four',
      headers: [['content-length', '4']],
    });
    expect(await guest.show(await guest.send(request))).toEqual([200, [], '4 four', 'none']);
  });

  test.each([
    ['fewer bytes', 'abc', 'HTTP-request-body-size'],
    ['more bytes', 'abcde', 'HTTP-request-body-size'],
    ['no contents', undefined, 'HTTP-request-body-size'],
  ])('with %s than content-length says fails', async (_what, contents, tag) => {
    await using server = await listen(
      (request, response) => void request.resume().on('end', () => response.end()),
    );
    const guest = open([server.rule]);
    const body = { headers: [['content-length', '4']] as const, ...(contents !== undefined && { contents }) };
    const { request, transmission } = guest.request(server.url, 'POST', body);
    expect(await guest.show(await guest.send(request))).toBe(tag);
    expect(await outcome(transmission)).toBe(tag);
  });

  test('whose trailers are an error is given up', async () => {
    const ended = Promise.withResolvers<string>();
    const came = Promise.withResolvers<void>();
    await using server = await listen((request) => {
      came.resolve();
      request
        .on('error', () => undefined)
        .on('close', () => ended.resolve(`complete: ${request.complete}`))
        .resume();
    });
    const guest = open([server.rule]);
    const { request, pipe, trailers, transmission, ends } = guest.request(server.url, 'POST', {
      contents: true,
    });
    const sent = guest.send(request);
    pipe.push(bytes('partial'));
    await came.promise;
    trailers.resolve({ tag: 'err', val: { tag: 'loop-detected' } });
    expect(await guest.show(await sent)).toBe('loop-detected');
    expect(await outcome(transmission)).toBe('loop-detected');
    expect(await ended.promise).toBe('complete: false');
    expect(ends.stream).toBe('dropped');
  });

  test('that no rule grants is denied, and its body and trailers are let go', async () => {
    const guest = open([{ id: 'api', methods: ['GET'], url: 'https://api.test/**' }]);
    const { request, pipe, transmission, ends } = guest.request('http://10.0.0.1/a?key=1', 'POST', {
      contents: true,
    });
    expect(await guest.show(await guest.send(request))).toBe('HTTP-request-denied');
    expect(await outcome(transmission)).toBe('HTTP-request-denied');
    expect([ends, pipe.readerGone]).toEqual([{ stream: 'dropped', trailersDropped: true }, true]);
    expect(guest.records).toEqual([['denied', undefined, 'POST http://10.0.0.1/a']]);
    expect(guest.handles).toBe(0);
  });

  test.each([
    ['userinfo', 'http://user:secret@127.0.0.1/'],
    ['a relative path', 'http://127.0.0.1', 'a/b'],
    ['no authority', 'http:///'],
  ])('with %s cannot be sent', async (_what, url, path?: string) => {
    const guest = open([{ id: 'api', methods: ['GET'], url: 'http://127.0.0.1/**' }]);
    const { request, transmission } = guest.request(url);
    if (path !== undefined) guest.call('[method]request.set-path-with-query', request, path);
    if (url === 'http:///') guest.call('[method]request.set-authority', request, undefined);
    expect(await guest.show(await guest.send(request))).toBe('HTTP-request-URI-invalid');
    expect(await outcome(transmission)).toBe('HTTP-request-URI-invalid');
    expect(guest.records).toEqual([]);
  });

  test('with a password in its authority puts none on record', async () => {
    const guest = open([]);
    await guest.send(guest.request('http://user:secret@a.test/b').request);
    expect(guest.records).toEqual([['denied', undefined, 'GET http://a.test/b']]);
  });

  test('that reaches nobody was not transmitted', async () => {
    const server = await listen(() => undefined);
    await server[Symbol.asyncDispose]();
    const guest = open([server.rule]);
    const { request, transmission } = guest.request(server.url);
    expect(await guest.show(await guest.send(request))).toBe('connection-refused');
    expect(await outcome(transmission)).toBe('connection-refused');
  });

  test('that is dropped was not, either', async () => {
    const guest = open([]);
    const { request, transmission, ends } = guest.request('http://a.test/', 'POST', { contents: true });
    guest.drop('request', request);
    expect(await outcome(transmission)).toBe('internal-error');
    expect([ends.stream, guest.handles]).toEqual(['dropped', 0]);
  });

  test('waits no longer than its options say', async () => {
    await using server = await listen(() => undefined);
    const guest = open([server.rule]);
    const options = guest.call('[constructor]request-options');
    guest.call('[method]request-options.set-first-byte-timeout', options, 20_000_000n);
    const trailers = new FutureCell();
    trailers.resolve({ tag: 'ok', val: undefined });
    const [request] = guest.call('[static]request.new', guest.fields(), undefined, trailers, options);
    guest.call('[method]request.set-scheme', request, { tag: 'HTTP' });
    guest.call('[method]request.set-authority', request, server.url.slice('http://'.length));
    expect(await guest.show(await guest.send(request))).toBe('HTTP-response-timeout');
    expect(guest.handles).toBe(0);
  });

  test('carries the secret of its rule, which nobody but the server sees', async () => {
    await using server = await listen((request, response) => {
      response.setHeader('x-echo', `got ${request.headers.authorization}`).end();
    });
    const rule = { ...server.rule, headers: { authorization: { secret: 'TOKEN', format: 'Bearer {}' } } };
    const guest = open([rule], { TOKEN: 'hunter2' });
    expect(await guest.show(await guest.send(guest.request(server.url).request))).toEqual([
      200,
      ['x-echo: got Bearer ***'],
      '',
      'none',
    ]);
  });
});

describe('budgets', () => {
  test('of request bytes end the request and its body', async () => {
    await using server = await listen(
      (request, response) => void request.resume().on('end', () => response.end()),
    );
    const guest = open([{ ...server.rule, budget: { requestBytes: 100 } }]);
    const { request, pipe, transmission, ends } = guest.request(server.url, 'POST', { contents: true });
    const sent = guest.send(request);
    pipe.push(new Uint8Array(101));
    expect(await guest.show(await sent)).toBe('HTTP-request-body-size');
    expect(await outcome(transmission)).toBe('HTTP-request-body-size');
    expect(ends.stream).toBe('dropped');
    expect(guest.records.at(-1)).toEqual(['limited', 'api budget.requestBytes', `POST ${server.url}/`]);
  });

  test('of response bytes end the stream, and the trailers say why', async () => {
    await using server = await listen((_request, response) => void response.end('x'.repeat(101)));
    const guest = open([{ ...server.rule, budget: { responseBytes: 100 } }]);
    const shown = (await guest.show(await guest.send(guest.request(server.url).request))) as unknown[];
    expect(shown.slice(2)).toEqual(['x'.repeat(100), 'HTTP-response-body-size']);
    expect(guest.records.at(-1)).toEqual(['limited', 'api budget.responseBytes', `GET ${server.url}/`]);
  });

  test('of handles are those of the instance', async () => {
    const guest = open([]);
    const { limits } = guest.context.host.meter;
    for (let count = guest.handles; count < limits.handles; count++) guest.call('[constructor]fields');
    expect(() => guest.call('[constructor]fields')).toThrow('too many handles');
    expect(guest.records).toEqual([['limited', 'limits.handles', 'fields']]);
  });
});

describe('revocation', () => {
  test('ends a request that waits', async () => {
    await using server = await listen(() => undefined);
    const guest = open([server.rule]);
    const { request, pipe, transmission, ends } = guest.request(server.url, 'POST', { contents: true });
    const sent = guest.send(request);
    pipe.push(bytes('a'));
    await delay(20);
    guest.client.revoke('api');
    expect(await guest.show(await sent)).toBe('HTTP-request-denied');
    expect(await outcome(transmission)).toBe('HTTP-request-denied');
    expect(ends.stream).toBe('dropped');
    expect(await guest.show(await guest.send(guest.request(server.url).request))).toBe('HTTP-request-denied');
    expect(guest.records.at(-1)).toEqual(['denied', 'api', `GET ${server.url}/`]);
  });

  test('ends a response in the middle of its body', async () => {
    await using server = await listen((_request, response) => void response.write('first'));
    const guest = open([server.rule]);
    const response = okResponse(await guest.send(guest.request(server.url).request));
    const [stream, trailers] = guest.consumed('response', response);
    const read = readStream(stream);
    await delay(20);
    guest.client.revoke('api');
    expect([await read, await guest.trailers(trailers)]).toEqual(['first', 'HTTP-request-denied']);
  });
});

describe('cancellation', () => {
  test('of the call ends the connection at once', async () => {
    const closed = Promise.withResolvers<void>();
    const came = Promise.withResolvers<void>();
    await using server = await listen((request) => {
      came.resolve();
      request.once('close', () => closed.resolve());
    });
    const guest = open([server.rule]);
    const { request, transmission, ends } = guest.request(server.url, 'POST', { contents: true });
    const pending = guest.start(request) as Pending<Answer>;
    await came.promise;
    pending.cancel();
    expect(ends.stream).toBe('dropped');
    await closed.promise;
    expect(await outcome(transmission)).toBe('connection-terminated');
    expect(guest.handles).toBe(0);
  });

  test.each<[string, (guest: HttpGuest, response: Response) => void]>([
    ['the response', (guest, response) => guest.drop('response', response)],
    ['the stream of its body', (guest, response) => guest.consumed('response', response)[0].drop()],
    [
      'it with an error',
      (guest, response) => {
        const res = new FutureCell();
        guest.call('[static]response.consume-body', response, res);
        res.resolve({ tag: 'err', val: { tag: 'loop-detected' } });
      },
    ],
    ['the instance', (guest) => guest.end()],
  ])('by dropping %s ends the connection at once', async (_what, drop) => {
    const closed = Promise.withResolvers<void>();
    await using server = await listen((request, response) => {
      response.once('close', () => closed.resolve());
      response.write('first');
      void request;
    });
    const guest = open([server.rule]);
    drop(guest, okResponse(await guest.send(guest.request(server.url).request)));
    await closed.promise;
  });

  test('of the stream gives no trailers, and of the trailers no handle', async () => {
    await using server = await listen((_request, response) => {
      response.writeHead(200, { trailer: 'x-sum' });
      response.write('text');
      response.addTrailers({ 'x-sum': '7' });
      response.end();
    });
    const guest = open([server.rule]);
    const one = okResponse(await guest.send(guest.request(server.url).request));
    const [stream, trailers] = guest.consumed('response', one);
    stream.drop();
    expect(await guest.trailers(trailers)).toBe('none');
    const two = okResponse(await guest.send(guest.request(server.url).request));
    const [other, unread] = guest.consumed('response', two);
    expect(await readStream(other)).toBe('text');
    await delay(10);
    unread.drop();
    expect(guest.handles).toBe(0);
  });
});

describe('back-pressure', () => {
  test('holds a guest back that sends more than its server takes, and wakes it', async () => {
    const gate = Promise.withResolvers<void>();
    let received = 0;
    await using server = await listen(async (request, response) => {
      await gate.promise;
      for await (const chunk of request) received += (chunk as Buffer).length;
      response.end();
    });
    const guest = open([server.rule]);
    const { request, pipe, trailers } = guest.request(server.url, 'POST', { contents: true });
    const sent = guest.send(request);
    let written = 0;
    const chunk = new Uint8Array(65_536);
    const write = async (): Promise<void> => {
      while (written < 64 << 20) {
        if (pipe.room === 0) await pipe.output.wait();
        pipe.push(chunk);
        written += chunk.length;
      }
      pipe.end();
      trailers.resolve({ tag: 'ok', val: undefined });
    };
    const writing = write();
    await delay(300);
    // What a socket on either side holds is the system's.
    expect(written).toBeLessThan(32 << 20);
    gate.resolve();
    await writing;
    expect(await guest.show(await sent)).toEqual([200, [], '', 'none']);
    expect(received).toBe(64 << 20);
  });

  test('holds a server back that sends more than the guest reads', async () => {
    let written = 0;
    await using server = await listen(async (_request, response) => {
      const chunk = Buffer.alloc(65_536);
      while (written < 64 << 20) {
        written += chunk.length;
        if (!response.write(chunk)) await new Promise((resolve) => response.once('drain', resolve));
      }
      response.end();
    });
    const guest = open([server.rule]);
    const response = okResponse(await guest.send(guest.request(server.url).request));
    await delay(300);
    expect(written).toBeLessThan(32 << 20);
    const [body] = await guest.consume('response', response);
    expect(body.length).toBe(64 << 20);
  });
});

test('a response is sent on as the body of a request, trailers and all', async () => {
  const seen = Promise.withResolvers<unknown>();
  await using server = await listen(async (request, response) => {
    if (request.method === 'POST') {
      seen.resolve([await text(request), request.trailers]);
      response.end('thanks');
      return;
    }
    response.writeHead(200, { trailer: 'x-sum' });
    response.write('a'.repeat(200_000));
    response.addTrailers({ 'x-sum': '7' });
    response.end();
  });
  const guest = open([server.rule]);
  const [stream, trailers] = guest.consumed(
    'response',
    okResponse(await guest.send(guest.request(server.url).request)),
  );
  const [request, transmission] = guest.call(
    '[static]request.new',
    guest.fields(),
    stream,
    trailers,
    undefined,
  );
  guest.call('[method]request.set-method', request, { tag: 'post' });
  guest.call('[method]request.set-scheme', request, { tag: 'HTTP' });
  guest.call('[method]request.set-authority', request, server.url.slice('http://'.length));
  expect(await guest.show(await guest.send(request))).toEqual([200, [], 'thanks', 'none']);
  expect(await seen.promise).toEqual(['a'.repeat(200_000), { 'x-sum': '7' }]);
  expect(await outcome(transmission)).toBe('ok');
  expect(guest.handles).toBe(0);
});

test('a body that the guest made can be read by who has the message, whose verdict its maker gets', async () => {
  const guest = open([]);
  const trailers = { tag: 'ok', val: guest.fields([['x-sum', '7']]) } as const;
  const one = guest.request('http://a.test/', 'POST', { contents: 'text', trailers });
  expect(await guest.consume('request', one.request)).toEqual(['text', ['x-sum: 7']]);
  expect(await outcome(one.transmission)).toBe('ok');
  const two = guest.request('http://a.test/');
  const res = new FutureCell();
  const [stream, end] = guest.call('[static]request.consume-body', two.request, res);
  res.resolve({ tag: 'err', val: { tag: 'loop-detected' } });
  expect([await readStream(stream), await guest.trailers(end)]).toEqual(['', 'none']);
  expect(await outcome(two.transmission)).toBe('loop-detected');
  expect(guest.handles).toBe(0);
});
