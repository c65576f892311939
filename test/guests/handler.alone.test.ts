import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  AuditLog,
  type Instance,
  type InstanceError,
  type PolicyDocument,
  type Program,
} from '../../src/index.ts';
import { type Failure, serve, type ServeOptions, type Server } from '../../src/serve/index.ts';
import { engine } from '../support/guest-run.ts';
import { httpAnswer, listenOn } from '../support/listeners.ts';
import { p3Guest, p3JsGuest, p3WatGuest } from './p3.ts';

const POLICY = { version: 1, clocks: { monotonic: { resolution: '1ms' } } } as const;

let program: Program;
beforeAll(async () => {
  program = await engine.compile(await p3Guest('handler'), { name: 'handler.wasm' });
});

const open = (more: Partial<PolicyDocument> = {}, audit = new AuditLog()): Promise<Instance> =>
  program.instantiate({ policy: { ...POLICY, ...more }, audit });

const request = (path: string, init: RequestInit = {}): Request =>
  new Request(`http://shop.example${path}`, {
    ...init,
    ...(init.body instanceof ReadableStream && { duplex: 'half' }),
  });

async function textOf(instance: Instance, path: string, init?: RequestInit): Promise<string> {
  return (await instance.fetch(request(path, init))).text();
}

const codeOf = (code: string): unknown => expect.objectContaining({ code });

const decode = (chunk: unknown): string => new TextDecoder().decode(chunk as Uint8Array);

/** Bytes as they are pulled, and how many of them were. */
function counted(total: number): { body: ReadableStream<Uint8Array>; given: () => number } {
  let given = 0;
  const body = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        controller.enqueue(new Uint8Array(10_000).fill(97));
        given += 10_000;
        if (given >= total) controller.close();
      },
    },
    { highWaterMark: 0 },
  );
  return { body, given: () => given };
}

