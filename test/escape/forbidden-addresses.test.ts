/**
 * Addresses that no name may lead to, and the ways to write them that filters forget. None of them is reached unless a rule
 * names the very address:
 *
 * - mapped-ipv6, ipv6-unchecked: IPv6 forms of a forbidden IPv4 address (CVE-2026-43929, CVE-2026-44232)
 * - embedded-ipv4: NAT64, 6to4, Teredo, compatible and translated addresses (ssrfcheck#11)
 * - special-ranges: this network, shared, link-local, metadata, unique local, multicast, broadcast (nomad#520)
 * - odd-ipv4: octal, hexadecimal, short, decimal and full-width forms (CVE-2024-29415, CVE-2023-42282, CVE-2021-28918)
 */
import { describe, expect, test } from 'vitest';
import { dnsServer } from '../support/dns-server.ts';
import { httpAnswer, listenOn } from '../support/listeners.ts';
import { answers, denials, goOut } from './egress.ts';

const CASES: Readonly<Record<string, readonly string[]>> = {
  'mapped-ipv6, ipv6-unchecked': [
    '::ffff:127.0.0.1',
    '::ffff:7f00:1',
    '0:0:0:0:0:ffff:a9fe:a9fe',
    '::ffff:10.0.0.1',
    '::ffff:8.8.8.8',
    '::1',
    '0:0:0:0:0:0:0:1',
  ],
  'embedded-ipv4': [
    '64:ff9b::7f00:1',
    '64:ff9b::a9fe:a9fe',
    '64:ff9b::10.1.2.3',
    '64:ff9b:1::7f00:1',
    '64:ff9b:1::8.8.8.8',
    '2002:7f00:1::',
    '2002:a00:1::1',
    '2002:a9fe:a9fe::1',
    '2001:0:7f00:1::',
    '2001::808:808:0:3fff:80ff:fffe',
    '::127.0.0.1',
    '::a9fe:a9fe',
    '::8.8.8.8',
    '::ffff:0:127.0.0.1',
    '2600::5efe:7f00:1',
    '2600::200:5efe:10.0.0.1',
  ],
  'special-ranges': [
    '0.0.0.0',
    '0.1.2.3',
    '10.0.0.1',
    '10.255.255.255',
    '100.64.0.1',
    '100.127.255.255',
    '127.0.0.1',
    '127.255.255.254',
    '169.254.169.254',
    '169.254.170.2',
    '172.16.0.1',
    '172.31.255.255',
    '192.0.0.192',
    '192.0.2.1',
    '192.88.99.1',
    '192.168.0.1',
    '198.18.0.1',
    '198.19.255.255',
    '198.51.100.1',
    '203.0.113.1',
    '224.0.0.1',
    '239.255.255.250',
    '240.0.0.1',
    '255.255.255.255',
    '168.63.129.16',
    '::',
    '100::1',
    '2001:2::1',
    '2001:db8::1',
    '3fff::1',
    '5f00::1',
    'fc00::1',
    'fd00:ec2::254',
    'fe80::1',
    'febf::1',
    'fec0::1',
    'ff02::1',
    'ff0e::1',
  ],
};

const nameOf = (index: number): string => `n${index}.bad.test`;

