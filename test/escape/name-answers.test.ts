/**
 * name-allowed-ip-forbidden: a name that a rule allows leads to an address that it must not (Deno CVE-2026-49860,
 * bashkit#1569). Every address of an answer counts, whichever of them would be dialled.
 *
 * rebinding: the name leads somewhere else a moment later (workers#202). What was checked is what is dialled.
 */
import { describe, expect, test } from 'vitest';
import { dnsServer, type DnsReply } from '../support/dns-server.ts';
import { httpAnswer, listenOn } from '../support/listeners.ts';
import { answers, denials, goOut } from './egress.ts';

const ALLOWED = '127.0.0.2';
const FORBIDDEN = '127.0.0.3';
/** What stands for the public addresses of a name, which tests cannot dial. */
const addresses = [`${ALLOWED}/32`];

const REPLIES: Readonly<Record<string, Readonly<Record<string, readonly DnsReply[]>>>> = {
  'in its A record': { 'allowed.test': [[FORBIDDEN]] },
  'in its AAAA record': { 'allowed.test': [['::1']] },
  'in its AAAA record, beside a good A record': { 'allowed.test': [[ALLOWED, '::1']] },
  'in its A record, beside a good AAAA record': { 'allowed.test': [[FORBIDDEN, '2001:4860:4860::8888']] },
  'through an alias (CNAME)': { 'allowed.test': [{ alias: 'inside.test' }], 'inside.test': [[FORBIDDEN]] },
  'through two aliases': {
    'allowed.test': [{ alias: 'one.test' }],
    'one.test': [{ alias: 'two.test' }],
    'two.test': [[FORBIDDEN]],
  },
  'in the last of several records': { 'allowed.test': [[ALLOWED, ALLOWED, FORBIDDEN]] },
  'in the first of several records': { 'allowed.test': [[FORBIDDEN, ALLOWED]] },
};

describe.each(Object.entries(REPLIES))('name-allowed-ip-forbidden: %s', (_where, zone) => {
  test('no HTTP request leaves', async () => {
    await using dns = await dnsServer(zone);
    await using inside = await listenOn([ALLOWED, FORBIDDEN], () => httpAnswer('200 OK'));
    const url = `http://allowed.test:${inside.port}/**`;
    const run = await goOut({
      http: [{ id: 'rule', methods: ['GET'], url, addresses }],
      resolver: dns,
      tries: [`http|GET|http|allowed.test:${inside.port}|/`],
    });
    expect(answers(run)).toEqual(['http=error:destination-IP-prohibited']);
    expect(denials(run)).toEqual([
      `http-request GET http://allowed.test:${inside.port}/ rule address-forbidden`,
    ]);
    expect([inside.received(ALLOWED), inside.received(FORBIDDEN)]).toEqual([[], []]);
  });

  test('no TCP connection is made, and no datagram sent', async () => {
    await using dns = await dnsServer(zone);
    await using inside = await listenOn([ALLOWED, FORBIDDEN]);
    const connect = `allowed.test:${inside.port}`;
    const run = await goOut({
      sockets: [
        { id: 'tcp', protocol: 'tcp', connect, addresses },
        { id: 'udp', protocol: 'udp', connect, addresses },
      ],
      dns: [{ names: ['allowed.test'] }],
      resolver: dns,
      tries: [
        'dns|allowed.test',
        `tcp|${FORBIDDEN}|${inside.port}|x`,
        `tcp|${ALLOWED}|${inside.port}|x`,
        `tcp|::1|${inside.port}|x`,
        `udp|${FORBIDDEN}|${inside.port}|x`,
        `udp|${ALLOWED}|${inside.port}|x`,
      ],
    });
    const denied = 'error:access-denied';
    expect(answers(run).slice(1)).toEqual([
      `tcp=${denied}`,
      `tcp=${denied}`,
      `tcp=${denied}`,
      `udp=${denied}`,
      `udp=${denied}`,
    ]);
    expect(run.of('denial')).toHaveLength(5);
    for (const address of [ALLOWED, FORBIDDEN])
      expect([inside.received(address), inside.datagrams(address)]).toEqual([[], []]);
  });
});

