import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { type Answer, decode, encode, type Packet } from 'dns-packet';
import { afterEach, describe, expect, test } from 'vitest';
import { openNetwork } from '../../../../src/ambient/network/open-network.ts';
import { BindingError } from '../../../../src/errors.ts';
import type { Permit } from '../../../../src/kernel/permit.ts';
import { formatIpAddress } from '../../../../src/policy/address/ip-address.ts';
import type { NetworkOptions } from '../../../../src/virtual/machine.ts';
import type { NetworkStack } from '../../../../src/virtual/network/stack.ts';
import { networkPermit } from '../../../support/network-permit.ts';

const NEVER = new AbortController().signal;

/** Response codes of RFC 1035, 4.1.1. */
const RCODE = { SERVFAIL: 2, NXDOMAIN: 3, REFUSED: 5 } as const;

type Reply = readonly Answer[] | keyof typeof RCODE | 'silence';

const stacks: NetworkStack[] = [];
const servers: Socket[] = [];

afterEach(() => {
  for (const stack of stacks.splice(0)) stack.close();
  for (const server of servers.splice(0)) server.close();
});

function open(options: NetworkOptions): NetworkStack {
  const stack = openNetwork(options);
  stacks.push(stack);
  return stack;
}

/** A name server of the test's own. @returns a stack that asks it */
async function asking(answer: (name: string, type: string) => Reply): Promise<NetworkStack> {
  const server = createSocket('udp4');
  servers.push(server);
  server.on('message', (bytes, { address, port }) => {
    const query = decode(bytes);
    const { name, type } = query.questions?.[0] ?? { name: '', type: '' };
    const reply = answer(name, type);
    if (reply === 'silence') return;
    const packet: Packet = {
      type: 'response',
      id: query.id ?? 0,
      questions: query.questions ?? [],
      flags: typeof reply === 'string' ? RCODE[reply] : 0,
      answers: typeof reply === 'string' ? [] : [...reply],
    };
    server.send(encode(packet), port, address);
  });
  server.bind(0, '127.0.0.1');
  await once(server, 'listening');
  return open({ resolver: { servers: [`127.0.0.1:${server.address().port}`] } });
}

async function resolve(stack: NetworkStack, name: string, signal: AbortSignal = NEVER): Promise<string[]> {
  return (await stack.resolve(networkPermit, name, signal)).map(formatIpAddress);
}

function a(name: string, data: string): Answer {
  return { type: 'A', name, data, ttl: 300 };
}

function aaaa(name: string, data: string): Answer {
  return { type: 'AAAA', name, data, ttl: 300 };
}

test('without a permit nothing is looked up', () => {
  expect(() => open({}).resolve({} as Permit, 'localhost', NEVER)).toThrow(TypeError);
});

describe('the system’s resolver', () => {
  test('reads the hosts file', async () => {
    const found = await resolve(open({}), 'localhost');
    expect(found.some((address) => ['127.0.0.1', '::1'].includes(address))).toBe(true);
  });

  test('fails for a name that cannot be', async () => {
    await expect(resolve(open({}), 'no-such-name.invalid')).rejects.toMatchObject({
      name: 'NetworkFailure',
      code: expect.stringMatching(/^name-unresolvable$|^temporary-resolver-failure$/),
    });
  });
});

describe('servers', () => {
  test('are asked for addresses of both families, and all of them are given', async () => {
    const stack = await asking((name, type) =>
      type === 'A'
        ? [a(name, '192.0.2.1'), a(name, '10.0.0.1')]
        : [aaaa(name, '2001:db8::1'), aaaa(name, '::1')],
    );
    expect(await resolve(stack, 'both.test')).toEqual(['192.0.2.1', '10.0.0.1', '2001:db8::1', '::1']);
  });

  test.each(['A', 'AAAA'])('may have %s only', async (only) => {
    const stack = await asking((name, type) => {
      if (type !== only) return [];
      return type === 'A' ? [a(name, '192.0.2.1')] : [aaaa(name, '2001:db8::1')];
    });
    expect(await resolve(stack, 'one.test')).toEqual([only === 'A' ? '192.0.2.1' : '2001:db8::1']);
  });

  test('may give aliases, which are followed', async () => {
    const stack = await asking((name, type) =>
      type === 'A' ? [{ type: 'CNAME', name, data: 'inner.test' }, a('inner.test', '10.0.0.7')] : [],
    );
    expect(await resolve(stack, 'alias.test')).toEqual(['10.0.0.7']);
  });

  test('are asked anew each time, whatever the time to live', async () => {
    let count = 0;
    const stack = await asking((name, type) => (type === 'A' ? [a(name, `192.0.2.${++count}`)] : []));
    expect([await resolve(stack, 'a.test'), await resolve(stack, 'a.test')]).toEqual([
      ['192.0.2.1'],
      ['192.0.2.2'],
    ]);
  });

  test.each<[Reply, Reply, string]>([
    ['NXDOMAIN', 'NXDOMAIN', 'name-unresolvable'],
    [[], [], 'name-unresolvable'],
    ['SERVFAIL', 'SERVFAIL', 'temporary-resolver-failure'],
    ['REFUSED', 'REFUSED', 'temporary-resolver-failure'],
    // An answer that is missing may come the next time.
    [[], 'SERVFAIL', 'temporary-resolver-failure'],
  ])('that answer %o and %o: %s', async (four, six, code) => {
    const stack = await asking((_, type) => (type === 'A' ? four : six));
    await expect(resolve(stack, 'bad.test')).rejects.toMatchObject({ name: 'NetworkFailure', code });
  });

  test('that answer nothing are waited for until the guest gives up', async () => {
    const stack = await asking(() => 'silence');
    const abort = new AbortController();
    const looking = resolve(stack, 'slow.test', abort.signal);
    setTimeout(() => abort.abort(), 20);
    const start = performance.now();
    await expect(looking).rejects.toMatchObject({ code: 'temporary-resolver-failure' });
    expect(performance.now() - start).toBeLessThan(2000);
  });

  test('with too many addresses are no answer: none of them may be left out', async () => {
    const stack = await asking((name, type) =>
      type === 'A' ? Array.from({ length: 300 }, (_, i) => a(name, `10.1.${i >> 8}.${i & 255}`)) : [],
    );
    await expect(resolve(stack, 'many.test')).rejects.toMatchObject({ code: 'permanent-resolver-failure' });
  });

  test.each([[[]], [['dns.test']], [['192.0.2.1:99999999']]])('%o cannot be used', (servers) => {
    expect(() => open({ resolver: { servers } })).toThrow(BindingError);
  });
});

