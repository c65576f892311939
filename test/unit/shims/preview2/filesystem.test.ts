import { describe, expect, test } from 'vitest';
import { GuestTrap } from '../../../../src/virtual/host.ts';
import { type TestHostOptions, testHost } from '../../../support/host.ts';
import { Caller } from './caller.ts';

const TYPES = 'wasi:filesystem/types#[method]descriptor';
const ROOT = 1;
const FOLLOW = 1;
const [CREATE, DIRECTORY] = [1, 2];
const [READ, WRITE, MUTATE] = [1, 2, 32];
const NO_ENTRY = 20;

interface Opened {
  readonly caller: Caller;
  readonly records: ReturnType<typeof testHost>['records'];
  /** Calls a function of a descriptor that answers through a pointer. @returns the pointer */
  readonly at: (method: string, self: number, ...args: readonly (number | bigint)[]) => number;
  readonly open: (path: string, openFlags?: number, flags?: number) => number;
}

/** A caller that has its only preopen as handle 1. */
function opened(options: TestHostOptions = {}): Opened {
  const { host, records } = testHost({
    mounts: [{ path: '/data', content: { 'a.txt': 'hello', 'dir/b.txt': 'b' } }],
    ...options,
  });
  const caller = new Caller(host);
  caller.call('wasi:filesystem/preopens#get-directories', caller.allocate(8));
  const at: Opened['at'] = (method, self, ...args) => {
    const result = caller.allocate(104);
    caller.call(`${TYPES}.${method}`, self, ...args, result);
    return result;
  };
  const open: Opened['open'] = (path, openFlags = 0, flags = READ) => {
    const result = at('open-at', ROOT, FOLLOW, ...caller.string(path), openFlags, flags);
    expect(caller.u8(result)).toBe(0);
    return caller.u32(result + 4);
  };
  return { caller, records, at, open };
}

test('get-directories gives handles and names, each time new ones', () => {
  const { host } = testHost({ mounts: [{ path: '/data' }, { path: '/tmp' }] });
  const caller = new Caller(host);
  const names = (): unknown[] => {
    const result = caller.allocate(8);
    caller.call('wasi:filesystem/preopens#get-directories', result);
    const [list, count] = [caller.u32(result), caller.u32(result + 4)];
    return Array.from({ length: count }, (_, i) => [
      caller.u32(list + i * 12),
      caller.text(list + i * 12 + 4),
    ]);
  };
  expect(names()).toEqual([
    [1, '/data'],
    [2, '/tmp'],
  ]);
  caller.context.drop('descriptor', 1);
  expect(names()).toEqual([
    [1, '/data'],
    [3, '/tmp'],
  ]);
  expect(host.meter.handles).toBe(2);
  const stat = caller.allocate(104);
  caller.call(`${TYPES}.stat`, 1, stat);
  expect(caller.u8(stat)).toBe(0);
  caller.context.end(new GuestTrap('ended'));
  expect(host.meter.handles).toBe(0);
});

