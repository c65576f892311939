/**
 * `error-code` of wasi:sockets/network, in the order of its cases in WIT, and the error vocabulary of sockets of every
 * WASI version here. Calls never throw for what a guest did or a network does: they return one of these.
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

export type NetworkError = (typeof NETWORK_ERRORS)[number];

/** Rejects the promises of a {@link NetworkStack}. Nothing of the host is in its message. */
export class NetworkFailure extends Error {
  override readonly name = 'NetworkFailure';
  readonly code: NetworkError;

  constructor(code: NetworkError) {
    super(code);
    this.code = code;
  }
}
