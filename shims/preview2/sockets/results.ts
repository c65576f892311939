import { NETWORK_ERRORS, type NetworkError } from '../../../src/virtual/network/network-error.ts';
import type { Outcome } from '../../../src/virtual/network/network.ts';
import type { SocketAddress } from '../../../src/virtual/network/socket-address.ts';
import type { GuestMemory } from '../../guest-memory.ts';
import { resultArea } from '../abi/values.ts';
import { storeOk } from '../filesystem/results.ts';
import { ComponentError } from '../plain/component-error.ts';
import { ADDRESS_SIZE, storeAddress } from './address-memory.ts';

/** `error-code` of WASI 0.2. */
export type ErrorCode = (typeof NETWORK_ERRORS)[number];

/** Translates what 0.2 has no case for: its WIT has EPIPE in `connection-reset`. */
export function errorCode(error: NetworkError): ErrorCode {
  return error === 'connection-broken' ? 'connection-reset' : error;
}

/** @returns the case of `error-code` as its number in WIT */
export function errorOrdinal(error: NetworkError): number {
  return NETWORK_ERRORS.indexOf(errorCode(error));
}

/** Stores the error of a `result<T, error-code>`; `payload` is where T's alignment puts it. */
export function storeError(
  memory: GuestMemory,
  result: number,
  size: number,
  payload: number,
  error: NetworkError,
): void {
  const at = resultArea(memory, result, size, payload);
  memory.bytes[at] = 1;
  memory.bytes[at + payload] = errorOrdinal(error);
}

/** Stores `result<_, error-code>`. */
export function storeOutcome(memory: GuestMemory, result: number, outcome: Outcome): void {
  if (outcome === undefined) storeOk(memory, result, 2, 1);
  else storeError(memory, result, 2, 1, outcome);
}

/** Stores `result<tuple<…>, error-code>` of owned handles. */
export function storeHandles(memory: GuestMemory, result: number, handles: readonly number[]): void {
  const at = storeOk(memory, result, 4 + handles.length * 4, 4);
  for (const [i, handle] of handles.entries()) memory.view.setUint32(at + i * 4, handle, true);
}

/** Stores `result<ip-socket-address, error-code>`. */
export function storeAddressResult(
  memory: GuestMemory,
  result: number,
  address: SocketAddress | NetworkError,
): void {
  if (typeof address === 'string') storeError(memory, result, 4 + ADDRESS_SIZE, 4, address);
  else storeAddress(memory, storeOk(memory, result, 4 + ADDRESS_SIZE, 4), address);
}

/** Stores `result<u64, error-code>`. */
export function storeCount(memory: GuestMemory, result: number, count: number | NetworkError): void {
  if (typeof count === 'string') storeError(memory, result, 16, 8, count);
  else memory.setU64(storeOk(memory, result, 16, 8), count);
}

// The same for plain functions.

export function throwError(error: NetworkError): never {
  throw new ComponentError<ErrorCode>(errorCode(error));
}

export function check(outcome: Outcome): void {
  if (outcome !== undefined) throwError(outcome);
}

/** For what is never a string itself. */
export function unwrap<T>(value: T | NetworkError): T {
  return typeof value === 'string' ? throwError(value as NetworkError) : value;
}