describe('read and write', () => {
  test('answer bytes, counts and the end of the file', () => {
    const { caller, at, open } = opened();
    const file = open('a.txt', 0, READ | WRITE);
    const read = at('read', file, 4n, 1n);
    expect([caller.u8(read), new TextDecoder().decode(caller.list(read + 4)), caller.u8(read + 12)]).toEqual([
      0,
      'ello',
      0,
    ]);
    const written = at('write', file, ...caller.string('J'), 0n);
    expect([caller.u8(written), caller.u64(written + 8)]).toEqual([0, 1n]);
    expect(caller.text(at('read', file, 99n, 0n) + 4)).toBe('Jello');
    const end = at('read', file, 99n, 5n);
    expect([caller.u8(end), caller.u32(end + 8), caller.u8(end + 12)]).toEqual([0, 0, 1]);
    const nothing = at('read', file, 0n, 0n);
    expect([caller.u8(nothing), caller.u32(nothing + 8), caller.u8(nothing + 12)]).toEqual([0, 0, 0]);
  });

  test('a length or offset of u64::MAX neither allocates nor fails strangely', () => {
    const { caller, at, open } = opened();
    const file = open('a.txt', 0, READ | WRITE);
    // i64 values reach JavaScript signed.
    expect(caller.text(at('read', file, -1n, 0n) + 4)).toBe('hello');
    expect(caller.u8(at('read', file, 1n, -1n))).toBe(1);
    expect(caller.u8(at('write', file, ...caller.string('x'), -1n))).toBe(1);
    expect(caller.u8(at('set-size', file, -1n))).toBe(1);
    expect(caller.memory.buffer.byteLength).toBeLessThan(1 << 20);
  });

  test('a read gives 64 KiB at most, whatever was asked for', () => {
    const { caller, at, open } = opened();
    const file = open('a.txt', 0, READ | WRITE);
    expect(caller.u8(at('write', file, ...caller.string('x'.repeat(100_000)), 0n))).toBe(0);
    for (const length of [65_537n, 100_000n, 1n << 32n, -1n])
      expect(caller.u32(at('read', file, length, 0n) + 8)).toBe(65_536);
    const stream = caller.u32(at('read-via-stream', file, 0n) + 4);
    const result = caller.allocate(16);
    caller.call('wasi:io/streams#[method]input-stream.read', stream, -1n, result);
    expect([caller.u8(result), caller.u32(result + 8)]).toEqual([0, 65_536]);
  });

  test('memory that grows while a result is stored is found again', () => {
    const { caller, at, open } = opened();
    const file = open('a.txt');
    caller.onRealloc = () => void caller.memory.grow(1);
    expect(caller.text(at('read', file, 5n, 0n) + 4)).toBe('hello');
    const result = caller.allocate(8);
    caller.call('wasi:filesystem/preopens#get-directories', result);
    expect(caller.text(caller.u32(result) + 4)).toBe('/data');
  });

  test('a realloc that drops the descriptor that is being read changes nothing', () => {
    const { caller, at, open } = opened();
    const file = open('a.txt');
    caller.onRealloc = () => {
      caller.onRealloc = () => undefined;
      caller.context.drop('descriptor', file);
    };
    expect(caller.text(at('read', file, 5n, 0n) + 4)).toBe('hello');
    expect(() => at('read', file, 5n, 0n)).toThrow(GuestTrap);
  });
});

