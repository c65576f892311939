import { formatIpAddress, type IpAddress } from '../../policy/address/ip-address.ts';

/** Whoever has one may keep it: nobody changes it, nor its bytes. */
export interface SocketAddress {
  readonly address: IpAddress;
  readonly port: number;
  /** IPv6 only; 0 when absent. */
  readonly flowInfo?: number;
  /** IPv6 only; 0 when absent. Any other value names an interface of the host, which no rule can: it is denied. */
  readonly scopeId?: number;
}

export type AddressFamily = 'ipv4' | 'ipv6';

export function familyOf({ address }: SocketAddress): AddressFamily {
  return address.family === 4 ? 'ipv4' : 'ipv6';
}

/** Whether it is the same endpoint; the flow label is no part of one. */
export function sameEndpoint(one: SocketAddress, other: SocketAddress): boolean {
  if (one.port !== other.port || (one.scopeId ?? 0) !== (other.scopeId ?? 0)) return false;
  return sameBytes(one.address.bytes, other.address.bytes);
}

/** `10.0.0.1:5432`, `[2001:db8::1]:53`; as the log names it. */
export function formatSocketAddress({ address, port, scopeId = 0 }: SocketAddress): string {
  const text = formatIpAddress(address);
  if (address.family === 4) return `${text}:${port}`;
  return `[${text}${scopeId === 0 ? '' : `%${scopeId}`}]:${port}`;
}

/** `0.0.0.0` or `::`, and port 0: an address that the host chooses. */
export function unspecified(family: AddressFamily): SocketAddress {
  const isV4 = family === 'ipv4';
  return { address: { family: isV4 ? 4 : 6, bytes: new Uint8Array(isV4 ? 4 : 16) }, port: 0 };
}

/** In a loop of its own: this is asked for every datagram, and `every` makes a function each time. */
export function sameBytes(one: Uint8Array, other: Uint8Array): boolean {
  if (one.length !== other.length) return false;
  for (let index = 0; index < one.length; index++) if (one[index] !== other[index]) return false;
  return true;
}
