/** HTTP messages of WASI 0.3, sent by a guest to real servers, and read, under rules. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { pipeline, Readable } from 'node:stream';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { GuestRun } from '../support/guest-run.ts';
import { denials, lineGuest } from '../support/sockets-guest.ts';
import { p3Guest } from './p3.ts';

const { open, run } = lineGuest(() => p3Guest('messages'), 'http');

/** A server of this machine that ends with the test. */
async function serve(listener: (request: IncomingMessage, response: ServerResponse) => void): Promise<{
  readonly host: string;
  /** Requests, as they came. */
  readonly requests: IncomingMessage[];
}> {
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    requests.push(request);
    listener(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { host: `127.0.0.1:${(server.address() as AddressInfo).port}`, requests };
}

/** More than anybody reads. */
function endless(): Readable {
  return new Readable({
    read() {
      this.push('x'.repeat(1000));
    },
  });
}

const hello = (_request: IncomingMessage, response: ServerResponse): void => void response.end('hello');

/**
 * Answers `/closed` as soon as the connection of the first request is closed, and others as `listener` does: a guest that gets
 * this answer has not ended yet.
 */
function tellsWhenClosed(listener: typeof hello): typeof hello {
  const sockets: Socket[] = [];
  return (request, response) => {
    sockets.push(request.socket);
    if (request.url !== '/closed') return listener(request, response);
    if (sockets[0]?.destroyed !== false) return void response.end();
    sockets[0].once('close', () => response.end());
  };
}

/** @returns a rule for a server */
const api = (host: string, more: object = {}): object => ({
  id: 'api',
  methods: ['GET', 'POST'],
  url: `http://${host}/**`,
  ...more,
});

/** Makes a request, and sends it. */
const sending = (host: string, ...parts: string[]): string[] => [
  'request',
  'set-scheme HTTP',
  `set-authority ${host}`,
  ...parts,
  'send',
  'finish',
];

/** What a line prints behind {@link sending}. */
function after({ lines }: GuestRun): readonly string[] {
  return lines.slice(lines.findLastIndex((each) => each.startsWith('finish=')) + 1);
}

describe('over the wire', () => {
  it('a request goes out as it was made, its body in parts, with trailers', async () => {
    let seen: unknown;
    const { host } = await serve((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        seen = [request.method, request.url, request.headers['x-a'], request.headers.host, body];
        response.end(JSON.stringify(request.trailers));
      });
    });
    const end = await run(
      [api(host)],
      [
        'from-list X-A 1',
        'request body',
        'set-method post',
        'set-scheme HTTP',
        `set-authority ${host}`,
        'set-path /a/./b?q=1',
        'send',
        'write early,',
        'write late',
        'from-list x-end 7',
        'finish',
        'sent',
        'wait',
        'consume',
        'read',
      ],
    );
    expect(seen).toEqual(['POST', '/a/b?q=1', '1', host, 'early,late']);
    expect(after(end)).toEqual(['sent=ok', 'wait=ok', 'consume=ok', 'read={"x-end":"7"}']);
    expect(end.of('grant-used').filter(({ grant }) => grant === 'api')).toMatchObject([
      { operation: 'http-request', subject: `POST http://${host}/a/b` },
    ]);
  });

  it('a response has a status, fields, a body and trailers', async () => {
    const { host } = await serve((_request, response) => {
      response.writeHead(418, { trailer: 'x-sum', 'X-Reply': 'yes', date: 'now' });
      response.write('short ');
      response.addTrailers({ 'x-sum': '4', upgrade: 'x' });
      response.end('and stout');
    });
    const end = await run(
      [api(host, { responseHeaders: { deny: ['date', 'trailer'] } })],
      [
        ...sending(host),
        'wait',
        'status',
        'headers',
        'all',
        'append b 2',
        'consume',
        'get x-reply',
        'read',
        'trailers',
        'append b 2',
        'done',
      ],
    );
    expect(after(end)).toEqual([
      'wait=ok',
      'status=418',
      'headers=ok',
      'all=x-reply: yes',
      'append=immutable',
      'consume=ok',
      'get=[yes]',
      'read=short and stout',
      'trailers=x-sum: 4',
      'append=ok',
      'done=ok',
    ]);
  });

  it('a response without trailers has none', async () => {
    const { host } = await serve(hello);
    const end = await run([api(host)], [...sending(host), 'wait', 'consume', 'read', 'trailers', 'done']);
    expect(after(end)).toEqual(['wait=ok', 'consume=ok', 'read=hello', 'trailers=none', 'done=ok']);
  });

  it.each([
    ['its stream', ['consume', 'part', 'shut', 'trailers', 'done'], ['shut=ok', 'trailers=none', 'done=ok']],
    ['what it makes of it', ['consume', 'part', 'done error'], ['done=ok']],
    ['the response', ['drop response'], ['drop=ok']],
  ])('a body that is dropped early ends its connection: by %s', async (_what, line, printed) => {
    const { host, requests } = await serve(
      tellsWhenClosed((_request, response) => void pipeline(endless(), response, () => undefined)),
    );
    const end = await run(
      [api(host)],
      [...sending(host), 'wait', ...line, 'say dropped', ...sending(host, 'set-path /closed'), 'wait'],
    );
    const at = end.lines.indexOf('say=dropped');
    expect(end.lines.slice(at - printed.length, at)).toEqual(printed);
    expect(after(end)).toEqual(['wait=ok']);
    expect(requests.map(({ url }) => url)).toEqual(['/', '/closed']);
  });

  it('a server that goes away in the middle is an error behind the body', async () => {
    const { host } = await serve((_request, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('half', () => response.destroy());
    });
    const end = await run([api(host)], [...sending(host), 'wait', 'consume', 'read', 'trailers']);
    expect(after(end)).toEqual([
      'wait=ok',
      'consume=ok',
      'read=half',
      expect.stringMatching(/^trailers=(connection-terminated|HTTP-response-incomplete)$/),
    ]);
  });

  it('a request that is given up in its body is none for the server', async () => {
    const { host, requests } = await serve((request) => void request.resume());
    const end = await run(
      [api(host)],
      [
        'request body',
        'set-method post',
        'set-scheme HTTP',
        `set-authority ${host}`,
        'send',
        'write half',
        'abort',
        'sent',
        'wait',
      ],
    );
    expect(end.lines.slice(-4)).toEqual([
      'write=ok',
      'abort=ok',
      'sent=connection-terminated',
      'wait=connection-terminated',
    ]);
    expect(requests.every(({ complete }) => !complete)).toBe(true);
  });

  it('a call that is cancelled ends its connection', async () => {
    const { host, requests } = await serve(tellsWhenClosed(() => undefined));
    const end = await run(
      [api(host)],
      [...sending(host), 'cancel 300', 'sent', ...sending(host, 'set-path /closed'), 'wait'],
      { grant: { clocks: { monotonic: { resolution: '1ms' } } } },
    );
    expect(end.value('cancel')).toBe('cancelled');
    expect(end.value('sent')).toBe('connection-terminated');
    expect(after(end)).toEqual(['wait=ok']);
    expect(requests.map(({ url }) => url)).toEqual(['/', '/closed']);
  });

  it('a timeout ends the wait for a slow server', async () => {
    const { host } = await serve((_request, response) => void setTimeout(() => response.end('late'), 5000));
    const end = await run(
      [api(host)],
      ['options', 'set-timeout first-byte 50000000', ...sending(host), 'wait'],
    );
    expect(after(end)).toEqual(['wait=HTTP-response-timeout']);
    expect(end.usage.wallTime).toBeLessThan(4e9);
  });

  it('a timeout ends the wait for the rest of a body', async () => {
    const { host } = await serve((_request, response) => void response.write('first'));
    const end = await run(
      [api(host)],
      [
        'options',
        'set-timeout between-bytes 50000000',
        ...sending(host),
        'wait',
        'consume',
        'read',
        'trailers',
      ],
    );
    expect(after(end)).toEqual(['wait=ok', 'consume=ok', 'read=first', 'trailers=connection-read-timeout']);
  });
});

