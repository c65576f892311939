/**
 * What each error code of a volume looks like to a guest: the operations of the guest `filesystem` that meet it, volume by
 * volume. The types see to it that no code of the vocabulary is left out without a reason.
 */
import { ACCESS_WORDS } from '../../src/policy/index.ts';
import type { ErrorCode } from '../../src/virtual/error-code.ts';
import type { VolumeKind } from '../support/volumes.ts';

export type CodeName = keyof typeof ErrorCode;

type Impossible =
  | 'already'
  | 'deadlock'
  | 'inProgress'
  | 'insufficientMemory'
  | 'insufficientSpace'
  | 'interrupted'
  | 'invalidSeek'
  | 'io'
  | 'messageSize'
  | 'noDevice'
  | 'noLock'
  | 'noSuchDevice'
  | 'noTty'
  | 'notRecoverable'
  | 'overflow'
  | 'pipe'
  | 'textFileBusy'
  | 'tooManyLinks';

/** Codes that no volume gives on a machine that tests run on, and why. */
export const NEVER: Readonly<Record<Impossible, string>> = {
  already: 'of sockets',
  deadlock: 'of file locks, which WASI does not have',
  inProgress: 'of sockets',
  insufficientMemory: 'ENOMEM of the machine, which a test cannot bring about; 0.2 has it for tooManyHandles',
  insufficientSpace: 'a full disk: it needs a file system of its own',
  interrupted: 'of blocking calls that a signal ends: Node.js repeats them',
  invalidSeek: 'of pipes and terminals, which no volume opens',
  io: 'a failing disk, or another process that cuts a file short while it is copied',
  messageSize: 'of sockets',
  noDevice: 'of devices, which no volume opens',
  noLock: 'of file locks, which WASI does not have',
  noSuchDevice: 'of devices, which no volume opens',
  noTty: 'of terminals, which no volume opens',
  notRecoverable: 'of robust mutexes',
  overflow: 'of 32-bit system calls',
  pipe: 'of pipes, which no volume opens',
  textFileBusy: 'of programs that the machine runs: some versions of Linux do not have it',
  tooManyLinks: "of a file with 65 000 links and more: the number is the file system's",
};

/** Codes that a volume can give; what C calls them. */
export const ERRNO: Readonly<Record<Exclude<CodeName, Impossible>, string>> = {
  access: 'EACCES',
  wouldBlock: 'EAGAIN',
  badDescriptor: 'EBADF',
  busy: 'EBUSY',
  quota: 'EDQUOT',
  exist: 'EEXIST',
  fileTooLarge: 'EFBIG',
  illegalByteSequence: 'EILSEQ',
  invalid: 'EINVAL',
  isDirectory: 'EISDIR',
  loop: 'ELOOP',
  nameTooLong: 'ENAMETOOLONG',
  noEntry: 'ENOENT',
  notDirectory: 'ENOTDIR',
  notEmpty: 'ENOTEMPTY',
  notPermitted: 'EPERM',
  unsupported: 'ENOTSUP',
  readOnly: 'EROFS',
  crossDevice: 'EXDEV',
  tooManyHandles: 'EMFILE',
};

export type PossibleCode = keyof typeof ERRNO;

/** Codes that these volumes cannot give, and why. */
export const NOT_ON: Readonly<Record<VolumeKind, Partial<Record<PossibleCode, string>>>> = {
  host: {},
  overlay: {},
  memory: {
    access: 'nothing in memory is a special file',
    illegalByteSequence: 'targets of symlinks in memory are UTF-8',
  },
  image: {
    access: 'nothing in an image is a special file',
    illegalByteSequence: 'targets of symlinks in an image are UTF-8',
    busy: 'an image is read-only, and says so first',
    exist: 'an image is read-only, and says so first',
    fileTooLarge: 'an image is read-only, and says so first',
    isDirectory: 'an image is read-only, and says so first',
    notEmpty: 'an image is read-only, and says so first',
    crossDevice: 'an image is read-only, and says so first',
  },
};

export interface CodeCase {
  readonly code: PossibleCode;
  /** Operations that answer something else, before. */
  readonly before?: readonly string[];
  /** Operations that each answer the code, and nothing more. */
  readonly meet: readonly string[];
  /** What the rule says beside its volume and access. */
  readonly rule?: object;
  /** Sections beside the rule. */
  readonly more?: object;
  /** Rules beside it. */
  readonly others?: readonly object[];
  readonly access?: readonly string[] | 'read';
  /** `true`: an image answers EROFS to each of them. */
  readonly changes?: boolean;
}

/** The tree that every case starts from. */
export const TREE = {
  file: 'hello',
  dir: { inner: 'inner', sub: {} },
  empty: {},
  link: '-> file',
  loop: '-> loop',
  dangling: '-> nowhere',
  up: '-> ..',
};

const LONG = 'n'.repeat(256);
const INSIDE = { mount: '/m/dir/sub', memory: {}, access: 'read-write' };
const BESIDE = { mount: '/n', memory: {}, access: ACCESS_WORDS };

