import { parseHost } from '../../policy/address/host.ts';
import { type IpAddress, parseIpAddress } from '../../policy/address/ip-address.ts';
import type { DnsEgressRule } from './egress-rules.ts';
import type { SocketContext } from './socket-context.ts';
import type { NameLookup } from './network.ts';
import type { NetworkError } from './network-error.ts';
import { Pending } from './pending.ts';
import { permitFirst, type Permitted } from './permit-first.ts';
import { MAX_ADDRESSES } from './remembered-names.ts';

/**
 * resolve-addresses: func(network: borrow<network>, name: string) -> result<resolve-address-stream, error-code>
 *
 * An address is its own answer and tells nobody anything, so it needs no rule. All addresses of a name are given, special or
 * not: what may be connected to is decided when it is.
 */
export function lookUp(context: SocketContext, name: string): NameLookup | NetworkError {
  const host = parseIpAddress(name) ?? parseHost(name);
  if (host === undefined) return 'invalid-argument';
  if (typeof host !== 'string') return new KnownAddress(host);
  const rules = context.rules.dns.filter(({ matcher }) => matcher.matches(host));
  const roomy = rules.filter(({ grant, concurrent }) => grant.revoked || concurrent?.isFull !== true);
  const full = rules.find((rule) => !roomy.includes(rule))?.concurrent;
  if (full !== undefined && roomy.every(({ grant }) => grant.revoked)) {
    context.guard.limited(full.name, full.limit, 'resolve-addresses', host);
    return 'temporary-resolver-failure';
  }
  const permitted = permitFirst(context.guard, roomy, 'resolve-addresses', host);
  if (permitted !== undefined) return new Lookup(context, permitted, host);
  const isSpent = rules.some(({ grant }) => !grant.revoked && grant.spent !== undefined);
  return isSpent ? 'temporary-resolver-failure' : 'access-denied';
}

class KnownAddress implements NameLookup {
  #address: IpAddress | undefined;

  constructor(address: IpAddress) {
    this.#address = address;
  }

  next(): IpAddress | undefined {
    const address = this.#address;
    this.#address = undefined;
    return address;
  }

  ready(): boolean {
    return true;
  }

  wait(): undefined {
    return undefined;
  }

  close(): void {
    this.#address = undefined;
  }
}

class Lookup implements NameLookup {
  readonly #pending: Pending<readonly IpAddress[]>;
  readonly #abort = new AbortController();
  readonly #forget: () => void;
  readonly #unwatch: () => void;
  #next = 0;

  constructor(context: SocketContext, permitted: Permitted<DnsEgressRule>, name: string) {
    this.#forget = context.ends.add(() => this.close());
    this.#unwatch = permitted.rule.grant.watch(() => this.#abort.abort());
    this.#pending = new Pending(this.#resolve(context, permitted, name));
  }

  next(): IpAddress | NetworkError | undefined {
    const { result } = this.#pending;
    if (result === undefined) return 'would-block';
    return typeof result === 'string' ? result : result[this.#next++];
  }

  ready(): boolean {
    return this.#pending.ready();
  }

  wait(): Promise<void> | undefined {
    return this.#pending.wait();
  }

  close(): void {
    this.#abort.abort();
    this.#done();
  }

  async #resolve(
    { stack, names }: SocketContext,
    { rule, permit }: Permitted<DnsEgressRule>,
    name: string,
  ): Promise<readonly IpAddress[] | NetworkError> {
    rule.concurrent?.take();
    try {
      const addresses = await (await stack()).resolve(permit, name, this.#abort.signal);
      if (rule.grant.revoked) return 'access-denied';
      const given = addresses.slice(0, MAX_ADDRESSES);
      names.remember(name, given);
      return given;
    } catch (error) {
      if (rule.grant.revoked) return 'access-denied';
      throw error;
    } finally {
      // Not when the guest gives up: a resolver that goes on asking is still one at a time.
      rule.concurrent?.give();
      this.#done();
    }
  }

  #done(): void {
    this.#forget();
    this.#unwatch();
  }
}
