import { type NetworkError, NetworkFailure } from '../../virtual/network/network-error.ts';

/** By `code` of a system error. https://man7.org/linux/man-pages/man7/tcp.7.html, connect(2), bind(2), sendto(2) */
const SOCKET_ERRORS: ReadonlyMap<string, NetworkError> = new Map([
  ['EACCES', 'access-denied'],
  ['EPERM', 'access-denied'],
  ['EADDRINUSE', 'address-in-use'],
  ['EADDRNOTAVAIL', 'address-not-bindable'],
  ['ECONNREFUSED', 'connection-refused'],
  ['ECONNRESET', 'connection-reset'],
  ['EPIPE', 'connection-broken'],
  ['ECONNABORTED', 'connection-aborted'],
  ['ETIMEDOUT', 'timeout'],
  ['EHOSTUNREACH', 'remote-unreachable'],
  ['EHOSTDOWN', 'remote-unreachable'],
  ['ENETUNREACH', 'remote-unreachable'],
  ['ENETDOWN', 'remote-unreachable'],
  ['EAFNOSUPPORT', 'not-supported'],
  ['EINVAL', 'invalid-argument'],
  ['EMFILE', 'new-socket-limit'],
  ['ENFILE', 'new-socket-limit'],
  ['ENOBUFS', 'out-of-memory'],
  ['ENOMEM', 'out-of-memory'],
  ['EMSGSIZE', 'datagram-too-large'],
]);

/** By `code` of node:dns, of c-ares and of getaddrinfo. https://nodejs.org/api/dns.html#error-codes */
const RESOLVER_ERRORS: ReadonlyMap<string, NetworkError> = new Map([
  ['ENOTFOUND', 'name-unresolvable'],
  ['ENODATA', 'name-unresolvable'],
  ['EAI_AGAIN', 'temporary-resolver-failure'],
  ['ETIMEOUT', 'temporary-resolver-failure'],
  ['ESERVFAIL', 'temporary-resolver-failure'],
  ['EREFUSED', 'temporary-resolver-failure'],
  // No server answers where it should.
  ['ECONNREFUSED', 'temporary-resolver-failure'],
]);

/** What a guest is told about an error of a socket: never its text, which names addresses of the host. */
export function socketErrorOf(error: unknown): NetworkError {
  return SOCKET_ERRORS.get(codeOf(error)) ?? 'unknown';
}

export function socketFailure(error: unknown): NetworkFailure {
  return error instanceof NetworkFailure ? error : new NetworkFailure(socketErrorOf(error));
}

export function resolverFailure(error: unknown): NetworkFailure {
  if (error instanceof NetworkFailure) return error;
  return new NetworkFailure(RESOLVER_ERRORS.get(codeOf(error)) ?? 'permanent-resolver-failure');
}

/** @returns '' when it has none */
export function codeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string'
    ? error.code
    : '';
}
