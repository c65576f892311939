import { beforeAll, describe, expect, it } from 'vitest';
import { type Instance, type Program, VirtualNetwork } from '../../src/index.ts';
import { engine } from '../support/guest-run.ts';
import { jsGuest } from './index.ts';

let program: Program;

beforeAll(async () => {
  program = await engine.compile(await jsGuest('gateway'), { name: 'gateway.wasm' });
});

/** A gateway that may reach `api.test`, which answers as `handler` says. */
function open(
  handler: (request: Request) => Response | Promise<Response> = () => new Response(),
): Promise<Instance> {
  const network = new VirtualNetwork();
  network.serve('api.test', handler);
  return program.instantiate({
    policy: {
      version: 1,
      network: 'virtual',
      http: [
        {
          id: 'api',
          methods: ['GET', 'POST'],
          url: 'https://api.test/**',
          headers: { authorization: { secret: 'TOKEN', format: 'Bearer {}' } },
        },
      ],
    },
    bindings: { virtualNetwork: network.host('gateway'), secrets: { TOKEN: 'hunter2' } },
  });
}

const to = (path: string, init: RequestInit = {}): Request => new Request(`http://gateway.test${path}`, init);

describe('a JavaScript program that serves', () => {
  it('answers', async () => {
    await using instance = await open();
    const response = await instance.fetch(to('/hello'));
    expect([response.status, response.headers.get('content-type'), await response.text()]).toEqual([
      200,
      'text/plain',
      'hello',
    ]);
  });

  it('streams: what goes in comes out before the end of it', async () => {
    await using instance = await open();
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
    const writer = writable.getWriter();
    void writer.write(new TextEncoder().encode('first'));
    const init = { method: 'POST', body: readable, duplex: 'half' } as const;
    const response = await instance.fetch(to('/upper', init));
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    const read = async (): Promise<string> => new TextDecoder().decode((await reader.read()).value);
    expect(await read()).toBe('FIRST');
    void writer.write(new TextEncoder().encode('second'));
    expect(await read()).toBe('SECOND');
    await writer.close();
    expect((await reader.read()).done).toBe(true);
  });

  it('passes a request on under its rule, with the secret that it never has', async () => {
    let seen: unknown;
    await using instance = await open(async (request) => {
      seen = [request.method, request.url, request.headers.get('authorization'), await request.text()];
      return new Response('from the api', {
        status: 201,
        headers: { 'x-echo': request.headers.get('authorization') ?? '' },
      });
    });
    const response = await instance.fetch(
      to('/to/api.test/items?q=1', { method: 'POST', headers: { authorization: 'mine' }, body: 'an item' }),
    );
    expect(seen).toEqual(['POST', 'https://api.test/items?q=1', 'Bearer hunter2', 'an item']);
    expect([response.status, response.headers.get('x-echo'), await response.text()]).toEqual([
      201,
      'Bearer ***',
      'from the api',
    ]);
  });

  it.each([
    ['host', '/to/inside.test/', 'GET'],
    ['method', '/to/api.test/', 'DELETE'],
  ])('is denied what no rule allows, and can say so: %s', async (_what, path, method) => {
    await using instance = await open();
    const response = await instance.fetch(to(path, { method }));
    expect([response.status, await response.text()]).toEqual([403, 'error:HTTP-request-denied']);
  });

  it('is told when the other server gives no answer', async () => {
    await using instance = await open(() => Promise.reject(new Error('down')));
    const response = await instance.fetch(to('/to/api.test/'));
    expect([response.status, await response.text()]).toEqual([502, 'error:connection-terminated']);
  });

  it.each([
    ['/nothing', 'BW_INSTANCE_NO_RESPONSE'],
    ['/throws', 'BW_INSTANCE_TRAPPED'],
  ])('that gives no answer fails the request: %s', async (path, code) => {
    await using instance = await open();
    await expect(instance.fetch(to(path))).rejects.toMatchObject({ code });
  });
});
