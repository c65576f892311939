import { type IpAddress, parseIpAddress } from '../../policy/address/ip-address.ts';
import type { SocketAddress } from '../../virtual/network/socket-address.ts';
import { NetworkFailure } from '../../virtual/network/network-error.ts';

const UNSPECIFIED: IpAddress = { family: 4, bytes: new Uint8Array(4) };

/** Reads an address as Node.js gives it: with a zone where it is link-local, none where the socket is gone. */
export function socketAddressOf(text: string | undefined, port: number | undefined): SocketAddress {
  const address = parseIpAddress(text?.split('%', 1)[0] ?? '') ?? UNSPECIFIED;
  return { address, port: port ?? 0 };
}

/** A zone names an interface of the host, which no rule can. @throws NetworkFailure */
export function refuseZone({ scopeId }: SocketAddress): void {
  if (scopeId !== undefined && scopeId !== 0) throw new NetworkFailure('access-denied');
}
