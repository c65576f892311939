import type { Host, HostPattern } from '../../policy/address/host.ts';
import type { IpAddress } from '../../policy/address/ip-address.ts';

// What the rules of the network compile to: pure, once per policy, shared by all of its instances. Asking them allocates
// nothing and costs no more than a few comparisons.

/** What a request is asked of, in normal form. */
export interface HttpTarget {
  /** As sent: methods compare with case (RFC 9110, 9.1). */
  readonly method: string;
  readonly scheme: 'http' | 'https';
  readonly host: Host;
  readonly port: number;
  /** Normalised, without the query. */
  readonly path: string;
  /** The first characters of the path as one number: `startOfPath()` of path-start.ts. */
  readonly start: number;
}

export interface HttpMatcher {
  readonly host: HostPattern;
  /** Everything but the addresses of a name. A literal address is decided here, special or not. */
  matches(target: HttpTarget): boolean;
  /** Whether a name's answer may have this address: in the rule's `addresses`; where it has none, a public one. */
  allowsAnswer(address: IpAddress): boolean;
}

export interface EndpointMatcher {
  hasPort(port: number): boolean;
  /** The address is in the rule itself, as an address or a block. */
  allowsLiteral(address: IpAddress): boolean;
  /** The name that the rule is for, where it is for exactly one. */
  readonly name: string | undefined;
  /** Whether the rule is for this name. */
  matchesName(name: string): boolean;
  /** Like {@link HttpMatcher.allowsAnswer}. */
  allowsAnswer(address: IpAddress): boolean;
}

export interface NameMatcher {
  matches(name: string): boolean;
}
