import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Result } from '../../../../shims/canonical-abi/values.ts';
import { makeHandler } from '../../../../shims/preview3/http/handler.ts';
import { HTTP_BUDGET } from '../../../../src/virtual/http/budget.ts';
import { MAX_FIELDS_BYTES } from '../../../../src/virtual/http/fields.ts';
import type { HttpError } from '../../../../src/virtual/http/http-error.ts';
import type { IncomingRequestParts } from '../../../../src/virtual/http/incoming-request.ts';
import type { Request } from '../../../../src/virtual/http/request.ts';
import type { Response } from '../../../../src/virtual/http/response.ts';
import { emptyBody, type ServedResponse } from '../../../../src/virtual/http/response-outparam.ts';
import { Pipe } from '../../../../src/virtual/io/pipe.ts';
import { bytes, field, readAll, texts } from '../../virtual/http/streams.ts';
import { HttpGuest, listen, outcome } from './http-guest.ts';

let guest: HttpGuest;

beforeEach(() => {
  guest = new HttpGuest();
});

afterEach(() => guest.end());

type Given = Result<Response, HttpError> | undefined;

function parts(more: Partial<IncomingRequestParts> = {}): IncomingRequestParts {
  return {
    method: 'GET',
    scheme: 'http',
    authority: 'a.test',
    pathWithQuery: '/a?b',
    headers: [field('X-One', '1'), field('Connection', 'close')],
    body: emptyBody(),
    ...more,
  };
}

/** Has a request answered by a function, in the place of a component's. */
function ask(
  request: IncomingRequestParts,
  handle: (request: Request) => Given | Promise<Given>,
  isStarted = true,
): Promise<ServedResponse | HttpError> {
  const handler = makeHandler(guest.context, (resource) => {
    const result = Promise.resolve(handle(resource));
    return { result, done: result.then(() => undefined), isStarted, cancel: () => undefined };
  });
  return handler(request).answer;
}

function served(answer: ServedResponse | HttpError): ServedResponse {
  if ('tag' in answer) throw new Error(answer.tag);
  return answer;
}

describe('a request', () => {
  test('is what was asked for, without what is about the connection', async () => {
    let seen: unknown;
    const { response } = guest.response(204);
    const answer = await ask(parts({ method: 'PROPFIND' }), (request) => {
      const headers = guest.call('[method]request.get-headers', request);
      seen = [
        guest.call('[method]request.get-method', request),
        guest.call('[method]request.get-scheme', request),
        guest.call('[method]request.get-authority', request),
        guest.call('[method]request.get-path-with-query', request),
        texts(headers.entries()),
      ];
      guest.drop('fields', headers);
      guest.drop('request', request);
      return { tag: 'ok', val: response };
    });
    expect(seen).toEqual([
      { tag: 'other', val: 'PROPFIND' },
      { tag: 'HTTP' },
      'a.test',
      '/a?b',
      ['x-one: 1'],
    ]);
    expect(served(answer).status).toBe(204);
    expect([guest.handles, guest.context.httpBudget.left]).toEqual([0, HTTP_BUDGET]);
  });

  test('has its body and trailers read as they come', async () => {
    const pipe = new Pipe();
    const trailers = Promise.withResolvers<readonly ReturnType<typeof field>[]>();
    let read: unknown;
    const answered = ask(
      parts({ method: 'POST', body: { stream: pipe.input, trailers: trailers.promise } }),
      async (request) => {
        read = await guest.consume('request', request);
        return { tag: 'ok', val: guest.response(200).response };
      },
    );
    pipe.push(bytes('one '));
    await Promise.resolve();
    pipe.push(bytes('two'));
    pipe.end();
    trailers.resolve([field('X-Sum', '7')]);
    expect(served(await answered).status).toBe(200);
    expect(read).toEqual(['one two', ['x-sum: 7']]);
  });

  test('whose body breaks off says so', async () => {
    const pipe = new Pipe();
    let read: unknown;
    const answered = ask(
      parts({ body: { stream: pipe.input, trailers: Promise.resolve(undefined) } }),
      async (request) => {
        read = await guest.consume('request', request);
        return { tag: 'err', val: { tag: 'loop-detected' } };
      },
    );
    pipe.push(bytes('half'));
    pipe.end({ kind: 'http', error: { tag: 'connection-terminated' } });
    expect(await answered).toEqual({ tag: 'loop-detected' });
    expect(read).toEqual(['half', 'connection-terminated']);
  });

  test('that nobody reads is let go with its handle', async () => {
    const pipe = new Pipe();
    await ask(parts({ body: { stream: pipe.input, trailers: Promise.resolve(undefined) } }), (request) => {
      guest.drop('request', request);
      return { tag: 'ok', val: guest.response(200).response };
    });
    expect(pipe.readerGone).toBe(true);
  });

  test('that the guest never took is let go', async () => {
    const pipe = new Pipe();
    const body = { stream: pipe.input, trailers: Promise.resolve(undefined) };
    expect(await ask(parts({ body }), () => undefined, false)).toMatchObject({ tag: 'internal-error' });
    expect([pipe.readerGone, guest.handles]).toEqual([true, 0]);
  });

  test('with a head that is too large never reaches the guest', async () => {
    const large = field('a', 'x'.repeat(MAX_FIELDS_BYTES));
    const answer = await ask(parts({ headers: [large] }), () => undefined);
    expect(answer).toEqual({ tag: 'HTTP-request-header-section-size', val: MAX_FIELDS_BYTES });
  });

  test('that there is no handle for never does, either', async () => {
    const { limits } = guest.context.host.meter;
    while (guest.handles < limits.handles) guest.call('[constructor]fields');
    expect(await ask(parts(), () => undefined)).toMatchObject({ tag: 'internal-error' });
    expect(guest.records).toEqual([['limited', 'limits.handles', 'request']]);
  });
});

