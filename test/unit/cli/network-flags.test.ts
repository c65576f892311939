import { describe, expect, test } from 'vitest';
import { type NetworkFlagValues, parseNetworkFlags } from '../../../src/cli/network-flags.ts';
import { UsageError } from '../../../src/errors.ts';
import { normalizePolicy } from '../../../src/policy/index.ts';

test('without flags nothing is granted', () => {
  expect(parseNetworkFlags({})).toEqual({
    http: [],
    sockets: [],
    dns: [],
    secrets: [],
    nameServers: [],
    listeners: [],
  });
});

test('flags become rules that a policy takes', () => {
  const { http, sockets, dns } = parseNetworkFlags({
    http: ['https://api.example.com/**', 'GET,POST http://billing.internal:8080/** 10.0.0.0/8,fd00::/8'],
    connect: ['db.example.com:5432', 'udp:10.0.0.9:8125', 'db.internal:5432 10.1.0.0/16'],
    listen: ['127.0.0.1:8080-8089', 'udp:[::1]:53'],
    lookup: ['*.example.com'],
  });
  const policy = normalizePolicy({ version: 1, http, sockets, dns });
  expect(policy.http).toEqual([
    {
      id: 'http-0',
      methods: ['DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT'],
      url: 'https://api.example.com/**',
    },
    {
      id: 'http-1',
      methods: ['GET', 'POST'],
      url: 'http://billing.internal:8080/**',
      addresses: ['10.0.0.0/8', 'fd00::/8'],
    },
  ]);
  expect(policy.sockets).toEqual([
    { id: 'connect-0', protocol: 'tcp', connect: 'db.example.com:5432' },
    { id: 'connect-1', protocol: 'udp', connect: '10.0.0.9:8125' },
    { id: 'connect-2', protocol: 'tcp', connect: 'db.internal:5432', addresses: ['10.1.0.0/16'] },
    { id: 'listen-0', protocol: 'tcp', listen: '127.0.0.1:8080-8089' },
    { id: 'listen-1', protocol: 'udp', listen: '[::1]:53' },
  ]);
  expect(policy.dns).toEqual([{ id: 'lookup-0', names: ['*.example.com'] }]);
});

test('secrets and name servers are bound, not granted', () => {
  const { secrets, nameServers } = parseNetworkFlags({
    secret: ['TOKEN', 'KEY=a=b', 'EMPTY='],
    dns: ['127.0.0.1:5353'],
  });
  expect(secrets).toEqual([
    { name: 'TOKEN', value: undefined },
    { name: 'KEY', value: 'a=b' },
    { name: 'EMPTY', value: '' },
  ]);
  expect(nameServers).toEqual(['127.0.0.1:5353']);
});

const WRONG: readonly [NetworkFlagValues, string][] = [
  [
    { http: ['api.example.com'] },
    '--http "api.example.com" is not understood: expected [METHODS] URL [ADDRESSES].',
  ],
  [{ http: ['https://u@h/'] }, '--http "https://u@h/" is not understood'],
  [{ http: ['GET https://h/ 10.0.0.1'] }, 'expected CIDR blocks as ADDRESSES'],
  [{ http: ['GET https://h/ 10.0.0.0/8 x'] }, '--http'],
  [{ connect: ['db.internal'] }, '--connect "db.internal" is not understood: expected [tcp:|udp:]HOST:PORT'],
  [{ connect: ['sctp:h:1'] }, '--connect "sctp:h:1" is not understood'],
  [{ connect: ['h:0'] }, '--connect "h:0" is not understood'],
  [
    { listen: ['localhost:80'] },
    '--listen "localhost:80" is not understood: expected [tcp:|udp:]ADDRESS:PORT.',
  ],
  [{ lookup: ['10.0.0.1'] }, '--lookup "10.0.0.1" is not understood'],
  [{ lookup: ['*'] }, '--lookup "*" is not understood'],
];

describe('what is not understood is told by its flag', () => {
  test.each(WRONG)('%j', (values, message) => {
    expect(() => parseNetworkFlags(values)).toThrow(UsageError);
    expect(() => parseNetworkFlags(values)).toThrow(message);
  });

  test('but for a secret, which is not shown', () => {
    expect(() => parseNetworkFlags({ secret: ['=hunter2'] })).toThrow(/^((?!hunter2).)*$/s);
  });
});