describe('fetch', () => {
  it('answers with status, fields and bytes', async () => {
    await using instance = await open();
    const response = await instance.fetch(request('/status/418'));
    expect([response.status, response.headers.get('content-type'), await response.text()]).toEqual([
      418,
      'text/plain',
      'hello, world\n',
    ]);
    await instance.idle();
    expect(instance.outcome).toBeUndefined();
  });

  it.each(['/echo', '/forward'])('streams a megabyte both ways: %s', async (path) => {
    await using instance = await open();
    const answer = await textOf(instance, path, { method: 'POST', body: counted(1_000_000).body });
    expect(answer === 'a'.repeat(1_000_000)).toBe(true);
    await instance.idle();
  });

  it.each(['/echo', '/forward'])('answers while the request is on its way: %s', async (path) => {
    await using instance = await open();
    const { readable, writable } = new TransformStream<Uint8Array>();
    const writer = writable.getWriter();
    const response = await instance.fetch(request(path, { method: 'POST', body: readable }));
    const reader = response.body?.getReader();
    for (const word of ['one', 'two', 'three']) {
      void writer.write(new TextEncoder().encode(word));
      expect(decode((await reader?.read())?.value)).toBe(word);
    }
    void writer.close();
    expect((await reader?.read())?.done).toBe(true);
    await instance.idle();
  });

  it('has trailers go past the guest, and come from it', async () => {
    await using instance = await open();
    const { answer, done } = await instance.exchange({
      method: 'POST',
      pathWithQuery: '/echo',
      headers: [],
      body: {
        stream: {
          failure: 0,
          readInto: () => -1,
          ready: () => true,
          wait: () => undefined,
          close: () => undefined,
        },
        trailers: Promise.resolve([{ name: 'x-sum', value: Buffer.from('7') }]),
      },
    });
    const { body } = await answer;
    while (body.stream.readInto(new Uint8Array(9), 0, 9) === 0) await body.stream.wait();
    expect(await body.trailers).toEqual([
      expect.objectContaining({ name: 'x-sum', value: Buffer.from('7') }),
    ]);
    await done;
  });

  it('has a hundred requests at work in one instance', async () => {
    await using instance = await open();
    const answers = await Promise.all(Array.from({ length: 100 }, () => textOf(instance, '/gather/100')));
    expect(new Set(answers)).toEqual(new Set(['100']));
    expect(await textOf(instance, '/count')).toBe('101');
  });

  it('refuses the one that is one too many, and goes on with the others', async () => {
    const instance = await open({ limits: { handles: 20_000 } });
    const waiting = Array.from({ length: 1024 }, () => instance.fetch(request('/never')));
    const ends = Promise.allSettled(waiting);
    await expect(instance.fetch(request('/hello'))).rejects.toThrow(codeOf('BW_INSTANCE_BUSY'));
    await instance.close();
    const codes = (await ends).map((end) =>
      end.status === 'rejected' ? (end.reason as InstanceError).code : end.status,
    );
    expect(new Set(codes)).toEqual(new Set(['BW_INSTANCE_CLOSED']));
    await instance.idle();
  });

  it('holds a request back that is not read', async () => {
    await using instance = await open();
    const { body, given } = counted(10_000_000);
    const response = await instance.fetch(request('/sleep/100', { method: 'POST', body }));
    expect(given()).toBeLessThan(100_000);
    expect(await response.text()).toBe('slept');
    await instance.idle();
  });

  it('holds an answer back that is not read, and then has all of it', async () => {
    await using instance = await open();
    const before = process.memoryUsage().arrayBuffers;
    const response = await instance.fetch(request('/big/100000000'));
    await delay(200);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(8 << 20);
    let length = 0;
    for await (const chunk of response.body ?? []) length += (chunk as Uint8Array).length;
    expect(length).toBe(100_000_000);
    await instance.idle();
  });

  it('cancels a call that is aborted, while others go on', async () => {
    await using instance = await open();
    const other = textOf(instance, '/later/100');
    const abort = new AbortController();
    const answer = instance.fetch(request('/cancellable', { signal: abort.signal }));
    await delay(20);
    abort.abort(new Error('enough'));
    await expect(answer).rejects.toThrow('enough');
    expect(await other).toBe('first last');
    await instance.idle();
    expect(instance.outcome).toBeUndefined();
  });

  it('leaves a call that pays no attention to that until the instance is closed', async () => {
    const instance = await open();
    const answer = instance.fetch(request('/never', { signal: AbortSignal.timeout(20) }));
    await expect(answer).rejects.toThrow('timeout');
    const idle = instance.idle();
    expect(await Promise.race([idle, delay(50, 'at work')])).toBe('at work');
    await instance.close();
    await idle;
    expect(instance.outcome).toEqual({ kind: 'cancelled' });
  });

  it('tells the guest whether its answer was sent', async () => {
    await using instance = await open();
    expect(await textOf(instance, '/sent')).toBe('text');
    await instance.idle();
    expect(await textOf(instance, '/count')).toBe('1002');
    const response = await instance.fetch(request('/sent'));
    await response.body?.cancel();
    await instance.idle();
    expect(await textOf(instance, '/count')).toBe('3004');
  });

  it('gives the rest of an answer up that nobody wants', async () => {
    await using instance = await open();
    const response = await instance.fetch(request('/big/1000000'));
    await response.body?.cancel();
    await instance.idle();
    expect(await textOf(instance, '/count')).toBe('2');
  });

  it('ends all requests when one of them ends the instance', async () => {
    const audit = new AuditLog();
    const instance = await open({}, audit);
    const later = await instance.fetch(request('/later/1000'));
    const waiting = instance.fetch(request('/sleep/1000'));
    const trapping = instance.fetch(request('/trap/20'));
    await expect(trapping).rejects.toThrow(codeOf('BW_INSTANCE_TRAPPED'));
    await expect(waiting).rejects.toThrow(codeOf('BW_INSTANCE_TRAPPED'));
    await expect(later.text()).rejects.toThrow(codeOf('BW_INSTANCE_TRAPPED'));
    await instance.idle();
    await expect(instance.fetch(request('/hello'))).rejects.toThrow(codeOf('BW_INSTANCE_TRAPPED'));
    expect(instance.outcome).toMatchObject({ kind: 'trap' });
    expect(audit.records.filter(({ kind }) => kind === 'instance-closed')).toHaveLength(1);
  });

  it('fails the body of an answer that nobody is left to write', async () => {
    await using instance = await open();
    const response = await instance.fetch(request('/leak'));
    await expect(response.text()).rejects.toThrow(codeOf('BW_INSTANCE_RESPONSE_UNFINISHED'));
    expect(await textOf(instance, '/count')).toBe('2');
  });

  it('fails the body of an answer when the guest traps after its head', async () => {
    const instance = await open();
    const response = await instance.fetch(request('/trap-later'));
    await expect(response.text()).rejects.toThrow(codeOf('BW_INSTANCE_TRAPPED'));
  });

  it.each(['/never', '/never-later', '/spin'])('ends with its deadline: %s', async (path) => {
    const instance = await open({ limits: { deadline: '200ms' } });
    await expect(textOf(instance, path)).rejects.toThrow(codeOf('BW_INSTANCE_LIMIT'));
    await instance.idle();
  });

  it('tells the error that came in the place of a response', async () => {
    await using instance = await open();
    await expect(instance.fetch(request('/refuse'))).rejects.toThrow('internal-error (no)');
    expect(await textOf(instance, '/hello')).toBe('hello, world\n');
  });

  it('leaves nothing behind, however a request ends', async () => {
    const instance = await open();
    for (const path of ['/hello', '/echo', '/forward', '/drain', '/trailers', '/refuse'])
      await instance.fetch(request(path, { method: 'POST', body: 'text' })).then(
        (response) => response.text(),
        () => undefined,
      );
    await instance.idle();
    expect(instance.usage().handles).toBe(0);
    await instance.close();
  });

  it('lets a guest give on what it got from elsewhere', async () => {
    await using local = await listenOn(['127.0.0.2'], () =>
      httpAnswer('203 Fine', ['x-one: 1'], 'from afar'),
    );
    const { port } = local;
    const url = `http://127.0.0.2:${port}/**`;
    const audit = new AuditLog();
    await using instance = await open({ http: [{ id: 'api', methods: ['GET'], url }] }, audit);
    const response = await instance.fetch(request(`/proxy/127.0.0.2:${port}/a?b`));
    expect([response.status, response.headers.get('x-one'), await response.text()]).toEqual([
      203,
      '1',
      'from afar',
    ]);
    expect(local.received('127.0.0.2')[0]).toContain('GET /a?b HTTP/1.1\r\n');
    await expect(instance.fetch(request(`/proxy/127.0.0.3:${port}/`))).rejects.toThrow('HTTP-request-denied');
    expect(audit.records.filter(({ kind }) => kind === 'denial')).toMatchObject([
      { operation: 'http-request', subject: `GET http://127.0.0.3:${port}/` },
    ]);
  });

  it('is for handlers: it is no command', async () => {
    await using instance = await open();
    await expect(instance.run()).rejects.toThrow(codeOf('BW_INSTANCE_NOT_A_COMMAND'));
  });
});

