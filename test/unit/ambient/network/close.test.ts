import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';

let server: Server;

beforeEach(async () => {
  server = createServer((request, response) => {
    if (request.url !== '/hang') response.end('ok');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});

afterEach(() => {
  server.closeAllConnections();
  server.close();
});

/** Runs a script of its own, in which `stack` is a stack and `at` an address of the server. @returns its exit code */
async function run(script: string): Promise<{ readonly code: unknown; readonly milliseconds: number }> {
  const from = (path: string): string => JSON.stringify(new URL(`../../../../${path}`, import.meta.url).href);
  const prelude = `
    import { setTimeout as delay } from 'node:timers/promises';
    import { openNetwork } from ${from('src/ambient/network/open-network.ts')};
    import { ip, networkPermit as permit } from ${from('test/support/network-permit.ts')};
    const stack = openNetwork({ resolver: () => new Promise(() => undefined) });
    const never = new AbortController().signal;
    const at = { address: ip('127.0.0.1'), port: ${(server.address() as AddressInfo).port} };
    const free = { address: at.address, port: 0 };
    const day = 86_400e9;
    const timeouts = { connect: day, firstByte: day, betweenBytes: day, total: day };
    const get = (path) => {
      const head = { method: 'GET', scheme: 'http', host: 'a.test', ...at, path, headers: [], timeouts };
      const exchange = stack.request(permit, head, never);
      exchange.finishBody([]);
      return exchange;
    };
    const read = async ({ response }) => {
      const { body } = await response;
      for (const target = new Uint8Array(9); body.readInto(target, 0, 9) >= 0; ) await body.wait();
    };`;
  const start = performance.now();
  const child = spawn(process.execPath, ['--input-type=module', '-e', prelude + script], {
    stdio: 'inherit',
  });
  const [code] = (await once(child, 'close')) as [unknown];
  return { code, milliseconds: performance.now() - start };
}

test('a stack that is closed with everything open does not keep the process', async () => {
  const { code, milliseconds } = await run(`
    const connection = await stack.connectTcp(permit, at, { keepAlive: true }, never);
    connection.output.write(new Uint8Array(9), 0, 9);
    void connection.input.wait();
    const closing = await stack.connectTcp(permit, at, {}, never);
    closing.close();
    const port = await stack.bindTcp(permit, free);
    await port.listen(5);
    void port.wait();
    (await stack.bindUdp(permit, free)).receive(() => undefined);
    stack.resolve(permit, 'a.test', never).catch(() => undefined);
    await read(get('/'));
    get('/hang').response.catch(() => undefined);
    stack.request(permit, { method: 'POST', scheme: 'http', host: 'b.test', ...at, path: '/', headers: [], timeouts }, never);
    await delay(50);
    stack.close();`);
  expect(code).toBe(0);
  // Nothing is left that could hold it up: the shortest of our own timers is 4 s.
  expect(milliseconds).toBeLessThan(4000);
});

test('connections that wait for another request do not keep the process', async () => {
  const { code, milliseconds } = await run(`await read(get('/'));`);
  expect(code).toBe(0);
  expect(milliseconds).toBeLessThan(4000);
});
