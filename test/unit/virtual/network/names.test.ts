import { describe, expect, test } from 'vitest';
import { nodeMachine } from '../../../../src/ambient/machine.ts';
import type { Permit } from '../../../../src/kernel/permit.ts';
import { type IpAddress, parseIpAddress } from '../../../../src/policy/address/ip-address.ts';
import { NetworkFailure } from '../../../../src/virtual/network/network-error.ts';
import { formatSocketAddress, type SocketAddress } from '../../../../src/virtual/network/socket-address.ts';
import type {
  HttpExchange,
  NetworkStack,
  TcpConnection,
  TcpOptions,
  TcpPort,
  UdpPort,
} from '../../../../src/virtual/network/stack.ts';
import { VirtualNetwork } from '../../../../src/virtual/network/virtual-network.ts';
import { addressesOf, at, finish, type GuestRules, NetworkGuest, ok, settle } from './network-guest.ts';

/**
 * A network with a resolver that the attacker owns: each question gets the next answer. Behind it every address leads to
 * one and the same host of a network in memory, and what is dialled is on record.
 */
class HostileStack implements NetworkStack {
  readonly isVirtual = false;
  readonly asked: string[] = [];
  readonly dialled: string[] = [];
  readonly #answers: Map<string, readonly (readonly string[])[]>;
  readonly #inner = new VirtualNetwork().host('everybody').open(nodeMachine);

  constructor(answers: Record<string, readonly (readonly string[])[]>) {
    this.#answers = new Map(Object.entries(answers));
  }

  async resolve(_permit: Permit, name: string): Promise<readonly IpAddress[]> {
    this.asked.push(name);
    const [next, ...later] = this.#answers.get(name) ?? [];
    if (next === undefined) throw new NetworkFailure('name-unresolvable');
    // The last answer stays.
    if (later.length > 0) this.#answers.set(name, later);
    return next.map((text) => parseIpAddress(text) ?? expect.fail(text));
  }

  connectTcp(
    permit: Permit,
    remote: SocketAddress,
    options: TcpOptions,
    signal: AbortSignal,
  ): Promise<TcpConnection> {
    this.dialled.push(formatSocketAddress(remote));
    return this.#inner.connectTcp(permit, at(`127.0.0.1:${remote.port}`), options, signal);
  }

  bindTcp(permit: Permit, local: SocketAddress): Promise<TcpPort> {
    return this.#inner.bindTcp(permit, local);
  }

  bindUdp(permit: Permit, local: SocketAddress): Promise<UdpPort> {
    return this.#inner.bindUdp(permit, local);
  }

  request(): HttpExchange {
    return expect.fail('no request is made');
  }

  close(): void {
    this.#inner.close();
  }
}

interface Setup {
  readonly guest: NetworkGuest;
  readonly stack: HostileStack;
}

/** A guest on a hostile network, on which somebody listens on port 80 wherever it connects to. */
async function hostile(
  answers: Record<string, readonly (readonly string[])[]>,
  rules: GuestRules,
): Promise<Setup> {
  const stack = new HostileStack(answers);
  const guest = new NetworkGuest(stack, rules);
  const server = new NetworkGuest(stack, { sockets: [{ listen: '127.0.0.1:80' }] });
  await server.listen('127.0.0.1:80');
  return { guest, stack };
}

const PUBLIC = '93.184.215.14';
const ALSO_PUBLIC = '93.184.215.15';

