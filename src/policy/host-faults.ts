import { parseIpAddress } from './address/ip-address.ts';
import { parseHostPattern } from './address/host.ts';
import type { HostPattern } from './address/host.ts';
import { cidrFault } from './cidr-blocks.ts';
import { propose } from './faults.ts';
import type { Fault } from './faults.ts';

/** What is wrong with the host of a rule that `parseHostPattern` does not read. @param text with brackets, if it has them */
export function hostFault(text: string): Fault {
  const bare = text.startsWith('[') && text.endsWith(']') ? text.slice(1, -1) : text;
  if (bare === '') return { expected: 'a host' };
  if (bare.includes('/')) return cidrFault(bare);
  if (bare.includes('*')) return starFault(bare);
  if (bare.includes(':') && parseIpAddress(bare) === undefined) return { expected: 'an IPv6 address' };
  if (/^[0-9.]+$|^0x/i.test(bare))
    return { expected: 'an IPv4 address: four decimal numbers without leading zeros' };
  if (bare.includes('%')) return { expected: 'a name without `%`', hint: 'a zone is no part of an address' };
  if (bare.startsWith('.')) return propose(EXPECTED, `*${bare}`, parseHostPattern);
  return { expected: EXPECTED };
}

const EXPECTED = 'a name, `*.` and a name, an address, or a CIDR block';

function starFault(host: string): Fault {
  if (host === '*') return { expected: EXPECTED, hint: 'name the hosts: no word stands for all of them' };
  const name = host.slice(2);
  if (!host.startsWith('*.')) {
    const last = host.slice(host.lastIndexOf('*')).indexOf('.');
    const rest = last === -1 ? '' : host.slice(host.lastIndexOf('*') + last);
    return propose('`*` only as the first label', `*${rest}`, parseHostPattern);
  }
  return name.includes('*')
    ? { expected: '`*` only as the first label', hint: '`*.` stands for one or more labels' }
    : { expected: '`*.` and a name' };
}

/** A block of one address is that address. */
export function plainHost(host: HostPattern): HostPattern {
  if (host.kind !== 'block') return host;
  const { address, prefix } = host.block;
  return prefix === address.bytes.length * 8 ? { kind: 'address', address } : host;
}