test('name-allowed-ip-forbidden: the same names are reached where the rule has the addresses', async () => {
  await using dns = await dnsServer({
    'allowed.test': [{ alias: 'inside.test' }],
    'inside.test': [[FORBIDDEN, ALLOWED]],
  });
  await using inside = await listenOn([ALLOWED, FORBIDDEN], (chunk) =>
    chunk.startsWith('GET') ? httpAnswer('200 OK', [], 'reached') : `heard ${chunk}connection: close`,
  );
  const wide = ['127.0.0.0/8'];
  const run = await goOut({
    http: [{ methods: ['GET'], url: `http://allowed.test:${inside.port}/**`, addresses: wide }],
    sockets: ['tcp', 'udp'].map((protocol) => ({
      protocol,
      connect: `allowed.test:${inside.port}`,
      addresses: wide,
    })),
    resolver: dns,
    tries: [
      `http|GET|http|allowed.test:${inside.port}|/`,
      `tcp|${FORBIDDEN}|${inside.port}|x`,
      `udp|${FORBIDDEN}|${inside.port}|x`,
    ],
  });
  expect(answers(run)).toEqual(['http=200 reached', 'tcp=ok heard xconnection: close', 'udp=sent']);
  await expect.poll(() => inside.datagrams(FORBIDDEN)).toContain('x');
  expect(denials(run)).toEqual([]);
});

describe('rebinding', () => {
  const turns: Readonly<Record<string, readonly DnsReply[]>> = {
    'rebind.test': [[ALLOWED], [FORBIDDEN], [ALLOWED], [FORBIDDEN]],
  };

  test('every HTTP request is decided anew, and goes to the address that was decided', async () => {
    await using dns = await dnsServer(turns);
    await using inside = await listenOn([ALLOWED, FORBIDDEN], () => httpAnswer('200 OK', [], 'good'));
    const request = `http|GET|http|rebind.test:${inside.port}|/`;
    const run = await goOut({
      http: [{ methods: ['GET'], url: `http://rebind.test:${inside.port}/**`, addresses }],
      resolver: dns,
      tries: [request, request, request, request],
    });
    const prohibited = 'http=error:destination-IP-prohibited';
    expect(answers(run)).toEqual(['http=200 good', prohibited, 'http=200 good', prohibited]);
    expect(inside.received(ALLOWED)).toHaveLength(2);
    expect(inside.received(FORBIDDEN)).toEqual([]);
    // One lookup for each request: there is no second one to be rebound.
    expect(dns.queries.filter((query) => query === 'A rebind.test')).toHaveLength(4);
  });

  test('a socket goes where the guest said, and only if that is in an answer that is allowed as a whole', async () => {
    await using dns = await dnsServer(turns);
    await using inside = await listenOn([ALLOWED, FORBIDDEN], () => 'connection: close');
    const run = await goOut({
      sockets: [{ protocol: 'tcp', connect: `rebind.test:${inside.port}`, addresses }],
      resolver: dns,
      tries: [ALLOWED, FORBIDDEN, FORBIDDEN, ALLOWED].map((address) => `tcp|${address}|${inside.port}|x`),
    });
    const denied = 'tcp=error:access-denied';
    expect(answers(run)).toEqual(['tcp=ok connection: close', denied, denied, denied]);
    expect(inside.received(FORBIDDEN)).toEqual([]);
  });

  test('what a guest was told lately opens no address that the name has got since', async () => {
    await using dns = await dnsServer({ 'sub.rebind.test': [[FORBIDDEN], [ALLOWED]] });
    await using inside = await listenOn([ALLOWED, FORBIDDEN], () => 'connection: close');
    const to = (address: string): string => `tcp|${address}|${inside.port}|x`;
    const run = await goOut({
      sockets: [{ protocol: 'tcp', connect: `*.rebind.test:${inside.port}`, addresses }],
      dns: [{ names: ['*.rebind.test'] }],
      resolver: dns,
      tries: [
        'dns|sub.rebind.test',
        to(FORBIDDEN),
        to(ALLOWED),
        'dns|sub.rebind.test',
        to(FORBIDDEN),
        to(ALLOWED),
      ],
    });
    const denied = 'tcp=error:access-denied';
    expect(answers(run)).toEqual([
      `dns=${FORBIDDEN}`,
      denied,
      denied,
      `dns=${ALLOWED}`,
      denied,
      'tcp=ok connection: close',
    ]);
    expect(inside.received(FORBIDDEN)).toEqual([]);
  });
});