describe.each(Object.entries(CASES))('%s', (_case, forbidden) => {
  const zone = Object.fromEntries(forbidden.map((address, index) => [nameOf(index), [[address]]]));
  const denied = (word: string, error: string): string[] => forbidden.map(() => `${word}=error:${error}`);

  test('no name leads an HTTP request there', async () => {
    await using dns = await dnsServer(zone);
    const run = await goOut({
      http: [{ id: 'names', methods: ['GET'], url: 'http://*.bad.test:9/**' }],
      resolver: dns,
      tries: forbidden.map((_, index) => `http|GET|http|${nameOf(index)}:9|/`),
    });
    expect(answers(run)).toEqual(denied('http', 'destination-IP-prohibited'));
    expect(denials(run)).toEqual(
      forbidden.map((_, index) => `http-request GET http://${nameOf(index)}:9/ names address-forbidden`),
    );
  });

  test('a rule for names lets nobody ask for the address itself', async () => {
    const literal = (address: string): string => (address.includes(':') ? `[${address}]` : address);
    const run = await goOut({
      http: [
        { methods: ['GET'], url: 'http://*.bad.test:9/**', addresses: ['0.0.0.0/0', '::/0'] },
        { methods: ['GET'], url: 'http://8.8.8.8:9/**' },
      ],
      tries: forbidden.map((address) => `http|GET|http|${literal(address)}:9|/`),
    });
    expect(answers(run)).toEqual(denied('http', 'HTTP-request-denied'));
  });

  test('no name leads a connection or a datagram there', async () => {
    await using dns = await dnsServer(zone);
    const tries = (what: string): string[] =>
      forbidden.flatMap((address, index) => [`dns|${nameOf(index)}`, `${what}|${address}|9|x`]);
    const run = await goOut({
      sockets: ['tcp', 'udp'].map((protocol) => ({ protocol, connect: '*.bad.test:9' })),
      dns: [{ names: ['*.bad.test'] }],
      resolver: dns,
      tries: [...tries('tcp'), ...tries('udp')],
    });
    const reached = answers(run).filter((line) => /^(?:tcp|udp)/.test(line));
    expect(reached).toHaveLength(forbidden.length * 2);
    // What can never be a peer of the socket is an invalid argument, whatever the rules.
    expect(
      reached.filter((line) => !/^(?:tcp|udp)=error:(?:access-denied|invalid-argument)$/.test(line)),
    ).toEqual([]);
  });

  test('a rule for other addresses lets no connection and no datagram there', async () => {
    const run = await goOut({
      sockets: ['tcp', 'udp'].flatMap((protocol) => [
        { protocol, connect: '8.8.8.8:9' },
        { protocol, connect: '[2001:4860:4860::8888]:9' },
      ]),
      tries: forbidden.flatMap((address) => [`tcp|${address}|9|x`, `udp|${address}|9|x`]),
    });
    expect(
      answers(run).filter((line) => !/^(?:tcp|udp)=error:(?:access-denied|invalid-argument)$/.test(line)),
    ).toEqual([]);
    expect(answers(run)).toHaveLength(forbidden.length * 2);
  });
});

describe('mapped-ipv6', () => {
  test('a socket cannot take it for the IPv4 address that a rule allows', async () => {
    await using local = await listenOn(['127.0.0.1'], () => 'connection: close');
    const run = await goOut({
      sockets: [
        { protocol: 'tcp', connect: `127.0.0.1:${local.port}` },
        { protocol: 'tcp', connect: `[::/0]:${local.port}` },
      ],
      tries: [`tcp|::ffff:127.0.0.1|${local.port}|x`, `tcp|127.0.0.1|${local.port}|x`],
    });
    expect(answers(run)).toEqual(['tcp=error:invalid-argument', 'tcp=ok connection: close']);
    expect(local.received('127.0.0.1')).toHaveLength(1);
  });
});

describe('odd-ipv4', () => {
  const forms = [
    '0177.0.0.1',
    '0x7f.1',
    '0x7f000001',
    '127.1',
    '127.0.1',
    '2130706433',
    '017700000001',
    '１２７.０.０.１',
    '127。0。0。1',
    '127.0.0.1.',
    '0x7F.0.0.0x1',
    '%31%32%37.0.0.1',
  ];

  test('each form is the address that it stands for, to the rules and to the log', async () => {
    await using local = await listenOn(['127.0.0.1'], () => httpAnswer('200 OK', [], 'local'));
    const tries = forms.map((form) => `http|GET|http|${form}:${local.port}|/`);
    const refused = await goOut({
      http: [{ methods: ['GET'], url: `http://*.test:${local.port}/**`, addresses: ['127.0.0.0/8'] }],
      tries,
    });
    // A form that is no authority at all is refused before there is a request.
    const errors = new Set(answers(refused));
    errors.delete('http=error:set-authority');
    expect([...errors]).toEqual(['http=error:HTTP-request-denied']);
    expect(denials(refused)).toEqual([
      `http-request GET http://127.0.0.1:${local.port}/ no rule not-granted`,
    ]);
    expect(local.received('127.0.0.1')).toEqual([]);
    // The attack would work if the rule named the address.
    const allowed = await goOut({
      http: [{ methods: ['GET'], url: `http://127.0.0.1:${local.port}/**` }],
      tries: tries.slice(0, 2),
    });
    expect(answers(allowed)).toEqual(['http=200 local', 'http=200 local']);
    expect(local.received('127.0.0.1')[0]).toContain(`Host: 127.0.0.1:${local.port}`);
  });

  test('a lookup of one is answered without a resolver, and opens nothing', async () => {
    await using dns = await dnsServer({});
    const run = await goOut({
      sockets: [{ protocol: 'tcp', connect: '*.test:9' }],
      dns: [{ names: ['*.test'] }],
      resolver: dns,
      tries: [...forms.slice(0, 7).map((form) => `dns|${form}`), 'tcp|127.0.0.1|9|x'],
    });
    expect(answers(run)).toEqual([
      ...forms.slice(0, 7).map(() => 'dns=127.0.0.1'),
      'tcp=error:access-denied',
    ]);
    expect(dns.queries).toEqual([]);
  });
});
