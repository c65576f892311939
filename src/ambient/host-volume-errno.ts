import { ErrorCode } from '../virtual/error-code.ts';

const CODES: ReadonlyMap<string, ErrorCode> = new Map<string, ErrorCode>([
  ['EACCES', ErrorCode.access],
  ['EAGAIN', ErrorCode.wouldBlock],
  ['EBADF', ErrorCode.badDescriptor],
  ['EBUSY', ErrorCode.busy],
  ['EDEADLK', ErrorCode.deadlock],
  ['EDQUOT', ErrorCode.quota],
  ['EEXIST', ErrorCode.exist],
  ['EFBIG', ErrorCode.fileTooLarge],
  ['EILSEQ', ErrorCode.illegalByteSequence],
  ['EINTR', ErrorCode.interrupted],
  ['EINVAL', ErrorCode.invalid],
  ['EIO', ErrorCode.io],
  ['EISDIR', ErrorCode.isDirectory],
  ['ELOOP', ErrorCode.loop],
  ['EMFILE', ErrorCode.tooManyHandles],
  ['EMLINK', ErrorCode.tooManyLinks],
  ['ENAMETOOLONG', ErrorCode.nameTooLong],
  ['ENFILE', ErrorCode.tooManyHandles],
  ['ENODEV', ErrorCode.noDevice],
  ['ENOENT', ErrorCode.noEntry],
  ['ENOLCK', ErrorCode.noLock],
  ['ENOMEM', ErrorCode.insufficientMemory],
  ['ENOSPC', ErrorCode.insufficientSpace],
  ['ENOSYS', ErrorCode.unsupported],
  ['ENOTDIR', ErrorCode.notDirectory],
  ['ENOTEMPTY', ErrorCode.notEmpty],
  ['ENOTSUP', ErrorCode.unsupported],
  ['ENXIO', ErrorCode.access],
  ['EOPNOTSUPP', ErrorCode.unsupported],
  ['EOVERFLOW', ErrorCode.overflow],
  ['EPERM', ErrorCode.notPermitted],
  ['EPIPE', ErrorCode.pipe],
  ['EROFS', ErrorCode.readOnly],
  ['ESPIPE', ErrorCode.invalidSeek],
  ['ETXTBSY', ErrorCode.textFileBusy],
  ['EXDEV', ErrorCode.crossDevice],
  // Arguments that Node.js itself does not take: a time or an offset out of its range.
  ['ERR_OUT_OF_RANGE', ErrorCode.invalid],
  ['ERR_INVALID_ARG_VALUE', ErrorCode.invalid],
]);

/** @returns what the guest is told of an error that node:fs threw; never its message, which names host paths. */
export function errorCode(error: unknown): ErrorCode {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return (typeof code === 'string' ? CODES.get(code) : undefined) ?? ErrorCode.io;
}