describe('a lookup', () => {
  const dns = [{ names: ['*.example.com', 'db.internal'] }];

  test.each([
    ['127.0.0.1', '127.0.0.1'],
    ['::1', '::1'],
    ['[::1]', '::1'],
    ['DEAD:BEEF::0', 'dead:beef::'],
    ['0x7f.1', '127.0.0.1'],
    ['::ffff:10.0.0.1', '::ffff:10.0.0.1'],
  ])('of the address %s is no question to anybody', async (name, address) => {
    const { guest, stack } = await hostile({}, {});
    const lookup = ok(guest.network.resolveAddresses(name));
    expect([lookup.ready(), lookup.wait()]).toEqual([true, undefined]);
    expect(await addressesOf(lookup)).toEqual([address]);
    expect([stack.asked, guest.test.records]).toEqual([[], []]);
  });

  test.each(['', ' ', 'a.b<&>', '127.0.0.1:80', '[::]:80', 'http://example.com/', 'a..b', 'x'.repeat(300)])(
    'of %j is no argument',
    async (name) => {
      const { guest } = await hostile({}, { dns });
      expect(guest.network.resolveAddresses(name)).toBe('invalid-argument');
      expect(guest.test.records).toEqual([]);
    },
  );

  test('without a rule is denied before anybody is asked', async () => {
    const { guest, stack } = await hostile({}, { dns, sockets: [{ connect: 'secret.example.org:80' }] });
    expect(guest.network.resolveAddresses('secret.example.org')).toBe('access-denied');
    expect(guest.network.resolveAddresses('example.com')).toBe('access-denied');
    expect(guest.refusals).toEqual([
      'denied resolve-addresses secret.example.org',
      'denied resolve-addresses example.com',
    ]);
    expect(stack.asked).toEqual([]);
  });

  test('asks for the normal form of the name, and gives all addresses, special ones too', async () => {
    const { guest, stack } = await hostile({ 'db.internal': [['10.0.0.1', PUBLIC, 'fd00::1']] }, { dns });
    const lookup = ok(guest.network.resolveAddresses('DB.Internal.'));
    expect([lookup.ready(), lookup.next()]).toEqual([false, 'would-block']);
    expect(await addressesOf(lookup)).toEqual(['10.0.0.1', PUBLIC, 'fd00::1']);
    expect(lookup.next()).toBeUndefined();
    expect(stack.asked).toEqual(['db.internal']);
    expect(guest.uses).toEqual(['resolve-addresses db.internal (dns/0)']);
  });

  test('that fails says so as often as it is asked', async () => {
    const { guest } = await hostile({}, { dns });
    const lookup = ok(guest.network.resolveAddresses('db.internal'));
    expect(await addressesOf(lookup)).toBe('name-unresolvable');
    expect(lookup.next()).toBe('name-unresolvable');
  });

  test('past the budget fails for the time being', async () => {
    const { guest } = await hostile(
      { 'db.internal': [[PUBLIC]] },
      { dns: [{ names: ['db.internal'], requests: { total: 1 } }] },
    );
    expect(await guest.lookUp('db.internal')).toEqual([PUBLIC]);
    expect(await guest.lookUp('db.internal')).toBe('temporary-resolver-failure');
    expect(guest.refusals).toEqual(['limited resolve-addresses db.internal (dns/0 budget.requests)']);
  });

  test('past those at one time fails until one is over, whether or not its guest waited', async () => {
    const asked: PromiseWithResolvers<readonly IpAddress[]>[] = [];
    const stack = new HostileStack({});
    stack.resolve = () => {
      const question = Promise.withResolvers<readonly IpAddress[]>();
      asked.push(question);
      return question.promise;
    };
    const guest = new NetworkGuest(stack, { dns: [{ names: ['db.internal'], concurrent: 2 }] });
    const [first, second] = [1, 2].map(() => ok(guest.network.resolveAddresses('db.internal')));
    await settle();
    expect(guest.network.resolveAddresses('db.internal')).toBe('temporary-resolver-failure');
    expect(guest.refusals).toEqual(['limited resolve-addresses db.internal (dns/0 budget.concurrent)']);
    first?.close();
    expect(guest.network.resolveAddresses('db.internal')).toBe('temporary-resolver-failure');
    asked[0]?.resolve([]);
    await settle();
    const third = ok(guest.network.resolveAddresses('db.internal'));
    asked[1]?.reject(new NetworkFailure('name-unresolvable'));
    await settle();
    expect(second?.next()).toBe('name-unresolvable');
    ok(guest.network.resolveAddresses('db.internal'));
    expect(guest.network.resolveAddresses('db.internal')).toBe('temporary-resolver-failure');
    third.close();
  });

  test('gives no more than 64 addresses', async () => {
    const many = Array.from({ length: 100 }, (_, index) => `93.184.215.${index}`);
    const { guest } = await hostile({ 'db.internal': [many] }, { dns });
    expect(await guest.lookUp('db.internal')).toEqual(many.slice(0, 64));
  });

  test.each(['taken back', 'dropped', 'over'])('wakes who waits when it is %s', async (how) => {
    const asked = Promise.withResolvers<readonly IpAddress[]>();
    const stack = new HostileStack({});
    stack.resolve = (_permit: Permit, _name: string, ...[signal]: AbortSignal[]) => {
      signal?.addEventListener('abort', () => asked.reject(new NetworkFailure('temporary-resolver-failure')));
      return asked.promise;
    };
    const guest = new NetworkGuest(stack, { dns });
    const lookup = ok(guest.network.resolveAddresses('db.internal'));
    const waiting = lookup.wait();
    await settle();
    expect(lookup.ready()).toBe(false);
    if (how === 'taken back') guest.revoke(guest.dns[0]);
    else if (how === 'dropped') lookup.close();
    else guest.test.abort.abort();
    await waiting;
    expect(lookup.next()).toBe(how === 'taken back' ? 'access-denied' : 'temporary-resolver-failure');
  });
});