describe('name-allowed-ip-forbidden: an answer of an embedder that is none', () => {
  const anything = ['0.0.0.0/0', '::/0'];
  test.each([
    ['a name', ['localhost']],
    ['another form of an address', ['0x7f.1']],
    ['an address with a zone', ['fe80::1%lo']],
    ['an address with a port', ['127.0.0.2:80']],
    ['a path', ['/run/docker.sock']],
    ['one good address and something else', [ALLOWED, 'localhost']],
    ['an empty text', ['']],
    ['more than can be checked', Array.from({ length: 300 }, () => ALLOWED)],
    ['something else', [{ address: ALLOWED }]],
    ['nothing', undefined],
    ['a text', ALLOWED],
  ])('%s leads nowhere', async (_what, answer) => {
    await using inside = await listenOn([ALLOWED, '127.0.0.1'], () => httpAnswer('200 OK'));
    const run = await goOut({
      http: [{ methods: ['GET'], url: `http://allowed.test:${inside.port}/**`, addresses: anything }],
      sockets: [{ protocol: 'tcp', connect: `allowed.test:${inside.port}`, addresses: anything }],
      dns: [{ names: ['allowed.test'] }],
      network: { resolver: () => Promise.resolve(answer as string[]) },
      tries: [
        'dns|allowed.test',
        `http|GET|http|allowed.test:${inside.port}|/`,
        `tcp|${ALLOWED}|${inside.port}|x`,
        `tcp|127.0.0.1|${inside.port}|x`,
      ],
    });
    expect(answers(run)).toEqual([
      'dns=error:permanent-resolver-failure',
      'http=error:DNS-error',
      'tcp=error:permanent-resolver-failure',
      'tcp=error:permanent-resolver-failure',
    ]);
    expect([inside.received(ALLOWED), inside.received('127.0.0.1')]).toEqual([[], []]);
  });

  test('a resolver that does not work is no denial, but opens nothing either', async () => {
    await using dns = await dnsServer({ 'allowed.test': ['SERVFAIL'] });
    await using inside = await listenOn([ALLOWED], () => 'connection: close');
    const sockets = ['tcp', 'udp'].map((protocol) => ({
      protocol,
      connect: `allowed.test:${inside.port}`,
      addresses: anything,
    }));
    const tries = ['tcp', 'udp'].map((protocol) => `${protocol}|${ALLOWED}|${inside.port}|x`);
    const failing = await goOut({ sockets, resolver: dns, tries });
    const failure = 'error:temporary-resolver-failure';
    expect(answers(failing)).toEqual([`tcp=${failure}`, `udp=${failure}`]);
    expect(denials(failing)).toEqual([]);
    expect([inside.received(ALLOWED), inside.datagrams(ALLOWED)]).toEqual([[], []]);
    // One that says that there is no such name works.
    await using empty = await dnsServer({});
    const absent = await goOut({ sockets, resolver: empty, tries });
    expect(answers(absent)).toEqual(['tcp=error:access-denied', 'udp=error:access-denied']);
  });

  test('a resolver that throws tells the guest nothing of what it knows', async () => {
    const secret = 'ldap://admin:hunter2@inside';
    const resolvers = [
      () => Promise.reject(new Error(secret)),
      () => {
        throw new Error(secret);
      },
      // Not everybody throws errors.
      () => {
        AbortSignal.abort(secret).throwIfAborted();
        return Promise.resolve([]);
      },
    ];
    for (const resolver of resolvers) {
      const run = await goOut({
        http: [{ methods: ['GET'], url: 'http://allowed.test/**' }],
        dns: [{ names: ['allowed.test'] }],
        network: { resolver },
        tries: ['dns|allowed.test', 'http|GET|http|allowed.test|/'],
      });
      expect(answers(run).map((line) => line.split(':')[0])).toEqual(['dns=error', 'http=error']);
      expect(run.stdout + run.stderr + JSON.stringify(run.records)).not.toContain('hunter2');
    }
  });
});
