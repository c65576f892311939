import { describe, expect, it } from 'vitest';
import { HttpBudget } from '../../../../src/virtual/http/budget.ts';
import { Fields, MAX_FIELDS_BYTES } from '../../../../src/virtual/http/fields.ts';
import { IncomingBody } from '../../../../src/virtual/http/incoming-body.ts';
import { type IncomingRequest, makeIncomingRequest } from '../../../../src/virtual/http/incoming-request.ts';
import { OutgoingBody } from '../../../../src/virtual/http/outgoing-body.ts';
import { OutgoingResponse } from '../../../../src/virtual/http/outgoing-response.ts';
import { emptyBody, ResponseOutparam } from '../../../../src/virtual/http/response-outparam.ts';
import type { OutputStream } from '../../../../src/virtual/io/streams.ts';
import { Pipe } from '../../../../src/virtual/io/pipe.ts';
import { bytes, endOf, field, readAll, texts, writeAll } from './streams.ts';

const budget = new HttpBudget();

function fields(...entries: readonly (readonly [string, string])[]): Fields {
  const made = new Fields(budget);
  expect(made.append(entries.map(([name, value]) => field(name, value)))).toBeUndefined();
  return made;
}

describe('an outgoing body', () => {
  it('gives what was written, in order, and its trailers', async () => {
    const body = new OutgoingBody('response', undefined);
    const stream = body.write() as OutputStream;
    await writeAll(stream, bytes('one '));
    expect(body.length).toBeUndefined();
    await writeAll(stream, bytes('two'));
    stream.close();
    expect(body.finish(fields(['x-sum', '7']))).toBeUndefined();
    // A length would leave no place for the trailers.
    expect(body.length).toBeUndefined();
    expect(await readAll(body.input)).toEqual(['one two', 'closed']);
    expect(texts(await body.trailers)).toEqual(['x-sum: 7']);
  });

  it('holds its writer back, and lets it flush before anybody reads', async () => {
    const body = new OutgoingBody('request', undefined);
    const stream = body.write() as OutputStream;
    await writeAll(stream, new Uint8Array(65_536));
    expect([stream.checkWrite(), stream.flush(), stream.ready()]).toEqual([0, 0, false]);
    const all = readAll(body.input);
    await writeAll(stream, new Uint8Array(200_000));
    body.finish(undefined);
    expect((await all)[0]).toHaveLength(265_536);
  });

  it('is not whole when it is dropped before its end', async () => {
    const body = new OutgoingBody('response', undefined);
    await writeAll(body.write() as OutputStream, bytes('half'));
    body.close();
    expect(await readAll(body.input)).toEqual(['half', 'HTTP-protocol-error']);
    expect(await body.trailers).toBeUndefined();
  });

  it.each([
    ['request', 'HTTP-request-body-size'],
    ['response', 'HTTP-response-body-size'],
  ] as const)('of a %s fails where more is written than content-length says', async (kind, tag) => {
    const body = new OutgoingBody(kind, 5);
    const stream = body.write() as OutputStream;
    expect(await writeAll(stream, bytes('1234'))).toBeUndefined();
    expect(await writeAll(stream, bytes('56'))).toBe(tag);
    expect(stream.checkWrite()).toBe(-1);
    expect(body.finish(undefined)).toEqual({ tag, val: 6n });
    expect(await readAll(body.input)).toEqual(['1234', tag]);
  });

  it('fails where less is written than content-length says', async () => {
    const body = new OutgoingBody('request', 5);
    await writeAll(body.write() as OutputStream, bytes('1234'));
    expect(body.finish(undefined)).toEqual({ tag: 'HTTP-request-body-size', val: 4n });
    expect(await readAll(body.input)).toEqual(['1234', 'HTTP-request-body-size']);
  });

  it('tells its writer that nobody reads any more', () => {
    const body = new OutgoingBody('response', undefined);
    const stream = body.write() as OutputStream;
    body.input.close();
    expect(endOf(stream, stream.write(bytes('x'), 0, 1))).toBe('closed');
    expect(body.finish(undefined)).toBeUndefined();
  });

  it('tells its writer why', () => {
    const body = new OutgoingBody('request', undefined);
    const stream = body.write() as OutputStream;
    body.abandon({ tag: 'connection-refused' });
    expect(endOf(stream, stream.checkWrite())).toBe('connection-refused');
    expect(endOf(stream, stream.checkWrite())).toBe('closed');
  });
});

describe('an incoming body', () => {
  function make(): { pipe: Pipe; body: IncomingBody; trailers: PromiseWithResolvers<never[] | undefined> } {
    const pipe = new Pipe();
    const trailers = Promise.withResolvers<never[] | undefined>();
    return {
      pipe,
      trailers,
      body: new IncomingBody('request', { stream: pipe.input, trailers: trailers.promise }, budget),
    };
  }

  it('gives its stream once, and trailers without those about the connection', async () => {
    const { pipe, body, trailers } = make();
    const stream = body.stream();
    expect([body.stream(), body.reading]).toEqual([undefined, true]);
    pipe.push(bytes('bytes'));
    pipe.end();
    expect(stream && (await readAll(stream))).toEqual(['bytes', 'closed']);
    stream?.close();
    const future = body.finish();
    expect([future.ready(), future.get()]).toEqual([false, undefined]);
    trailers.resolve([field('Connection', 'close'), field('X-Sum', '5')] as never[]);
    await future.wait();
    expect(texts((future.get() as Fields).entries())).toEqual(['x-sum: 5']);
    expect(future.get()).toBe('taken');
  });

  it('skips what is left of it once somebody waits for its trailers', async () => {
    const { pipe, body, trailers } = make();
    body.stream()?.close();
    pipe.push(new Uint8Array(50_000));
    trailers.resolve(undefined);
    const future = body.finish();
    expect(pipe.held).toBe(50_000);
    const waited = future.wait();
    pipe.end();
    await waited;
    expect(future.get()).toBe('none');
  });

  it('has an error for trailers that take too much', async () => {
    const { pipe, body, trailers } = make();
    pipe.end();
    trailers.resolve([field('a', 'b'.repeat(MAX_FIELDS_BYTES))] as never[]);
    const future = body.finish();
    await future.wait();
    expect(future.get()).toMatchObject({ tag: 'HTTP-request-trailer-section-size' });
  });

  it('has an error for trailers where it failed', async () => {
    const { pipe, body } = make();
    pipe.end({ kind: 'http', error: { tag: 'connection-terminated' } });
    const future = body.finish();
    await future.wait();
    expect(future.get()).toEqual({ tag: 'connection-terminated' });
  });

  it('is not read on when it is dropped, but for a stream that is still open', () => {
    const { pipe, body } = make();
    const stream = body.stream();
    body.close();
    expect(pipe.readerGone).toBe(false);
    stream?.close();
    expect(pipe.readerGone).toBe(true);
  });
});