describe('results agree with the plain form', () => {
  interface PlainDescriptor {
    readonly openAt: (
      flags: object,
      path: string,
      openFlags: object,
      descriptorFlags: object,
    ) => PlainDescriptor;
    stat(): {
      type: string;
      size: bigint;
      linkCount: bigint;
      dataModificationTimestamp?: { seconds: bigint; nanoseconds: number };
    };
    readonly statAt: (flags: object, path: string) => ReturnType<PlainDescriptor['stat']>;
    readonly getFlags: () => Record<string, boolean>;
    readonly getType: () => string;
    metadataHash(): { lower: bigint; upper: bigint };
    readDirectory(): { readDirectoryEntry(): { type: string; name: string } | undefined };
    readonly isSameObject: (other: PlainDescriptor) => boolean;
    readonly readlinkAt: (path: string) => string;
    readonly read: (length: bigint, offset: bigint) => [Uint8Array, boolean];
  }

  const TYPE_ORDINALS = [
    'unknown',
    'block-device',
    'character-device',
    'directory',
    'fifo',
    'symbolic-link',
    'regular-file',
  ];

  function plainRoot(caller: Caller): PlainDescriptor {
    const { getDirectories } = caller.plain('wasi:filesystem/preopens') as {
      readonly getDirectories: () => [PlainDescriptor, string][];
    };
    return getDirectories()[0]?.[0] as PlainDescriptor;
  }

  test('stat, stat-at, metadata-hash', () => {
    const { caller, at, open } = opened({ clocks: 'fixed', at: 1_700_000_000_123_456_789n });
    const plain = plainRoot(caller);
    const file = plain.openAt({}, 'a.txt', {}, { read: true });
    const stat = file.stat();
    for (const result of [
      at('stat', open('a.txt')),
      at('stat-at', ROOT, FOLLOW, ...caller.string('a.txt')),
    ]) {
      expect(caller.u8(result)).toBe(0);
      expect(TYPE_ORDINALS[caller.u8(result + 8)]).toBe(stat.type);
      expect(caller.u64(result + 16)).toBe(stat.linkCount);
      expect(caller.u64(result + 24)).toBe(stat.size);
      for (const time of [32, 56, 80]) {
        expect(caller.u8(result + time)).toBe(1);
        expect(caller.u64(result + time + 8)).toBe(1_700_000_000n);
        expect(caller.u32(result + time + 16)).toBe(123_456_789);
      }
    }
    expect(stat.dataModificationTimestamp).toEqual({ seconds: 1_700_000_000n, nanoseconds: 123_456_789 });
    expect(plain.statAt({ symlinkFollow: true }, 'a.txt')).toEqual(stat);
    const hash = at('metadata-hash', open('a.txt'));
    expect({ lower: caller.u64(hash + 8), upper: caller.u64(hash + 16) }).toEqual(file.metadataHash());
    expect(caller.u64(at('metadata-hash-at', ROOT, 0, ...caller.string('dir')) + 8)).not.toBe(
      caller.u64(hash + 8),
    );
  });

  test('get-flags, get-type, is-same-object', () => {
    const { caller, at, open } = opened();
    const plain = plainRoot(caller);
    const file = open('a.txt', 0, READ | WRITE);
    expect(caller.u8(at('get-flags', file) + 1)).toBe(READ | WRITE);
    expect(plain.openAt({}, 'a.txt', {}, { read: true, write: true }).getFlags()).toMatchObject({
      read: true,
      write: true,
      mutateDirectory: false,
    });
    expect(TYPE_ORDINALS[caller.u8(at('get-type', ROOT) + 1)]).toBe(plain.getType());
    expect(caller.u8(at('get-type', file) + 1)).toBe(6);
    expect(caller.call(`${TYPES}.is-same-object`, file, open('a.txt'))).toBe(1);
    expect(caller.call(`${TYPES}.is-same-object`, file, ROOT)).toBe(0);
    expect(plain.isSameObject(plain)).toBe(true);
  });

  test('read-directory', () => {
    const { caller, at } = opened();
    const result = at('read-directory', ROOT);
    const stream = caller.u32(result + 4);
    const entries: [string, string][] = [];
    for (;;) {
      const entry = caller.allocate(20);
      caller.call('wasi:filesystem/types#[method]directory-entry-stream.read-directory-entry', stream, entry);
      expect(caller.u8(entry)).toBe(0);
      if (caller.u8(entry + 4) === 0) break;
      entries.push([caller.text(entry + 12), TYPE_ORDINALS[caller.u8(entry + 8)] as string]);
    }
    const plain: [string, string][] = [];
    const listing = plainRoot(caller).readDirectory();
    for (let entry = listing.readDirectoryEntry(); entry; entry = listing.readDirectoryEntry())
      plain.push([entry.name, entry.type]);
    expect(entries).toEqual(plain);
    expect(entries.toSorted(([one], [other]) => one.localeCompare(other))).toEqual([
      ['a.txt', 'regular-file'],
      ['dir', 'directory'],
    ]);
  });

  test('errors', () => {
    const { caller, at } = opened();
    const plain = plainRoot(caller);
    const result = at('open-at', ROOT, FOLLOW, ...caller.string('none'), 0, READ);
    expect([caller.u8(result), caller.u8(result + 4)]).toEqual([1, NO_ENTRY]);
    expect(() => plain.openAt({}, 'none', {}, { read: true })).toThrow(
      expect.objectContaining({ payload: 'no-entry' }),
    );
    const stat = at('stat-at', ROOT, FOLLOW, ...caller.string('none'));
    expect([caller.u8(stat), caller.u8(stat + 8)]).toEqual([1, NO_ENTRY]);
    const missing = at('readlink-at', ROOT, ...caller.string('none'));
    expect([caller.u8(missing), caller.u8(missing + 4)]).toEqual([1, NO_ENTRY]);
    const removed = at('remove-directory-at', ROOT, ...caller.string('none'));
    expect([caller.u8(removed), caller.u8(removed + 1)]).toEqual([1, NO_ENTRY]);
  });

  test('what changes the tree', () => {
    const { caller, at, open } = opened();
    const plain = plainRoot(caller);
    const ok = (result: number): void => expect(caller.u8(result)).toBe(0);
    ok(at('create-directory-at', ROOT, ...caller.string('new')));
    ok(at('symlink-at', ROOT, ...caller.string('a.txt'), ...caller.string('new/link')));
    expect(plain.readlinkAt('new/link')).toBe('a.txt');
    expect(caller.text(at('readlink-at', ROOT, ...caller.string('new/link')) + 4)).toBe('a.txt');
    ok(at('rename-at', ROOT, ...caller.string('a.txt'), ROOT, ...caller.string('new/a.txt')));
    ok(at('link-at', ROOT, 0, ...caller.string('new/a.txt'), ROOT, ...caller.string('again')));
    expect(plain.statAt({}, 'again').linkCount).toBe(2n);
    ok(at('set-times-at', ROOT, 0, ...caller.string('again'), 2, 5n, 6, 0, 0n, 0));
    ok(at('set-times', open('again', 0, READ | WRITE), 0, 0n, 0, 2, 7n, 8));
    const stat = at('stat-at', ROOT, 0, ...caller.string('again'));
    expect([
      caller.u64(stat + 40),
      caller.u32(stat + 48),
      caller.u64(stat + 64),
      caller.u32(stat + 72),
    ]).toEqual([5n, 6, 7n, 8]);
    ok(at('set-size', open('again', 0, WRITE), 2n));
    expect(new TextDecoder().decode(plain.openAt({}, 'again', {}, { read: true }).read(9n, 0n)[0])).toBe(
      'he',
    );
    ok(at('unlink-file-at', ROOT, ...caller.string('again')));
    ok(at('unlink-file-at', ROOT, ...caller.string('new/link')));
    ok(at('unlink-file-at', ROOT, ...caller.string('new/a.txt')));
    ok(at('remove-directory-at', ROOT, ...caller.string('new')));
    ok(at('sync', ROOT));
    ok(at('sync-data', open('made', CREATE, WRITE)));
    ok(at('advise', open('made'), 0n, 0n, 5));
  });
});

