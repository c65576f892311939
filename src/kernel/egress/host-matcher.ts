import { cidrContains } from '../../policy/address/cidr.ts';
import type { Host, HostPattern } from '../../policy/address/host.ts';
import { type IpAddress, sameAddress } from '../../policy/address/ip-address.ts';

/** The host of a rule. A name is never an address, and an address never a name: nothing is resolved here. */
export class HostMatcher {
  readonly #pattern: HostPattern;
  /** With its dot in front, for `*.` and a name. */
  readonly #suffix: string;

  constructor(pattern: HostPattern) {
    this.#pattern = pattern;
    this.#suffix = pattern.kind === 'subdomains' ? `.${pattern.of}` : '';
  }

  matches(host: Host): boolean {
    return typeof host === 'string' ? this.matchesName(host) : this.matchesAddress(host);
  }

  matchesName(name: string): boolean {
    const pattern = this.#pattern;
    if (pattern.kind === 'name') return name === pattern.name;
    return pattern.kind === 'subdomains' && name.length > this.#suffix.length && name.endsWith(this.#suffix);
  }

  /** Also a special address: it is the rule itself that names it. */
  matchesAddress(address: IpAddress): boolean {
    const pattern = this.#pattern;
    if (pattern.kind === 'address') return sameAddress(pattern.address, address);
    return pattern.kind === 'block' && cidrContains(pattern.block, address);
  }
}