describe('a handler in JavaScript, which imports WASI 0.2, too', () => {
  it('answers many requests while they are on their way, and keeps nothing of them', async () => {
    const shout = await engine.compile(await p3JsGuest('shout'), { name: 'shout.wasm' });
    await using instance = await shout.instantiate({
      policy: { version: 1, clocks: { monotonic: { resolution: '1ms' } }, random: 'secure' },
    });
    const echoes = Array.from({ length: 20 }, async (_, index) => {
      const { readable, writable } = new TransformStream<Uint8Array>();
      const writer = writable.getWriter();
      void writer.write(new TextEncoder().encode(`first ${index} `));
      const response = await instance.fetch(request('/', { method: 'POST', body: readable }));
      void writer.write(new TextEncoder().encode('last')).then(() => writer.close());
      return [response.status, await response.text()];
    });
    expect(await Promise.all(echoes)).toEqual(
      Array.from({ length: 20 }, (_, index) => [203, `FIRST ${index} LAST`]),
    );
    await instance.idle();
    expect(instance.usage().handles).toBe(0);
  });
});

describe('a middleware', () => {
  it('is told what it imports that nobody has', async () => {
    const component = await p3WatGuest(
      `(module (import "wasi:http/handler@0.3.0" "[async-lower]handle" (func (param i32 i32) (result i32)))
        (memory (export "memory") 1)
        (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) unreachable))`,
      'package test:guest; world guest { import wasi:http/handler@0.3.0; }',
    );
    const middleware = await engine.compile(component, { name: 'middleware.wasm' });
    await expect(middleware.instantiate({ policy: POLICY })).rejects.toThrow(/wasi:http\/handler/);
  });
});

function openServer(
  options: Partial<ServeOptions> = {},
  more: Partial<PolicyDocument> = {},
): Promise<Server> {
  return serve({ routes: [{ program, policy: { ...POLICY, ...more } }], port: 0, ...options });
}

const get = (server: Server, path: string, init?: RequestInit): Promise<Response> =>
  fetch(new URL(path, server.url), init);