describe('an incoming request', () => {
  const parts = { method: 'GET', scheme: 'http', authority: 'localhost', pathWithQuery: '/a?b' };

  it('has no fields about the connection, and none that can be changed', () => {
    const headers = [field('Host', 'other'), field('Upgrade', 'x'), field('X-One', '1')];
    const request = makeIncomingRequest({ ...parts, headers, body: emptyBody() }, budget) as IncomingRequest;
    expect(texts(request.headers.entries())).toEqual(['x-one: 1']);
    expect(request.headers.append([field('a', 'b')])).toBe('immutable');
    expect(request.consume()).toBeInstanceOf(IncomingBody);
    expect(request.consume()).toBeUndefined();
  });

  it('is refused when its head takes too much, and its body is not read', () => {
    const pipe = new Pipe();
    const body = { stream: pipe.input, trailers: Promise.resolve(undefined) };
    const headers = [field('a', 'b'.repeat(MAX_FIELDS_BYTES))];
    expect(makeIncomingRequest({ ...parts, headers, body }, budget)).toMatchObject({
      tag: 'HTTP-request-header-section-size',
    });
    expect(pipe.readerGone).toBe(true);
  });

  it('gives back what it took of the budget', () => {
    const own = new HttpBudget();
    const request = makeIncomingRequest({ ...parts, headers: [field('a', 'b')], body: emptyBody() }, own);
    (request as IncomingRequest).release();
    expect(own.left).toBe(new HttpBudget().left);
  });
});

describe('a response', () => {
  it('is what the guest set, and goes on with its body', async () => {
    const outparam = new ResponseOutparam();
    const response = new OutgoingResponse(fields(['Content-Type', 'text/plain']));
    expect(response.headers.append([field('a', 'b')])).toBe('immutable');
    expect(response.setStatusCode(418)).toBe(true);
    const body = response.body() as OutgoingBody;
    outparam.set(response);
    const served = await outparam.response;
    if ('tag' in served) throw new Error(served.tag);
    expect([served.status, texts(served.headers), served.contentLength]).toEqual([
      418,
      ['Content-Type: text/plain'],
      undefined,
    ]);
    await writeAll(body.write() as OutputStream, bytes('tea'));
    body.finish(undefined);
    expect(await readAll(served.body.stream)).toEqual(['tea', 'closed']);
  });

  it.each([99, 100, 199, 600, 65_535])('has no status %d', (status) => {
    const response = new OutgoingResponse(fields());
    expect(response.setStatusCode(status)).toBe(false);
    expect(response.statusCode).toBe(200);
  });

  it.each([[['1', '1']], [['+1']], [['1, 1']], [['']], [['0x1']], [['9'.repeat(16)]]])(
    'with content-length %j is none',
    async (values) => {
      const outparam = new ResponseOutparam();
      const response = new OutgoingResponse(
        fields(...values.map((value) => ['content-length', value] as const)),
      );
      expect(response.body()).toBeUndefined();
      outparam.set(response);
      expect(await outparam.response).toEqual({ tag: 'HTTP-protocol-error' });
    },
  );

  it('without the bytes that it says is none, but to HEAD', async () => {
    for (const [method, expected] of [
      ['GET', { tag: 'HTTP-response-body-size', val: 0n }],
      ['HEAD', { contentLength: 5 }],
    ] as const) {
      const outparam = new ResponseOutparam({ method });
      outparam.set(new OutgoingResponse(fields(['content-length', '5'])));
      expect(await outparam.response).toMatchObject(expected);
    }
  });

  it('is an error where the guest sets one or none, and the first one counts', async () => {
    const set = new ResponseOutparam();
    set.set({ tag: 'loop-detected' });
    set.close();
    expect(await set.response).toEqual({ tag: 'loop-detected' });
    const dropped = new ResponseOutparam();
    dropped.close();
    expect(await dropped.response).toMatchObject({ tag: 'internal-error' });
  });

  it('can have others before it, but no change of the protocol', () => {
    const seen: number[] = [];
    const outparam = new ResponseOutparam({ onInformational: ({ status }) => void seen.push(status) });
    expect(outparam.sendInformational(103, [])).toBeUndefined();
    expect(outparam.sendInformational(101, [])).toEqual({ tag: 'HTTP-upgrade-failed' });
    expect(outparam.sendInformational(200, [])).toEqual({ tag: 'HTTP-protocol-error' });
    expect(seen).toEqual([103]);
  });
});
