/**
 * Where a request and what it carries may go:
 *
 * - redirect-hop: a redirect is the server's wish; each hop is a new decision (nodepad#42)
 * - cross-origin-credentials: secrets and cookies do not follow to another origin (undici CVE-2023-45143)
 * - upgrade-path: WebSocket, other upgrades and CONNECT are no way around (GHSA-c4j6-fc7j-m34r)
 * - host-retarget: a `Host` field aims at nothing (Spin CVE-2024-32980)
 * - secret-in-error: an injected secret never shows in an error, a log line or an echo (Node CVE-2026-48615)
 */
import { describe, expect, test } from 'vitest';
import { dnsServer } from '../support/dns-server.ts';
import { httpAnswer, listenOn } from '../support/listeners.ts';
import { answers, denials, goOut, openEgress } from './egress.ts';

const HERE = '127.0.0.2';
const ELSEWHERE = '127.0.0.3';
const SECRET = 'hunter2-Z9';

describe('redirect-hop', () => {
  test.each([301, 302, 303, 307, 308])('%i is given to the guest, and followed by nobody', async (status) => {
    await using local = await listenOn([HERE, ELSEWHERE], () =>
      httpAnswer(`${status} Moved`, [`Location: http://${ELSEWHERE}:${local.port}/secret`, 'Refresh: 0']),
    );
    const run = await goOut({
      http: [
        {
          methods: ['GET', 'POST'],
          url: `http://${HERE}:${local.port}/**`,
          headers: { authorization: { secret: 'token' } },
        },
      ],
      secrets: { token: SECRET },
      tries: [
        `http|POST|http|${HERE}:${local.port}|/|@body`,
        `http|GET|http|${ELSEWHERE}:${local.port}|/secret`,
      ],
    });
    expect(answers(run)).toEqual([`http=${status} ok`, 'http=error:HTTP-request-denied']);
    expect(run.stdout.toLowerCase()).toContain(`field=location: http://${ELSEWHERE}`);
    expect(denials(run)).toEqual([
      `http-request GET http://${ELSEWHERE}:${local.port}/secret no rule not-granted`,
    ]);
    expect([local.received(HERE).length, local.received(ELSEWHERE)]).toEqual([1, []]);
  });
});

