import { REGISTRY } from './special-address-registry.ts';

/** A block of addresses that are no ordinary destinations on the Internet. */
export interface SpecialBlock {
  /** In CIDR notation. */
  readonly block: string;
  readonly name: string;
  /** The RFC, or who else says so. */
  readonly source: string;
}

interface KnownBlock extends SpecialBlock {
  /** It lies in a special block, but is an ordinary destination itself. */
  readonly isPublic: boolean;
}

/**
 * What the special-purpose registries do not list, because other registries or nobody does. A more specific block of
 * {@link REGISTRY} goes before a wider one of these.
 */
const OTHERS: readonly SpecialBlock[] = [
  { block: '224.0.0.0/4', name: 'Multicast', source: 'RFC 5771' },
  // The platform of Azure answers there (its DNS, and an agent that hands out certificates and secrets of the machine),
  // on every machine, and only from the inside.
  {
    block: '168.63.129.16/32',
    name: 'Azure platform',
    source: 'Microsoft, "What is IP address 168.63.129.16?"',
  },
  // An address of IPv4 in another form: what the system does with it is its own affair. Some take these for the IPv4
  // address itself, so not even a public one is dialled this way.
  { block: '::/96', name: 'IPv4-compatible Address', source: 'RFC 4291, section 2.5.5.1' },
  { block: '::ffff:0:0:0/96', name: 'IPv4-translated Address', source: 'RFC 2765, section 2.1' },
  { block: 'fec0::/10', name: 'Site-Local Unicast', source: 'RFC 3879' },
  { block: 'ff00::/8', name: 'Multicast', source: 'RFC 4291, section 2.7' },
  // Only 2000::/3 has been given out. What answers elsewhere is a private network (Yggdrasil in 200::/7, for one).
  { block: '::/3', name: 'Not Global Unicast', source: 'RFC 3587, section 3' },
  { block: '4000::/2', name: 'Not Global Unicast', source: 'RFC 3587, section 3' },
  { block: '8000::/1', name: 'Not Global Unicast', source: 'RFC 3587, section 3' },
];

/** All that is known, in no order; blocks lie in each other. */
export const KNOWN_BLOCKS: readonly KnownBlock[] = [
  ...REGISTRY.map(([block, name, source, isPublic]) => ({ block, name, source, isPublic })),
  ...OTHERS.map((other) => ({ ...other, isPublic: false })),
];
