import { execFileSync } from 'node:child_process';
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { type Bindings, loadImage } from '../../src/index.ts';
import { ErrorCode } from '../../src/virtual/error-code.ts';
import { type GuestKind, runGuest, WASI_VERSIONS } from '../support/guest-run.ts';
import { type HostTree, hostTree } from '../support/host-tree.ts';

/** What every volume holds at the start. */
function fixture(): HostTree {
  const tree = hostTree({
    file: 'hello',
    dir: { inner: 'x' },
    empty: {},
    loop: '-> loop',
    out: '-> ../secret',
    absolute: '-> /etc/passwd',
  });
  return tree;
}

type VolumeName = 'memory' | 'host' | 'overlay' | 'image';

async function volumeOf(name: VolumeName, path: string): Promise<{ rule: object; bindings: Bindings }> {
  const directories = { tree: path };
  switch (name) {
    case 'memory':
      return { rule: { memory: { from: { host: 'tree' } } }, bindings: { directories } };
    case 'host':
      return { rule: { host: 'tree' }, bindings: { directories } };
    case 'overlay':
      return {
        rule: { overlay: { lower: { host: 'tree' }, upper: { memory: {} } } },
        bindings: { directories },
      };
    case 'image':
      return { rule: { image: 'tree' }, bindings: { images: { tree: await loadImage(path) } } };
  }
}

interface Case {
  readonly code: keyof typeof ErrorCode;
  readonly errno: string;
  /** In 0.2, where it is another. */
  readonly errno2?: string;
  /** Of the `filesystem` guest; the last call is the one that fails. */
  readonly line: string;
  readonly rule?: object;
  readonly volumes?: readonly VolumeName[];
  /** Prepares what a tree of texts cannot hold. */
  readonly prepare?: (path: string) => void;
}

const WRITABLE = ['memory', 'host', 'overlay'] as const;
const ON_HOST = ['host', 'overlay'] as const;
const ALL = [...WRITABLE, 'image'] as const;

const CASES: readonly Case[] = [
  { code: 'noEntry', errno: 'ENOENT', line: 'read /m/none', volumes: ALL },
  { code: 'notDirectory', errno: 'ENOTDIR', line: 'read /m/file/x', volumes: ALL },
  { code: 'loop', errno: 'ELOOP', line: 'read /m/loop', volumes: ALL },
  { code: 'notPermitted', errno: 'EPERM', line: 'read /m/out', volumes: ALL },
  { code: 'notPermitted', errno: 'EPERM', line: 'readlink /m/absolute', volumes: ALL },
  { code: 'nameTooLong', errno: 'ENAMETOOLONG', line: `read /m/${'x'.repeat(256)}`, volumes: ALL },
  { code: 'invalid', errno: 'EINVAL', line: 'readlink /m/file', volumes: ALL },
  { code: 'isDirectory', errno: 'EISDIR', line: 'open /m/dir r + fread 1', errno2: 'EBADF', volumes: ALL },
  { code: 'badDescriptor', errno: 'EBADF', line: 'open /m/file r + pwrite x 0', volumes: ALL },
  { code: 'readOnly', errno: 'EROFS', line: 'write /m/file x', rule: { access: 'read' }, volumes: ALL },
  { code: 'readOnly', errno: 'EROFS', line: 'mkdir /m/new', rule: { access: 'read' }, volumes: ALL },
  {
    code: 'quota',
    errno: 'EDQUOT',
    line: 'stat /m + stat /m + stat /m',
    rule: { budget: { operations: 2 } },
    volumes: ALL,
  },
  {
    code: 'wouldBlock',
    errno: 'EAGAIN',
    line: 'stat /m + stat /m + stat /m',
    rule: { budget: { operations: '2/d' } },
    volumes: ALL,
  },
  {
    code: 'tooManyHandles',
    errno: 'EMFILE',
    errno2: 'ENOMEM',
    line: 'open /m/dir r + open /m/file r',
    rule: { quota: { descriptors: 1 } },
    volumes: ALL,
  },
  { code: 'isDirectory', errno: 'EISDIR', line: 'write /m/dir x' },
  { code: 'isDirectory', errno: 'EISDIR', line: 'unlink /m/dir' },
  { code: 'exist', errno: 'EEXIST', line: 'mkdir /m/dir' },
  { code: 'exist', errno: 'EEXIST', line: 'open /m/file wcx' },
  { code: 'exist', errno: 'EEXIST', line: 'link /m/file /m/loop' },
  { code: 'exist', errno: 'EEXIST', line: 'symlink x /m/file' },
  { code: 'notDirectory', errno: 'ENOTDIR', line: 'rmdir /m/file' },
  { code: 'notEmpty', errno: 'ENOTEMPTY', line: 'rmdir /m/dir' },
  { code: 'notEmpty', errno: 'ENOTEMPTY', line: 'rename /m/empty /m/dir' },
  { code: 'invalid', errno: 'EINVAL', line: 'rename /m/dir /m/dir/sub' },
  { code: 'busy', errno: 'EBUSY', line: 'rename /m/dir /m/.' },
  { code: 'crossDevice', errno: 'EXDEV', line: 'rename /m/file /n/file' },
  { code: 'crossDevice', errno: 'EXDEV', line: 'link /m/file /n/file' },
  { code: 'notPermitted', errno: 'EPERM', line: 'link /m/dir /m/new' },
  { code: 'notPermitted', errno: 'EPERM', line: 'symlink /etc /m/new' },
  { code: 'quota', errno: 'EDQUOT', line: 'write /m/new 1234', rule: { quota: { bytes: 3 } } },
  { code: 'quota', errno: 'EDQUOT', line: 'mkdir /m/new', rule: { quota: { files: 0 } } },
  {
    code: 'access',
    errno: 'EACCES',
    line: 'read /m/fifo',
    volumes: ON_HOST,
    prepare: (path) => execFileSync('mkfifo', [join(path, 'fifo')]),
  },
  {
    code: 'illegalByteSequence',
    errno: 'EILSEQ',
    line: 'readlink /m/latin1',
    volumes: ON_HOST,
    prepare: (path) => symlinkSync(Buffer.from([0xe9]), join(path, 'latin1')),
  },
];

