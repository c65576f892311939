import { ErrorCode } from '../../../src/virtual/error-code.ts';
import type { Result } from '../../canonical-abi/values.ts';
import type { CliErrorCode } from '../wit.ts';

/** @param failure an ErrorCode; 0 for a stream that takes nothing any more, or that was never granted */
export function cliFailed(failure: number): Result<undefined, CliErrorCode> {
  return { tag: 'err', val: codeOf(failure) };
}

function codeOf(failure: number): CliErrorCode {
  if (failure === 0 || failure === ErrorCode.pipe) return 'pipe';
  return failure === ErrorCode.illegalByteSequence ? 'illegal-byte-sequence' : 'io';
}