describe('a rule for a name', () => {
  test('lets connect to the addresses that the name has, which it asks anew each time', async () => {
    const { guest, stack } = await hostile(
      { 'example.com': [[PUBLIC], [ALSO_PUBLIC]] },
      { sockets: [{ connect: 'example.com:80' }] },
    );
    await guest.dial(`${PUBLIC}:80`);
    expect(await guest.connect(guest.tcp(), `${PUBLIC}:80`)).toBe('access-denied');
    await guest.dial(`${ALSO_PUBLIC}:80`);
    expect(stack.asked).toEqual(['example.com', 'example.com', 'example.com']);
    expect(stack.dialled).toEqual([`${PUBLIC}:80`, `${ALSO_PUBLIC}:80`]);
    expect(guest.refusals).toEqual([`denied tcp-connect tcp ${PUBLIC}:80`]);
  });

  test('is not asked about at another port', async () => {
    const { guest, stack } = await hostile(
      { 'example.com': [[PUBLIC]] },
      { sockets: [{ connect: 'example.com:80' }] },
    );
    expect(await guest.connect(guest.tcp(), `${PUBLIC}:81`)).toBe('access-denied');
    expect(stack.asked).toEqual([]);
  });

  test.each(['10.0.0.1', '127.0.0.1', '169.254.169.254', '100.64.0.1', '192.0.2.1'])(
    'never reaches %s, whatever the resolver says',
    async (special) => {
      const { guest, stack } = await hostile(
        { 'example.com': [[special]] },
        { sockets: [{ connect: 'example.com:80' }] },
      );
      expect(await guest.connect(guest.tcp(), `${special}:80`)).toBe('access-denied');
      expect(stack.dialled).toEqual([]);
      expect(guest.refusals).toEqual([`denied tcp-connect tcp ${special}:80 (sockets/0)`]);
    },
  );

  test('reaches nothing while one record of the answer is special', async () => {
    const { guest, stack } = await hostile(
      { 'example.com': [[PUBLIC, '10.0.0.1', ALSO_PUBLIC]] },
      { sockets: [{ connect: 'example.com:80' }] },
    );
    for (const address of [PUBLIC, '10.0.0.1', ALSO_PUBLIC])
      expect(await guest.connect(guest.tcp(), `${address}:80`), address).toBe('access-denied');
    expect(stack.dialled).toEqual([]);
    expect(guest.refusals).toHaveLength(3);
  });

  test('reaches special addresses that it names', async () => {
    const { guest, stack } = await hostile(
      { 'db.internal': [['10.1.2.3'], ['10.2.0.1', '10.1.2.3']] },
      { sockets: [{ connect: 'db.internal:80', addresses: ['10.1.0.0/16'] }] },
    );
    await guest.dial('10.1.2.3:80');
    // Now an address beside it has come up.
    expect(await guest.connect(guest.tcp(), '10.1.2.3:80')).toBe('access-denied');
    expect(stack.dialled).toEqual(['10.1.2.3:80']);
  });

  test('gives way to another one that allows the address', async () => {
    const { guest } = await hostile(
      { 'example.com': [[PUBLIC, '10.0.0.1']], 'also.example.com': [[PUBLIC]] },
      { sockets: [{ connect: 'example.com:80' }, { connect: 'also.example.com:80' }] },
    );
    await guest.dial(`${PUBLIC}:80`);
    expect(guest.uses).toEqual([`tcp-connect tcp ${PUBLIC}:80 (sockets/1)`]);
    expect(guest.refusals).toEqual([]);
  });

  test('is no rule for anything while the name cannot be resolved', async () => {
    const { guest } = await hostile({}, { sockets: [{ connect: 'example.com:80' }] });
    expect(await guest.connect(guest.tcp(), `${PUBLIC}:80`)).toBe('access-denied');
    expect(guest.refusals).toEqual([`denied tcp-connect tcp ${PUBLIC}:80`]);
  });

  test('is not asked about where a rule has the address itself', async () => {
    const { guest, stack } = await hostile(
      { 'example.com': [[PUBLIC]] },
      { sockets: [{ connect: 'example.com:80' }, { connect: `${PUBLIC}:80` }] },
    );
    await guest.dial(`${PUBLIC}:80`);
    expect(stack.asked).toEqual([]);
    // With that one taken back, it is.
    guest.revoke(guest.sockets[1]);
    await guest.dial(`${PUBLIC}:80`);
    expect(guest.uses.map((use) => use.slice(-11))).toEqual(['(sockets/1)', '(sockets/0)']);
  });

  test('that was taken back asks nobody', async () => {
    const { guest, stack } = await hostile(
      { 'example.com': [[PUBLIC]] },
      { sockets: [{ connect: 'example.com:80' }] },
    );
    guest.revoke(guest.sockets[0]);
    expect(await guest.connect(guest.tcp(), `${PUBLIC}:80`)).toBe('access-denied');
    expect(stack.asked).toEqual([]);
    expect(guest.refusals).toHaveLength(1);
  });
});