describe('streams of files', () => {
  const stream = (kind: 'input' | 'output', method: string): string =>
    `wasi:io/streams#[method]${kind}-stream.${method}`;

  test('read from an offset to the end, then are closed', () => {
    const { caller, at, open } = opened();
    const input = caller.u32(at('read-via-stream', open('a.txt'), 1n) + 4);
    const read = caller.allocate(12);
    caller.call(stream('input', 'read'), input, 3n, read);
    expect(caller.text(read + 4)).toBe('ell');
    const skipped = caller.allocate(16);
    caller.call(stream('input', 'skip'), input, 9n, skipped);
    expect([caller.u8(skipped), caller.u64(skipped + 8)]).toEqual([0, 1n]);
    for (let i = 0; i < 2; i++) {
      caller.call(stream('input', 'read'), input, 3n, read);
      expect([caller.u8(read), caller.u8(read + 4)]).toEqual([1, 1]);
    }
  });

  test('write from an offset, or append', () => {
    const { caller, at, open } = opened();
    const file = open('a.txt', 0, READ | WRITE);
    const output = caller.u32(at('write-via-stream', file, 3n) + 4);
    const appending = caller.u32(at('append-via-stream', file) + 4);
    const result = caller.allocate(12);
    for (const [handle, text] of [
      [output, 'LO'],
      [output, 'W'],
      [appending, '!'],
    ] as const) {
      caller.call(stream('output', 'write'), handle, ...caller.string(text), result);
      expect(caller.u8(result)).toBe(0);
    }
    expect(caller.text(at('read', file, 99n, 0n) + 4)).toBe('helLOW!');
  });

  test('outlive the descriptor that they were made from', () => {
    const { caller, at, open } = opened();
    const { meter } = caller.context.host;
    const file = open('a.txt');
    const [first, second] = [0n, 2n].map((offset) => caller.u32(at('read-via-stream', file, offset) + 4)) as [
      number,
      number,
    ];
    expect(meter.handles).toBe(3);
    caller.context.drop('descriptor', file);
    caller.context.drop('input-stream', first);
    const read = caller.allocate(12);
    caller.call(stream('input', 'read'), second, 9n, read);
    expect(caller.text(read + 4)).toBe('llo');
    caller.context.drop('input-stream', second);
    expect(meter.handles).toBe(0);
  });

  test('are refused for directories and without the right', () => {
    const { caller, at, open } = opened();
    expect(caller.u8(at('read-via-stream', ROOT, 0n) + 4)).toBe(14);
    expect(caller.u8(at('write-via-stream', open('a.txt'), 0n) + 4)).toBe(3);
  });

  test('report the file’s error, which filesystem-error-code names', () => {
    const { caller, at } = opened({
      mounts: [{ path: '/', access: ['read', 'create', 'write'], content: { x: '' } }],
    });
    const written = at('open-at', ROOT, 0, ...caller.string('x'), 0, WRITE);
    const file = caller.u32(written + 4);
    const output = caller.u32(at('write-via-stream', file, -1n) + 4);
    const result = caller.allocate(12);
    caller.call(stream('output', 'write'), output, ...caller.string('y'), result);
    expect([caller.u8(result), caller.u8(result + 4)]).toEqual([1, 0]);
    const error = caller.u32(result + 8);
    const code = caller.allocate(2);
    caller.call('wasi:filesystem/types#filesystem-error-code', error, code);
    expect([caller.u8(code), caller.u8(code + 1)]).toEqual([1, 12]);
    const text = caller.allocate(8);
    caller.call('wasi:io/error#[method]error.to-debug-string', error, text);
    expect(caller.text(text)).toBe('invalid');
    caller.call(stream('output', 'check-write'), output, result);
    expect([caller.u8(result), caller.u8(result + 8)]).toEqual([1, 1]);
  });
});

