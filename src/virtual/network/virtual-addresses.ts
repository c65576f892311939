import type { IpAddress } from '../../policy/address/ip-address.ts';

/**
 * Addresses of hosts in memory. They are from blocks that no real network has a use for, so that a policy for one cannot be
 * taken for a policy of the other: 198.18.0.0/15 is kept for benchmarks of isolated networks (RFC 2544), 2001:db8::/32 for
 * documentation (RFC 3849).
 */
export const MAX_HOSTS = 0xffff;

/** @param index of a host, from 1 */
export function ipv4Of(index: number): IpAddress {
  return { family: 4, bytes: Uint8Array.of(198, 18, index >> 8, index & 0xff) };
}

/** @param index of a host, from 1 */
export function ipv6Of(index: number): IpAddress {
  const bytes = new Uint8Array(16);
  bytes.set([0x20, 0x01, 0x0d, 0xb8]);
  bytes.set([index >> 8, index & 0xff], 14);
  return { family: 6, bytes };
}

/** @returns the index of the host with that address, 0 when there cannot be one. Allocates nothing: datagrams ask. */
export function indexOf({ family, bytes }: IpAddress): number {
  if (family === 4) {
    if (bytes[0] !== 198 || bytes[1] !== 18) return 0;
    return ((bytes[2] as number) << 8) | (bytes[3] as number);
  }
  if (bytes[0] !== 0x20 || bytes[1] !== 0x01 || bytes[2] !== 0x0d || bytes[3] !== 0xb8) return 0;
  for (let at = 4; at < 14; at++) if (bytes[at] !== 0) return 0;
  return ((bytes[14] as number) << 8) | (bytes[15] as number);
}

export const LOOPBACK_V4: IpAddress = { family: 4, bytes: Uint8Array.of(127, 0, 0, 1) };
export const LOOPBACK_V6: IpAddress = { family: 6, bytes: new Uint8Array(16).fill(1, 15) };

/** 127.0.0.0/8 and ::1. */
export function isLoopback({ family, bytes }: IpAddress): boolean {
  if (family === 4) return bytes[0] === 127;
  for (let at = 0; at < 15; at++) if (bytes[at] !== 0) return false;
  return bytes[15] === 1;
}
