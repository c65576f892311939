import { describe, expect, it } from 'vitest';
import { Errno } from '../../../../shims/preview1/errno.ts';
import { MAX_U32, OUTSIDE, PREOPEN, Shim } from './harness.ts';

type Bytes = { at: number; length: number };

/** Every path argument of every call, with all else in order. */
const PATHS: readonly (readonly [string, (shim: Shim, path: Bytes) => number])[] = [
  ['path_create_directory', ({ call }, { at, length }) => call.path_create_directory(PREOPEN, at, length)],
  ['path_filestat_get', ({ call }, { at, length }) => call.path_filestat_get(PREOPEN, 0, at, length, 64)],
  [
    'path_filestat_set_times',
    ({ call }, { at, length }) => call.path_filestat_set_times(PREOPEN, 0, at, length, 0n, 0n, 5),
  ],
  [
    'path_link, old',
    (shim, { at, length }) => shim.call.path_link(PREOPEN, 0, at, length, PREOPEN, ...there(shim, 'new')),
  ],
  [
    'path_link, new',
    (shim, { at, length }) => shim.call.path_link(PREOPEN, 0, ...there(shim, 'file'), PREOPEN, at, length),
  ],
  ['path_open', ({ call }, { at, length }) => call.path_open(PREOPEN, 1, at, length, 1, 0x42n, 0n, 0, 64)],
  ['path_readlink', ({ call }, { at, length }) => call.path_readlink(PREOPEN, at, length, 128, 64, 64)],
  ['path_remove_directory', ({ call }, { at, length }) => call.path_remove_directory(PREOPEN, at, length)],
  [
    'path_rename, old',
    (shim, { at, length }) => shim.call.path_rename(PREOPEN, at, length, PREOPEN, ...there(shim, 'new')),
  ],
  [
    'path_rename, new',
    (shim, { at, length }) => shim.call.path_rename(PREOPEN, ...there(shim, 'file'), PREOPEN, at, length),
  ],
  [
    'path_symlink, target',
    (shim, { at, length }) => shim.call.path_symlink(at, length, PREOPEN, ...there(shim, 'new')),
  ],
  [
    'path_symlink, name',
    (shim, { at, length }) => shim.call.path_symlink(...there(shim, 'file'), PREOPEN, at, length),
  ],
  ['path_unlink_file', ({ call }, { at, length }) => call.path_unlink_file(PREOPEN, at, length)],
];

function there(shim: Shim, path: string): [at: number, length: number] {
  const { at, length } = shim.put(path);
  return [at, length];
}

function shimWithFile(): Shim {
  return new Shim({ mounts: [{ path: '/', content: { file: 'content' } }] });
}

/** What lies in the root, as the guest would list it. */
function entries(shim: Shim): number {
  const used = shim.room(4);
  shim.call.fd_readdir(PREOPEN, 32_768, 4096, 0n, used);
  return shim.u32(used);
}

describe.each(PATHS)('%s', (_name, call) => {
  it.each([
    ['invalid UTF-8', [0x66, 0xff, 0x66], Errno.ilseq],
    ['an overlong encoding of a slash', [0x2e, 0x2e, 0xc0, 0xaf], Errno.ilseq],
    ['an encoded surrogate', [0xed, 0xa0, 0x80], Errno.ilseq],
    ['a NUL', [0x66, 0x00, 0x67], Errno.inval],
    ['nothing', [], Errno.noent],
  ])('refuses %s and changes nothing', (_what, bytes, errno) => {
    const shim = shimWithFile();
    const before = entries(shim);
    expect(call(shim, shim.put(Uint8Array.from(bytes)))).toBe(errno);
    expect(entries(shim)).toBe(before);
    expect(shim.test.host.meter.handles).toBe(0);
  });

  it('faults for a path outside of the memory', () => {
    const shim = shimWithFile();
    expect(call(shim, { at: OUTSIDE - 2, length: 3 })).toBe(Errno.fault);
    expect(call(shim, { at: MAX_U32, length: MAX_U32 })).toBe(Errno.fault);
  });

  it('refuses paths that are too long without reading them', () => {
    const shim = shimWithFile();
    expect(call(shim, { at: 4096, length: 60_000 })).toBe(Errno.nametoolong);
  });
});