describe('traps', () => {
  const cases: readonly [what: string, run: (opened: Opened) => unknown][] = [
    ['a handle that was never given', ({ at }) => at('stat', 9)],
    ['handle 0', ({ at }) => at('stat', 0)],
    [
      'a dropped handle',
      ({ caller, at, open }) => {
        const file = open('a.txt');
        caller.context.drop('descriptor', file);
        return at('stat', file);
      },
    ],
    [
      'a handle of another type',
      ({ caller, at, open }) => {
        const stream = caller.u32(at('read-via-stream', open('a.txt'), 0n) + 4);
        caller.context.drop('descriptor', 2);
        caller.context.drop('descriptor', ROOT);
        return at('stat', stream);
      },
    ],
    ['path flags out of range', ({ caller, at }) => at('stat-at', ROOT, 2, ...caller.string('a.txt'))],
    [
      'open flags out of range',
      ({ caller, at }) => at('open-at', ROOT, 0, ...caller.string('a.txt'), 16, READ),
    ],
    [
      'descriptor flags out of range',
      ({ caller, at }) => at('open-at', ROOT, 0, ...caller.string('a.txt'), 0, 64),
    ],
    ['negative flags', ({ caller, at }) => at('open-at', ROOT, -1, ...caller.string('a.txt'), 0, READ)],
    ['advice out of range', ({ at, open }) => at('advise', open('a.txt'), 0n, 0n, 6)],
    ['a timestamp of no known kind', ({ at, open }) => at('set-times', open('a.txt'), 3, 0n, 0, 0, 0n, 0)],
    [
      'a path that is not UTF-8',
      ({ caller, at }) => at('unlink-file-at', ROOT, ...caller.bytes(Uint8Array.of(0xff, 0xfe))),
    ],
    [
      'a path that is an encoded surrogate',
      ({ caller, at }) => at('unlink-file-at', ROOT, ...caller.bytes(Uint8Array.of(0xed, 0xa0, 0x80))),
    ],
    ['a path out of bounds', ({ at }) => at('unlink-file-at', ROOT, 0x3_ffff, 2)],
    ['a path of 4 GiB', ({ at }) => at('unlink-file-at', ROOT, 0, -1)],
    ['a path far out of bounds', ({ at }) => at('unlink-file-at', ROOT, -1, 1)],
    ['a buffer out of bounds', ({ at, open }) => at('write', open('a.txt', 0, WRITE), 0x3_ffff, 2, 0n)],
    ['a result out of bounds', ({ caller }) => caller.call(`${TYPES}.stat`, ROOT, 0x4_0000 - 8)],
    ['a negative result', ({ caller }) => caller.call(`${TYPES}.stat`, ROOT, -8)],
    ['a result that is not aligned', ({ caller }) => caller.call(`${TYPES}.stat`, ROOT, 1028)],
  ];

  test.each(cases)('%s', (_what, run) => {
    const made = opened();
    expect(() => run(made)).toThrow(GuestTrap);
    // The instance's own state is whole: what is left can be released.
    made.caller.context.end(new GuestTrap('ended'));
    expect(made.caller.context.host.meter.handles).toBe(0);
  });

  test('a realloc that answers nonsense', () => {
    const { caller, at, open } = opened();
    const file = open('a.txt');
    const allocate = caller.allocate.bind(caller);
    caller.allocate = (size, alignment) => (alignment === 1 ? 0x7fff_ffff : allocate(size, alignment));
    expect(() => caller.call(`${TYPES}.read`, file, 5n, 0n, 2048)).toThrow(GuestTrap);
    expect(caller.u8(at('stat', file))).toBe(0);
  });
});

