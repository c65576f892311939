/**
 * What a guest writes into a request must stay what it is:
 *
 * - crlf-injection: CR, LF, NUL in names and values of fields, authority, path, method (undici CVE-2023-23936)
 * - forbidden-headers: fields about the connection are the host's (wasmtime#13801, wasmtime#8747)
 * - duplicate-content-length, transfer-encoding, bare-cr: one message that is read as two, in both directions
 *   (CVE-2026-1525, CVE-2022-32213)
 * - proto-header: `__proto__` and `constructor` as names (Node CVE-2026-21710)
 */
import { describe, expect, test } from 'vitest';
import { httpAnswer, type Listener, listenOn } from '../support/listeners.ts';
import { answers, goOut } from './egress.ts';
import type { GuestRun } from '../support/guest-run.ts';

const LOCAL = '127.0.0.1';

/** Everything on the server is allowed, so that nothing but the syntax stands in the way. */
function ask(local: Listener, tries: readonly string[], methods = ['GET', 'POST']): Promise<GuestRun> {
  return goOut({ http: [{ methods, url: `http://${LOCAL}:${local.port}/**` }], tries });
}

function echoing(): Promise<Listener> {
  return listenOn([LOCAL], () => httpAnswer('200 OK'));
}

/** Sends `response` as it stands, once for each connection. */
function answering(response: string): Promise<Listener> {
  return listenOn([LOCAL], (_chunk, socket) => {
    socket.end(Buffer.from(response, 'latin1'));
    return undefined;
  });
}

const CONTROLS = ['~0d~0a', '~0a', '~0d', '~00', '~0d~0aX-Injected: 1~0d~0a', '~7f', '~0b'];

describe('crlf-injection', () => {
  test.each(CONTROLS)('%s is refused wherever it is put, and nothing is sent', async (bytes) => {
    await using local = await echoing();
    const at = `${LOCAL}:${local.port}`;
    const run = await ask(local, [
      `http|GET${bytes}|http|${at}|/`,
      `http|GET ${bytes}|http|${at}|/`,
      `http|GET|http${bytes}|${at}|/`,
      `http|GET|http|${at}${bytes}|/`,
      `http|GET|http|${bytes}${at}|/`,
      `http|GET|http|${at}|/${bytes}`,
      `http|GET|http|${at}|/?q=${bytes}`,
      `http|GET|http|${at}|/ HTTP/1.1${bytes}`,
      `http|GET|http|${at}|/|x${bytes}=1`,
      `http|GET|http|${at}|/|${bytes}=1`,
      `http|GET|http|${at}|/|x=1${bytes}`,
      `http|GET|http|${at}|/|x=${bytes}2`,
    ]);
    expect(answers(run).map((line) => line.replace('http=error:', ''))).toEqual([
      'set-method',
      'set-method',
      'set-scheme',
      'set-authority',
      'set-authority',
      'set-path',
      'set-path',
      'set-path',
      ...Array.from({ length: 4 }, () => 'invalid-syntax'),
    ]);
    expect(local.received(LOCAL)).toEqual([]);
  });

  test('what only looks like it is sent as it is, within its place', async () => {
    await using local = await echoing();
    const at = `${LOCAL}:${local.port}`;
    const run = await ask(local, [
      `http|GET|http|${at}|/a%0d%0aX-Injected:%201|x=a%0d%0aX-Injected: 1`,
      `http|GET|http|${at}|/?q=%0aX|x=~c3~a9~ff`,
    ]);
    expect(answers(run)).toEqual(['http=200 ok', 'http=200 ok']);
    const [first, second] = local.received(LOCAL);
    expect(first).toMatch(/^GET \/a%0D%0AX-Injected:%201 HTTP\/1\.1\r\n/);
    expect(first).toContain('\r\nx: a%0d%0aX-Injected: 1\r\n');
    expect(first).not.toMatch(/^X-Injected/im);
    expect(second).toContain('\r\nx: \u00c3\u00a9\u00ff\r\n');
  });
});