const getText = async (server: Server, path: string): Promise<string> => (await get(server, path)).text();

describe('serve', () => {
  it('has an instance for each request', async () => {
    await using server = await openServer();
    expect(await Promise.all([getText(server, '/count'), getText(server, '/count')])).toEqual(['1', '1']);
  });

  it('has as many requests at work in one instance as it may be reused for', async () => {
    await using server = await openServer({ reuse: 100 });
    const answers = await Promise.all(Array.from({ length: 100 }, () => getText(server, '/gather/100')));
    expect(new Set(answers)).toEqual(new Set(['100']));
    expect(await getText(server, '/count')).toBe('1');
  });

  it('takes a new instance when one has had its share', async () => {
    await using server = await openServer({ reuse: 2 });
    const counts: string[] = [];
    for (let i = 0; i < 4; i++) counts.push(await getText(server, '/count'));
    expect(counts).toEqual(['1', '2', '1', '2']);
  });

  it('streams both ways, with trailers', async () => {
    await using server = await openServer();
    const socket = connect(server.port, '127.0.0.1');
    socket.write('POST /echo HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n');
    socket.write('3\r\none\r\n');
    const [first] = (await once(socket, 'data')) as [Buffer];
    expect(first.toString()).toContain('HTTP/1.1 200 OK');
    socket.write('3\r\ntwo\r\n0\r\nx-sum: 7\r\n\r\n');
    const rest = await text(socket);
    expect(first.toString() + rest).toMatch(/one\r\n.*two\r\n0\r\nx-sum: 7\r\n\r\n$/s);
  });

  it('sends the trailers of a guest', async () => {
    await using server = await openServer();
    const socket = connect(server.port, '127.0.0.1');
    socket.write('GET /trailers HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    expect(await text(socket)).toMatch(/text\r\n0\r\nx-sum: 7\r\n\r\n$/);
  });

  it('answers HEAD without a body', async () => {
    await using server = await openServer();
    const response = await get(server, '/hello', { method: 'HEAD' });
    expect([response.status, response.headers.get('content-length'), await response.text()]).toEqual([
      200,
      '13',
      '',
    ]);
  });

  it('ends an instance whose one client goes away, whatever it does', async () => {
    const failures: Failure[] = [];
    await using server = await openServer({
      maxConcurrent: 1,
      onFailure: (failure) => failures.push(failure),
    });
    await expect(get(server, '/never', { signal: AbortSignal.timeout(50) })).rejects.toThrow('timeout');
    expect(await getText(server, '/count')).toBe('1');
    expect(failures).toEqual([]);
  });

  it('leaves an instance to its other clients when one goes away, and gives it no more', async () => {
    await using server = await openServer({ reuse: 100 });
    const other = getText(server, '/later/200');
    await expect(get(server, '/never', { signal: AbortSignal.timeout(50) })).rejects.toThrow('timeout');
    expect(await getText(server, '/count')).toBe('1');
    expect(await other).toBe('first last');
  });

  it('answers 500 to all that were in an instance that trapped, and goes on with another', async () => {
    const failures: Failure[] = [];
    await using server = await openServer({ reuse: 100, onFailure: (failure) => failures.push(failure) });
    const statuses = await Promise.all(
      ['/sleep/1000', '/trap/20', '/sleep/1000'].map(async (path) => (await get(server, path)).status),
    );
    expect(statuses).toEqual([500, 500, 500]);
    expect(failures.map(({ error }) => (error as { code: string }).code)).toEqual(
      Array.from({ length: 3 }, () => 'BW_INSTANCE_TRAPPED'),
    );
    expect(await getText(server, '/count')).toBe('1');
  });

  it('cuts an answer off that is not whole', async () => {
    await using server = await openServer();
    const response = await get(server, '/trap-later');
    await expect(response.text()).rejects.toThrow();
  });

  it('is held back by a client that does not read, and cut off in the end', async () => {
    await using server = await openServer({ timeouts: { write: 200 } });
    const before = process.memoryUsage().arrayBuffers;
    const socket = connect(server.port, '127.0.0.1');
    socket.pause();
    socket.on('error', () => undefined);
    socket.write('GET /big/1000000000 HTTP/1.1\r\nHost: a\r\n\r\n');
    await delay(600);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(16 << 20);
    socket.resume();
    await once(socket, 'close');
    expect(socket.bytesRead).toBeLessThan(50_000_000);
  });
});
