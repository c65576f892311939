import { type NetworkError, NetworkFailure } from '../network/network-error.ts';
import { HttpFailure } from '../network/stack.ts';
import type { HttpError } from './http-error.ts';

/** @returns what a guest is told of what a network stack rejected with */
export function httpErrorOf(thrown: unknown): HttpError {
  if (thrown instanceof HttpFailure) return thrown.error;
  if (thrown instanceof NetworkFailure) return fromNetwork(thrown.code);
  return { tag: 'internal-error', val: undefined };
}

function fromNetwork(error: NetworkError): HttpError {
  switch (error) {
    case 'name-unresolvable':
      return { tag: 'DNS-error', val: { rcode: 'NXDOMAIN', infoCode: undefined } };
    case 'temporary-resolver-failure':
    case 'permanent-resolver-failure':
      return { tag: 'DNS-error', val: { rcode: 'SERVFAIL', infoCode: undefined } };
    case 'timeout':
      return { tag: 'DNS-timeout' };
    case 'access-denied':
      return { tag: 'HTTP-request-denied' };
    case 'remote-unreachable':
      return { tag: 'destination-unavailable' };
    case 'connection-refused':
      return { tag: 'connection-refused' };
    default:
      return { tag: 'connection-terminated' };
  }
}
