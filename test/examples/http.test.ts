import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { makeApp as makeExpress } from '../../examples/express/app.ts';
import { makeApp as makeHono } from '../../examples/hono/app.ts';
import { buildHello } from '../../examples/http-guest/build.ts';
import type { Program } from '../../src/index.ts';
import { httpGuest } from '../guests/index.ts';
import { engine } from '../support/guest-run.ts';

const POLICY = { version: 1, clocks: { monotonic: { resolution: '1ms' } }, limits: { deadline: '2s' } };

let program: Program;
beforeAll(async () => {
  program = await engine.compile(await httpGuest('server'), { name: 'server.wasm' });
});

let server: Server | undefined;
afterEach(() => void server?.close());

describe.each([
  ['hono', (guest: Program) => createAdaptorServer({ fetch: makeHono(guest, POLICY).fetch }) as Server],
  ['express', (guest: Program) => createServer(makeExpress(guest, POLICY))],
])('examples/%s', (_name, make) => {
  async function get(path: string, init?: RequestInit): Promise<Response> {
    server = make(program).listen(0, '127.0.0.1');
    await once(server, 'listening');
    return fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`, init);
  }

  it('hands requests to the guest, and its answers back', async () => {
    const response = await get('/describe/x?y=1', { headers: { 'x-name': 'value' } });
    expect(response.status).toBe(200);
    const text = await response.text();
    expect(text).toMatch(/^GET http 127\.0\.0\.1:\d+ \/describe\/x\?y=1\n/);
    expect(text).toContain('x-name: value\n');
  });

  it('keeps the status and every field', async () => {
    const response = await get('/headers');
    expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2; Path=/']);
    expect(await response.text()).toBe('ok');
    expect((await get('/status/404')).status).toBe(404);
    expect((await get('/status/204')).status).toBe(204);
  });

  it('streams large bodies both ways', async () => {
    const body = 'x'.repeat(1_000_000);
    const response = await get('/echo', { method: 'POST', body });
    expect(await response.text()).toBe(body);
  });

  it.each(['/trap', '/silent', '/never'])('answers 500 where the guest does not: %s', async (path) => {
    const response = await get(path);
    expect([response.status, await response.text()]).toEqual([500, 'Internal Server Error\n']);
  });

  it('cuts an answer off that does not get whole', async () => {
    await expect(get('/trap-later').then((response) => response.text())).rejects.toThrow();
  });
});

it('examples/http-guest answers', async () => {
  await using instance = await (
    await engine.compile(await buildHello())
  ).instantiate({ policy: { version: 1 } });
  const response = await instance.fetch(new Request('http://a.example/'));
  expect([response.status, await response.text()]).toEqual([200, 'hello from the guest\n']);
});
