import { ErrorCode } from '../../src/virtual/error-code.ts';
import type { NetworkError } from '../../src/virtual/network/network-error.ts';

/** `errno` of 0.1: the cases that this host answers. */
export const Errno = {
  success: 0,
  acces: 2,
  addrinuse: 3,
  addrnotavail: 4,
  again: 6,
  already: 7,
  badf: 8,
  busy: 10,
  connaborted: 13,
  connrefused: 14,
  connreset: 15,
  deadlk: 16,
  dquot: 19,
  exist: 20,
  fault: 21,
  fbig: 22,
  hostunreach: 23,
  ilseq: 25,
  inprogress: 26,
  intr: 27,
  inval: 28,
  io: 29,
  isdir: 31,
  loop: 32,
  mfile: 33,
  mlink: 34,
  msgsize: 35,
  nametoolong: 37,
  nodev: 43,
  noent: 44,
  nolck: 46,
  nomem: 48,
  nospc: 51,
  notdir: 54,
  notconn: 53,
  notempty: 55,
  notrecoverable: 56,
  notsock: 57,
  notsup: 58,
  notty: 59,
  nxio: 60,
  overflow: 61,
  perm: 63,
  pipe: 64,
  rofs: 69,
  spipe: 70,
  timedout: 73,
  txtbsy: 74,
  xdev: 75,
  notcapable: 76,
} as const;

/**
 * What a guest sees when the policy says no. Whatever the file system decides keeps its own word; the shim adds only
 * the rows that 0.1 alone has.
 *
 * | denied                                        | errno                       |
 * |-----------------------------------------------|-----------------------------|
 * | a file operation                              | what the file system answers: `acces`, `perm`, `rofs`, `noent` |
 * | a path that leads out of its mount, absolute  | `perm` (`not-permitted`)    |
 * | random_get without a grant                    | `notcapable`                |
 * | standard output or error without a grant      | `badf`, as after `>&-`      |
 * | standard input without a grant                | end of file, as `</dev/null` |
 * | a clock without a grant                       | none: it stands still       |
 * | more open descriptors than `limits.handles`   | `mfile`                     |
 * | output past its byte limit, a file past quota | `dquot`                     |
 * | a connection whose rule is taken back         | `perm` once; then the end of it, or `pipe` |
 * | a connection past its bytes                   | `dquot` once; then the same |
 * | a socket that was not given                   | `notsock`, or `badf` when nothing is open there |
 */
const ERRNO_OF_CODE = {
  access: Errno.acces,
  wouldBlock: Errno.again,
  already: Errno.already,
  badDescriptor: Errno.badf,
  busy: Errno.busy,
  deadlock: Errno.deadlk,
  quota: Errno.dquot,
  exist: Errno.exist,
  fileTooLarge: Errno.fbig,
  illegalByteSequence: Errno.ilseq,
  inProgress: Errno.inprogress,
  interrupted: Errno.intr,
  invalid: Errno.inval,
  io: Errno.io,
  isDirectory: Errno.isdir,
  loop: Errno.loop,
  tooManyLinks: Errno.mlink,
  messageSize: Errno.msgsize,
  nameTooLong: Errno.nametoolong,
  noDevice: Errno.nodev,
  noEntry: Errno.noent,
  noLock: Errno.nolck,
  insufficientMemory: Errno.nomem,
  insufficientSpace: Errno.nospc,
  notDirectory: Errno.notdir,
  notEmpty: Errno.notempty,
  notRecoverable: Errno.notrecoverable,
  unsupported: Errno.notsup,
  noTty: Errno.notty,
  noSuchDevice: Errno.nxio,
  overflow: Errno.overflow,
  notPermitted: Errno.perm,
  pipe: Errno.pipe,
  readOnly: Errno.rofs,
  invalidSeek: Errno.spipe,
  textFileBusy: Errno.txtbsy,
  crossDevice: Errno.xdev,
  tooManyHandles: Errno.mfile,
} as const satisfies Record<keyof typeof ErrorCode, number>;

const ERRNO_BY_STATUS = new Uint8Array(Object.keys(ErrorCode).length + 1);
for (const [name, errno] of Object.entries(ERRNO_OF_CODE)) {
  ERRNO_BY_STATUS[ErrorCode[name as keyof typeof ErrorCode]] = errno;
}

/** @param status 0 or an `ErrorCode`; a code that nobody defined reads as `io` */
export function errnoOf(status: number): number {
  return ERRNO_BY_STATUS[status] ?? Errno.io;
}

const ERRNO_OF_NETWORK: Readonly<Record<NetworkError, number>> = {
  unknown: Errno.io,
  'access-denied': Errno.acces,
  'not-supported': Errno.notsup,
  'invalid-argument': Errno.inval,
  'out-of-memory': Errno.nomem,
  timeout: Errno.timedout,
  'concurrency-conflict': Errno.already,
  'not-in-progress': Errno.inval,
  'would-block': Errno.again,
  'invalid-state': Errno.inval,
  'new-socket-limit': Errno.mfile,
  'address-not-bindable': Errno.addrnotavail,
  'address-in-use': Errno.addrinuse,
  'remote-unreachable': Errno.hostunreach,
  'connection-refused': Errno.connrefused,
  'connection-reset': Errno.connreset,
  'connection-broken': Errno.pipe,
  'connection-aborted': Errno.connaborted,
  'datagram-too-large': Errno.msgsize,
  // 0.1 looks no names up.
  'name-unresolvable': Errno.io,
  'temporary-resolver-failure': Errno.io,
  'permanent-resolver-failure': Errno.io,
};

export function errnoOfNetwork(error: NetworkError): number {
  return ERRNO_OF_NETWORK[error];
}
