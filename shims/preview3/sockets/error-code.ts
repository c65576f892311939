import type { StreamCause } from '../../../src/virtual/io/streams.ts';
import type { NetworkError } from '../../../src/virtual/network/network-error.ts';
import type { Outcome } from '../../../src/virtual/network/network.ts';
import type { Result } from '../../canonical-abi/values.ts';
import type { SocketsErrorCode } from '../wit.ts';

type Tag = Exclude<SocketsErrorCode['tag'], 'other'>;

/** What 0.3 has no case for is `other`, with the name that it has in 0.2. */
const OTHER = Symbol('other');

const CASES: Readonly<Record<NetworkError, Tag | typeof OTHER>> = {
  unknown: OTHER,
  'access-denied': 'access-denied',
  'not-supported': 'not-supported',
  'invalid-argument': 'invalid-argument',
  'out-of-memory': 'out-of-memory',
  timeout: 'timeout',
  // Two calls at one time: the socket is in the middle of the first one.
  'concurrency-conflict': 'invalid-state',
  'not-in-progress': 'invalid-state',
  'would-block': OTHER,
  'invalid-state': 'invalid-state',
  'new-socket-limit': OTHER,
  'address-not-bindable': 'address-not-bindable',
  'address-in-use': 'address-in-use',
  'remote-unreachable': 'remote-unreachable',
  'connection-refused': 'connection-refused',
  'connection-broken': 'connection-broken',
  'connection-reset': 'connection-reset',
  'connection-aborted': 'connection-aborted',
  'datagram-too-large': 'datagram-too-large',
  'name-unresolvable': OTHER,
  'temporary-resolver-failure': OTHER,
  'permanent-resolver-failure': OTHER,
};

export type Failed = { readonly tag: 'err'; readonly val: SocketsErrorCode };

/** Made once: an error of a guest in a loop costs the host nothing. */
const FAILED: ReadonlyMap<string, Failed> = new Map(
  Object.entries(CASES).map(([error, tag]): [string, Failed] => [
    error,
    { tag: 'err', val: tag === OTHER ? { tag: 'other', val: textOf(error) } : { tag } },
  ]),
);

const UNKNOWN: Failed = { tag: 'err', val: { tag: 'other', val: undefined } };
export const OK: Result<undefined, never> = { tag: 'ok' };

/** @returns the `err` of a `result<…, error-code>` */
export function failed(error: NetworkError): Failed {
  return FAILED.get(error) ?? UNKNOWN;
}

/** @returns a `result<_, error-code>` */
export function outcomeResult(outcome: Outcome): Result<undefined, SocketsErrorCode> {
  return outcome === undefined ? OK : failed(outcome);
}

/** Why a stream of a connection failed. @param otherwise when it does not say */
export function streamFailure(
  { cause }: { readonly cause?: StreamCause | undefined },
  otherwise: NetworkError,
): Failed {
  return failed(cause?.kind === 'network' ? cause.error : otherwise);
}

function textOf(error: string): string | undefined {
  return error === 'unknown' ? undefined : error;
}