describe('an answer', () => {
  test('has status, fields, body and trailers; its maker learns that it was sent', async () => {
    const trailers = { tag: 'ok', val: guest.fields([['x-sum', '7']]) } as const;
    const made = guest.response(201, { contents: 'text', trailers, headers: [['X-Two', '2']] });
    const answer = served(await ask(parts(), () => ({ tag: 'ok', val: made.response })));
    expect([answer.status, texts(answer.headers), answer.contentLength]).toEqual([
      201,
      ['X-Two: 2'],
      undefined,
    ]);
    expect(await readAll(answer.body.stream)).toEqual(['text', 'closed']);
    expect(texts(await answer.body.trailers)).toEqual(['x-sum: 7']);
    expect(await outcome(made.transmission)).toBe('ok');
  });

  test('comes before its body, which follows as it is read', async () => {
    const made = guest.response(200, { contents: true });
    const answer = served(await ask(parts(), () => ({ tag: 'ok', val: made.response })));
    const read = readAll(answer.body.stream);
    made.pipe.push(bytes('one '));
    await new Promise((resolve) => setTimeout(resolve, 5));
    made.pipe.push(bytes('two'));
    made.pipe.end();
    made.trailers.resolve({ tag: 'ok', val: undefined });
    expect(await read).toEqual(['one two', 'closed']);
    expect(await outcome(made.transmission)).toBe('ok');
  });

  test.each([
    ['HEAD', 200],
    ['GET', 204],
    ['GET', 304],
  ])('to %s with status %i has no body, and its maker did nothing wrong', async (method, status) => {
    const made = guest.response(status, { contents: true, headers: [['content-length', '7']] });
    const answer = served(await ask(parts({ method }), () => ({ tag: 'ok', val: made.response })));
    expect(await readAll(answer.body.stream)).toEqual(['', 'closed']);
    expect([await outcome(made.transmission), made.ends.stream]).toEqual(['ok', 'dropped']);
  });

  test.each([
    ['an interim status', 103, {}, 'HTTP-protocol-error'],
    ['a length that is none', 200, { headers: [['content-length', '1, 2']] as const }, 'HTTP-protocol-error'],
    [
      'a length without contents',
      200,
      { headers: [['content-length', '3']] as const },
      'HTTP-response-body-size',
    ],
  ])('with %s is none', async (_what, status, body, tag) => {
    const made = guest.response(status, body);
    expect(await ask(parts(), () => ({ tag: 'ok', val: made.response }))).toMatchObject({ tag });
    expect(await outcome(made.transmission)).toBe(tag);
  });

  test.each([
    ['fewer', 'ab'],
    ['more', 'abcd'],
  ])('with %s bytes than it says fails on its way', async (_what, contents) => {
    const made = guest.response(200, { contents, headers: [['content-length', '3']] });
    const answer = served(await ask(parts(), () => ({ tag: 'ok', val: made.response })));
    expect((await readAll(answer.body.stream))[1]).toBe('HTTP-response-body-size');
    expect(await outcome(made.transmission)).toBe('HTTP-response-body-size');
  });

  test('that the client no longer wants is given up at once', async () => {
    const made = guest.response(200, { contents: true });
    const answer = served(await ask(parts(), () => ({ tag: 'ok', val: made.response })));
    answer.body.stream.close();
    expect([made.ends.stream, made.ends.trailersDropped]).toEqual(['dropped', true]);
    expect(await outcome(made.transmission)).toBe('connection-terminated');
  });

  test('fails when the instance ends before it is whole', async () => {
    const made = guest.response(200, { contents: true });
    const answer = served(await ask(parts(), () => ({ tag: 'ok', val: made.response })));
    const read = readAll(answer.body.stream);
    made.pipe.push(bytes('half'));
    await new Promise((resolve) => setTimeout(resolve, 5));
    guest.end();
    expect(await read).toEqual(['half', 'HTTP-protocol-error']);
  });

  test('holds its maker back when it is not read', async () => {
    const made = guest.response(200, { contents: true });
    const answer = served(await ask(parts(), () => ({ tag: 'ok', val: made.response })));
    let written = 0;
    for (let round = 0; round < 100; round++) {
      while (made.pipe.room > 0) {
        made.pipe.push(new Uint8Array(16_384));
        written += 16_384;
      }
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(written).toBeLessThanOrEqual(4 * 65_536);
    made.pipe.end();
    made.trailers.resolve({ tag: 'ok', val: undefined });
    const [text] = await readAll(answer.body.stream);
    expect(text.length).toBe(written);
  });

  test('may be the request’s own body, sent back past the guest', async () => {
    const pipe = new Pipe();
    const trailers = Promise.resolve([field('x-sum', '7')]);
    const answered = ask(parts({ method: 'POST', body: { stream: pipe.input, trailers } }), (request) => {
      const [stream, end] = guest.consumed('request', request);
      const [response] = guest.call('[static]response.new', guest.fields(), stream, end);
      return { tag: 'ok', val: response };
    });
    const answer = served(await answered);
    const read = readAll(answer.body.stream);
    for (let i = 0; i < 20; i++) {
      pipe.push(bytes('x'.repeat(10_000)));
      await new Promise((resolve) => setImmediate(resolve));
    }
    pipe.end();
    expect(await read).toEqual(['x'.repeat(200_000), 'closed']);
    expect(texts(await answer.body.trailers)).toEqual(['x-sum: 7']);
    expect(guest.handles).toBe(0);
  });

  test('may be what a server answered to the request, which the guest sent on as it was', async () => {
    await using server = await listen(async (request, response) => {
      response.writeHead(201, { 'x-one': request.headers['x-one'] ?? '', trailer: 'x-sum' });
      response.write(`${request.method} ${request.url} ${await text(request)}`);
      response.addTrailers({ 'x-sum': request.trailers['x-sum'] ?? '' });
      response.end();
    });
    guest.end();
    guest = new HttpGuest([server.rule]);
    const pipe = new Pipe();
    const trailers = Promise.resolve([field('x-sum', '7')]);
    const answered = ask(
      parts({ method: 'POST', body: { stream: pipe.input, trailers } }),
      async (request) => {
        const authority = server.url.slice('http://'.length);
        guest.call('[method]request.set-authority', request, authority);
        return guest.send(request);
      },
    );
    pipe.push(bytes('one '));
    await new Promise((resolve) => setTimeout(resolve, 20));
    pipe.push(bytes('two'));
    pipe.end();
    const answer = served(await answered);
    expect([answer.status, texts(answer.headers)?.filter((line) => line.startsWith('x-'))]).toEqual([
      201,
      ['x-one: 1'],
    ]);
    expect(await readAll(answer.body.stream)).toEqual(['POST /a?b one two', 'closed']);
    expect(texts(await answer.body.trailers)).toEqual(['x-sum: 7']);
    expect(guest.handles).toBe(0);
  });

  test('of a request that was sent on has just as many bytes as that said', async () => {
    await using server = await listen(
      (request, response) => void request.resume().on('end', () => response.end()),
    );
    guest.end();
    guest = new HttpGuest([server.rule]);
    const pipe = new Pipe();
    pipe.push(bytes('12345'));
    pipe.end();
    const request = parts({
      method: 'POST',
      headers: [field('content-length', '4')],
      body: { stream: pipe.input, trailers: Promise.resolve(undefined) },
    });
    const answer = await ask(request, async (resource) => {
      guest.call('[method]request.set-authority', resource, server.url.slice('http://'.length));
      return guest.send(resource);
    });
    expect(answer).toEqual({ tag: 'HTTP-request-body-size', val: 5n });
  });

  test('is an error where the guest gave one, or none', async () => {
    expect(await ask(parts(), () => ({ tag: 'err', val: { tag: 'internal-error', val: 'why' } }))).toEqual({
      tag: 'internal-error',
      val: 'why',
    });
    expect(await ask(parts(), () => undefined)).toEqual({
      tag: 'internal-error',
      val: 'the program gave no response',
    });
  });
});
