import type { IpAddress } from '../../policy/address/ip-address.ts';
import { AddressRanges } from './address-ranges.ts';
import { KNOWN_BLOCKS, type SpecialBlock } from './special-blocks.ts';

const V4 = new AddressRanges(4, KNOWN_BLOCKS);
const V6 = new AddressRanges(16, KNOWN_BLOCKS);

/** Where the IPv4 address is in an IPv6 address that ends in one. */
const EMBEDDED = 12;

/**
 * Whether a name must not lead to an address: it is private, local, reserved, multicast or a tunnel, or it embeds an IPv4
 * address that is. Only a rule that names it reaches it. Allocates nothing.
 */
export function isSpecial(address: IpAddress): boolean {
  return specialBlockOf(address) !== undefined;
}

/**
 * Why an address is special: IANA's special-purpose registries (what is not globally reachable there), and what
 * special-blocks.ts adds. The most specific block counts: 192.0.0.9 is public, though it lies in 192.0.0.0/24.
 *
 * Of the forms that embed an IPv4 address, the mapped, compatible and translated ones, 64:ff9b:1::/48, 6to4 and Teredo are
 * special as they are. NAT64 (64:ff9b::/96) is how a network without IPv4 reaches public IPv4 hosts, and ISATAP (RFC 5214)
 * is only an ending that any prefix may have: those are as special as the address in them.
 *
 * @returns the block, of the embedded address where that is the reason; undefined for an ordinary destination
 */
export function specialBlockOf({ bytes }: IpAddress): SpecialBlock | undefined {
  if (bytes.length === 4) return blockOfV4(bytes, 0);
  const known = V6.find(bytes, 0);
  if (known !== undefined && !known.isPublic) return known;
  return isNat64(bytes) || isIsatap(bytes) ? blockOfV4(bytes, EMBEDDED) : undefined;
}

function blockOfV4(bytes: Uint8Array, offset: number): SpecialBlock | undefined {
  const known = V4.find(bytes, offset);
  return known === undefined || known.isPublic ? undefined : known;
}

/** 64:ff9b::/96 (RFC 6052). */
function isNat64(bytes: Uint8Array): boolean {
  if (bytes[0] !== 0 || bytes[1] !== 0x64 || bytes[2] !== 0xff || bytes[3] !== 0x9b) return false;
  for (let index = 4; index < EMBEDDED; index++) if (bytes[index] !== 0) return false;
  return true;
}

/** An interface identifier ::0:5efe:a.b.c.d or ::200:5efe:a.b.c.d (RFC 5214, 6.1). */
function isIsatap(bytes: Uint8Array): boolean {
  return (bytes[8] === 0 || bytes[8] === 2) && bytes[9] === 0 && bytes[10] === 0x5e && bytes[11] === 0xfe;
}
