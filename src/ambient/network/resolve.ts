import { lookup, Resolver } from 'node:dns/promises';
import { BindingError } from '../../errors.ts';
import { type IpAddress, parseIpAddress } from '../../policy/address/ip-address.ts';
import type { NetworkOptions, ResolveName } from '../../virtual/machine.ts';
import { NetworkFailure } from '../../virtual/network/network-error.ts';
import type { Ends } from './ends.ts';
import { codeOf, resolverFailure } from './network-failure.ts';

/** Addresses in one answer. A longer one is refused: every address of an answer is checked, so none may be left out. */
const MAX_ADDRESSES = 256;

/** Lookups under way at once: the system's are calls in a thread pool, and none of them can be called back. */
const MAX_LOOKUPS = 128;

/** Of each try at a name server, in milliseconds. */
const TIMEOUT = 5000;
const TRIES = 2;

/** Looks names up for one stack, anew each time. */
export class Names {
  readonly #ends: Ends;
  readonly #find: ResolveName;
  #underWay = 0;

  /** @throws BindingError BW_BINDING_RESOLVER */
  constructor(resolver: NetworkOptions['resolver'], ends: Ends) {
    this.#ends = ends;
    this.#find =
      resolver === undefined
        ? askSystem
        : typeof resolver === 'function'
          ? resolver
          : askServers(resolver.servers);
  }

  /** @throws NetworkFailure */
  async resolve(name: string, signal: AbortSignal): Promise<readonly IpAddress[]> {
    if (signal.aborted || this.#ends.ended || this.#underWay === MAX_LOOKUPS)
      throw new NetworkFailure('temporary-resolver-failure');
    const given = new AbortController();
    try {
      const answer = await this.#ends.race(
        this.#count(name, given.signal),
        signal,
        () => new NetworkFailure('temporary-resolver-failure'),
        () => given.abort(),
      );
      return addressesOf(answer);
    } catch (error) {
      throw resolverFailure(error);
    }
  }

  async #count(name: string, signal: AbortSignal): Promise<unknown> {
    this.#underWay++;
    try {
      return await this.#find(name, signal);
    } finally {
      this.#underWay--;
    }
  }
}

/** @param answer of an embedder's function, too, so anything */
function addressesOf(answer: unknown): readonly IpAddress[] {
  if (!Array.isArray(answer) || answer.length > MAX_ADDRESSES)
    throw new NetworkFailure('permanent-resolver-failure');
  if (answer.length === 0) throw new NetworkFailure('name-unresolvable');
  return answer.map((text: unknown) => {
    // An address with a zone (`fe80::1%eth0`) is none either: no rule can name an interface of the host.
    const address = typeof text === 'string' ? parseIpAddress(text) : undefined;
    if (address === undefined) throw new NetworkFailure('permanent-resolver-failure');
    return address;
  });
}

/** getaddrinfo(3): the hosts file, the search list and whatever else the system is set up to ask. */
async function askSystem(name: string): Promise<readonly string[]> {
  const answer = await lookup(name, { all: true, order: 'verbatim' });
  return answer.map(({ address }) => address);
}

/** Asks servers of the DNS, which follow aliases (CNAME), for addresses of both families. */
function askServers(servers: readonly string[]): ResolveName {
  resolverFor(servers);
  return async (name, signal) => {
    // One each: its cancel ends this lookup and no other, and nothing is kept from one to the next.
    const resolver = resolverFor(servers);
    const cancel = (): void => resolver.cancel();
    signal.addEventListener('abort', cancel);
    try {
      const answers = await Promise.allSettled([resolver.resolve4(name), resolver.resolve6(name)]);
      const found = answers.filter((answer) => answer.status === 'fulfilled');
      if (found.length > 0) return found.flatMap(({ value }) => value);
      throw tellingReason(answers);
    } finally {
      signal.removeEventListener('abort', cancel);
    }
  };
}

function resolverFor(servers: readonly string[]): Resolver {
  const resolver = new Resolver({ timeout: TIMEOUT, tries: TRIES });
  try {
    if (servers.length === 0) throw new TypeError('no servers');
    resolver.setServers(servers);
  } catch (cause) {
    throw new BindingError(
      'BW_BINDING_RESOLVER',
      `The resolver's servers ${JSON.stringify(servers)} cannot be used; expected addresses.`,
      { cause, hint: "servers: ['192.0.2.1', '192.0.2.1:5353', '[2001:db8::1]:53']" },
    );
  }
  return resolver;
}

/** No such name, and no answer at all, are different things: the latter may be different the next time. */
function tellingReason(answers: readonly PromiseSettledResult<readonly string[]>[]): unknown {
  const reasons = answers.map((answer) =>
    answer.status === 'rejected' ? (answer.reason as unknown) : undefined,
  );
  return reasons.find((reason) => !['ENODATA', 'ENOTFOUND'].includes(codeOf(reason))) ?? reasons[0];
}
