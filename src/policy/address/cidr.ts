import { formatIpAddress, type IpAddress, parseIpAddress } from './ip-address.ts';

/** A block of addresses: those that share its first `prefix` bits. */
export interface Cidr {
  /** The first of them: bits past the prefix are 0. */
  readonly address: IpAddress;
  readonly prefix: number;
}

/** @returns undefined when it is none, or has bits past its prefix */
export function parseCidr(text: string): Cidr | undefined {
  const [base = '', length = '', ...others] = text.split('/');
  const address = parseIpAddress(base);
  if (address === undefined || others.length > 0 || !/^(?:0|[1-9][0-9]{0,2})$/.test(length)) return undefined;
  const prefix = Number(length);
  if (prefix > address.bytes.length * 8) return undefined;
  const cidr = { address, prefix };
  return address.bytes.every((byte, index) => (byte & ~maskOf(prefix, index) & 0xff) === 0)
    ? cidr
    : undefined;
}

export function formatCidr({ address, prefix }: Cidr): string {
  return `${formatIpAddress(address)}/${prefix}`;
}

/** An IPv4 address is in no block of IPv6, and the other way round. */
export function cidrContains({ address, prefix }: Cidr, other: IpAddress): boolean {
  if (address.bytes.length !== other.bytes.length) return false;
  for (let index = 0; index * 8 < prefix; index++) {
    const mask = maskOf(prefix, index);
    if (((other.bytes[index] as number) & mask) !== address.bytes[index]) return false;
  }
  return true;
}

/** The bits of byte `index` that belong to a prefix. */
function maskOf(prefix: number, index: number): number {
  const bits = Math.max(0, Math.min(8, prefix - index * 8));
  return (0xff << (8 - bits)) & 0xff;
}