describe('forbidden-headers', () => {
  const forbidden = [
    'connection',
    'host',
    'http2-settings',
    'keep-alive',
    'proxy-authenticate',
    'proxy-authorization',
    'proxy-connection',
    'transfer-encoding',
    'upgrade',
  ];

  test('no spelling of one is sent', async () => {
    await using local = await echoing();
    const spellings = forbidden.flatMap((name) => [
      name,
      name.toUpperCase(),
      ` ${name}`,
      `${name} `,
      `${name}:`,
    ]);
    const run = await ask(
      local,
      spellings.map((name) => `http|GET|http|${LOCAL}:${local.port}|/|${name}=x`),
    );
    expect(answers(run)).toEqual(
      spellings.map((name) => `http=error:${/[ :]/.test(name) ? 'invalid-syntax' : 'forbidden'}`),
    );
    expect(local.received(LOCAL)).toEqual([]);
  });

  test('no spelling of one is seen in a response', async () => {
    await using local = await listenOn([LOCAL], () =>
      httpAnswer('200 OK', [
        'Keep-Alive: timeout=9',
        'PROXY-Authenticate: Basic',
        'Upgrade: h2c',
        'X-Seen: 1',
      ]),
    );
    const run = await ask(local, [`http|GET|http|${LOCAL}:${local.port}|/`]);
    const seen = run.lines.filter((line) => line.startsWith('field='));
    expect(seen.map((line) => line.toLowerCase()).toSorted()).toEqual([
      'field=content-length: 2',
      'field=x-seen: 1',
    ]);
  });

  test('what is left of a request is about the request alone', async () => {
    await using local = await echoing();
    await ask(local, [
      `http|POST|http|${LOCAL}:${local.port}|/|expect=100-continue|te=trailers|content-length=4|@body`,
    ]);
    const [received = ''] = local.received(LOCAL);
    const [head = '', body] = received.split('\r\n\r\n');
    expect(body).toBe('body');
    const names = head
      .split('\r\n')
      .slice(1)
      .map((line) => line.split(':', 1)[0]?.toLowerCase());
    expect(names.filter((name) => name === 'content-length')).toHaveLength(1);
    expect(names.filter((name) => name === 'host')).toHaveLength(1);
    expect(names).not.toContain('transfer-encoding');
    expect(names).not.toContain('expect');
  });
});

