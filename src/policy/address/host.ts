import type { Cidr } from './cidr.ts';
import type { IpAddress } from './ip-address.ts';

/**
 * A host in normal form: an address, or a name (lower-case, punycode, without the trailing dot).
 */
export type Host = string | IpAddress;

/** What stands in a rule for hosts. */
export type HostPattern =
  | { readonly kind: 'name'; readonly name: string }
  /** `*.` and a name: one or more labels before it, not the name itself. */
  | { readonly kind: 'subdomains'; readonly of: string }
  | { readonly kind: 'address'; readonly address: IpAddress }
  | { readonly kind: 'block'; readonly block: Cidr };
