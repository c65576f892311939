import { ErrorCode } from '../../../src/virtual/error-code.ts';

/** The cases of `error-code` in the order of WIT. */
const NAMES = [
  'access',
  'would-block',
  'already',
  'bad-descriptor',
  'busy',
  'deadlock',
  'quota',
  'exist',
  'file-too-large',
  'illegal-byte-sequence',
  'in-progress',
  'interrupted',
  'invalid',
  'io',
  'is-directory',
  'loop',
  'too-many-links',
  'message-size',
  'name-too-long',
  'no-device',
  'no-entry',
  'no-lock',
  'insufficient-memory',
  'insufficient-space',
  'not-directory',
  'not-empty',
  'not-recoverable',
  'unsupported',
  'no-tty',
  'no-such-device',
  'overflow',
  'not-permitted',
  'pipe',
  'read-only',
  'invalid-seek',
  'text-file-busy',
  'cross-device',
] as const;

export type ErrorCodeName = (typeof NAMES)[number];

/** @returns the case of `error-code` as its number in WIT. */
export function errorOrdinal(code: number): number {
  return (code === ErrorCode.tooManyHandles ? ErrorCode.insufficientMemory : code) - 1;
}

/** @returns the case of `error-code` as jco's bindings spell it. */
export function errorName(code: number): ErrorCodeName {
  return NAMES[errorOrdinal(code)] ?? 'io';
}