describe('a rule', () => {
  it('denies what it does not grant, on record, and nothing of it is sent', async () => {
    const { host, requests } = await serve(hello);
    const end = await run(
      [api(host, { url: `http://${host}/public/**` })],
      [
        ...sending(host, 'set-path /private?key=1'),
        'wait',
        'sent',
        ...sending(host, 'set-path /public/a', 'set-method delete'),
        'wait',
        ...sending(host, 'set-path /public/a'),
        'wait',
        'status',
      ],
    );
    expect(end.lines.filter((line) => /^(?:send|finish|wait|sent|status)=/.test(line))).toEqual([
      'send=returned',
      'finish=dropped',
      'wait=HTTP-request-denied',
      'sent=HTTP-request-denied',
      'send=returned',
      'finish=dropped',
      'wait=HTTP-request-denied',
      'send=started',
      'finish=ok',
      'wait=ok',
      'status=200',
    ]);
    expect(denials(end.records)).toEqual([
      `http-request GET http://${host}/private`,
      `http-request DELETE http://${host}/public/a`,
    ]);
    expect(requests.map(({ url }) => url)).toEqual(['/public/a']);
  });

  it('has a budget of requests', async () => {
    const { host, requests } = await serve(hello);
    const end = await run(
      [api(host, { budget: { requests: 1 } })],
      [...sending(host), 'wait', 'drop response', ...sending(host), 'wait'],
    );
    expect(end.lines.filter((line) => line.startsWith('wait='))).toEqual([
      'wait=ok',
      'wait=connection-limit-reached',
    ]);
    expect(end.of('limit')).toMatchObject([{ limit: 'api budget.requests', subject: `GET http://${host}/` }]);
    expect(requests).toHaveLength(1);
  });

  it.each([
    ['for a response', () => undefined, ['wait'], ['wait=HTTP-request-denied']],
    [
      'for more of a body',
      (_request: IncomingMessage, response: ServerResponse) => void response.write('first'),
      ['wait', 'consume', 'read', 'trailers'],
      ['wait=ok', 'consume=ok', 'read=first', 'trailers=HTTP-request-denied'],
    ],
  ])('that is taken back ends the wait %s', async (_what, listener, line, printed) => {
    const { host, requests } = await serve(listener);
    const opened = await open([api(host)], [...sending(host), ...line, 'say end', ...sending(host), 'wait']);
    const running = opened.run();
    await expect.poll(() => requests.length).toBe(1);
    await expect.poll(() => opened.stdout.text()).toMatch(line.length > 1 ? /consume=/ : /finish=/);
    opened.instance.revoke('api');
    const end = await running;
    const from = end.lines.indexOf('finish=ok') + 1;
    expect(end.lines.slice(from, from + printed.length)).toEqual(printed);
    expect(end.value('say')).toBe('end');
    expect(after(end)).toEqual(['wait=HTTP-request-denied']);
    expect(denials(end.records)).toEqual([`http-request GET http://${host}/`]);
    expect(requests).toHaveLength(1);
    await expect.poll(() => requests[0]?.socket.destroyed).toBe(true);
  });
});
