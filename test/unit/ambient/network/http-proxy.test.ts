import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { openNetwork } from '../../../../src/ambient/network/open-network.ts';
import type { NetworkOptions } from '../../../../src/virtual/machine.ts';
import type { HttpExchange, HttpRequestHead, NetworkStack } from '../../../../src/virtual/network/stack.ts';
import { readText } from '../../../support/byte-streams.ts';
import { ip, networkPermit } from '../../../support/network-permit.ts';
import { SERVER_TLS, TEST_CA } from '../../../support/tls.ts';

let servers: Server[] = [];
let stacks: NetworkStack[] = [];
let tunnels: Socket[] = [];

afterEach(() => {
  for (const stack of stacks) stack.close();
  for (const tunnel of tunnels) tunnel.destroy();
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
  [servers, stacks, tunnels] = [[], [], []];
});

async function listen(server: Server): Promise<number> {
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** A proxy of the test's own. @param answer what it says; undefined: it makes the tunnel */
async function proxy(
  answer?: (request: IncomingMessage) => string | undefined,
): Promise<{ readonly port: number; readonly asked: string[] }> {
  const asked: string[] = [];
  const server = createServer((_request, response) => {
    asked.push('no tunnel');
    response.end();
  });
  server.on('connect', (request: IncomingMessage, client: Socket) => {
    asked.push(`${request.url} ${request.headers.host} ${request.headers['proxy-authorization']}`);
    tunnels.push(client);
    client.on('error', () => undefined);
    const said = answer?.(request);
    if (said !== undefined) return void client.write(said);
    const [, host = '', port = ''] = /^(.*):(\d+)$/.exec(request.url ?? '') ?? [];
    const target = connect({ host, port: Number(port) }, () => {
      client.write('HTTP/1.1 200 OK\r\n\r\n');
      client.pipe(target).pipe(client);
    });
    target.on('error', () => client.end('HTTP/1.1 502 Bad Gateway\r\n\r\n'));
    tunnels.push(target);
  });
  return { port: await listen(server), asked };
}

function open(options: NetworkOptions): NetworkStack {
  const stack = openNetwork({ certificateAuthorities: [TEST_CA], ...options });
  stacks.push(stack);
  return stack;
}

function get(stack: NetworkStack, port: number, more: Partial<HttpRequestHead> = {}): HttpExchange {
  const exchange = stack.request(
    networkPermit,
    {
      method: 'GET',
      scheme: 'http',
      host: 'a.test',
      port,
      address: ip('127.0.0.1'),
      path: '/x',
      headers: [],
      contentLength: undefined,
      timeouts: {},
      ...more,
    },
    new AbortController().signal,
  );
  exchange.finishBody([]);
  return exchange;
}

async function textOf(exchange: HttpExchange): Promise<string> {
  return readText((await exchange.response).body);
}

test.each(['http', 'https'] as const)('%s goes through a tunnel to the address, and back', async (scheme) => {
  const { port, asked } = await proxy();
  const server = scheme === 'http' ? createServer() : createSecureServer(SERVER_TLS);
  server.on('request', (request: IncomingMessage, response) => {
    const { headers } = request;
    response.end(`${request.url} ${headers.host} ${headers['proxy-authorization']}`);
  });
  const target = await listen(server);
  const stack = open({ proxy: { url: `http://127.0.0.1:${port}`, authorization: 'Basic c2VjcmV0' } });
  expect(await textOf(get(stack, target, { scheme }))).toBe(`/x a.test:${target} undefined`);
  // The name is not told, and the tunnel is used again.
  expect(await textOf(get(stack, target, { scheme }))).toBe(`/x a.test:${target} undefined`);
  expect(asked).toEqual([`127.0.0.1:${target} 127.0.0.1:${target} Basic c2VjcmV0`]);
  if (scheme === 'https') {
    await expect(get(stack, target, { scheme, host: 'c.test' }).response).rejects.toMatchObject({
      error: { tag: 'TLS-certificate-error' },
    });
  }
});

test.each<[string, string | undefined, string]>([
  ['wants credentials', 'HTTP/1.1 407 Proxy Authentication Required\r\n\r\n', 'configuration-error'],
  ['refuses', 'HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n', 'destination-unavailable'],
  ['cannot reach the address', undefined, 'destination-unavailable'],
  ['speaks on', 'HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 200 OK\r\n\r\n', 'destination-unavailable'],
  ['speaks no HTTP', 'SSH-2.0\r\n', 'destination-unavailable'],
])('a proxy that %s', async (_, said, tag) => {
  const { port } = await proxy(() => said);
  const stack = open({ proxy: { url: `http://127.0.0.1:${port}` } });
  await expect(get(stack, 1).response).rejects.toMatchObject({ error: { tag } });
});

test.each(['http', 'https'] as const)('a tunnel that breaks under %s', async (scheme) => {
  const { port } = await proxy(() => {
    setTimeout(() => tunnels[0]?.resetAndDestroy(), 20);
    return 'HTTP/1.1 200 OK\r\n\r\n';
  });
  const stack = open({ proxy: { url: `http://127.0.0.1:${port}` } });
  await expect(get(stack, 80, { scheme }).response).rejects.toMatchObject({
    error: { tag: 'connection-terminated' },
  });
});

test('a proxy that is not there', async () => {
  const { port } = await proxy();
  servers[0]?.close();
  await once(servers[0] as Server, 'close');
  const stack = open({ proxy: { url: `http://127.0.0.1:${port}` } });
  await expect(get(stack, 80).response).rejects.toMatchObject({ error: { tag: 'destination-unavailable' } });
});

test.each(['timeout', 'abort', 'close'])('a proxy that does not answer is left at the %s', async (how) => {
  const { port, asked } = await proxy(() => '');
  const stack = open({ proxy: { url: `http://127.0.0.1:${port}` } });
  const exchange = get(stack, 80, { timeouts: how === 'timeout' ? { connect: 50e6 } : {} });
  await expect.poll(() => asked.length).toBe(1);
  if (how === 'abort') exchange.abort();
  if (how === 'close') stack.close();
  await expect(exchange.response).rejects.toMatchObject({
    error: { tag: how === 'timeout' ? 'connection-timeout' : 'connection-terminated' },
  });
  await expect.poll(() => tunnels[0]?.destroyed || tunnels[0]?.readableEnded).toBe(true);
});

test('the process’s own proxy settings are none of an instance’s', async () => {
  const { port, asked } = await proxy();
  const target = await listen(createServer((_request, response) => response.end('direct')));
  const saved = { ...process.env };
  Object.assign(process.env, { NODE_USE_ENV_PROXY: '1', HTTP_PROXY: `http://127.0.0.1:${port}` });
  try {
    expect(await textOf(get(open({}), target))).toBe('direct');
  } finally {
    process.env = saved;
  }
  await delay(5);
  expect(asked).toEqual([]);
});
