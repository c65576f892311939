import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { Engine } from '../../../src/index.ts';
import { prometheusText } from '../../../src/metrics/index.ts';
import { serveMetrics } from '../../../src/serve/index.ts';

test('GET /metrics answers what prometheusText says, on this machine alone', async () => {
  const engine = new Engine({ cache: false });
  await using server = await serveMetrics(engine);
  expect(server.url).toBe(`http://127.0.0.1:${server.port}/metrics`);
  for (const url of [server.url, `${server.url}?format=text`]) {
    const response = await fetch(url);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(await response.text()).toBe(prometheusText(engine));
  }
});

test.each([
  ['GET', '/', 404],
  ['GET', '/metrics/', 404],
  ['GET', '/metricsx', 404],
  ['GET', '//metrics', 404],
  ['POST', '/', 404],
  ['POST', '/metrics', 405],
  ['HEAD', '/metrics', 405],
  ['DELETE', '/metrics', 405],
])('%s %s is answered %i', async (method, path, status) => {
  await using server = await serveMetrics(new Engine({ cache: false }));
  const response = await fetch(`http://127.0.0.1:${server.port}${path}`, {
    method,
    ...(method === 'POST' && { body: 'x'.repeat(100_000) }),
  });
  expect(response.status).toBe(status);
  expect(response.headers.get('allow')).toBe(status === 405 ? 'GET' : null);
  expect(await response.text()).not.toContain('bailiwick_');
});

test('its end does not wait for those that are still connected', async () => {
  const server = await serveMetrics(new Engine({ cache: false }), { host: '127.0.0.1', port: 0 });
  const idle = connect(server.port, '127.0.0.1');
  await once(idle, 'connect');
  const ended = once(idle, 'close');
  await server.close();
  await ended;
});

test('a port that is taken is told', async () => {
  await using server = await serveMetrics(new Engine({ cache: false }), { host: '::1' });
  expect(server.url).toBe(`http://[::1]:${server.port}/metrics`);
  await expect(
    serveMetrics(new Engine({ cache: false }), { host: '::1', port: server.port }),
  ).rejects.toMatchObject({ code: 'BW_SERVE_LISTEN', hint: 'Port 0 takes one that is free.' });
});