describe('a name that the guest looked up', () => {
  const rules = {
    sockets: [{ connect: '*.example.com:80' }],
    dns: [{ names: ['*.example.com', 'other.org'] }],
  };

  test('says that an address is of it', async () => {
    const { guest, stack } = await hostile(
      { 'a.example.com': [[PUBLIC]], 'other.org': [[ALSO_PUBLIC]] },
      rules,
    );
    expect(await guest.connect(guest.tcp(), `${PUBLIC}:80`)).toBe('access-denied');
    await guest.lookUp('a.example.com');
    await guest.lookUp('other.org');
    await guest.dial(`${PUBLIC}:80`);
    expect(await guest.connect(guest.tcp(), `${ALSO_PUBLIC}:80`)).toBe('access-denied');
    expect(stack.dialled).toEqual([`${PUBLIC}:80`]);
  });

  test('does not make a special address any less special, nor one beside it', async () => {
    const { guest, stack } = await hostile({ 'a.example.com': [[PUBLIC, '10.0.0.1']] }, rules);
    expect(await guest.lookUp('a.example.com')).toEqual([PUBLIC, '10.0.0.1']);
    expect(await guest.connect(guest.tcp(), '10.0.0.1:80')).toBe('access-denied');
    expect(await guest.connect(guest.tcp(), `${PUBLIC}:80`)).toBe('access-denied');
    expect(stack.dialled).toEqual([]);
    expect(guest.refusals).toEqual([
      'denied tcp-connect tcp 10.0.0.1:80 (sockets/0)',
      `denied tcp-connect tcp ${PUBLIC}:80 (sockets/0)`,
    ]);
  });

  test('counts as it was told last', async () => {
    const { guest } = await hostile({ 'a.example.com': [[PUBLIC], [ALSO_PUBLIC]] }, rules);
    await guest.lookUp('a.example.com');
    await guest.lookUp('a.example.com');
    expect(await guest.connect(guest.tcp(), `${PUBLIC}:80`)).toBe('access-denied');
    await guest.dial(`${ALSO_PUBLIC}:80`);
  });

  test('is forgotten after 10 minutes', async () => {
    const { guest } = await hostile({ 'a.example.com': [[PUBLIC]] }, rules);
    await guest.lookUp('a.example.com');
    guest.ahead = 599e9;
    await guest.dial(`${PUBLIC}:80`);
    guest.ahead = 601e9;
    expect(await guest.connect(guest.tcp(), `${PUBLIC}:80`)).toBe('access-denied');
  });

  test('is forgotten when 1,024 others were looked up', async () => {
    const names = Array.from({ length: 1024 }, (_, index) => `n${index}.example.com`);
    const answers = Object.fromEntries(names.map((name) => [name, [[ALSO_PUBLIC]]]));
    const { guest } = await hostile({ 'a.example.com': [[PUBLIC]], ...answers }, rules);
    await guest.lookUp('a.example.com');
    for (const name of names.slice(1)) await guest.lookUp(name);
    await guest.dial(`${PUBLIC}:80`);
    await guest.lookUp('n0.example.com');
    expect(await guest.connect(guest.tcp(), `${PUBLIC}:80`)).toBe('access-denied');
  });

  test('helps where a name has another address each time', async () => {
    const { guest } = await hostile(
      { 'a.example.com': [[PUBLIC], [ALSO_PUBLIC], ['10.0.0.1']] },
      { ...rules, sockets: [{ connect: 'a.example.com:80' }] },
    );
    await guest.lookUp('a.example.com');
    await guest.dial(`${PUBLIC}:80`);
    // Rebinding: what the name says now counts, too.
    expect(await guest.connect(guest.tcp(), `${PUBLIC}:80`)).toBe('access-denied');
  });
});

test('a rule that is taken back while a name is resolved lets nothing through', async () => {
  const { guest, stack } = await hostile(
    { 'example.com': [[PUBLIC]] },
    { sockets: [{ connect: 'example.com:80' }] },
  );
  const socket = guest.tcp();
  socket.startConnect(at(`${PUBLIC}:80`));
  guest.revoke(guest.sockets[0]);
  expect(await finish(socket, () => socket.finishConnect())).toBe('access-denied');
  expect(stack.dialled).toEqual([]);
});

test('on a network in memory no address is special', async () => {
  const network = new VirtualNetwork();
  const server = new NetworkGuest(network.host('db.internal').open(nodeMachine), {
    sockets: [{ listen: '0.0.0.0:80' }],
  });
  await server.listen('0.0.0.0:80');
  const guest = new NetworkGuest(network.host('app').open(nodeMachine), {
    sockets: [{ connect: 'db.internal:80' }],
    dns: [{ names: ['db.internal'] }],
  });
  const [address] = ok(await guest.lookUp('db.internal'));
  await guest.dial(`${address ?? ''}:80`);
  expect(guest.refusals).toEqual([]);
});
