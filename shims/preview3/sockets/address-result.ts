import type { NetworkError } from '../../../src/virtual/network/network-error.ts';
import type { SocketAddress } from '../../../src/virtual/network/socket-address.ts';
import type { Result } from '../../canonical-abi/values.ts';
import { toPlain } from '../../socket-addresses.ts';
import type { IpSocketAddress, SocketsErrorCode } from '../wit.ts';
import { failed } from './error-code.ts';

/** @returns a `result<ip-socket-address, error-code>` */
export function addressResult(
  address: SocketAddress | NetworkError,
): Result<IpSocketAddress, SocketsErrorCode> {
  return typeof address === 'string' ? failed(address) : { tag: 'ok', val: toPlain(address) };
}
