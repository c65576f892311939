import type { IpAddress } from '../../../src/policy/address/ip-address.ts';
import type { SocketAddress } from '../../../src/virtual/network/socket-address.ts';
import type { GuestMemory } from '../../guest-memory.ts';
import { checked } from '../abi/values.ts';
import { ipv4, ipv6 } from '../../socket-addresses.ts';

// `ip-socket-address` in the Canonical ABI. In memory its case stands at 0 and its record at 4: of IPv4 the port at 0 and
// the address at 2; of IPv6 the port at 0, the flow info at 4, the address at 8, the scope at 24. Flat it is the case and
// the fields of the longer record.

/** Bytes of it in memory, at a multiple of 4. */
export const ADDRESS_SIZE = 32;

/** Values of it when it is passed flat. */
export const FLAT_ADDRESS = 12;

/** Lifts an address that was passed flat. */
export function liftFlatAddress(flat: readonly number[], at: number): SocketAddress {
  const value = (index: number): number => flat[at + 1 + index] as number;
  const port = value(0) & 0xffff;
  if (checked(flat[at] as number, 1) === 0) {
    return ipv4(
      port,
      [1, 2, 3, 4].map((index) => value(index) & 0xff),
    );
  }
  const groups = Array.from({ length: 8 }, (_, index) => value(2 + index) & 0xffff);
  return ipv6(port, value(1) >>> 0, groups, value(10) >>> 0);
}

/** Lifts an address that stands in memory that was checked. */
export function liftAddress({ bytes, view }: GuestMemory, at: number): SocketAddress {
  const isV6 = checked(bytes[at] as number, 1) === 1;
  const port = view.getUint16(at + 4, true);
  if (!isV6) return ipv4(port, bytes.subarray(at + 6, at + 10));
  const groups = Array.from({ length: 8 }, (_, index) => view.getUint16(at + 12 + index * 2, true));
  return ipv6(port, view.getUint32(at + 8, true), groups, view.getUint32(at + 28, true));
}

/** Stores an address in memory that was checked. */
export function storeAddress(memory: GuestMemory, at: number, remote: SocketAddress): void {
  const { address, port, flowInfo = 0, scopeId = 0 } = remote;
  const { bytes, view } = memory;
  view.setUint16(at + 4, port, true);
  if (address.family === 4) {
    bytes[at] = 0;
    bytes.set(address.bytes, at + 6);
    return;
  }
  bytes[at] = 1;
  view.setUint32(at + 8, flowInfo, true);
  storeGroups(memory, at + 12, address);
  view.setUint32(at + 28, scopeId, true);
}

/** Stores an `ip-address` in memory that was checked: its case at 0, the address at 2. */
export function storeIpAddress(memory: GuestMemory, at: number, address: IpAddress): void {
  memory.bytes[at] = address.family === 4 ? 0 : 1;
  if (address.family === 4) memory.bytes.set(address.bytes, at + 2);
  else storeGroups(memory, at + 2, address);
}

/** Groups are little-endian in a guest, as every u16. */
function storeGroups({ bytes }: GuestMemory, at: number, address: IpAddress): void {
  for (let i = 0; i < 16; i++) bytes[at + i] = address.bytes[i ^ 1] as number;
}