describe('cross-origin-credentials', () => {
  test('a secret goes with the requests of its rule, and with no others', async () => {
    await using dns = await dnsServer({ 'a.test': [[HERE]], 'b.test': [[HERE]] });
    await using local = await listenOn([HERE], () => httpAnswer('200 OK', ['Set-Cookie: session=1']));
    const { port } = local;
    const addresses = [`${HERE}/32`];
    const rule = (url: string): object => ({ methods: ['GET'], url, addresses });
    const run = await goOut({
      http: [
        { ...rule(`http://a.test:${port}/private/**`), headers: { authorization: { secret: 'token' } } },
        rule(`http://a.test:${port}/public/**`),
        rule(`http://b.test:${port}/**`),
      ],
      secrets: { token: SECRET },
      resolver: dns,
      tries: [
        `http|GET|http|a.test:${port}|/private/|authorization=mine|AUTHORIZATION=mine too`,
        `http|GET|http|a.test:${port}|/public/`,
        `http|GET|http|b.test:${port}|/private/`,
        `http|GET|http|a.test:${port}|/private/../public/`,
        `http|GET|http|a.test:${port}|/public/%2e%2e/private/`,
      ],
    });
    expect(answers(run)).toEqual(Array.from({ length: 5 }, () => 'http=200 ok'));
    const sent = local.received(HERE);
    expect(sent.map((text) => text.split('\r\n', 1)[0])).toEqual([
      'GET /private/ HTTP/1.1',
      'GET /public/ HTTP/1.1',
      'GET /private/ HTTP/1.1',
      'GET /public/ HTTP/1.1',
      'GET /private/ HTTP/1.1',
    ]);
    expect(sent.map((text) => text.includes(SECRET))).toEqual([true, false, false, false, true]);
    // The rule's value takes the place of the guest's, whatever its spelling.
    expect(sent[0]?.match(/authorization/gi)).toHaveLength(1);
    expect(sent.some((text) => /mine|cookie/i.test(text))).toBe(false);
    expect(run.stdout + run.stderr).not.toContain(SECRET);
  });

  test('a rule that is passed over leaves nothing of its own in the request', async () => {
    await using dns = await dnsServer({ 'a.test': [[HERE]] });
    await using local = await listenOn([HERE], () => httpAnswer('200 OK'));
    const rule = { methods: ['GET'], url: `http://a.test:${local.port}/**` };
    const run = await goOut({
      http: [
        // The name has an address that this one does not allow.
        { ...rule, headers: { 'x-first': { secret: 'token' } } },
        { ...rule, addresses: [`${HERE}/32`], headers: { 'x-second': { secret: 'other' } } },
      ],
      secrets: { token: SECRET, other: 'second-secret' },
      resolver: dns,
      tries: [`http|GET|http|a.test:${local.port}|/|x-first=mine`],
    });
    expect(answers(run)).toEqual(['http=200 ok']);
    expect(local.received(HERE)[0]).toContain('\r\nx-second: second-secret\r\n');
    expect(local.received(HERE)[0]).toContain('\r\nx-first: mine\r\n');
    expect(local.received(HERE)[0]).not.toContain(SECRET);
  });

  test('a path that servers read in more ways than one is not sent', async () => {
    await using local = await listenOn([HERE], () => httpAnswer('200 OK'));
    const paths = [
      '/public/..;/private/',
      '/public/%2e%2e;x/private/',
      '/public\\..\\private',
      '/public/%zz',
    ];
    const encoded = ['/public/..%2fprivate/', '/public/%2e%2e%5cprivate/', '/public/%252e%252e/private/'];
    const run = await goOut({
      http: [{ methods: ['GET'], url: `http://${HERE}:${local.port}/public/**` }],
      tries: [...paths, ...encoded, '/private/', '//evil.test/public/', '/public'].map(
        (path) => `http|GET|http|${HERE}:${local.port}|${path}`,
      ),
    });
    for (const answer of answers(run).slice(0, paths.length))
      expect(answer).toMatch(/^http=error:(?:set-path|HTTP-request-URI-invalid)$/);
    // Encoded twice it is a name with a percent sign, to everybody who decodes once.
    const [, , twice] = answers(run).slice(paths.length);
    expect(twice).toBe('http=200 ok');
    expect(local.received(HERE).map((text) => text.split('\r\n', 1)[0])).toEqual(
      expect.arrayContaining(['GET /public/%252e%252e/private/ HTTP/1.1']),
    );
    expect(answers(run).filter((line) => line === 'http=error:HTTP-request-denied').length).toBeGreaterThan(
      3,
    );
    for (const text of local.received(HERE)) expect(text).toMatch(/^GET \/public(?:\/%252e| )/);
  });
});

