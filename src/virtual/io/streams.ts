import type { HttpError } from '../http/http-error.ts';
import type { NetworkError } from '../network/network-error.ts';

/**
 * Byte streams behind wasi:io/streams and the standard descriptors of 0.1, WASI-version-neutral.
 *
 * Calls never block and never throw for what a guest did. Where a call could only wait, `wait()` gives the promise
 * that the shim suspends the guest on.
 */
export const StreamStatus = {
  /** `stream-error.closed`. */
  closed: -1,
  /** `stream-error.last-operation-failed`; the stream's `failure` says why. */
  failed: -2,
} as const;

/** Why a stream to a network failed, for those who ask for more than a text. */
export type StreamCause =
  | { readonly kind: 'network'; readonly error: NetworkError }
  | { readonly kind: 'http'; readonly error: HttpError };

export interface InputStream {
  /** Why the last call failed: an `ErrorCode`. */
  readonly failure: number;
  readonly cause?: StreamCause | undefined;
  /** Copies what is there. @returns bytes copied, 0 when nothing is there yet, or a negative {@link StreamStatus}. */
  readInto(target: Uint8Array, offset: number, length: number): number;
  /** True when `readInto` would not answer 0. */
  ready(): boolean;
  /** Settles when `ready()`; undefined when it is ready now. Never rejects. */
  wait(): Promise<void> | undefined;
  close(): void;
}

export interface OutputStream {
  readonly failure: number;
  readonly cause?: StreamCause | undefined;
  /** @returns bytes that `write` takes now (0: wait), or a negative {@link StreamStatus}. */
  checkWrite(): number;
  /** Takes all of it when `checkWrite` allowed that much. The bytes are copied before it returns. @returns 0 or a {@link StreamStatus}. */
  write(source: Uint8Array, offset: number, length: number): number;
  /** Starts a flush; `ready()` and `wait()` tell when it is done. @returns 0 or a {@link StreamStatus}. */
  flush(): number;
  ready(): boolean;
  wait(): Promise<void> | undefined;
  close(): void;
}

/** Bytes that an output stream takes at once: the size of a pipe on Linux, and what wasmtime gives. */
export const WRITE_BUDGET = 65_536;