describe('flags', () => {
  it.each([2, 3, MAX_U32])('there is no lookup flag %i', (flags) => {
    const shim = shimWithFile();
    const [at, length] = there(shim, 'file');
    const { call } = shim;
    expect(call.path_filestat_get(PREOPEN, flags, at, length, 64)).toBe(Errno.inval);
    expect(call.path_filestat_set_times(PREOPEN, flags, at, length, 0n, 0n, 0)).toBe(Errno.inval);
    expect(call.path_open(PREOPEN, flags, at, length, 0, 2n, 0n, 0, 64)).toBe(Errno.inval);
    expect(call.path_link(PREOPEN, flags, at, length, PREOPEN, at, length)).toBe(Errno.inval);
  });

  it('there are no other open flags and descriptor flags', () => {
    const shim = shimWithFile();
    const [at, length] = there(shim, 'file');
    for (const bad of [32, 64, MAX_U32]) {
      expect(shim.call.path_open(PREOPEN, 0, at, length, bad, 2n, 0n, 0, 64)).toBe(Errno.inval);
      expect(shim.call.path_open(PREOPEN, 0, at, length, 0, 2n, 0n, bad, 64)).toBe(Errno.inval);
    }
    expect(shim.test.host.meter.handles).toBe(0);
  });
});

describe('path_open', () => {
  it('opens nothing when the number cannot be given back', () => {
    const shim = shimWithFile();
    const [at, length] = there(shim, 'new');
    expect(shim.call.path_open(PREOPEN, 0, at, length, 1, 0x42n, 0n, 0, OUTSIDE - 3)).toBe(Errno.fault);
    expect(shim.test.host.meter.handles).toBe(0);
    expect(shim.call.path_filestat_get(PREOPEN, 0, at, length, 64)).toBe(Errno.noent);
  });

  it('takes no notice of rights that do not exist', () => {
    const shim = shimWithFile();
    expect(shim.open('file', { rights: -1n })).toBe(4);
  });

  it('opens below directories only', () => {
    const shim = shimWithFile();
    const file = shim.open('file');
    const [at, length] = there(shim, 'x');
    expect(shim.call.path_open(file, 0, at, length, 0, 2n, 0n, 0, 64)).toBe(Errno.notdir);
    expect(shim.call.path_open(1, 0, at, length, 0, 2n, 0n, 0, 64)).toBe(Errno.notdir);
    expect(shim.call.path_open(77, 0, at, length, 0, 2n, 0n, 0, 64)).toBe(Errno.badf);
  });

  it('is denied what the grant has not, on record, and leaves nothing open', () => {
    const shim = new Shim({ mounts: [{ path: '/', access: ['read'], content: { file: '' } }] });
    expect(() => shim.open('file')).toThrow(`errno ${Errno.rofs}`);
    expect(shim.test.records).toMatchObject([
      { kind: 'denied', request: { operation: 'open-at', subject: 'file' } },
    ]);
    expect(shim.test.host.meter.handles).toBe(0);
  });
});

describe('path_readlink', () => {
  it('cuts off what does not fit, in bytes', () => {
    const shim = shimWithFile();
    const [name, nameLength] = there(shim, 'link');
    shim.call.path_symlink(...there(shim, 'äöü'), PREOPEN, name, nameLength);
    const buffer = shim.room(8);
    const used = shim.room(4);
    expect(shim.call.path_readlink(PREOPEN, name, nameLength, buffer, 3, used)).toBe(Errno.success);
    expect(shim.u32(used)).toBe(3);
    expect(Array.from(shim.bytes.subarray(buffer, buffer + 4))).toEqual([0xc3, 0xa4, 0xc3, 0]);
    expect(shim.call.path_readlink(PREOPEN, name, nameLength, buffer, 8, used)).toBe(Errno.success);
    expect(shim.text(buffer, shim.u32(used))).toBe('äöü');
  });
});
