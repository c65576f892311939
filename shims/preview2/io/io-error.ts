import type { StreamCause } from '../../../src/virtual/io/streams.ts';
import { errorName } from '../filesystem/error-code.ts';

/** What an `error` stands for: why a stream's last operation failed. */
export class IoError {
  /** Of src/virtual/error-code.ts. */
  readonly code: number;
  /** Of a stream to a network: what `network-error-code` and `http-error-code` make of it. */
  readonly cause: StreamCause | undefined;

  constructor(code: number, cause?: StreamCause) {
    this.code = code;
    this.cause = cause;
  }

  toDebugString(): string {
    const { cause } = this;
    if (cause === undefined) return errorName(this.code);
    return cause.kind === 'network' ? cause.error : cause.error.tag;
  }
}
