/**
 * `error-code` of wasi:filesystem/types, the error vocabulary of every WASI version here.
 *
 * Values are the WIT ordinal plus one, so that 0 is success and a count can carry an error as its negative.
 * Calls never throw for what a guest did: they return one of these.
 */
export const ErrorCode = {
  access: 1,
  wouldBlock: 2,
  already: 3,
  badDescriptor: 4,
  busy: 5,
  deadlock: 6,
  quota: 7,
  exist: 8,
  fileTooLarge: 9,
  illegalByteSequence: 10,
  inProgress: 11,
  interrupted: 12,
  invalid: 13,
  io: 14,
  isDirectory: 15,
  loop: 16,
  tooManyLinks: 17,
  messageSize: 18,
  nameTooLong: 19,
  noDevice: 20,
  noEntry: 21,
  noLock: 22,
  insufficientMemory: 23,
  insufficientSpace: 24,
  notDirectory: 25,
  notEmpty: 26,
  notRecoverable: 27,
  unsupported: 28,
  noTty: 29,
  noSuchDevice: 30,
  overflow: 31,
  notPermitted: 32,
  pipe: 33,
  readOnly: 34,
  invalidSeek: 35,
  textFileBusy: 36,
  crossDevice: 37,
  // Outside the WIT enum: too many open files. 0.1 has a code of its own (`mfile`); 0.2 reports `insufficient-memory`.
  tooManyHandles: 38,
} as const;

export type ErrorCode = (typeof ErrorCode)[keyof typeof ErrorCode];

/** 0, or why the call failed. */
export type Status = 0 | ErrorCode;