describe('upgrade-path', () => {
  test('CONNECT is no method of a request', async () => {
    await using local = await listenOn([HERE, ELSEWHERE], () => httpAnswer('200 OK'));
    const to = `${HERE}:${local.port}`;
    const run = await goOut({
      http: [{ methods: ['GET'], url: `http://${to}/**` }],
      tries: [
        `http|CONNECT|http|${to}|/`,
        `http|CONNECT|http|${to}|${ELSEWHERE}:${local.port}`,
        `http|connect|http|${to}|/`,
        `http|get|http|${to}|/`,
        `http|GET|http|${to}|http://${ELSEWHERE}:${local.port}/`,
        `http|GET|http|${to}|${ELSEWHERE}`,
      ],
    });
    expect(answers(run)).toEqual([
      'http=error:HTTP-request-denied',
      'http=error:set-path',
      'http=error:HTTP-request-denied',
      'http=error:HTTP-request-denied',
      'http=error:set-path',
      'http=error:set-path',
    ]);
    expect([local.received(HERE), local.received(ELSEWHERE)]).toEqual([[], []]);
  });

  test('a server that switches protocols is left', async () => {
    await using local = await listenOn([HERE], () =>
      [
        'HTTP/1.1 101 Switching Protocols',
        'Upgrade: websocket',
        'Connection: Upgrade',
        'Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=',
        '',
        'raw bytes',
      ].join('\r\n'),
    );
    const run = await goOut({
      http: [{ methods: ['GET'], url: `http://${HERE}:${local.port}/**` }],
      tries: [
        `http|GET|http|${HERE}:${local.port}|/|upgrade=websocket|connection=upgrade`,
        `http|GET|http|${HERE}:${local.port}|/|sec-websocket-key=dGhlIHNhbXBsZSBub25jZQ==|sec-websocket-version=13`,
        `http|GET|ws|${HERE}:${local.port}|/`,
      ],
    });
    expect(answers(run)).toEqual([
      'http=error:forbidden',
      'http=error:HTTP-upgrade-failed',
      'http=error:HTTP-protocol-error',
    ]);
    expect(run.stdout).not.toContain('raw bytes');
  });
});

describe('host-retarget', () => {
  test('where a request goes is its authority, and without one it goes nowhere', async () => {
    await using local = await listenOn([HERE, ELSEWHERE], () => httpAnswer('200 OK'));
    const run = await goOut({
      http: [{ methods: ['GET'], url: `http://${HERE}:${local.port}/**` }],
      tries: [
        `http|GET|http|-|/|host=${HERE}:${local.port}`,
        'http|GET|http|-|/',
        `http|GET|http|${HERE}:${local.port}|/|Host=${ELSEWHERE}:${local.port}`,
        `http|GET|http|${HERE}:${local.port}|/|x-forwarded-host=${ELSEWHERE}|forwarded=host=${ELSEWHERE}`,
      ],
    });
    expect(answers(run)).toEqual([
      'http=error:forbidden',
      'http=error:HTTP-request-URI-invalid',
      'http=error:forbidden',
      'http=200 ok',
    ]);
    expect(local.received(HERE)[0]).toContain(`\r\nHost: ${HERE}:${local.port}\r\n`);
    expect(local.received(ELSEWHERE)).toEqual([]);
  });
});

