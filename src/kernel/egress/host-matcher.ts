import { type Cidr, cidrContains } from '../../policy/address/cidr.ts';
import type { Host, HostPattern } from '../../policy/address/host.ts';
import { type IpAddress, sameAddress } from '../../policy/address/ip-address.ts';
import { hasAt } from './has-at.ts';

/** The host of a rule. A name is never an address, and an address never a name: nothing is resolved here. */
export class HostMatcher {
  readonly #name: string | undefined;
  /** With its dot in front, for `*.` and a name. */
  readonly #suffix: string | undefined;
  readonly #address: IpAddress | undefined;
  readonly #block: Cidr | undefined;

  constructor(pattern: HostPattern) {
    this.#name = pattern.kind === 'name' ? pattern.name : undefined;
    this.#suffix = pattern.kind === 'subdomains' ? `.${pattern.of}` : undefined;
    this.#address = pattern.kind === 'address' ? pattern.address : undefined;
    this.#block = pattern.kind === 'block' ? pattern.block : undefined;
  }

  matches(host: Host): boolean {
    return typeof host === 'string' ? this.matchesName(host) : this.matchesAddress(host);
  }

  matchesName(name: string): boolean {
    if (this.#name !== undefined) return hasAt(name, this.#name, 0) && name.length === this.#name.length;
    const suffix = this.#suffix;
    return (
      suffix !== undefined && name.length > suffix.length && hasAt(name, suffix, name.length - suffix.length)
    );
  }

  /** Also a special address: it is the rule itself that names it. */
  matchesAddress(address: IpAddress): boolean {
    if (this.#address !== undefined) return sameAddress(this.#address, address);
    return this.#block !== undefined && cidrContains(this.#block, address);
  }
}
