import { groupsOf, type IpAddress } from '../src/policy/address/ip-address.ts';
import type { SocketAddress } from '../src/virtual/network/socket-address.ts';

// Addresses of wasi:sockets as values: those of 0.2 as jco's bindings spell them, and those of 0.3.

export type Ipv4Address = [number, number, number, number];

export type Ipv6Address = [number, number, number, number, number, number, number, number];

export type PlainIpAddress =
  | { readonly tag: 'ipv4'; readonly val: Ipv4Address }
  | { readonly tag: 'ipv6'; readonly val: Ipv6Address };

export type PlainSocketAddress =
  | { readonly tag: 'ipv4'; readonly val: { readonly port: number; readonly address: Ipv4Address } }
  | {
      readonly tag: 'ipv6';
      readonly val: {
        readonly port: number;
        readonly flowInfo: number;
        readonly address: Ipv6Address;
        readonly scopeId: number;
      };
    };

/** What a guest gives. */
export type GivenSocketAddress =
  | { readonly tag: 'ipv4'; readonly val: { readonly port: number; readonly address: readonly number[] } }
  | {
      readonly tag: 'ipv6';
      readonly val: {
        readonly port: number;
        readonly flowInfo: number;
        readonly address: readonly number[];
        readonly scopeId: number;
      };
    };

export function toPlainIp({ family, bytes }: IpAddress): PlainIpAddress {
  if (family === 4) return { tag: 'ipv4', val: [...bytes] as Ipv4Address };
  return { tag: 'ipv6', val: groupsOf(bytes) as Ipv6Address };
}

export function toPlain({ address, port, flowInfo = 0, scopeId = 0 }: SocketAddress): PlainSocketAddress {
  const ip = toPlainIp(address);
  if (ip.tag === 'ipv4') return { tag: 'ipv4', val: { port, address: ip.val } };
  return { tag: 'ipv6', val: { port, flowInfo, address: ip.val, scopeId } };
}

export function fromPlain(plain: GivenSocketAddress): SocketAddress {
  if (plain.tag === 'ipv4') return ipv4(plain.val.port, plain.val.address);
  const { port, flowInfo, address, scopeId } = plain.val;
  return ipv6(port, flowInfo, address, scopeId);
}

/** @param numbers four bytes */
export function ipv4(port: number, numbers: ArrayLike<number>): SocketAddress {
  return { address: { family: 4, bytes: Uint8Array.from(numbers) }, port };
}

/** @param groups eight of 16 bits */
export function ipv6(
  port: number,
  flowInfo: number,
  groups: readonly number[],
  scopeId: number,
): SocketAddress {
  const bytes = Uint8Array.from(groups.flatMap((group) => [group >> 8, group & 0xff]));
  return { address: { family: 6, bytes }, port, flowInfo, scopeId };
}
