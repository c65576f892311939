/**
 * A rule that is taken back, and an instance that ends, end what is under way at once, wherever it is: nothing goes out
 * afterwards, nobody waits for ever, and nothing stays open.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { dnsServer, type DnsServer } from '../support/dns-server.ts';
import { type Listener, listenOn } from '../support/listeners.ts';
import { answers, type Egress, openEgress } from './egress.ts';

const LOCAL = '127.0.0.2';

interface Waiting {
  /** What the guest tries first; it waits in there. */
  readonly attempt: (port: number) => string;
  /** What the peer sends at the first bytes. */
  readonly answer?: string;
  /** Whether the guest waits by now. */
  readonly isReached: (local: Listener, dns: DnsServer) => boolean;
  /** What it is told when the rule is taken back. */
  readonly told: RegExp;
}

const got = (local: Listener): boolean => local.received(LOCAL).some((text) => text !== '');
const asked = (_local: Listener, dns: DnsServer): boolean => dns.queries.length > 0;

const WAITING: Readonly<Record<string, Waiting>> = {
  'for a lookup': {
    attempt: () => 'dns|silent.test',
    isReached: asked,
    told: /^dns=error:access-denied$/,
  },
  'for the name of a request': {
    attempt: (port) => `http|GET|http|silent.test:${port}|/`,
    isReached: asked,
    told: /^http=error:HTTP-request-denied$/,
  },
  'for the name behind an address': {
    attempt: (port) => `tcp|${LOCAL}|${port}|x`,
    isReached: asked,
    told: /^tcp=error:access-denied$/,
  },
  'for the head of a response': {
    attempt: (port) => `http|GET|http|a.test:${port}|/`,
    isReached: got,
    told: /^http=error:HTTP-request-denied$/,
  },
  'for the body of a response': {
    attempt: (port) => `http|GET|http|a.test:${port}|/`,
    answer: 'HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nabc',
    isReached: got,
    told: /^http=(?:200 (?:abc)? ?error:HTTP-request-denied|error:HTTP-request-denied)$/,
  },
  'for TLS': {
    attempt: (port) => `http|GET|https|a.test:${port}|/`,
    isReached: got,
    told: /^http=error:HTTP-request-denied$/,
  },
};

function egress(name: string, port: number, dns: DnsServer): Egress {
  const { attempt } = WAITING[name] as Waiting;
  const isTcp = name === 'for the name behind an address';
  return {
    http: isTcp
      ? []
      : ['http', 'https'].flatMap((scheme) =>
          ['a', 'silent'].map((host) => ({
            id: `${scheme}-${host}`,
            methods: ['GET'],
            url: `${scheme}://${host}.test:${port}/**`,
            addresses: [`${LOCAL}/32`],
          })),
        ),
    sockets: isTcp ? [{ id: 'tcp', protocol: 'tcp', connect: `silent.test:${port}` }] : [],
    dns: [{ id: 'dns', names: ['silent.test'] }],
    resolver: dns,
    tries: [attempt(port), attempt(port)],
  };
}

describe.each(Object.entries(WAITING))('a guest that waits %s', (name, { answer, isReached, told }) => {
  async function opened(): Promise<AsyncDisposable & { local: Listener; dns: DnsServer }> {
    const dns = await dnsServer({ 'a.test': [[LOCAL]], 'silent.test': ['silence'] });
    const local = await listenOn([LOCAL], () => answer);
    const dispose = async (): Promise<void> => {
      await local[Symbol.asyncDispose]();
      await dns[Symbol.asyncDispose]();
    };
    return { local, dns, [Symbol.asyncDispose]: dispose };
  }

  test('is told when the rule is taken back, and the next try is denied', async () => {
    await using peers = await opened();
    const { local, dns } = peers;
    const { instance, run } = await openEgress(egress(name, local.port, dns));
    const running = run();
    await expect.poll(() => isReached(local, dns)).toBe(true);
    const [before, start] = [local.received(LOCAL).length, performance.now()];
    for (const { id, section } of instance.grants)
      if (['http', 'sockets', 'dns'].includes(section)) instance.revoke(id);
    const end = await running;
    expect(performance.now() - start).toBeLessThan(2000);
    expect(answers(end)).toHaveLength(2);
    expect(answers(end)[0]).toMatch(told);
    expect(answers(end)[1]).toMatch(/error:(?:access-denied|HTTP-request-denied)$/);
    expect(end.of('denial').map(({ reason }) => reason)).toContain('revoked');
    expect(local.received(LOCAL)).toHaveLength(before);
  });

  test('leaves nothing open when the instance is closed', async () => {
    await using peers = await opened();
    const { local, dns } = peers;
    const before = resources();
    const { instance, run } = await openEgress(egress(name, local.port, dns));
    const running = run();
    await expect.poll(() => isReached(local, dns)).toBe(true);
    await instance.close();
    expect((await running).outcome.kind).toBe('cancelled');
    // The peer's end of a connection goes a moment after ours.
    await expect.poll(() => resources().filter((each) => !before.includes(each))).toEqual([]);
    await sleep(20);
    expect(local.received(LOCAL).length).toBeLessThanOrEqual(1);
  });
});

/** What keeps this process going: sockets, lookups. */
function resources(): string[] {
  return process.getActiveResourcesInfo().filter((name) => !/Timeout|Immediate|Pipe|Message|TTY/.test(name));
}
