/**
 * `error-code` of wasi:sockets/network of WASI 0.2, in the order of its cases in WIT, and with it the error vocabulary of
 * sockets of every WASI version here. Calls never throw for what a guest did or a network does: they return one of these.
 */
export const NETWORK_ERRORS = [
  'unknown',
  'access-denied',
  'not-supported',
  'invalid-argument',
  'out-of-memory',
  'timeout',
  'concurrency-conflict',
  'not-in-progress',
  'would-block',
  'invalid-state',
  'new-socket-limit',
  'address-not-bindable',
  'address-in-use',
  'remote-unreachable',
  'connection-refused',
  'connection-reset',
  'connection-aborted',
  'datagram-too-large',
  'name-unresolvable',
  'temporary-resolver-failure',
  'permanent-resolver-failure',
] as const;

/** `connection-broken` (nothing can be written any more, EPIPE) is of WASI 0.3; 0.2 has no case of its own for it. */
export type NetworkError = (typeof NETWORK_ERRORS)[number] | 'connection-broken';

/** Rejects the promises of a {@link NetworkStack}. Nothing of the host is in its message. */
export class NetworkFailure extends Error {
  override readonly name = 'NetworkFailure';
  readonly code: NetworkError;

  constructor(code: NetworkError) {
    super(code);
    this.code = code;
  }
}
