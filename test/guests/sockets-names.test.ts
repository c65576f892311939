import { describe, expect, it } from 'vitest';
import { VirtualNetwork } from '../../src/index.ts';
import { dnsServer } from '../support/dns-server.ts';
import type { GuestOptions } from '../support/guest-run.ts';
import { denials, limits, printed, server, socketsGuest } from '../support/sockets-guest.ts';

const { open, run } = socketsGuest('sockets');

describe('lookups', () => {
  const dns = (names: readonly string[], budget?: object): Readonly<Record<string, unknown>> => ({
    dns: [{ id: 'names', names, ...(budget && { budget }) }],
  });

  it('give all addresses of an allowed name, and need no rule for an address', async () => {
    await using zone = await dnsServer({ 'db.test': [['10.0.0.1', '10.0.0.2', 'fd00::1']] });
    const bindings = { network: { resolver: { servers: [zone.address] } } };
    const line = ['lookup db.test', 'lookup 192.0.2.7', 'lookup other.test', 'lookup ::1'];
    const end = await run([], line, { grant: dns(['db.test']), bindings });
    expect(end.lines.slice(0, 4).toSorted()).toEqual([
      'address=10.0.0.1',
      'address=10.0.0.2',
      'address=fd00::1',
      'lookup=ok',
    ]);
    expect(end.lines.slice(4)).toEqual([
      'address=192.0.2.7',
      'lookup=ok',
      'lookup=access-denied',
      'address=::1',
      'lookup=ok',
    ]);
    expect(denials(end.records)).toEqual(['resolve-addresses other.test']);
    expect(zone.queries.some((query) => query.includes('other.test'))).toBe(false);
  });

  it('fail as the name does', async () => {
    await using zone = await dnsServer({ 'broken.test': ['SERVFAIL'] });
    const bindings = { network: { resolver: { servers: [zone.address] } } };
    const end = await run([], ['lookup none.test', 'lookup broken.test', 'lookup a..b'], {
      grant: dns(['*.test']),
      bindings,
    });
    expect(end.lines[0]).toBe('lookup=name-unresolvable');
    expect(end.lines[1]).toMatch(/^lookup=(?:temporary|permanent)-resolver-failure$/);
    expect(end.lines[2]).toBe('lookup=invalid-argument');
  });

  it('are counted', async () => {
    await using zone = await dnsServer({ 'a.test': [['10.0.0.1']] });
    const bindings = { network: { resolver: { servers: [zone.address] } } };
    const end = await run([], ['lookup a.test', 'lookup a.test'], {
      grant: dns(['a.test'], { requests: 1 }),
      bindings,
    });
    expect(end.lines).toEqual(['address=10.0.0.1', 'lookup=ok', 'lookup=temporary-resolver-failure']);
    expect(limits(end.records)).toEqual(['names budget.requests']);
  });

  it.each([
    ['wakes up when its rule is taken back', 'revoke'],
    ['is closed at once', 'close'],
  ])('whose server is silent: the guest %s', async (_what, how) => {
    await using zone = await dnsServer({ 'silent.test': ['silence'] });
    const bindings = { network: { resolver: { servers: [zone.address] } } };
    const opened = await open([], ['say up', 'lookup silent.test'], { grant: dns(['*.test']), bindings });
    const running = opened.run();
    await expect.poll(() => zone.queries.length).toBeGreaterThan(0);
    if (how === 'revoke') opened.instance.revoke('names');
    else await opened.instance.close();
    const end = await running;
    if (how === 'revoke') expect(end.lines).toEqual(['say=up', 'lookup=access-denied']);
    else expect(end.outcome).toEqual({ kind: 'cancelled' });
  });

  it('of a name in a rule lead the guest to its server, and to nothing else', async () => {
    const { port } = await server('127.0.0.1');
    await using zone = await dnsServer({ 'db.test': [['127.0.0.1']] });
    const bindings = { network: { resolver: { servers: [zone.address] } } };
    const rule = { protocol: 'tcp', connect: `db.test:${port}` };
    const line = ['tcp 4', `connect 127.0.0.1 ${port}`];
    const special = await run([rule], line, { bindings });
    expect(special.value('connect')).toBe('access-denied');
    const named = { ...rule, addresses: ['127.0.0.0/8'] };
    const allowed = await run([named], ['lookup db.test', ...line, 'tcp 4', `connect 127.0.0.2 ${port}`], {
      bindings,
      grant: dns(['db.test']),
    });
    expect(allowed.lines).toEqual([
      'address=127.0.0.1',
      'lookup=ok',
      'tcp=ok',
      'connect=ok',
      'tcp=ok',
      'connect=access-denied',
    ]);
  });
});

describe('guests on one network in memory', () => {
  it('reach each other by name and address, and nothing else', async () => {
    const network = new VirtualNetwork();
    const server = network.host('db');
    const client = network.host('shop');
    const virtual = (virtualNetwork: typeof server): GuestOptions => ({
      grant: { network: 'virtual', dns: [{ names: ['db', 'nobody'] }] },
      bindings: { virtualNetwork },
    });
    const [address = ''] = server.addresses;
    const listening = await open(
      [{ protocol: 'tcp', listen: '0.0.0.0:5432' }],
      ['tcp 4', 'bind 0.0.0.0 5432', 'listen', 'say up', 'accept', 'remote', 'echo'],
      virtual(server),
    );
    const serving = listening.run();
    await printed(listening, /say=(up)/);
    const rules = [
      { protocol: 'tcp', connect: 'db:5432' },
      { protocol: 'tcp', connect: '198.18.200.0/24:80' },
    ];
    const end = await run(
      rules,
      [
        'lookup db',
        'lookup nobody',
        'tcp 4',
        `connect ${address} 5432`,
        'send hello',
        'recv 10',
        'shutdown send',
        'tcp 4',
        'connect 198.18.200.9 80',
        'tcp 4',
        'connect 127.0.0.1 5432',
      ],
      virtual(client),
    );
    expect(end.lines.filter((line) => line !== 'tcp=ok' && !line.includes('::'))).toEqual([
      `address=${address}`,
      'lookup=ok',
      'lookup=name-unresolvable',
      'connect=ok',
      'send=ok',
      'recv=hello',
      'shutdown=ok',
      'connect=remote-unreachable',
      'connect=access-denied',
    ]);
    const { lines } = await serving;
    expect(lines.at(-1)).toBe('echo=5');
    expect(lines.find((line) => line.startsWith('remote='))).toContain(client.addresses[0]);
  });
});
