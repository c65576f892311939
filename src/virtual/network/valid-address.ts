// Which addresses a guest may name at all, before any rule is asked: the `invalid-argument` of wasi:sockets. The cases are
// those of WIT and of wasmtime's crates/wasi/src/sockets/mod.rs.
import type { IpAddress } from '../../policy/address/ip-address.ts';
import { type AddressFamily, familyOf, type SocketAddress } from './socket-address.ts';

/**
 * IPv6 sockets are for IPv6 alone (IPV6_V6ONLY): neither an IPv4-mapped address nor one of the deprecated IPv4-compatible
 * ones (RFC 4291, 2.5.5.1) has a place on them, so that there is no second way to an IPv4 address.
 */
export function isOfFamily(endpoint: SocketAddress, family: AddressFamily): boolean {
  if (familyOf(endpoint) !== family) return false;
  return family === 'ipv4' || !embedsIpv4(endpoint.address.bytes);
}

export function isUnicast({ family, bytes }: IpAddress): boolean {
  const first = bytes[0] as number;
  if (family === 6) return first !== 0xff;
  return (first < 224 || first > 239) && !bytes.every((byte) => byte === 0xff);
}

/** Something that can be sent to: neither `0.0.0.0` nor `::`, nor port 0. */
export function isRemote({ address, port }: SocketAddress): boolean {
  return port !== 0 && !isUnspecified(address);
}

export function isUnspecified({ bytes }: IpAddress): boolean {
  return bytes.every((byte) => byte === 0);
}

/** `::ffff:a.b.c.d`, and `::a.b.c.d` except `::` and `::1`. */
function embedsIpv4(bytes: Uint8Array): boolean {
  if (bytes.subarray(0, 10).some((byte) => byte !== 0)) return false;
  if (bytes[10] === 0xff && bytes[11] === 0xff) return true;
  if (bytes[10] !== 0 || bytes[11] !== 0) return false;
  return bytes.subarray(12, 15).some((byte) => byte !== 0) || (bytes[15] as number) > 1;
}
