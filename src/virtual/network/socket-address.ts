import type { IpAddress } from '../../policy/address/ip-address.ts';

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