/** Codes of WIT that nothing here can give, and why. */
const NEVER: Partial<Record<keyof typeof ErrorCode, string>> = {
  already: 'sockets only',
  inProgress: 'sockets only',
  messageSize: 'sockets only',
  noTty: 'there are no terminals',
  pipe: 'streams only: test/guests/stdio.test.ts',
  deadlock: 'there are no locks',
  noLock: 'there are no locks',
  interrupted: 'no call waits in the kernel',
  notRecoverable: 'robust mutexes only',
  textFileBusy: 'the host’s own programs are not run from a mount in tests',
  noDevice: 'devices are not opened',
  noSuchDevice: 'devices are not opened',
  invalidSeek: 'streams only: test/unit/shims/preview1/every-function.test.ts',
  overflow: 'offsets of fd_seek: test/unit/shims/preview1',
  unsupported: 'fd_allocate: test/unit/shims/preview1/every-function.test.ts',
  fileTooLarge: 'the host’s own limit: test/unit/shims/preview1/fd-io.test.ts has ours',
  io: 'a broken disk',
  insufficientMemory: 'the kernel’s own',
  insufficientSpace: 'a full disk',
  tooManyLinks: 'the host’s limit lies at 65,000 names of one file',
};

const seen = new Set<string>();

describe.each(WASI_VERSIONS)('WASI %s', (version, kind) => {
  const rows = CASES.flatMap((each) =>
    (each.volumes ?? WRITABLE).map((volume) => [volume, each.line.slice(0, 60), each] as const),
  );

  it.each(rows)('%s: %s', async (volume, _line, each) => {
    using tree = fixture();
    each.prepare?.(tree.path);
    // A FIFO would hold up whoever reads it.
    const before = volume === 'host' || each.prepare !== undefined ? undefined : tree.snapshot();
    const run = await runCase(kind, volume, tree, each);
    const last = run.lines.findLast((line) => /^\w+=/.test(line))?.split('=')[1];
    expect(last).toBe(version === '0.2' ? (each.errno2 ?? each.errno) : each.errno);
    if (before !== undefined) expect(tree.snapshot()).toEqual(before);
    seen.add(each.code);
  });
});

async function runCase(
  kind: GuestKind,
  volume: VolumeName,
  tree: HostTree,
  each: Case,
): ReturnType<typeof runGuest> {
  const { rule, bindings } = await volumeOf(volume, tree.path);
  const access =
    volume === 'image' ? 'read' : ['read', 'list', 'create', 'write', 'delete', 'rename', 'link', 'symlink'];
  return runGuest('filesystem', kind, {
    grant: {
      filesystem: [
        { id: 'm', mount: '/m', access, ...rule, ...each.rule },
        { id: 'n', mount: '/n', memory: {}, access },
      ],
    },
    bindings,
    line: each.line,
  });
}

afterAll(() => {
  const untested = Object.keys(ErrorCode).filter((code) => !seen.has(code) && !(code in NEVER));
  expect(untested).toEqual([]);
  expect(Object.keys(NEVER).filter((code) => seen.has(code))).toEqual([]);
});