describe('handles are limited', () => {
  test('opening answers insufficient-memory, and the limit is on record', () => {
    const { caller, at, records, open } = opened({ limits: { handles: 3 } });
    const file = open('a.txt');
    at('read-via-stream', file, 0n);
    at('read-directory', ROOT);
    const refused = [
      at('open-at', ROOT, 0, ...caller.string('a.txt'), 0, READ),
      at('read-via-stream', file, 0n),
      at('read-directory', ROOT),
    ];
    for (const result of refused) expect([caller.u8(result), caller.u8(result + 4)]).toEqual([1, 22]);
    expect(records.filter(({ kind }) => kind === 'limited')).toHaveLength(3);
  });

  test('the listings that are held together are bounded, whatever the handles', () => {
    const names = Array.from({ length: 9000 }, (_, i) => [`many/${i}`, ''] as const);
    const { caller, at, records, open } = opened({
      mounts: [{ path: '/data', content: Object.fromEntries(names) }],
    });
    const many = open('many', DIRECTORY);
    const list = (): number => at('read-directory', many);
    const streams = Array.from({ length: 7 }, list);
    for (const result of streams) expect(caller.u8(result)).toBe(0);
    const refused = [list(), list()];
    for (const result of refused) expect([caller.u8(result), caller.u8(result + 4)]).toEqual([1, 22]);
    expect(records.filter(({ kind }) => kind === 'limited')).toMatchObject([
      { grant: 'listed directory entries', request: { operation: 'read-directory' } },
      {},
    ]);
    caller.context.drop('directory-entry-stream', caller.u32((streams[0] as number) + 4));
    expect(caller.u8(list())).toBe(0);
  });

  test('what has no error to answer traps', () => {
    const { caller } = opened({ limits: { handles: 1 } });
    caller.call('wasi:cli/stdout#get-stdout');
    expect(() => caller.call('wasi:cli/stdout#get-stdout')).toThrow('too many handles');
    expect(() => caller.call('wasi:clocks/monotonic-clock#subscribe-duration', 1n)).toThrow(
      'too many handles',
    );
    expect(() => caller.call('wasi:filesystem/preopens#get-directories', caller.allocate(8))).toThrow(
      'too many handles',
    );
  });
});

test('a directory that the policy does not open for change answers an error, not a trap', () => {
  const { caller, at, records } = opened({ mounts: [{ path: '/', access: ['read', 'list'] }] });
  const result = at('open-at', ROOT, 0, ...caller.string('new'), CREATE, WRITE | MUTATE);
  expect(caller.u8(result)).toBe(1);
  expect(records.at(-1)?.kind).toBe('denied');
});