export const CASES: readonly CodeCase[] = [
  { code: 'access', meet: ['read /m/fifo', 'open /m/fifo w', 'open /m/fifo rw'] },
  { code: 'illegalByteSequence', meet: ['readlink /m/odd', 'read /m/odd'] },
  {
    code: 'wouldBlock',
    before: ['stat /m/file'],
    meet: ['lstat /m/file', 'access /m/file f', 'readdir /m'],
    rule: { budget: { operations: '1/h' } },
  },
  { code: 'badDescriptor', before: ['open /m/file r'], meet: ['fwrite x', 'pwrite x 0', 'ftruncate 0'] },
  {
    code: 'badDescriptor',
    before: ['open /m/file r', 'close'],
    meet: [
      'fread 1',
      'pread 1 0',
      'fstat',
      'fsync',
      'fdatasync',
      'tell',
      'advise',
      'getflags',
      'futimens 1 1',
      'setrights',
    ],
  },
  { code: 'badDescriptor', before: ['open /m/new wc'], meet: ['fread 1', 'pread 1 0'] },
  {
    code: 'busy',
    meet: ['rename /m/dir /m/gone', 'rmdir /m/dir'],
    others: [INSIDE],
    changes: true,
  },
  {
    code: 'quota',
    before: ['read /m/file'],
    meet: ['read /m/file', 'read /m/dir/inner'],
    rule: { budget: { readBytes: '5B' } },
  },
  {
    code: 'quota',
    meet: ['write /m/new 0123456789', 'append /m/file 0123456789', 'mkdir /m/new-dir'],
    rule: { quota: { bytes: '2B', directories: 0 } },
    changes: true,
  },
  {
    code: 'exist',
    meet: [
      'mkdir /m/dir',
      'mkdir /m/file',
      'symlink x /m/file',
      'link /m/file /m/dir/inner',
      'open /m/file wcx',
      'open /m/loop wcx',
    ],
    changes: true,
  },
  { code: 'fileTooLarge', before: ['open /m/file rw'], meet: ['pwrite XX 9007199254740991'] },
  {
    code: 'invalid',
    before: ['open /m/file r'],
    meet: ['seek -5 set', 'seek -6 end', 'readlink /m/file', 'readlink /m/dir'],
  },
  {
    code: 'invalid',
    meet: ['rename /m/dir /m/dir/x', 'rename /m/dir /m/dir/sub/x', 'truncate /m/file -1'],
    changes: true,
  },
  {
    code: 'isDirectory',
    meet: ['open /m/dir w', 'unlink /m/dir', 'rename /m/file /m/dir', 'open /m/dir/sub w'],
    changes: true,
  },
  {
    code: 'loop',
    meet: ['read /m/loop', 'stat /m/loop', 'readdir /m/loop', 'open /m/link rn', 'read /m/loop/x'],
  },
  {
    code: 'nameTooLong',
    meet: [`read /m/${LONG}`, `stat /m/${LONG}`, `readlink /m/${LONG}`, `readdir /m/dir/${LONG}`],
  },
  {
    code: 'nameTooLong',
    meet: [
      `mkdir /m/${LONG}`,
      `write /m/${LONG} x`,
      `rename /m/file /m/${LONG}`,
      `link /m/file /m/${LONG}`,
      `symlink x /m/${LONG}`,
    ],
    changes: true,
  },
  {
    code: 'noEntry',
    meet: [
      'read /m/none',
      'stat /m/none',
      'lstat /m/none',
      'readlink /m/none',
      'readdir /m/none',
      'read /m/none/x',
      'read /m/dangling',
      'access /m/none f',
    ],
  },
  {
    code: 'noEntry',
    meet: [
      'unlink /m/none',
      'rmdir /m/none',
      'rename /m/none /m/x',
      'link /m/none /m/x',
      'mkdir /m/none/x',
      'symlink x /m/none/x',
      'open /m/none w',
      'utimens /m/none 1 1',
      'lutimens /m/none 1 1',
      'truncate /m/none 0',
    ],
    changes: true,
  },
  {
    code: 'notDirectory',
    meet: [
      'read /m/file/x',
      'stat /m/file/x',
      'open /m/file rd',
      'readdir /m/file',
      'readlink /m/file/x',
      'read /m/link/x',
    ],
  },
  {
    code: 'notDirectory',
    meet: [
      'rmdir /m/file',
      'rename /m/empty /m/file',
      'mkdir /m/file/x',
      'unlink /m/file/x',
      'rename /m/file /m/file/x',
    ],
    changes: true,
  },
  {
    code: 'notEmpty',
    meet: ['rmdir /m/dir', 'rename /m/empty /m/dir'],
    changes: true,
  },
  {
    code: 'notPermitted',
    meet: ['read /m/up/x', 'stat /m/up', 'readdir /m/up', 'readlink /m/up/x', 'stat /m/dir/../../x'],
  },
  {
    code: 'notPermitted',
    meet: [
      'mkdir /m/none',
      'unlink /m/file',
      'link /m/file /m/none',
      'symlink x /m/none',
      'rename /m/file /m/none',
      'utimens /m/file 1 1',
    ],
    access: ['read', 'write'],
    changes: true,
  },
  {
    code: 'readOnly',
    meet: [
      'mkdir /m/none',
      'rmdir /m/empty',
      'unlink /m/file',
      'link /m/file /m/none',
      'symlink x /m/none',
      'rename /m/file /m/none',
      'utimens /m/file 1 1',
      'lutimens /m/link 1 1',
      'write /m/file x',
      'append /m/file x',
      'truncate /m/file 0',
      'open /m/none wcx',
    ],
    access: 'read',
  },
  {
    code: 'crossDevice',
    meet: ['rename /m/file /n/file', 'link /m/file /n/file', 'rename /m/dir /n/dir'],
    others: [BESIDE],
    changes: true,
  },
  {
    code: 'tooManyHandles',
    before: ['open /m/file r'],
    meet: ['open /m/dir/inner r', 'open /m/dir rd', 'read /m/file'],
    rule: { quota: { descriptors: 1 } },
  },
  { code: 'unsupported', before: ['open /m/file r'], meet: ['allocate 10', 'setrights'] },
];