describe('a function', () => {
  test('gives addresses in its own order', async () => {
    const stack = open({
      resolver: (name) => Promise.resolve(name === 'a.test' ? ['::1', '127.0.0.1'] : []),
    });
    expect(await resolve(stack, 'a.test')).toEqual(['::1', '127.0.0.1']);
    await expect(resolve(stack, 'b.test')).rejects.toMatchObject({ code: 'name-unresolvable' });
  });

  test.each([
    ['a name', ['internal.test']],
    ['a number', [1]],
    ['shorthand', ['127.1']],
    ['octal', ['0177.0.0.1']],
    ['a zone', ['fe80::1%eth0']],
    ['a list of lists', [['127.0.0.1']]],
    ['one that is wrong among others', ['127.0.0.1', '']],
    ['a text', '127.0.0.1'],
    ['nothing', undefined],
  ])('that gives %s has not answered', async (_, answer) => {
    const stack = open({ resolver: () => Promise.resolve(answer as string[]) });
    await expect(resolve(stack, 'a.test')).rejects.toMatchObject({ code: 'permanent-resolver-failure' });
  });

  test('that fails says why by its code, and nothing else of it is told', async () => {
    const fail = (code?: string) => async (): Promise<string[]> => {
      throw Object.assign(new Error('secret of the host'), { code });
    };
    await expect(resolve(open({ resolver: fail() }), 'a.test')).rejects.toThrow('permanent-resolver-failure');
    await expect(resolve(open({ resolver: fail('ENOTFOUND') }), 'a.test')).rejects.toThrow(
      'name-unresolvable',
    );
    await expect(resolve(open({ resolver: fail('EAI_AGAIN') }), 'a.test')).rejects.toThrow(
      'temporary-resolver-failure',
    );
  });

  test('is told when nobody waits any more, and its late answer is ignored', async () => {
    const abort = new AbortController();
    let told = false;
    const late = Promise.withResolvers<string[]>();
    const stack = open({
      resolver: (_, signal) => {
        signal.addEventListener('abort', () => void (told = true));
        return late.promise;
      },
    });
    const looking = resolve(stack, 'a.test', abort.signal);
    abort.abort();
    await expect(looking).rejects.toMatchObject({ code: 'temporary-resolver-failure' });
    late.reject(new Error('late'));
    expect(told).toBe(true);
  });

  test('is not asked more than 128 times at once', async () => {
    const hold = Promise.withResolvers<string[]>();
    const stack = open({ resolver: () => hold.promise });
    const looking = Array.from({ length: 129 }, () => resolve(stack, 'a.test'));
    await expect(looking.at(-1)).rejects.toMatchObject({ code: 'temporary-resolver-failure' });
    hold.resolve(['192.0.2.1']);
    expect(await Promise.all(looking.slice(0, 128))).toHaveLength(128);
    expect(await resolve(stack, 'a.test')).toEqual(['192.0.2.1']);
  });
});

test('the end of the stack ends lookups, and none is started after it', async () => {
  let asked = 0;
  const stack = open({
    resolver: () => {
      asked++;
      return new Promise(() => undefined);
    },
  });
  const looking = resolve(stack, 'a.test');
  stack.close();
  await expect(looking).rejects.toMatchObject({ code: 'temporary-resolver-failure' });
  await expect(resolve(stack, 'a.test')).rejects.toMatchObject({ code: 'temporary-resolver-failure' });
  expect(asked).toBe(1);
});
