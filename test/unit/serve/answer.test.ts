import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { writeHead } from '../../../src/serve/answer.ts';
import { emptyBody } from '../../../src/virtual/http/response-outparam.ts';

/** The fields of a guest's answer, as they come to a client. */
async function fieldsOf(status: number, method = 'GET'): Promise<string[]> {
  const headers = [
    { name: 'Content-Length', value: Buffer.from('5') },
    { name: 'X-Kept', value: Buffer.from('1') },
  ];
  const served = { status, headers, contentLength: 5, body: emptyBody() };
  await using server = createServer((_request, response) => {
    if (writeHead(response, served, method === 'HEAD')) response.end('12345');
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const response = await fetch(url, { method, headers: { connection: 'close' } });
  await response.arrayBuffer();
  return [...response.headers.keys()].filter((name) => /^(?:content-length|x-kept)$/.test(name));
}

test('a length is said of a body, or of what would be one', async () => {
  expect(await fieldsOf(200)).toEqual(['content-length', 'x-kept']);
  expect(await fieldsOf(200, 'HEAD')).toEqual(['content-length', 'x-kept']);
  expect(await fieldsOf(304)).toEqual(['content-length', 'x-kept']);
});

test('no length is said of what never has a body', async () => {
  expect(await fieldsOf(204)).toEqual(['x-kept']);
});