describe('duplicate-content-length, transfer-encoding, bare-cr', () => {
  const TEXT = '@GET /smuggled HTTP/1.1~0d~0aHost: x~0d~0a~0d~0a';

  test('a guest cannot say two things of the length of its request', async () => {
    await using local = await echoing();
    const to = `http|POST|http|${LOCAL}:${local.port}|/`;
    const run = await ask(local, [
      `${to}|content-length=1|content-length=1|@x`,
      `${to}|content-length=0|Content-Length=41|${TEXT}`,
      `${to}|content-length=1, 1|@x`,
      `${to}|content-length=+1|@x`,
      `${to}|content-length=0x1|@x`,
      `${to}|content-length=|@x`,
      `${to}|content-length= 1|@x`,
      `${to}|content-length=99999999999999999999|@x`,
      `${to}|transfer-encoding=chunked|@0~0d~0a~0d~0a`,
    ]);
    expect(answers(run)).toEqual([
      ...Array.from({ length: 8 }, () => 'http=error:body'),
      'http=error:forbidden',
    ]);
    expect(local.received(LOCAL)).toEqual([]);
  });

  test.each(['content-length=0', 'content-length=2', 'content-length=400'])(
    '%s and another body never give a second request',
    async (length) => {
      await using local = await echoing();
      const run = await ask(local, [`http|POST|http|${LOCAL}:${local.port}|/|${length}|${TEXT}`]);
      expect(answers(run).join(' ')).toContain('error:');
      // Whatever was sent before that was noticed, it announces the length that the guest said, and no more follows.
      const [received = ''] = local.received(LOCAL);
      const [head = '', body = ''] = received.split(/\r\n\r\n(.*)/s);
      if (head !== '') expect(body.length).toBeLessThanOrEqual(Number(/ength: (\d+)/.exec(head)?.[1]));
    },
  );

  test('a body without a length is one message', async () => {
    await using local = await echoing();
    const run = await ask(local, [`http|POST|http|${LOCAL}:${local.port}|/|${TEXT}`]);
    expect(answers(run)).toEqual(['http=200 ok']);
    const [received = ''] = local.received(LOCAL);
    const chunked = /transfer-encoding: chunked/i.test(received);
    const length = /content-length: (\d+)/i.exec(received)?.[1];
    expect(chunked).toBe(length === undefined);
  });

  const ok = 'HTTP/1.1 200 OK\r\n';
  test.each([
    ['two lengths', `${ok}Content-Length: 2\r\nContent-Length: 3\r\n\r\nabc`],
    ['a length and chunks', `${ok}Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
    ['a list of lengths', `${ok}Content-Length: 2, 2\r\n\r\nab`],
    ['a length with a sign', `${ok}Content-Length: +2\r\n\r\nab`],
    ['a length that is too large', `${ok}Content-Length: 99999999999999999999999\r\n\r\nab`],
    ['a chunk size that is none', `${ok}Transfer-Encoding: chunked\r\n\r\nzz\r\nab\r\n0\r\n\r\n`],
    ['a bare CR in a field', `${ok}X: a\rSet-Cookie: b=c\r\nContent-Length: 2\r\n\r\nab`],
    ['a bare CR at the end of a line', `${ok}X: a\rContent-Length: 2\r\r\nab`],
    ['a NUL in a field', `${ok}X: a\0b\r\nContent-Length: 2\r\n\r\nab`],
    ['a space before the colon', `${ok}Content-Length : 2\r\n\r\nab`],
    ['a line that is folded', `${ok}X: a\r\n b\r\nContent-Length: 2\r\n\r\nab`],
    ['a field without a name', `${ok}: a\r\nContent-Length: 2\r\n\r\nab`],
    ['another protocol', 'SSH-2.0-OpenSSH_9.6\r\n'],
    ['nothing at all', ''],
  ])('a response with %s is an error', async (_what, response) => {
    await using local = await answering(response);
    const run = await ask(local, [`http|GET|http|${LOCAL}:${local.port}|/`]);
    expect(answers(run).at(-1)).toMatch(
      /^http=(?:200 [^ ]* )?error:(?:HTTP-protocol-error|HTTP-response-incomplete|connection-terminated)$/,
    );
    expect(run.stdout).not.toMatch(/set-cookie/i);
  });

  test('what a server sends past the end of a response is no part of anything', async () => {
    const poison = `${ok}Content-Length: 6\r\n\r\npoison`;
    let asked = 0;
    await using local = await listenOn([LOCAL], () => {
      asked++;
      const answer = `${ok}Content-Length: 2\r\n\r\na${asked}`;
      return asked === 1 ? answer + poison : answer;
    });
    const request = `http|GET|http|${LOCAL}:${local.port}|/`;
    const run = await ask(local, [request, request]);
    expect(run.stdout).not.toContain('poison');
    expect(answers(run).at(-1)).toBe('http=200 a2');
  });
});

describe('proto-header', () => {
  const names = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', '__defineGetter__'];

  test('is a field like any other, there and back', async () => {
    await using local = await listenOn([LOCAL], () =>
      httpAnswer(
        '200 OK',
        names.map((name) => `${name}: polluted`),
      ),
    );
    const fields = names.map((name) => `${name}=polluted`);
    const run = await ask(local, [`http|GET|http|${LOCAL}:${local.port}|/|${fields.join('|')}`]);
    expect(answers(run)).toEqual(['http=200 ok']);
    for (const name of names) {
      expect(local.received(LOCAL)[0]?.toLowerCase()).toContain(`\r\n${name.toLowerCase()}: polluted\r\n`);
      expect(run.stdout.toLowerCase()).toContain(`field=${name.toLowerCase()}: polluted\n`);
    }
    expect('polluted' in {}).toBe(false);
    expect(Object.prototype.toString.call([])).toBe('[object Array]');
  });

  test('a filter of fields knows only what it lists', async () => {
    await using local = await listenOn([LOCAL], () => httpAnswer('200 OK', ['__proto__: 1', 'x-seen: 1']));
    const run = await goOut({
      http: [
        {
          methods: ['GET'],
          url: `http://${LOCAL}:${local.port}/**`,
          requestHeaders: { allow: ['x-sent'] },
          responseHeaders: { allow: ['x-seen'] },
        },
      ],
      tries: [`http|GET|http|${LOCAL}:${local.port}|/|constructor=1|toString=1|x-sent=1`],
    });
    expect(run.lines.filter((line) => line.startsWith('field='))).toEqual(['field=x-seen: 1']);
    expect(local.received(LOCAL)[0]).toContain('x-sent: 1');
    expect(local.received(LOCAL)[0]).not.toMatch(/constructor|toString/i);
  });

  test('is a host and a name that no rule has', async () => {
    const run = await goOut({
      http: [{ methods: ['GET'], url: 'http://a.test/**' }],
      dns: [{ names: ['a.test'] }],
      tries: names.flatMap((name) => [
        `dns|${name}`,
        `http|GET|http|${name}|/`,
        `http|${name}|http|a.test|/`,
      ]),
    });
    expect(new Set(answers(run))).toEqual(
      new Set(['dns=error:access-denied', 'http=error:HTTP-request-denied']),
    );
  });
});