describe('secret-in-error', () => {
  const ANSWERS: Readonly<Record<string, (sent: string) => string>> = {
    'in a field': (sent) =>
      httpAnswer('200 OK', [`X-Echo: ${sent}`, `Location: https://a.test/?key=${sent}`]),
    'in the name of a field': (sent) => httpAnswer('200 OK', [`${sent}: 1`, `X-${sent.toLowerCase()}: 1`]),
    'in the reason': (sent) => httpAnswer(`400 ${sent}`),
    'in a trailer': (sent) =>
      `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: x\r\n\r\n2\r\nok\r\n0\r\nx: ${sent}\r\n\r\n`,
    'in a field that is broken': (sent) => `HTTP/1.1 200 OK\r\nX ${sent}\r\n\r\n`,
    'in a field that is too long': (sent) => httpAnswer('200 OK', [`X: ${sent.repeat(20_000)}`]),
    'in place of a status': (sent) => `HTTP/1.1 ${sent}\r\n\r\n`,
    'in a transfer coding': (sent) => `HTTP/1.1 200 OK\r\nTransfer-Encoding: ${sent}\r\n\r\n`,
    'before the connection breaks': (sent) => `HTTP/1.1 200 OK\r\nContent-Length: 99\r\nX: ${sent}\r\n\r\n`,
  };

  test.each(Object.entries(ANSWERS))('not when a server repeats it %s', async (_where, answer) => {
    await using local = await listenOn([HERE], (chunk, socket) => {
      // The attack: the server knows what it was sent.
      expect(chunk).toContain(`x-key: Bearer ${SECRET}`);
      socket.end(answer(SECRET));
      return undefined;
    });
    const run = await goOut({
      http: [
        {
          methods: ['GET'],
          url: `http://${HERE}:${local.port}/**`,
          headers: { 'x-key': { secret: 'token', format: 'Bearer {}' } },
        },
      ],
      secrets: { token: SECRET },
      tries: [`http|GET|http|${HERE}:${local.port}|/`],
    });
    expect(local.received(HERE)).toHaveLength(1);
    expect((run.stdout + run.stderr + JSON.stringify(run.records)).toLowerCase()).not.toContain(
      SECRET.toLowerCase(),
    );
  });

  test('not a part of one that begins as another one does', async () => {
    const [short, long] = ['abc123', 'abc123-and-its-end'];
    await using local = await listenOn([HERE], () => httpAnswer('200 OK', [`X-Echo: ${long} ${short}`]));
    const run = await goOut({
      http: [
        {
          methods: ['GET'],
          url: `http://${HERE}:${local.port}/**`,
          headers: { 'x-a': { secret: 'short' }, 'x-b': { secret: 'long' } },
        },
      ],
      secrets: { short, long },
      tries: [`http|GET|http|${HERE}:${local.port}|/`],
    });
    expect(run.lines.find((line) => /x-echo/i.test(line))).toMatch(/: \*\*\* \*\*\*$/);
  });

  test('not when the server cannot be reached, is denied, or a limit is passed', async () => {
    await using dns = await dnsServer({ 'inside.test': [[ELSEWHERE]], 'none.test': ['SERVFAIL'] });
    await using local = await listenOn([HERE], () => httpAnswer('200 OK'));
    const headers = { authorization: { secret: 'token' } };
    const run = await goOut({
      http: [
        { methods: ['GET'], url: 'http://inside.test/**', headers },
        { methods: ['GET'], url: 'http://none.test/**', headers },
        { methods: ['GET'], url: `http://${HERE}:1/**`, headers },
        { methods: ['GET'], url: `https://${HERE}:${local.port}/**`, headers },
        { methods: ['GET'], url: `http://${HERE}:${local.port}/**`, headers, budget: { requests: 1 } },
      ],
      secrets: { token: SECRET },
      resolver: dns,
      tries: [
        'http|GET|http|inside.test|/',
        'http|GET|http|none.test|/',
        `http|GET|http|${HERE}:1|/`,
        `http|GET|https|${HERE}:${local.port}|/`,
        `http|GET|http|${HERE}:${local.port}|/`,
        `http|GET|http|${HERE}:${local.port}|/`,
      ],
    });
    expect(answers(run)).toEqual([
      'http=error:destination-IP-prohibited',
      'http=error:DNS-error',
      'http=error:connection-refused',
      expect.stringMatching(/^http=error:(?:TLS-protocol-error|connection-terminated)$/),
      'http=200 ok',
      'http=error:connection-limit-reached',
    ]);
    expect(run.stdout + run.stderr + JSON.stringify(run.records)).not.toContain(SECRET);
  });

  test.each(['line\r\nbreak', 'nul\0', 'emoji 🔑', ' hunter2', '', undefined])(
    'not when the embedder binds one that no field can have: %j',
    async (token) => {
      const url = 'http://127.0.0.1:9/**';
      const opened = openEgress({
        http: [{ methods: ['GET'], url, headers: { authorization: { secret: 'token' } } }],
        secrets: { token: token as string },
        tries: [],
      });
      const error: unknown = await opened.catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ name: 'BindingError', code: 'BW_BINDING_SECRET' });
      if (token !== undefined && token !== '')
        expect(`${String(error)} ${JSON.stringify(error)}`).not.toContain(token);
    },
  );
});
