import { ErrorCode } from '../../../src/virtual/error-code.ts';
import type { Result } from '../../canonical-abi/values.ts';
import type { FilesystemErrorCode } from '../wit.ts';

type Tag = Exclude<FilesystemErrorCode['tag'], 'other'>;

/** By {@link ErrorCode}. Waiting is not what a call of 0.3 answers, so `would-block` (a spent rate) has no case of its own. */
const CASES: Readonly<Record<ErrorCode, Tag | undefined>> = {
  [ErrorCode.access]: 'access',
  [ErrorCode.wouldBlock]: undefined,
  [ErrorCode.already]: 'already',
  [ErrorCode.badDescriptor]: 'bad-descriptor',
  [ErrorCode.busy]: 'busy',
  [ErrorCode.deadlock]: 'deadlock',
  [ErrorCode.quota]: 'quota',
  [ErrorCode.exist]: 'exist',
  [ErrorCode.fileTooLarge]: 'file-too-large',
  [ErrorCode.illegalByteSequence]: 'illegal-byte-sequence',
  [ErrorCode.inProgress]: 'in-progress',
  [ErrorCode.interrupted]: 'interrupted',
  [ErrorCode.invalid]: 'invalid',
  [ErrorCode.io]: 'io',
  [ErrorCode.isDirectory]: 'is-directory',
  [ErrorCode.loop]: 'loop',
  [ErrorCode.tooManyLinks]: 'too-many-links',
  [ErrorCode.messageSize]: 'message-size',
  [ErrorCode.nameTooLong]: 'name-too-long',
  [ErrorCode.noDevice]: 'no-device',
  [ErrorCode.noEntry]: 'no-entry',
  [ErrorCode.noLock]: 'no-lock',
  [ErrorCode.insufficientMemory]: 'insufficient-memory',
  [ErrorCode.insufficientSpace]: 'insufficient-space',
  [ErrorCode.notDirectory]: 'not-directory',
  [ErrorCode.notEmpty]: 'not-empty',
  [ErrorCode.notRecoverable]: 'not-recoverable',
  [ErrorCode.unsupported]: 'unsupported',
  [ErrorCode.noTty]: 'no-tty',
  [ErrorCode.noSuchDevice]: 'no-such-device',
  [ErrorCode.overflow]: 'overflow',
  [ErrorCode.notPermitted]: 'not-permitted',
  [ErrorCode.pipe]: 'pipe',
  [ErrorCode.readOnly]: 'read-only',
  [ErrorCode.invalidSeek]: 'invalid-seek',
  [ErrorCode.textFileBusy]: 'text-file-busy',
  [ErrorCode.crossDevice]: 'cross-device',
  // As in 0.2.
  [ErrorCode.tooManyHandles]: 'insufficient-memory',
};

export type Failed = { readonly tag: 'err'; readonly val: FilesystemErrorCode };

/** Made once: an error of a guest in a loop costs the host nothing. */
const FAILED: ReadonlyMap<number, Failed> = new Map(
  Object.entries(CASES).map(([code, tag]): [number, Failed] => [
    Number(code),
    { tag: 'err', val: tag === undefined ? { tag: 'other', val: 'would-block' } : { tag } },
  ]),
);

const IO: Failed = { tag: 'err', val: { tag: 'io' } };
const OK: Result<undefined, never> = { tag: 'ok' };

/** @param code an ErrorCode. @returns the `err` of a `result<…, error-code>` */
export function failed(code: number): Failed {
  return FAILED.get(code) ?? IO;
}

/** @returns a `result<_, error-code>` */
export function statusResult(status: number): Result<undefined, FilesystemErrorCode> {
  return status === 0 ? OK : failed(status);
}
